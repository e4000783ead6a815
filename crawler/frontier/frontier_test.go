package frontier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tandem/crawler/weburl"
	"tandem/store/fsx"
)

func mustURL(t testing.TB, raw string) weburl.URL {
	t.Helper()
	u, err := weburl.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func links(t testing.TB, raws ...string) []Link {
	t.Helper()
	ls := make([]Link, len(raws))
	for i, raw := range raws {
		ls[i] = Link{URL: mustURL(t, raw)}
	}
	return ls
}

// open opens a frontier that the test closes.
func open(t testing.TB, cfg Config) *Durable {
	t.Helper()
	d, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil && !errors.Is(err, ErrClosed) && !errors.Is(err, ErrStopped) {
			t.Errorf("close: %v", err)
		}
	})
	return d
}

func add(t testing.TB, d *Durable, want int, ls []Link) {
	t.Helper()
	n, err := d.Add(ls)
	if err != nil || n != want {
		t.Fatalf("Add = %d, %v; want %d", n, err, want)
	}
}

func next(t testing.TB, d *Durable) Item {
	t.Helper()
	item, err := d.Next(t.Context())
	if err != nil {
		t.Fatalf("Next: %v", err)
	}
	return item
}

func done(t testing.TB, d *Durable, item Item, out Outcome) int {
	t.Helper()
	if out.State == Pending {
		out.State = Stored
	}
	n, err := d.Done(item, out)
	if err != nil {
		t.Fatalf("Done: %v", err)
	}
	return n
}

// crash copies the folder of a frontier that is still open, as a kill right after a Sync would leave it, and opens the copy.
func crash(t testing.TB, d *Durable) *Durable {
	t.Helper()
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(d.cfg.Dir)); err != nil {
		t.Fatal(err)
	}
	cfg := d.cfg
	cfg.Dir, cfg.FS = dir, nil
	return open(t, cfg)
}

func inlinks(t testing.TB, d *Durable) map[string]int64 {
	t.Helper()
	m := map[string]int64{}
	for in, err := range d.Inlinks() {
		if err != nil {
			t.Fatal(err)
		}
		m[in.URL] = in.Inlinks
	}
	return m
}

func TestLifeOfACrawl(t *testing.T) {
	t.Parallel()
	d := open(t, DefaultConfig(t.TempDir()))
	if _, err := d.Next(t.Context()); err != io.EOF {
		t.Fatalf("Next of an empty frontier: %v; want io.EOF", err)
	}
	seed := Link{URL: mustURL(t, "http://a.example/"), Seed: true, Columns: map[string]string{"k": "v", "a": "b"}, Sitemap: ListedSitemap}
	add(t, d, 1, []Link{seed})
	add(t, d, 0, []Link{seed})

	item := next(t, d)
	if diff := cmp.Diff(Item{Link: seed, Attempt: 1}, item, cmp.Comparer(sameURL), cmpopts.IgnoreUnexported(Item{})); diff != "" {
		t.Errorf("item (-want +got):\n%s", diff)
	}
	found := append(links(t, "http://a.example/1", "http://a.example/2", "http://a.example/1"), seed)
	when := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	out := Outcome{
		State: Stored, Status: 200, Segment: "000001.warc.gz", Offset: 10, Length: 20, RecordID: "urn:x", Digest: "sha256:aa",
		ETag: `"e"`, LastModified: "then", Date: when, Page: true, Links: found, Counters: []byte("totals"),
	}
	if n := done(t, d, item, out); n != 2 {
		t.Errorf("Done added %d links, want 2", n)
	}
	if got, want := d.Counts(), (Counts{Known: 3, Pending: 2, Done: 1}); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	info, ok, err := d.State(seed.URL)
	want := out
	want.Links, want.Counters = nil, nil
	if err != nil || !ok || info.State != Stored || !cmp.Equal(info.Outcome, want, cmp.Comparer(sameURL)) {
		t.Errorf("State = %+v, %v, %v; want outcome %+v", info, ok, err, want)
	}
	if c, err := d.Counters(); err != nil || string(c) != "totals" {
		t.Errorf("Counters = %q, %v", c, err)
	}
	if _, err := d.Done(item, out); !errors.Is(err, ErrNotPending) {
		t.Errorf("second Done: %v; want ErrNotPending", err)
	}
	for _, path := range []string{"1", "2"} {
		item := next(t, d)
		if got, want := item.URL.String(), "http://a.example/"+path; got != want {
			t.Errorf("Next = %s, want %s", got, want)
		}
		done(t, d, item, Outcome{State: Failed, Reason: "timeout"})
	}
	if _, err := d.Next(t.Context()); err != io.EOF {
		t.Fatalf("Next at the end: %v; want io.EOF", err)
	}
	if diff := cmp.Diff(map[string]int64{"http://a.example/": 1, "http://a.example/1": 1, "http://a.example/2": 1}, inlinks(t, d)); diff != "" {
		t.Errorf("in-links (-want +got):\n%s", diff)
	}
}

