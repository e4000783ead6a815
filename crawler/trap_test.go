package crawler_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"tandem/crawler"
	"tandem/internal/units"
	"tandem/pipeline"
)

// Every trap is left after at most 500 requests, and every honest page beside
// it is fetched, whatever the order of the links.
func TestTraps(t *testing.T) {
	t.Parallel()
	for _, order := range []string{"traps first", "honest first"} {
		t.Run(order, func(t *testing.T) {
			t.Parallel()
			site := newTrapSite(order)
			cfg := config(t.TempDir(), serve(t, site.handler())+"/")
			cfg.IgnoreRobots, cfg.Requisites = true, crawler.RequisitesNone
			cfg.MaxPages, cfg.Concurrency, cfg.HostConcurrency = 20_000, 64, 64
			sum := crawl(t, cfg)
			if sum.State != crawler.Complete {
				t.Errorf("state %s after %d pages", sum.State, sum.Pages)
			}
			for name := range endless {
				if n := site.asked[name]; n > 500 || n < 20 {
					t.Errorf("%s was asked for %d times", name, n)
				} else {
					t.Logf("%s: %d", name, n)
				}
			}
			missing := 0
			for uri := range honest() {
				if !site.paths[uri] {
					if missing++; missing < 10 {
						t.Errorf("%s is missing", uri)
					}
				}
			}
			t.Logf("%d honest pages missing, skipped %v, traps %v", missing, sum.Skipped, sum.Traps)
			all := int64(0)
			for _, kind := range []string{"repeat", "growth", "calendar", "facets", "session", "same"} {
				all += sum.Traps[kind]
				if sum.Traps[kind] == 0 {
					t.Errorf("no trap of kind %s was counted: %v", kind, sum.Traps)
				}
			}
			if all != sum.Skipped["trap"] {
				t.Errorf("%d links in traps, by kind %d", sum.Skipped["trap"], all)
			}
		})
	}
}

// A crawl that stops in the middle of traps goes on to leave them: what it knew
// of them is kept.
func TestTrapsAfterAResume(t *testing.T) {
	t.Parallel()
	site := newTrapSite("between")
	cfg := config(t.TempDir(), serve(t, site.handler())+"/")
	cfg.IgnoreRobots, cfg.Requisites = true, crawler.RequisitesNone
	cfg.Deny = withoutHonest(t)
	cfg.Concurrency, cfg.HostConcurrency = 32, 32
	for range 4 {
		drain := new(pipeline.Event)
		var n atomic.Int64
		cfg.Drain = drain
		cfg.Listener.PageStored = func(crawler.Stored) {
			if n.Add(1) == 700 {
				drain.Set()
			}
		}
		if sum := crawl(t, cfg); sum.State != crawler.Interrupted {
			t.Fatalf("state %s", sum.State)
		}
	}
	cfg.Drain, cfg.Listener, cfg.MaxPages = nil, crawler.Listener{}, 20_000
	sum := crawl(t, cfg)
	if sum.State != crawler.Complete || sum.Resumed != 4 {
		t.Errorf("state %s after %d pages, resumed %d", sum.State, sum.Pages, sum.Resumed)
	}
	for name := range endless {
		// What is in flight at each stop is asked for again; what was said in small patterns is learned again.
		if n := site.asked[name]; n > 500+4*32 {
			t.Errorf("%s was asked for %d times", name, n)
		}
	}
	t.Logf("asked for %v", site.asked)
}

// Pages that differ in nothing but their number are no trap where an index names them.
func TestNumberedPagesOfAnIndex(t *testing.T) {
	t.Parallel()
	const pages = 1500
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		if r.URL.Path == "/" {
			for i := range pages {
				fmt.Fprintf(w, "<a href=/item/%d>item %d</a>\n", i, i)
			}
			return
		}
		fmt.Fprintf(w, "<h1>%s</h1>An item like all the others. <a href=/>home</a>", r.URL.Path)
	}))
	cfg := config(t.TempDir(), base+"/")
	cfg.IgnoreRobots, cfg.Concurrency, cfg.HostConcurrency = true, 32, 32
	if sum := crawl(t, cfg); sum.Pages != pages+1 || sum.Skipped["trap"] != 0 {
		t.Errorf("%d pages, %d in traps; want all %d and none", sum.Pages, sum.Skipped["trap"], pages+1)
	}
}

func TestTrapsCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	site := newTrapSite("between")
	cfg := config(t.TempDir(), serve(t, site.handler())+"/same/")
	cfg.IgnoreRobots, cfg.Traps, cfg.MaxPages = true, crawler.TrapsOff, 700
	cfg.Deny = withoutHonest(t)
	if sum := crawl(t, cfg); sum.Pages != 700 || sum.Skipped["trap"] != 0 {
		t.Errorf("%d pages, %d in traps", sum.Pages, sum.Skipped["trap"])
	}
	cfg.Traps = "maybe"
	if _, err := crawler.New(cfg); err == nil {
		t.Error("traps: maybe is accepted")
	}
}

func withoutHonest(t *testing.T) []units.Pattern {
	t.Helper()
	p, err := units.ParsePattern(`honest\.html`)
	if err != nil {
		t.Fatal(err)
	}
	return []units.Pattern{p}
}
