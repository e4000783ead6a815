package processor

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/store"
	"tandem/store/warc"
)

const site = "http://site.test"

// page is one response of the corpus.
type page struct {
	path   string
	status int
	header string // further lines
	media  string
	body   []byte
	chunk  bool
	alt    string
	prior  *page // stored as a revisit of it
	at     warc.Position
	in     string // segment
	date   time.Time
}

// prose is a text of so many words out of a seeded dictionary.
func prose(seed uint64, words int) []string {
	rng := rand.New(rand.NewPCG(seed, 7))
	common := strings.Fields("the of and to in is that for it as was with be by on not this are from at or an have they which one all would there their")
	out := make([]string, words)
	for i := range out {
		if i%2 == 0 {
			out[i] = common[rng.IntN(len(common))]
			continue
		}
		var b strings.Builder
		for range 2 + rng.IntN(3) {
			b.WriteString([]string{"ka", "lo", "mi", "ren", "sto", "tu", "vel", "wi", "zon", "der", "pla"}[rng.IntN(11)])
		}
		out[i] = b.String()
	}
	return out
}

func htmlPage(title string, words []string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "<!doctype html><html><head><title>%s</title></head><body><nav><a href=/>home</a></nav><article><h1>%s</h1>", title, title)
	for len(words) > 0 {
		n := min(60, len(words))
		fmt.Fprintf(&b, "<p>%s.</p>\n", strings.Join(words[:n], " "))
		words = words[n:]
	}
	b.WriteString("</article></body></html>")
	return []byte(b.String())
}

