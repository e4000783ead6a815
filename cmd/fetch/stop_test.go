package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tandem/crawler"
	"tandem/internal/site"
)

// holding keeps the answers to pictures and near-duplicates back until it is
// opened, or the client leaves.
type holding struct {
	*site.SyntheticSite
	open chan struct{}
	held chan struct{} // closed when the first request is held
	once sync.Once
}

func newHolding(s *site.SyntheticSite) *holding {
	return &holding{SyntheticSite: s, open: make(chan struct{}), held: make(chan struct{})}
}

func (h *holding) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/img/") || strings.HasPrefix(r.URL.Path, "/near/") {
		h.once.Do(func() { close(h.held) })
		select {
		case <-h.open:
		case <-r.Context().Done():
			return
		}
	}
	h.SyntheticSite.ServeHTTP(w, r)
}

func stuck(t *testing.T) (*holding, string) {
	t.Helper()
	s, err := site.Synthetic(everything(120))
	if err != nil {
		t.Fatal(err)
	}
	h := newHolding(s)
	return h, serving(t, h)
}

func await(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
	}
}

// TestFirstSignalDrains: what is in flight may end, what does not end in time
// is given up, and the same command fetches the rest.
func TestFirstSignalDrains(t *testing.T) {
	t.Parallel()
	h, url := stuck(t)
	dir := t.TempDir()
	p := start(t, "", gentle(dir, url)...)
	await(t, "a request that is held", h.held)
	stopped := time.Now()
	p.signal(syscall.SIGINT)
	if code := p.wait(); code != 130 {
		t.Errorf("exit code %d, want 130\n%s", code, p.err.String())
	}
	if took := time.Since(stopped); took > 5*time.Second {
		t.Errorf("drained for %v, want at most 5 s", took)
	}
	if sum := readSummary(t, dir); sum.State != crawler.Interrupted || sum.Pending == 0 {
		t.Errorf("state %s with %d pending, want interrupted with some", sum.State, sum.Pending)
	}
	if want := "goes on where this one stopped"; !strings.Contains(p.err.String(), want) {
		t.Errorf("no hint %q in\n%s", want, p.err.String())
	}
	close(h.open)
	fetch(t, 0, gentle(dir, url)...)
	checkStopped(t, dir, h.SyntheticSite, url)
}

// dripping sends the pages of a site whose names end in 7 a byte at a time, ten
// a second, without an end.
type dripping struct {
	*site.SyntheticSite
	begun chan struct{} // closed when the first drop falls
	once  sync.Once
	over  atomic.Bool // no more drops
}

func (d *dripping) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if d.over.Load() || !strings.HasSuffix(r.URL.Path, "7.html") {
		d.SyntheticSite.ServeHTTP(w, r)
		return
	}
	d.once.Do(func() { close(d.begun) })
	drop := time.NewTicker(100 * time.Millisecond)
	defer drop.Stop()
	for {
		if _, err := w.Write([]byte{'x'}); err != nil || http.NewResponseController(w).Flush() != nil {
			return
		}
		select {
		case <-drop.C:
		case <-r.Context().Done():
			return
		}
	}
}

// TestDrippingAnswersDrain: bodies that never end are no reason to stay. What
// had come of them is not kept, and the same command fetches them whole.
func TestDrippingAnswersDrain(t *testing.T) {
	t.Parallel()
	for _, signals := range []int{1, 2} {
		t.Run(fmt.Sprint(signals), func(t *testing.T) {
			t.Parallel()
			s, err := site.Synthetic(everything(120))
			if err != nil {
				t.Fatal(err)
			}
			d := &dripping{SyntheticSite: s, begun: make(chan struct{})}
			url, dir := serving(t, d), t.TempDir()
			args := gentle(dir, url)
			p := start(t, "", args[:len(args)-1]...)
			await(t, "a body that drips", d.begun)
			stopped, most := time.Now(), 5*time.Second
			p.signal(syscall.SIGINT)
			if signals == 2 {
				p.says("once more to stop at once")
				stopped, most = time.Now(), time.Second
				p.signal(syscall.SIGTERM)
			}
			if code := p.wait(); code != 130 {
				t.Errorf("exit code %d, want 130\n%s", code, p.err.String())
			}
			if took := time.Since(stopped); took > most {
				t.Errorf("took %v to stop, want at most %v", took, most)
			}
			d.over.Store(true)
			fetch(t, 0, args...)
			checkStopped(t, dir, s, url)
		})
	}
}

