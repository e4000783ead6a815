package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/store/fsx"
	"tandem/store/warc"
)

func TestAppendedPagesAreReadBack(t *testing.T) {
	t.Parallel()
	eachPacking(t, appendedPagesAreReadBack)
}

func appendedPagesAreReadBack(t *testing.T, c warc.Compression) {
	dir := filepath.Join(t.TempDir(), "archive")
	w := mustOpen(t, packedConfig(dir, c))
	xs := []*Exchange{page(3), page(1), page(2)}
	var positions []Position
	for _, x := range xs {
		positions = append(positions, mustAppend(t, w, x))
	}
	mustDo(t, "close", w.Close())
	if diff := cmp.Diff(urlsOf(xs...), checkArchive(t, dir)); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	var got []Entry
	for e, err := range ReadIndex(fsx.OS(), dir, segmentName(1, c)) {
		mustDo(t, "index", err)
		got = append(got, e)
	}
	x, pos := xs[1], positions[1]
	want := Entry{
		SURT: x.SURT, Timestamp: "20260102030401", Fetched: x.Date, URL: x.URL, Mime: "text/html", Status: 200, Digest: x.PayloadDigest,
		Offset: pos.Offset, Length: pos.Length, Filename: pos.Segment, RecordID: pos.RecordID, Type: warc.TypeResponse,
		IP: x.IP, Meta: x.Meta,
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("first entry (-want +got):\n%s", diff)
	}
	segments, _ := ReadManifest(fsx.OS(), dir)
	if s := segments[0]; s.Run != testRun || s.Records != 10 || s.Captures != 3 || s.First != "2026-01-02T03:04:01.123Z" || s.Last != "2026-01-02T03:04:03.123Z" {
		t.Errorf("manifest line %+v", s)
	}
	if got := w.SealedBytes(); got != segments[0].Bytes {
		t.Errorf("sealed bytes %d, want %d", got, segments[0].Bytes)
	}
}

func TestScanRebuildsTheSameEntries(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := mustOpen(t, testConfig(dir))
	mustAppend(t, w, page(1))
	mustAppend(t, w, revisitOf(page(2), Position{Segment: "000001.warc.gz", Offset: 7, Length: 8}))
	odd := page(3)
	odd.Mime, odd.IP, odd.Request, odd.Truncated, odd.Meta = "Not A Type", "nowhere", nil, "disconnect", Meta{}
	mustAppend(t, w, odd)
	mustDo(t, "sync", w.Sync())
	want := slices.Clone(w.open.entries)
	found, err := scanSegment(fsx.OS(), filepath.Join(dir, "000001.warc.gz.open"), "000001.warc.gz", true)
	mustDo(t, "scan", err)
	if diff := cmp.Diff(want, found.entries); diff != "" {
		t.Errorf("entries (-written +scanned):\n%s", diff)
	}
	mustDo(t, "close", w.Close())
}

func revisitOf(x *Exchange, at Position) *Exchange {
	x.Revisit = &Revisit{
		Profile: IdenticalPayload, RefersToURI: "http://example.com/old", RefersToDate: x.Date.Add(-time.Hour), RefersToID: warc.NewID(),
		Segment: at.Segment, Offset: at.Offset, Length: at.Length,
	}
	return x
}

func TestRevisitKeepsTheHeadAndWhereThePayloadIs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := mustOpen(t, testConfig(dir))
	first := mustAppend(t, w, page(1))
	mustAppend(t, w, revisitOf(page(2), first))
	mustDo(t, "close", w.Close())
	for e, err := range ReadIndex(fsx.OS(), dir, first.Segment) {
		mustDo(t, "index", err)
		if e.Type != warc.TypeRevisit {
			continue
		}
		if e.RefSegment != first.Segment || e.RefOffset != first.Offset || e.RefLength != first.Length || e.Mime != "text/html" {
			t.Errorf("revisit entry %+v", e)
		}
		if l := e.Line(); !strings.Contains(l, `"mime":"warc/revisit"`) {
			t.Errorf("replay tools do not see a revisit in %s", l)
		}
		r, err := ReadResponse(filepath.Join(dir, e.Filename), e.Offset, e.Length)
		mustDo(t, "read", err)
		if r.Status != 200 || len(r.Body) != 0 || r.Truncated || r.MediaType() != "text/html" {
			t.Errorf("revisit response %+v", r)
		}
		return
	}
	t.Error("no revisit in the index")
}

