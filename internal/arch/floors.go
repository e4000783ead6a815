package arch

// line gives one package its floor. A path may end in /*, for folders whose every package is alike.
type line struct {
	floor int
	path  string
	is    string
}

// floors is the table. Imports between packages of the module must go to a lower number.
func floors() []line {
	return []line{
		{0, "pipeline", "the ladder: events, queues, executors, tasks"},
		{0, "store/warc", "WARC records"},
		{0, "store/fsx", "the file system seam"},
		{0, "crawler/weburl", "canonical URLs and scopes"},
		{0, "internal/units", "quantities as text"},
		{0, "internal/simhash", "fingerprints of texts"},
		{0, "internal/fieldline", "header fields as lines of bytes"},
		{0, "internal/usage", "what this process has used"},
		{0, "internal/proxytest", "real proxies on loopback, for tests"},

		{1, "store", "segments, indexes, recovery"},
		{1, "pipeline/procpool", "the executor whose workers are processes"},
		{1, "pipeline/pipelinetest", "the conformance suite of executors"},
		{1, "internal/transport", "the one HTTP client"},
		{1, "internal/report", "tables, progress, summaries"},
		{1, "crawler/frontier", "what to fetch next"},
		{1, "crawler/robots", "RFC 9309"},
		{1, "crawler/extract", "links out of pages"},
		{1, "load/engine/framing", "where HTTP/1.1 responses end"},
		{1, "processor/text", "text out of documents"},
		{1, "processor/imaging", "facts out of images"},
		{1, "processor/dedup", "near-duplicates"},
		{1, "configs", "job files"},
		{1, "load/recorder", "what a load run measured"},
		{1, "load/schedule", "when each send of an open loop is planned"},
		{1, "load/compare", "are two results different"},

		{2, "crawler", "stage one: crawl"},
		{2, "load/engine", "what an engine of load is given and owes"},
		{2, "load/target", "what a load run requests"},
		{2, "processor", "stage two"},
		{2, "internal/site", "sites to point fetch at"},
		{2, "internal/cli", "what the programs have in common"},

		{2, "examples/internal/*", "the frame of the lessons"},

		{3, "load/engine/fasthttp", "the full HTTP/1.1 engine"},
		{3, "load/engine/fast", "the engine of one epoll loop a core"},
		{3, "load/engine/http2", "the engine of HTTP/2"},

		{4, "load/enginetest", "the conformance suite of engines"},
		{4, "load", "stage one: load"},

		{5, "cmd/*", "programs"},
		{5, "examples", "the test that runs every lesson"},
		{5, "examples/*", "lessons"},
		{5, "internal/arch", "this"},
	}
}
