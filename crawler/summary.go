package crawler

import "time"

// State is where a run stands.
type State string

// The states of a run. Complete and Budget are finished: the next start
// fetches every known URL again. The others resume.
const (
	Running     State = "running"
	Complete    State = "complete"
	Budget      State = "budget"
	Interrupted State = "interrupted"
	Failed      State = "failed"
)

// Finished reports whether the next start begins a new run.
func (s State) Finished() bool { return s == Complete || s == Budget }

// Summary is what a crawl did, over all resumes of its run: crawl.json.
type Summary struct {
	State     State     `json:"state"`
	Run       string    `json:"run"` // UTC start, 20260102T030405Z
	Error     string    `json:"error,omitempty"`
	Started   time.Time `json:"started"`
	DurationS float64   `json:"duration_s"`
	// Fetched counts responses stored, whatever their status.
	Fetched int64 `json:"fetched"`
	// Pages counts 2xx and 304 responses that are not page requisites.
	Pages int64 `json:"pages"`
	// Requisites counts 2xx and 304 responses that are; sitemaps count apart.
	Requisites int64 `json:"requisites"`
	// Unchanged counts responses stored as revisit records.
	Unchanged int64 `json:"unchanged"`
	// Truncated counts responses of which the archive holds a part.
	Truncated int64 `json:"truncated"`
	// Bytes received: heads and bodies, as on the wire.
	Bytes int64 `json:"bytes"`
	// Stored is the size of the archive's sealed segments, compressed.
	Stored int64            `json:"stored_bytes"`
	Status map[string]int64 `json:"status"`
	// Errors counts URLs given up, by class.
	Errors map[string]int64 `json:"errors"`
	// Skipped counts links not followed (scope, seen, depth, trap) and queued
	// URLs not fetched (robots, private_address, budget).
	Skipped map[string]int64 `json:"skipped"`
	// Traps tells skipped.trap by kind: repeat, growth, calendar, facets,
	// session, same, redirect; see trap.go.
	Traps map[string]int64 `json:"traps"`
	// Failures are the first URLs given up; inlinks.jsonl has them all.
	Failures []Failure `json:"failures,omitempty"`
	// Items counts what the extraction rules took out of this run's responses;
	// items.jsonl has those of unchanged pages, too.
	Items int64 `json:"items"`
	// ItemsDropped counts items that lacked a required field or were beyond the
	// limits of a page.
	ItemsDropped int64 `json:"items_dropped"`
	// Retries counts tries beyond a URL's first.
	Retries int64 `json:"retries"`
	// Slowed counts how often a host was found to have too much to do, and asked less often.
	Slowed  int64 `json:"slowed"`
	Hosts   int64 `json:"hosts"`
	Known   int64 `json:"known"`
	Pending int64 `json:"pending"`
	// RobotsFetched counts robots.txt requests; they are not archived.
	RobotsFetched int64 `json:"robots_fetched"`
	// Sitemaps counts the files that were read for the URLs they list. They are
	// neither pages nor requisites.
	Sitemaps Sitemaps `json:"sitemaps"`
	// WaitedS sums over all workers what they waited for, in seconds.
	WaitedS     map[string]float64 `json:"waited_s"`
	CPUS        float64            `json:"cpu_s"`
	MaxRSSBytes int64              `json:"max_rss_bytes"`
	// Resumed counts the starts after the first.
	Resumed int `json:"resumed"`
	// Recovered says what the last start had to mend.
	Recovered Mended `json:"recovered"`
	// TLSInsecure says that the last start believed every certificate.
	TLSInsecure bool `json:"tls_insecure,omitempty"`
}

// Failure is a URL that was given up, and why.
type Failure struct {
	URL   string `json:"url"`
	Class string `json:"class"`
}

// Mended is what recovery found after a crash.
type Mended struct {
	CutBytes  int64 `json:"cut_bytes"`  // torn tail of the open segment
	Requeued  int64 `json:"requeued"`   // done marks whose record was lost
	Replayed  int64 `json:"replayed"`   // records whose done mark was lost
	Rebuilt   int64 `json:"rebuilt"`    // segments listed again in the manifest
	TornLines int64 `json:"torn_lines"` // manifest lines cut
}