func TestHostileTextStaysInItsField(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := mustOpen(t, testConfig(dir))
	evil := "\r\nWARC-Type: warcinfo\r\nX: \x00 \x7f y\n\nz"
	x := page(1)
	x.URL += evil
	x.SURT += evil
	x.IP, x.Mime, x.Truncated = "1.2.3.4"+evil, "text/html"+evil, "time"+evil
	x.Meta = Meta{Via: "http://v/" + evil, Alt: "alt" + evil + "\xff\u2028", Columns: map[string]string{"k" + evil: "v" + evil}}
	pos := mustAppend(t, w, x)
	rx := revisitOf(page(2), pos)
	rx.Revisit.RefersToURI += evil
	mustAppend(t, w, rx)
	mustDo(t, "close", w.Close())
	f, err := os.Open(filepath.Join(dir, pos.Segment))
	mustDo(t, "open", err)
	defer f.Close()
	kinds := []string{}
	for r := warc.NewReader(f, "x", warc.Limits{}); ; {
		rec, err := r.Next()
		if err != nil {
			break
		}
		kinds = append(kinds, rec.Type())
		if rec.Header.Get("X") != "" {
			t.Errorf("%s record has an injected field: %q", rec.Type(), rec.Header)
		}
	}
	want := []string{"warcinfo", "response", "request", "metadata", "revisit", "request", "metadata"}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	for e, err := range ReadIndex(fsx.OS(), dir, pos.Segment) {
		mustDo(t, "index", err)
		if strings.ContainsAny(e.URL+e.SURT+e.Meta.Via+e.IP+e.Mime, "\r\n\x00 ") {
			t.Errorf("entry %+v", e)
		}
	}
}

func TestAppendRefusesWhatMakesNoRecord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := mustOpen(t, testConfig(dir))
	for name, spoil := range map[string]func(*Exchange){
		"no url":            func(x *Exchange) { x.URL = "" },
		"no response":       func(x *Exchange) { x.Response, x.HeadLen = nil, 0 },
		"half a head":       func(x *Exchange) { x.Response, x.HeadLen = []byte("HTTP/1.1 200 OK\r\nA: b\r\n"), 0 },
		"head too long":     func(x *Exchange) { x.HeadLen = len(x.Response) + 1 },
		"not http":          func(x *Exchange) { x.Response, x.HeadLen = []byte("ICY 200 OK\r\n\r\n"), 0 },
		"half a request":    func(x *Exchange) { x.Request = []byte("GET / HTTP/1.1\r\n") },
		"digest with break": func(x *Exchange) { x.PayloadDigest = "sha256:\r\nX: y" },
		"profile":           func(x *Exchange) { revisitOf(x, Position{}).Revisit.Profile = "a\nb" },
		"foreign segment":   func(x *Exchange) { revisitOf(x, Position{Segment: "../x"}) },
		"huge metadata":     func(x *Exchange) { x.Meta.Columns = map[string]string{"a": strings.Repeat("x", maxMeta)} },
	} {
		x := page(1)
		spoil(x)
		if _, err := w.Append(x); !errors.Is(err, ErrExchange) {
			t.Errorf("%s: error = %v, want ErrExchange", name, err)
		}
	}
	mustDo(t, "close", w.Close())
	if _, err := w.Append(page(1)); !errors.Is(err, ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
	if got := checkArchive(t, dir); len(got) != 0 {
		t.Errorf("pages %v", got)
	}
	mustDo(t, "second close", w.Close())
}

func TestSegmentsAreSealedAtTheirSize(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg := testConfig(dir)
	cfg.SegmentBytes = 4 << 10
	w := mustOpen(t, cfg)
	var xs []*Exchange
	for i := range 20 {
		xs = append(xs, page(i))
		mustAppend(t, w, xs[i])
	}
	mustDo(t, "close", w.Close())
	if diff := cmp.Diff(urlsOf(xs...), checkArchive(t, dir)); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	segments := w.Segments()
	if len(segments) < 3 {
		t.Errorf("%d segments, want several", len(segments))
	}
	for i, s := range segments {
		if i < len(segments)-1 && (s.Bytes < cfg.SegmentBytes || s.Bytes > 2*cfg.SegmentBytes) {
			t.Errorf("segment %d has %d bytes", i, s.Bytes)
		}
	}
}

func TestSegmentsAreSealedAtADoublingAge(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg := testConfig(dir)
	clk := newClock()
	cfg.Now = clk.Now
	w := mustOpen(t, cfg)
	sealedAfter := func(i int) time.Duration {
		before := len(w.Segments())
		mustAppend(t, w, page(i))
		for age := time.Duration(0); age < time.Hour; age += 5 * time.Second {
			mustDo(t, "seal if due", w.SealIfDue())
			if len(w.Segments()) > before {
				return age
			}
			clk.advance(5 * time.Second)
		}
		t.Fatal("not sealed within an hour")
		return 0
	}
	var got []time.Duration
	for i := range 9 {
		if i == 4 { // the age goes on in the same run
			mustDo(t, "close", w.Close())
			w = mustOpen(t, cfg)
		}
		got = append(got, sealedAfter(i)/time.Second)
	}
	if diff := cmp.Diff([]time.Duration{5, 10, 20, 40, 80, 160, 300, 300, 300}, got); diff != "" {
		t.Errorf("ages (-want +got):\n%s", diff)
	}
	mustDo(t, "idle", w.SealIfDue())
	mustDo(t, "close", w.Close())
	if n := len(checkArchive(t, dir)); n != 9 {
		t.Errorf("%d pages, want 9", n)
	}
}

