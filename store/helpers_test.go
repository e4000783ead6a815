package store

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/store/fsx"
	"tandem/store/warc"
)

const testRun = "20260102T030405Z"

// clock is a settable clock.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func testConfig(dir string) WriterConfig {
	return WriterConfig{Dir: dir, FS: quick{fsx.OS()}, Run: testRun, Now: newClock().Now, Software: "Tandem test", JobYAML: []byte("out: x\ncrawl:\n  seeds: [a]\n")}
}

// packings are what segments can be packed with; the tests of recovery and faults go over all of them.
var packings = []warc.Compression{warc.Gzip, warc.Zstd, warc.None}

// eachPacking runs test for each of them.
func eachPacking(t *testing.T, test func(t *testing.T, c warc.Compression)) {
	t.Helper()
	for _, c := range packings {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			test(t, c)
		})
	}
}

func packedConfig(dir string, c warc.Compression) WriterConfig {
	cfg := testConfig(dir)
	cfg.Compress = c
	return cfg
}

func mustOpen(t testing.TB, cfg WriterConfig) *Writer {
	t.Helper()
	w, err := OpenWriter(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func mustAppend(t testing.TB, w *Writer, x *Exchange) Position {
	t.Helper()
	pos, err := w.Append(x)
	if err != nil {
		t.Fatal(err)
	}
	return pos
}

func mustDo(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// page is the ith exchange of a small crawl; its body names it.
func page(i int) *Exchange {
	body := fmt.Sprintf("<html><body>page %d %s</body></html>", i, strings.Repeat("word ", 8+i%8))
	return exchange(i, "Content-Type: text/html; charset=utf-8\r\n", body)
}

func exchange(i int, header, body string) *Exchange {
	response := fmt.Sprintf("HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s", header, len(body), body)
	return &Exchange{
		URL:      fmt.Sprintf("http://example.com/%d?q=ä&b=<c>", i),
		SURT:     fmt.Sprintf("com,example)/%d?q=ä&b=<c>", i),
		IP:       "192.0.2.1",
		Date:     time.Date(2026, 1, 2, 3, 4, i%60, 123e6, time.UTC),
		Request:  fmt.Appendf(nil, "GET /%d HTTP/1.1\r\nHost: example.com\r\n\r\n", i),
		Response: []byte(response),
		HeadLen:  len(response) - len(body),
		Status:   200, Mime: "text/html",
		PayloadDigest: warc.Digest([]byte(body)), PayloadLen: int64(len(body)),
		Meta: Meta{Via: "http://example.com/", Depth: i, Alt: "an <image>", Columns: map[string]string{"sku": fmt.Sprint(i)}},
	}
}

// checkArchive checks what a reader sees: every listed segment is whole, agrees with its index and manifest line, and nothing is half
// there. It returns the URLs, sorted.
func checkArchive(t testing.TB, dir string) []string {
	t.Helper()
	segments, err := ReadManifest(fsx.OS(), dir)
	mustDo(t, "manifest", err)
	urls := []string{}
	for _, s := range segments {
		b, err := os.ReadFile(filepath.Join(dir, s.Segment))
		mustDo(t, "segment", err)
		if got := strings.TrimPrefix(warc.Digest(b), "sha256:"); got != s.SHA256 || int64(len(b)) != s.Bytes {
			t.Errorf("segment %s: %d bytes, sha256 %s; manifest says %d, %s", s.Segment, len(b), got, s.Bytes, s.SHA256)
		}
		scanned, err := scanSegment(fsx.OS(), filepath.Join(dir, s.Segment), s.Segment, true)
		mustDo(t, "scan", err)
		if scanned.damage != nil || scanned.cut != s.Bytes || scanned.run != s.Run {
			t.Errorf("segment %s: whole up to %d of %d, run %q, %v", s.Segment, scanned.cut, s.Bytes, scanned.run, scanned.damage)
		}
		entries := 0
		for e, err := range ReadIndex(fsx.OS(), dir, s.Segment) {
			mustDo(t, "index", err)
			entries++
			urls = append(urls, e.URL)
			r, err := ReadResponse(filepath.Join(dir, s.Segment), e.Offset, e.Length)
			mustDo(t, "read response", err)
			if e.Type == warc.TypeResponse && warc.Digest(r.Body) != e.Digest {
				t.Errorf("body of %s does not have its digest", e.URL)
			}
		}
		if entries != s.Captures || entries != len(scanned.entries) {
			t.Errorf("segment %s: %d index lines, manifest says %d, segment has %d", s.Segment, entries, s.Captures, len(scanned.entries))
		}
		if records := countRecords(t, b); records != s.Records || records != scanned.records {
			t.Errorf("segment %s: %d records, manifest says %d, scan %d", s.Segment, records, s.Records, scanned.records)
		}
	}
	files, err := os.ReadDir(dir)
	mustDo(t, "list", err)
	for _, f := range files {
		name, listed := f.Name(), false
		for _, s := range segments {
			listed = listed || name == s.Segment || name == indexName(s.Segment)
		}
		if !listed && name != ManifestFile && name != IndexFile && !strings.HasSuffix(name, OpenSuffix) {
			t.Errorf("left over: %s", name)
		}
	}
	slices.Sort(urls)
	return urls
}

// countRecords counts the records of a whole segment.
func countRecords(t testing.TB, segment []byte) (n int) {
	t.Helper()
	for r := warc.NewReader(bytes.NewReader(segment), "segment", warc.Limits{}); ; n++ {
		if _, err := r.Next(); err == io.EOF {
			return n
		} else if err != nil {
			t.Fatalf("count records: %v", err)
		}
	}
}

func urlsOf(xs ...*Exchange) []string {
	urls := []string{}
	for _, x := range xs {
		urls = append(urls, x.URL)
	}
	slices.Sort(urls)
	return urls
}

func copyDir(t testing.TB, from, to string) {
	t.Helper()
	mustDo(t, "copy", os.CopyFS(to, os.DirFS(from)))
}

// quick is the real file system without its syncs, for tests that open many archives.
type quick struct{ fsx.FS }

func (q quick) SyncDir(string) error { return nil }

func (q quick) Create(name string) (fsx.File, error)     { return quickFile(q.FS.Create(name)) }
func (q quick) OpenAppend(name string) (fsx.File, error) { return quickFile(q.FS.OpenAppend(name)) }

func quickFile(f fsx.File, err error) (fsx.File, error) {
	if err != nil {
		return nil, err
	}
	return unsynced{f}, nil
}

type unsynced struct{ fsx.File }

func (unsynced) Sync() error { return nil }