func pngImage(seed uint64, w, h int) []byte {
	rng := rand.New(rand.NewPCG(seed, 3))
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	a, c, d := rng.IntN(200)+20, rng.IntN(13)+3, rng.IntN(13)+3
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{uint8(a + x*c), uint8(y * d), uint8((x/c + y/d) * 40), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// corpus is a small site: documents with a near-duplicate pair, images good and
// bad, and what is neither.
func corpus() []*page {
	long := prose(1, 600)
	edited := append([]string(nil), long...)
	for i := 50; i < len(edited); i += 150 {
		edited[i] = "changed"
	}
	pages := []*page{
		{path: "/near/b", media: "text/html", body: htmlPage("Near B", edited)},
		{path: "/near/a", media: "text/html; charset=utf-8", body: htmlPage("Near A", long)},
		{path: "/copy/1", media: "text/html", body: htmlPage("Copy", prose(2, 300))},
		{path: "/copy/2", media: "text/html", body: htmlPage("Copy", prose(2, 300))},
		{path: "/notes.md", media: "text/plain", body: []byte("# A heading\n\nSome *emphasis* and `code` in a note that is long enough to be one.\n")},
		{path: "/zip", media: "text/html", header: "Content-Encoding: gzip\r\n", body: gzipped(htmlPage("Zipped", prose(3, 200)))},
		{path: "/chunked", media: "text/html", chunk: true, body: htmlPage("Chunked", prose(4, 200))},
		{path: "/bomb", media: "text/html", header: "Content-Encoding: gzip\r\n", body: gzipped(make([]byte, 8<<20))},
		{path: "/img/one.png", media: "image/png", alt: "One", body: pngImage(1, 300, 200)},
		{path: "/img/two.png", media: "application/octet-stream", body: pngImage(2, 120, 90)},
		{path: "/img/one-again.png", media: "image/png", body: pngImage(1, 300, 200)},
		{path: "/img/junk.png", media: "image/png", body: []byte("\x89PNG\r\n\x1a\nnothing that follows is a picture")},
		{path: "/img/huge.png", media: "image/png", body: hugePNG()},
		{path: "/img/logo.svg", media: "image/svg+xml", body: []byte("<svg/>")},
		{path: "/style.css", media: "text/css", body: []byte("a{}")},
		{path: "/missing", status: 404, media: "text/html", body: []byte("<p>no</p>")},
		{path: "/moved", status: 301, media: "text/html", header: "Location: /near/a\r\n", body: []byte("moved")},
		{path: "/broken", status: 500, media: "text/html", body: []byte("oops")},
	}
	for i := range 12 {
		pages = append(pages, &page{path: fmt.Sprintf("/page/%02d", i), media: "text/html", body: htmlPage(fmt.Sprint("Page ", i), prose(uint64(10+i), 150))})
	}
	return pages
}

// hugePNG declares more pixels than the default cap.
func hugePNG() []byte {
	b := append([]byte(nil), pngImage(9, 16, 16)...)
	copy(b[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65536 × 65536
	return fixPNG(b)
}

// counts of the corpus.
const (
	corpusDocuments   = 7 + 12
	corpusImages      = 3
	corpusQuarantined = 3
	corpusItems       = corpusDocuments - 1 + corpusImages - 1 + corpusQuarantined // one page and one image come twice
)

func (p *page) response() []byte {
	status := p.status
	if status == 0 {
		status = 200
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d X\r\n", status)
	if p.media != "" {
		fmt.Fprintf(&b, "Content-Type: %s\r\n", p.media)
	}
	b.WriteString(p.header)
	if p.chunk {
		b.WriteString("Transfer-Encoding: chunked\r\n\r\n")
		for rest := p.body; len(rest) > 0; {
			n := min(700, len(rest))
			fmt.Fprintf(&b, "%x\r\n%s\r\n", n, rest[:n])
			rest = rest[n:]
		}
		b.WriteString("0\r\n\r\n")
		return b.Bytes()
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(p.body))
	b.Write(p.body)
	return b.Bytes()
}

// archiver writes runs into a run directory, as a crawl would.
type archiver struct {
	t   *testing.T
	dir string
	now time.Time
}

func newArchiver(t *testing.T) *archiver {
	t.Helper()
	return &archiver{t: t, dir: t.TempDir(), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func (a *archiver) open(run string, segmentBytes int64) *store.Writer {
	a.t.Helper()
	w, err := store.OpenWriter(store.WriterConfig{Dir: filepath.Join(a.dir, archiveDir), Run: run, SegmentBytes: segmentBytes})
	if err != nil {
		a.t.Fatal(err)
	}
	return w
}

func (a *archiver) append(w *store.Writer, p *page) {
	a.t.Helper()
	a.now = a.now.Add(time.Second)
	media, _, _ := strings.Cut(p.media, ";")
	x := &store.Exchange{
		URL: site + p.path, SURT: "test,site)" + p.path, Date: a.now, Request: []byte("GET " + p.path + " HTTP/1.1\r\nHost: site.test\r\n\r\n"),
		Response: p.response(), Mime: media, Meta: store.Meta{Via: site + "/", Depth: 1, Alt: p.alt},
	}
	if p.prior != nil {
		profile := store.IdenticalPayload
		if p.status == 304 {
			profile = store.ServerNotModified
		}
		x.PayloadDigest = warc.Digest(p.prior.body)
		x.Revisit = &store.Revisit{Profile: profile, RefersToURI: site + p.prior.path, RefersToDate: p.prior.date,
			Segment: p.prior.in, Offset: p.prior.at.Offset, Length: p.prior.at.Length}
	}
	at, err := w.Append(x)
	if err != nil {
		a.t.Fatal(err)
	}
	p.in, p.at, p.date = at.Segment, warc.Position{Offset: at.Offset, Length: at.Length}, a.now
}

// run writes pages as one run, in segments of so many bytes.
func (a *archiver) run(run string, segmentBytes int64, pages ...*page) {
	a.t.Helper()
	w := a.open(run, segmentBytes)
	for _, p := range pages {
		a.append(w, p)
	}
	if err := w.Close(); err != nil {
		a.t.Fatal(err)
	}
}

const firstRun = "20260102T030405Z"

// newRunDir is a run directory that holds the corpus in several segments.
func newRunDir(t *testing.T) string {
	t.Helper()
	a := newArchiver(t)
	a.run(firstRun, 8<<10, corpus()...)
	return a.dir
}

// testConfig is a quick configuration over inputs, with OUT in a fresh folder.
func testConfig(t *testing.T, inputs ...string) Config {
	t.Helper()
	cfg := Default()
	cfg.Executor, cfg.Workers = Goroutines, 2
	cfg.Format = []string{JSONL}
	cfg.Inputs, cfg.Dir = inputs, t.TempDir()
	cfg.Now = time.Now
	return cfg
}

// mustRun runs to the end.
func mustRun(t *testing.T, cfg Config) *Summary {
	t.Helper()
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := p.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// dataset reads all tables of a dataset as text, by name.
func dataset(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for _, glob := range []string{"documents/*.jsonl", "images/*.jsonl", quarantineFile} {
		names, err := filepath.Glob(filepath.Join(dir, datasetDir, glob))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			rel, err := filepath.Rel(filepath.Join(dir, datasetDir), name)
			if err != nil {
				t.Fatal(err)
			}
			out[filepath.ToSlash(rel)] = string(b)
		}
	}
	return out
}

// rowsOf reads a JSONL table.
func rowsOf[R any](t *testing.T, text string) []R {
	t.Helper()
	var rows []R
	for l := range strings.Lines(text) {
		var r R
		if err := json.Unmarshal([]byte(l), &r); err != nil {
			t.Fatalf("%v in %s", err, l)
		}
		rows = append(rows, r)
	}
	return rows
}

// byPath indexes rows by the path of their URL.
func byPath[R interface{ where() string }](rows []R) map[string]R {
	out := make(map[string]R)
	for _, r := range rows {
		out[strings.TrimPrefix(r.where(), site)] = r
	}
	return out
}

func (o Origin) where() string { return o.id() }
