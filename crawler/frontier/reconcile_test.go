package frontier

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func everything(string) bool { return true }

func drainAll(t testing.TB, d *Durable) []string {
	t.Helper()
	var got []string
	for d.Counts().Pending > 0 {
		got = append(got, next(t, d).URL.Path())
	}
	return got
}

// crawled is a frontier whose pages /0 to /9 were stored at offsets 0, 100, … of segments "1" (0–4) and "2" (5–9). Each links to all.
func crawled(t *testing.T) *Durable {
	t.Helper()
	d := open(t, DefaultConfig(t.TempDir()))
	var all []Link
	for i := range 10 {
		all = append(all, links(t, fmt.Sprintf("http://a.example/%d", i))...)
	}
	add(t, d, 10, all)
	for i := range 10 {
		done(t, d, next(t, d), Outcome{
			Status: 200, Segment: fmt.Sprint(1 + i/5), Offset: int64(i%5) * 100, Length: 100, Digest: fmt.Sprint("sha256:", i), Page: true,
			Links: append(slices.Clone(all), links(t, fmt.Sprintf("http://a.example/b%d", i))...), ETag: fmt.Sprint("e", i),
		})
	}
	return d
}

func TestReconcileCut(t *testing.T) {
	t.Parallel()
	d := crash(t, crawled(t))
	before := inlinks(t, d)
	taken, err := d.Reconcile("2", 200, everything)
	if err != nil {
		t.Fatal(err)
	}
	want := []Mark{
		{Segment: "2", Offset: 200, URL: "http://a.example/7", State: Stored, Status: 200, Length: 100, Page: true},
		{Segment: "2", Offset: 300, URL: "http://a.example/8", State: Stored, Status: 200, Length: 100, Page: true},
		{Segment: "2", Offset: 400, URL: "http://a.example/9", State: Stored, Status: 200, Length: 100, Page: true},
	}
	if diff := cmp.Diff(want, taken, cmpopts.IgnoreUnexported(Mark{})); diff != "" {
		t.Errorf("taken back (-want +got):\n%s", diff)
	}
	if got, want := d.Counts(), (Counts{Known: 20, Pending: 13, Done: 7}); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	for offset, want := range map[int64]bool{100: true, 200: false} {
		if got, err := d.Marked("2", offset); err != nil || got != want {
			t.Errorf("Marked(2, %d) = %v, %v", offset, got, err)
		}
	}
	again := next(t, d)
	if again.URL.Path() != "/7" || again.Prior != nil {
		t.Errorf("first pending item %s, prior %v", again.URL, again.Prior)
	}
	done(t, d, again, Outcome{Links: links(t, "http://a.example/0", "http://a.example/b7")})
	before["http://a.example/0"] += 0 // counted once, as before
	for _, i := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9} {
		before[fmt.Sprintf("http://a.example/%d", i)]-- // /7 does not link there any more
	}
	if diff := cmp.Diff(before, inlinks(t, d)); diff != "" {
		t.Errorf("in-links (-want +got):\n%s", diff)
	}
	if taken, err := d.Reconcile("2", 200, everything); taken != nil || err != nil {
		t.Errorf("second Reconcile: %v, %v", taken, err)
	}
}

func TestReconcileLostSegment(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		open string
		cut  int64
		has  func(string) bool
		want string
	}{
		"all there":         {"2", 500, everything, ""},
		"no open segment":   {"", 0, everything, ""},
		"first one gone":    {"2", 500, func(s string) bool { return s != "1" }, "01234"},
		"open one lost":     {"", 0, func(s string) bool { return s == "1" }, "56789"},
		"all gone":          {"3", 0, func(string) bool { return false }, "0123456789"},
		"cut, and one gone": {"2", 400, func(s string) bool { return s == "2" }, "012349"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := crawled(t)
			taken, err := d.Reconcile(tc.open, tc.cut, tc.has)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, m := range taken {
				got += m.URL[len(m.URL)-1:]
			}
			if got != tc.want {
				t.Errorf("taken back %q, want %q", got, tc.want)
			}
			if n := int(d.Counts().Pending); n != 10+len(tc.want) {
				t.Errorf("%d pending, want %d", n, 10+len(tc.want))
			}
		})
	}
}

func TestReconcileNeedsQuiet(t *testing.T) {
	t.Parallel()
	d := crawled(t)
	next(t, d)
	if _, err := d.Reconcile("2", 0, everything); !errors.Is(err, ErrInFlight) {
		t.Errorf("Reconcile: %v; want ErrInFlight", err)
	}
	if err := d.NewRun(); !errors.Is(err, ErrInFlight) {
		t.Errorf("NewRun: %v; want ErrInFlight", err)
	}
}

