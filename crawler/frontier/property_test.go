package frontier

import (
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/store/fsx"
)

// web is a random graph of pages over some hosts.
type web struct {
	pages [][]int
	hosts int
}

func newWeb(r *rand.Rand, pages, hosts int) web {
	w := web{pages: make([][]int, pages), hosts: hosts}
	for i := range w.pages {
		for range r.IntN(12) + 8/(i+1) { // the first has some
			w.pages[i] = append(w.pages[i], r.IntN(pages))
		}
	}
	return w
}

func (w web) link(t testing.TB, i int) Link {
	return Link{URL: mustURL(t, fmt.Sprintf("http://h%d.example/%d", i%w.hosts, i)), Requisite: i%7 == 0}
}

func (w web) links(t testing.TB, i int) []Link {
	ls := []Link{}
	for _, j := range w.pages[i] {
		ls = append(ls, w.link(t, j))
	}
	return ls
}

// truth is what a crawl from page 0 reaches, with in-links.
func (w web) truth(t testing.TB) map[string]int64 {
	in := map[string]int64{w.link(t, 0).URL.String(): 0}
	seen, todo := map[int]bool{0: true}, []int{0}
	for ; len(todo) > 0; todo = todo[1:] {
		from := map[int]bool{}
		for _, j := range w.pages[todo[0]] {
			if !from[j] {
				from[j] = true
				in[w.link(t, j).URL.String()]++
			}
			if !seen[j] {
				seen[j] = true
				todo = append(todo, j)
			}
		}
	}
	return in
}

// Many workers at once, random retries: every reachable page is done exactly once, the end is counted, in-links are exact.
func TestEachURLOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWeb(rand.New(rand.NewPCG(seed, 0)), 400, 1+int(seed)*5)
			cfg := DefaultConfig(t.TempDir())
			cfg.HostConcurrency = 1 + int(seed)%3
			if seed%2 == 1 {
				cfg.SeenInRAM = 50
			}
			d := open(t, cfg)
			add(t, d, 1, []Link{w.link(t, 0)})
			var mu sync.Mutex
			dones := map[string]int{}
			var wg sync.WaitGroup
			for range 40 {
				wg.Go(func() { work(t, d, w, &mu, dones) })
			}
			wg.Wait()
			want := w.truth(t)
			for url, n := range dones {
				if _, ok := want[url]; !ok || n != 1 {
					t.Errorf("%s done %d times", url, n)
				}
			}
			if c, n := d.Counts(), int64(len(want)); c != (Counts{Known: n, Done: n}) {
				t.Errorf("counts %+v, want %d done", c, n)
			}
			if diff := cmp.Diff(want, inlinks(t, d)); diff != "" {
				t.Errorf("in-links (-want +got):\n%s", diff)
			}
		})
	}
}

func work(t *testing.T, d *Durable, w web, mu *sync.Mutex, dones map[string]int) {
	for {
		item, err := d.Next(t.Context())
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Error(err)
			return
		}
		if item.Attempt < 3 && rand.IntN(4) == 0 {
			if err := d.Retry(item, time.Now().Add(time.Duration(rand.IntN(2))*time.Millisecond)); err != nil {
				t.Error(err)
			}
			continue
		}
		var page int
		if _, err := fmt.Sscanf(item.URL.Path(), "/%d", &page); err != nil {
			t.Error(err)
		}
		if _, err := d.Done(item, Outcome{State: Stored, Segment: "1", Offset: int64(page), Links: w.links(t, page)}); err != nil {
			t.Error(err)
			return
		}
		mu.Lock()
		dones[item.URL.String()]++
		mu.Unlock()
	}
}

// Killed again and again, each time at some batch, and with an archive that has lost its tail: in the end every page is done and every
// in-link counted once.
func TestKilledAndResumed(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 1))
			w := newWeb(r, 150, 3)
			dir, lives := t.TempDir(), 1
			for !life(t, dir, w, r) {
				lives++
			}
			t.Logf("%d lives", lives)
			d := open(t, DefaultConfig(dir))
			want := w.truth(t)
			if c, n := d.Counts(), int64(len(want)); c != (Counts{Known: n, Done: n}) {
				t.Errorf("counts %+v, want %d done", c, n)
			}
			if diff := cmp.Diff(want, inlinks(t, d)); diff != "" {
				t.Errorf("in-links (-want +got):\n%s", diff)
			}
		})
	}
}

// life crawls from where dir left off until it is finished or killed. A kill is a disk that changes no more from that instant on.
func life(t *testing.T, dir string, w web, r *rand.Rand) (finished bool) {
	t.Helper()
	fault := fsx.NewFault(fsx.OS(), nil)
	left, killed := 20+r.IntN(60), false
	cfg := DefaultConfig(dir)
	cfg.FS, cfg.MemTable = fault, 64<<10
	cfg.Failpoint = func(name string) {
		if left--; left == 0 && name == "after-batch" { // the log may or may not have this batch yet
			killed = true
			fault.SetDecide(failFrom(1, func(c fsx.Call) bool { return c.Op.Mutates() }))
		}
	}
	d := open(t, cfg)
	defer d.Close()
	if _, err := d.Add([]Link{w.link(t, 0)}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Reconcile("1", int64(100+r.IntN(50)), everything); err != nil {
		t.Fatal(err)
	}
	for !killed {
		item, err := d.Next(t.Context())
		if err == io.EOF {
			return true
		}
		if err != nil {
			t.Fatal(err)
		}
		var page int
		if _, err := fmt.Sscanf(item.URL.Path(), "/%d", &page); err != nil {
			t.Fatal(err)
		}
		out := Outcome{State: Stored, Segment: fmt.Sprint(r.IntN(2)), Offset: int64(page), Links: w.links(t, page)}
		if _, err := d.Done(item, out); err != nil && !killed {
			t.Fatal(err)
		}
		if r.IntN(10) == 0 && !killed {
			if err := d.Sync(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return false
}