func sameURL(a, b weburl.URL) bool { return a == b }

func TestOrderWithinAHost(t *testing.T) {
	t.Parallel()
	d := open(t, DefaultConfig(t.TempDir()))
	mk := func(path string, depth int, requisite bool) Link {
		return Link{URL: mustURL(t, "http://a.example/"+path), Depth: depth, Requisite: requisite}
	}
	add(t, d, 6, []Link{mk("deep", 2, false), mk("p1", 1, false), mk("p0", 0, false), mk("q1", 1, false), mk("img", 3, true), mk("css", 1, true)})
	var got []string
	for range 4 {
		got = append(got, next(t, d).URL.Path())
	}
	d2 := crash(t, d)
	for range 6 {
		got = append(got, next(t, d2).URL.Path())
		done(t, d2, Item{Link: Link{URL: mustURL(t, "http://a.example"+got[len(got)-1])}}, Outcome{})
	}
	want := []string{"/img", "/css", "/p0", "/p1", "/img", "/css", "/p0", "/p1", "/q1", "/deep"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order, then again after a crash (-want +got):\n%s", diff)
	}
}

func TestSeenBeyondMemory(t *testing.T) {
	t.Parallel()
	cfg := DefaultConfig(t.TempDir())
	cfg.SeenInRAM = 10
	d := open(t, cfg)
	var ls []Link
	for i := range 3000 {
		ls = append(ls, links(t, fmt.Sprintf("http://a.example/%d", i))...)
	}
	add(t, d, 3000, append(slices.Clone(ls), ls...))
	add(t, d, 0, ls)
	for i := range ls {
		if !d.Known(ls[i].URL) {
			t.Fatalf("%s is not known", ls[i].URL)
		}
	}
	if d.Known(mustURL(t, "http://a.example/other")) {
		t.Error("a URL never added is known")
	}
	done(t, d, next(t, d), Outcome{Links: ls})
	counts := inlinks(t, d)
	for url, n := range counts {
		if n != 1 {
			t.Fatalf("%s has %d in-links, want 1", url, n)
		}
	}
	d = crash(t, d)
	add(t, d, 0, ls)
}

func TestOneOwner(t *testing.T) {
	t.Parallel()
	cfg := DefaultConfig(t.TempDir())
	open(t, cfg)
	if _, err := Open(cfg); !errors.Is(err, fsx.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("second Open: %v; want ErrLocked naming this process", err)
	}
}