func TestDoneMarks(t *testing.T) {
	t.Parallel()
	d := crawled(t)
	for segment, want := range map[string]int{"": 10, "1": 5, "2": 5, "3": 0} {
		n, last := 0, int64(-1)
		for m, err := range d.DoneMarks(segment) {
			if err != nil {
				t.Fatal(err)
			}
			if segment != "" && (m.Segment != segment || m.Offset <= last) {
				t.Errorf("mark %+v after offset %d", m, last)
			}
			n, last = n+1, m.Offset
		}
		if n != want {
			t.Errorf("%d marks in %q, want %d", n, segment, want)
		}
	}
	for range d.DoneMarks("") {
		break // an iterator left early is closed: Close checks that
	}
	for range d.Inlinks() {
		break
	}
}

func TestNewRun(t *testing.T) {
	t.Parallel()
	d := crawled(t)
	for d.Counts().Pending > 0 {
		done(t, d, next(t, d), Outcome{State: Failed, Status: 404})
	}
	if err := d.NewRun(); err != nil {
		t.Fatal(err)
	}
	d = crash(t, d)
	if got, want := d.Counts(), (Counts{Known: 20, Pending: 20}); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	first, second := next(t, d), next(t, d)
	if first.Prior == nil || first.Prior.ETag != "e0" || first.Prior.Segment != "1" {
		t.Errorf("prior of the first item: %+v", first.Prior)
	}
	links := inlinks(t, d)
	done(t, d, first, Outcome{State: Stored, Status: 304, Segment: "3", Offset: 0, Digest: "sha256:0", ETag: "new"}) // no links: unchanged
	done(t, d, second, Outcome{State: Failed, Status: 500})
	if diff := cmp.Diff(links, inlinks(t, d)); diff != "" {
		t.Errorf("in-links of unchanged pages (-want +got):\n%s", diff)
	}
	for d.Counts().Pending > 0 {
		done(t, d, next(t, d), Outcome{State: Skipped})
	}
	if err := d.NewRun(); err != nil {
		t.Fatal(err)
	}
	first, second = next(t, d), next(t, d)
	if first.Prior == nil || first.Prior.ETag != "new" || first.Prior.Segment != "3" {
		t.Errorf("prior after a change: %+v", first.Prior)
	}
	if second.Prior == nil || second.Prior.ETag != "e1" {
		t.Errorf("prior after a failure: %+v", second.Prior)
	}
}

// In a second run, a cut gives a page back its prior of the first.
func TestReconcileInSecondRun(t *testing.T) {
	t.Parallel()
	d := crawled(t)
	if err := d.NewRun(); err != nil {
		t.Fatal(err)
	}
	done(t, d, next(t, d), Outcome{Segment: "3", Offset: 50, ETag: "new"})
	if _, err := d.Reconcile("3", 50, everything); err != nil {
		t.Fatal(err)
	}
	if item := next(t, d); item.URL.Path() != "/0" || item.Prior == nil || item.Prior.ETag != "e0" {
		t.Errorf("item %s, prior %+v", item.URL, item.Prior)
	}
	d = crash(t, d)
	taken, err := d.Reconcile("3", 50, func(s string) bool { return s != "1" })
	if err != nil || len(taken) != 0 {
		t.Errorf("Reconcile of an earlier run's segment took back %v, %v: nothing of this run", taken, err)
	}
	if item := next(t, d); item.Prior != nil {
		t.Errorf("prior in a lost segment: %+v", item.Prior)
	}
}

// A page that the archive holds and the frontier lost, or still has pending, is settled by a Done that no Next came before.
func TestDoneWithoutNext(t *testing.T) {
	t.Parallel()
	d := open(t, DefaultConfig(t.TempDir()))
	add(t, d, 3, links(t, "http://a.example/1", "http://a.example/2", "http://a.example/3"))
	done(t, d, Item{Link: links(t, "http://a.example/2")[0]}, Outcome{Segment: "1"})
	lost := Link{URL: mustURL(t, "http://a.example/lost"), Via: "http://a.example/1", Depth: 1}
	done(t, d, Item{Link: lost}, Outcome{Segment: "1", Offset: 9, Links: links(t, "http://a.example/4")})
	if got, want := d.Counts(), (Counts{Known: 5, Pending: 3, Done: 2}); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	if diff := cmp.Diff([]string{"/1", "/3", "/4"}, drainAll(t, d)); diff != "" {
		t.Errorf("handed out (-want +got):\n%s", diff)
	}
	if info, ok, err := crash(t, d).State(lost.URL); err != nil || !ok || info.Via != lost.Via || info.Outcome.Offset != 9 {
		t.Errorf("State = %+v, %v, %v", info, ok, err)
	}
}
