package crawler_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// robotsSite answers robots.txt as told and a page for everything else.
func robotsSite(t *testing.T, answer http.HandlerFunc) (base string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	base = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			asked.Add(1)
			answer(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<a href="/a">a</a><a href="/b">b</a><a href="/c">c</a>`)
	}))
	return base, asked
}

// A server that has no robots.txt for a moment is asked again, and nothing of
// it is lost.
func TestRobotsComesBack(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	base, asked := robotsSite(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, "User-agent: *\nDisallow: /b\n")
	})
	sum := crawl(t, config(t.TempDir(), base+"/"))
	if sum.Pages != 3 || sum.Skipped["robots"] != 1 || asked.Load() != 2 {
		t.Errorf("pages %d, skipped %v, asked %d times", sum.Pages, sum.Skipped, asked.Load())
	}
}

// While robots.txt cannot be had, nothing may be fetched; that is said as what
// it is.
func TestRobotsStaysAway(t *testing.T) {
	t.Parallel()
	base, asked := robotsSite(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	cfg := config(t.TempDir(), base+"/", base+"/a", base+"/b")
	sum, err := tryCrawl(t, cfg)
	if err == nil || !strings.Contains(err.Error(), "robots.txt answers 500") || strings.Contains(err.Error(), "ignore-robots") {
		t.Errorf("error = %v", err)
	}
	if sum.Skipped["robots_unreachable"] != 3 || sum.Skipped["robots"] != 0 || asked.Load() != 3 {
		t.Errorf("skipped %v, asked %d times, want 3", sum.Skipped, asked.Load())
	}
}

// A robots.txt that leads to a private address is not followed there, and its
// pages are not said to be private.
func TestRobotsLeadsAstray(t *testing.T) {
	t.Parallel()
	base, asked := robotsSite(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://10.0.0.1/robots.txt", http.StatusFound)
	})
	sum, err := tryCrawl(t, config(t.TempDir(), base+"/", base+"/a"))
	if err == nil || sum.Skipped["private_address"] != 0 || sum.Skipped["robots_unreachable"] != 2 || asked.Load() != 1 {
		t.Errorf("error %v, skipped %v, asked %d times", err, sum.Skipped, asked.Load())
	}
}

// Crawl-delay is the pause before every request, the first page's too.
func TestCrawlDelay(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var times []time.Time
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		times = append(times, time.Now())
		mu.Unlock()
		w.Header().Set("Content-Type", "text/html")
		switch r.URL.Path {
		case "/robots.txt":
			fmt.Fprint(w, "User-agent: *\nCrawl-delay: 0.3\n")
		case "/":
			fmt.Fprint(w, "<a href=/a>a</a><a href=/b>b</a><a href=/c>c</a>")
		}
	}))
	if sum := crawl(t, config(t.TempDir(), base+"/")); sum.Pages != 4 {
		t.Fatalf("%d pages", sum.Pages)
	}
	for i := 1; i < len(times); i++ {
		if gap := times[i].Sub(times[i-1]); gap < 250*time.Millisecond {
			t.Errorf("request %d came %v after the one before it", i+1, gap)
		}
	}
}

// A page that was cut, or an error, is fetched whole by the next run whatever
// validators it had.
func TestRecrawlRepairs(t *testing.T) {
	t.Parallel()
	var second atomic.Bool
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("ETag", `"same"`)
		if r.Header.Get("If-None-Match") != "" && r.URL.Path != "/" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		switch {
		case r.URL.Path == "/":
			fmt.Fprint(w, `<a href="/cut">cut</a><a href="/error">error</a>`)
		case r.URL.Path == "/error" && !second.Load():
			w.WriteHeader(http.StatusTeapot)
		case r.URL.Path == "/cut" && !second.Load():
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, "half")
		case r.URL.Path == "/robots.txt":
			http.NotFound(w, r)
		default:
			fmt.Fprint(w, "whole")
		}
	}))
	cfg := config(t.TempDir(), base+"/")
	if first := crawl(t, cfg); first.Truncated != 1 {
		t.Fatalf("%d cut bodies, want 1", first.Truncated)
	}
	second.Store(true)
	sum := crawl(t, cfg)
	got := stored(t, cfg.Dir, sum.Run)
	for _, path := range []string{"/cut", "/error"} {
		if e := got[base+path]; e.Status != http.StatusOK || string(payload(t, cfg.Dir, e).Body) != "whole" {
			t.Errorf("%s: %d %q", path, e.Status, payload(t, cfg.Dir, e).Body)
		}
	}
}