func TestConcurrentAppends(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg := testConfig(dir)
	cfg.SegmentBytes = 16 << 10
	w := mustOpen(t, cfg)
	const workers, each = 8, 25
	var wg sync.WaitGroup
	for n := range workers {
		wg.Go(func() {
			for i := range each {
				if _, err := w.Append(page(n*each + i)); err != nil {
					t.Error(err)
				}
				if i%7 == 0 {
					if err := errors.Join(w.Sync(), w.SealIfDue()); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	mustDo(t, "close", w.Close())
	var want []string
	for i := range workers * each {
		want = append(want, page(i).URL)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, checkArchive(t, dir)); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func TestMergeIndexIsSorted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := mustOpen(t, testConfig(dir))
	n := mergeWidth + 10 // needs two passes
	for i := range n {
		mustAppend(t, w, page(n-i))
		if i%2 == 0 {
			mustAppend(t, w, page(1000+i))
		}
		mustDo(t, "seal", w.Seal())
	}
	mustDo(t, "close", w.Close())
	mustDo(t, "merge", w.MergeIndex())
	b, err := os.ReadFile(filepath.Join(dir, IndexFile))
	mustDo(t, "read", err)
	got := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	if !slices.IsSorted(got) {
		t.Error("merged index is not sorted")
	}
	if want := n + (n+1)/2; len(got) != want {
		t.Errorf("%d lines, want %d", len(got), want)
	}
	if got := len(checkArchive(t, dir)); got != n+(n+1)/2 {
		t.Errorf("%d pages", got)
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	_, err := OpenWriter(WriterConfig{SegmentBytes: -1, Compress: "lzma", Level: 12, MinAge: 2, MaxAge: 1})
	for _, want := range []string{"dir", "run", "segment bytes", "level 12", `compression "lzma"`, "ages"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not speak of %s", err, want)
		}
	}
}

func TestAnExchangeMayBeLarge(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := mustOpen(t, testConfig(dir))
	x := exchange(1, "Content-Type: image/png\r\n", strings.Repeat("0123456789abcdef", 2<<20))
	x.Mime = "image/png"
	pos := mustAppend(t, w, x)
	mustDo(t, "close", w.Close())
	if diff := cmp.Diff(urlsOf(x), checkArchive(t, dir)); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	if pos.Length < 32<<20 {
		t.Errorf("an image was compressed again: %d bytes", pos.Length)
	}
}

func ExampleWriter() {
	dir, err := os.MkdirTemp("", "archive")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	w, err := OpenWriter(WriterConfig{Dir: dir, Run: "20260102T030405Z"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = w.Append(&Exchange{
		URL: "http://example.com/", SURT: "com,example)/", Mime: "text/plain",
		Response: []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello"),
	})
	fmt.Println("append:", err, "close:", w.Close())
	for e, err := range ReadIndex(fsx.OS(), dir, "000001.warc.gz") {
		r, rerr := ReadResponse(filepath.Join(dir, e.Filename), e.Offset, e.Length)
		fmt.Printf("%s %d %s %v %v\n", e.URL, e.Status, r.Body, err, rerr)
	}
	// Output:
	// append: <nil> close: <nil>
	// http://example.com/ 200 hello <nil> <nil>
}

// Not parallel: it counts what the process allocates.
func TestALargeResponseIsCopiedOnce(t *testing.T) {
	for _, c := range packings {
		t.Run(string(c), func(t *testing.T) { aLargeResponseIsCopiedOnce(t, c) })
	}
}

func aLargeResponseIsCopiedOnce(t *testing.T, c warc.Compression) {
	const size = 32 << 20
	cfg := packedConfig(t.TempDir(), c)
	cfg.SegmentBytes = 1 << 40
	w := mustOpen(t, cfg)
	mustAppend(t, w, page(1))
	random := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(random)
	for i, mime := range []string{"image/jpeg", "text/html"} { // stored, and compressed in vain
		x := exchange(2+i, "Content-Type: "+mime+"\r\n", string(random))
		x.Mime = mime
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		mustAppend(t, w, x)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > size+size/8 {
			t.Errorf("%s: %d MiB are allocated for a response of %d", mime, n>>20, size>>20)
		}
		e, err := w.encoders.get()
		if err != nil || e.buffer.Cap() > maxPooled {
			t.Errorf("%s: a buffer of %d bytes is kept, %v", mime, e.buffer.Cap(), err)
		}
		w.encoders.put(e)
	}
	mustDo(t, "close", w.Close())
	if got := checkArchive(t, cfg.Dir); len(got) != 3 {
		t.Errorf("%d records, want 3", len(got))
	}
}