func TestMeta(t *testing.T) {
	t.Parallel()
	d := open(t, DefaultConfig(t.TempDir()))
	if v, err := d.Meta("run"); v != "" || err != nil {
		t.Errorf("Meta of nothing = %q, %v", v, err)
	}
	if err := d.SetMeta("run", "20260102T030405Z"); err != nil {
		t.Fatal(err)
	}
	if v, err := crash(t, d).Meta("run"); v != "20260102T030405Z" || err != nil {
		t.Errorf("Meta = %q, %v", v, err)
	}
	if err := d.Note("note", "later"); err != nil {
		t.Fatal(err)
	}
	if v, err := crash(t, d).Meta("note"); v != "later" || err != nil {
		t.Errorf("a note after a Sync = %q, %v", v, err)
	}
	for _, key := range []string{"", metaEpoch} {
		if d.SetMeta(key, "9") == nil || d.Note(key, "9") == nil {
			t.Errorf("SetMeta or Note of %q is allowed", key)
		}
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	d := open(t, DefaultConfig(t.TempDir()))
	add(t, d, 1, links(t, "http://a.example/"))
	item := next(t, d)
	errs := make(chan error)
	go func() {
		_, err := d.Next(context.WithoutCancel(t.Context()))
		errs <- err
	}()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-errs; !errors.Is(err, ErrClosed) {
		t.Errorf("Next during Close: %v", err)
	}
	_, addErr := d.Add(nil)
	_, doneErr := d.Done(item, Outcome{State: Stored})
	_, _, stateErr := d.State(item.URL)
	for name, err := range map[string]error{
		"Add": addErr, "Done": doneErr, "Sync": d.Sync(), "Retry": d.Retry(item, time.Time{}), "NewRun": d.NewRun(), "Close": d.Close(),
		"SetMeta": d.SetMeta("a", "b"), "State": stateErr,
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Close: %v; want ErrClosed", name, err)
		}
	}
	for _, err := range d.Inlinks() {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("Inlinks after Close: %v", err)
		}
	}
}

func TestBadOutcomes(t *testing.T) {
	t.Parallel()
	d := open(t, DefaultConfig(t.TempDir()))
	add(t, d, 1, links(t, "http://a.example/"))
	item := next(t, d)
	for _, out := range []Outcome{{}, {State: 9}, {State: Stored, Segment: "a\x00b"}, {State: Stored, Offset: -1}} {
		if _, err := d.Done(item, out); err == nil {
			t.Errorf("Done(%+v) is allowed", out)
		}
	}
	done(t, d, item, Outcome{}) // still in flight
	if err := d.Retry(item, time.Time{}); !errors.Is(err, ErrNotPending) {
		t.Errorf("Retry of a done item: %v", err)
	}
}

func TestConfigRefused(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{{}, {Dir: "x", HostConcurrency: -1}, {Dir: "x", HostRate: -1}, {Dir: "x", Cache: -1}} {
		if _, err := Open(cfg); err == nil {
			t.Errorf("Open(%+v) is allowed", cfg)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	t.Parallel()
	d := open(t, DefaultConfig(t.TempDir()))
	if err := d.setSync(metaKey(metaFormat), []byte("99")); err != nil {
		t.Fatal(err)
	}
	cfg := d.cfg
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(cfg); err == nil || !strings.Contains(err.Error(), `"99"`) {
		t.Errorf("Open of format 99: %v", err)
	}
	if _, err := os.Stat(filepath.Join(cfg.Dir, "LOCK")); err != nil {
		t.Error(err)
	}
}

// A record that repeats an earlier payload leaves that payload the one that later runs are compared with.
func TestRevisitKeepsItsOrigin(t *testing.T) {
	t.Parallel()
	d := open(t, Config{Dir: t.TempDir()})
	run := func(out Outcome) {
		t.Helper()
		done(t, d, next(t, d), out)
		if err := d.NewRun(); err != nil {
			t.Fatal(err)
		}
	}
	add(t, d, 1, links(t, "http://a.example/"))
	run(Outcome{State: Stored, Status: 200, Segment: "1", Offset: 10, Digest: "sha256:aa", ETag: "old"})
	run(Outcome{State: Stored, Status: 304, Segment: "2", Offset: 20, Digest: "sha256:aa", ETag: "new", Revisit: true})
	if p := next(t, d).Prior; p == nil || p.Segment != "1" || p.Offset != 10 || p.ETag != "new" {
		t.Errorf("prior = %+v, want the record of the first run with the ETag of the second", p)
	}
}

// An item that was put back comes again at its host's next turn, as the same attempt.
func TestPutBack(t *testing.T) {
	t.Parallel()
	d := open(t, Config{Dir: t.TempDir()})
	add(t, d, 1, links(t, "http://a.example/"))
	for range 2 {
		item, err := d.Next(t.Context())
		if err != nil || item.Attempt != 1 {
			t.Fatalf("item %+v, %v", item, err)
		}
		if err := d.PutBack(item); err != nil {
			t.Fatal(err)
		}
	}
}