// TestAQuickSiteDrainsAtOnce: nothing is held, so there is nothing to wait for.
func TestAQuickSiteDrainsAtOnce(t *testing.T) {
	t.Parallel()
	opt := everything(120)
	opt.Latency = 20 * time.Millisecond
	s, url := synthetic(t, opt)
	dir := t.TempDir()
	p := start(t, "", gentle(dir, url)...)
	awaitLog(t, s, 40, p)
	stopped := time.Now()
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 130 {
		t.Errorf("exit code %d, want 130\n%s", code, p.err.String())
	}
	if took := time.Since(stopped); took > 2*time.Second {
		t.Errorf("drained for %v, want an instant", took)
	}
	fetch(t, 0, gentle(dir, url)...)
	checkStopped(t, dir, s, url)
	checkRequests(t, s, 0, 0, true) // a drain throws nothing away
}

// TestSecondSignalStops: at once, and still without losing anything.
func TestSecondSignalStops(t *testing.T) {
	t.Parallel()
	h, url := stuck(t)
	dir := t.TempDir()
	args := gentle(dir, url)
	p := start(t, "", args[:len(args)-1]...) // without -q
	await(t, "a request that is held", h.held)
	p.signal(syscall.SIGINT)
	p.says("once more to stop at once")
	again := time.Now()
	p.signal(syscall.SIGINT)
	if code := p.wait(); code != 130 {
		t.Errorf("exit code %d, want 130\n%s", code, p.err.String())
	}
	if took := time.Since(again); took > time.Second {
		t.Errorf("took %v to stop, want at most 1 s", took)
	}
	close(h.open)
	fetch(t, 0, gentle(dir, url)...)
	checkStopped(t, dir, h.SyntheticSite, url)
}

// TestLoadStopsWithResults: the first signal ends the load; what was measured is
// printed and kept.
func TestLoadStopsWithResults(t *testing.T) {
	t.Parallel()
	var answered atomic.Int64
	enough := make(chan struct{})
	url := serving(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answered.Add(1) == 200 {
			close(enough)
		}
	}))
	dir := t.TempDir()
	p := start(t, "", "load", url+"/", "-d", "5m", "-o", dir, "--json", "-q")
	await(t, "200 requests", enough)
	stopped := time.Now()
	p.signal(syscall.SIGINT)
	if code := p.wait(); code != 130 {
		t.Errorf("exit code %d, want 130\n%s", code, p.err.String())
	}
	if took := time.Since(stopped); took > 5*time.Second {
		t.Errorf("took %v to stop", took)
	}
	for _, text := range []string{p.out.String(), strings.Join(lines(t, dir+"/load/load.json"), "\n")} {
		if n := number(t, text, "requests.completed"); n < 190 {
			t.Errorf("%v requests completed, at least 190 were answered\n%s", n, text)
		}
	}
}

// checkStopped checks a crawl that was stopped once and then completed.
func checkStopped(t *testing.T, dir string, s *site.SyntheticSite, url string) {
	t.Helper()
	sum := readSummary(t, dir)
	if sum.State != crawler.Complete || sum.Resumed != 1 {
		t.Errorf("state %s after %d resumes, want complete after 1", sum.State, sum.Resumed)
	}
	runs := checkedArchive(t, dir)
	if n := int64(len(runs[sum.Run])); sum.Fetched != n {
		t.Errorf("crawl.json counts %d responses, %d are stored", sum.Fetched, n)
	}
	checkTruth(t, dir, runs[sum.Run], s, url)
}
