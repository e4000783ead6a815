package crawler_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/crawler"
)

// hosts are names of one listener: h0.localhost, h1.localhost and so on, which all stand for 127.0.0.1.
func hosts(base string, n int) []string {
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(base, "http://"))
	var seeds []string
	for i := range n {
		seeds = append(seeds, fmt.Sprintf("http://h%d.localhost:%s/", i, port))
	}
	return seeds
}

// pageWithLinks answers robots.txt with 404 and everything else with n links below the page.
func pageWithLinks(w http.ResponseWriter, r *http.Request, n int) {
	if r.URL.Path == "/robots.txt" || strings.Contains(r.URL.Path, "sitemap") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, "<title>%s%s</title>", r.Host, r.URL.Path)
	if r.URL.Path != "/" {
		return
	}
	for i := range n {
		fmt.Fprintf(w, `<a href="/page-%c%d.html">page</a>`, 'a'+i%26, i)
	}
}

// All hosts of one address together have no more requests in flight than the job says, each host no more than it may.
func TestHostsOfOneAddressShareIt(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now, most, mostOf := map[string]int{}, 0, map[string]int{}
	total := 0
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now[r.Host]++
		total++
		most, mostOf[r.Host] = max(most, total), max(mostOf[r.Host], now[r.Host])
		mu.Unlock()
		select { // long enough for others to come in, if they may
		case <-time.After(5 * time.Millisecond):
		case <-r.Context().Done():
		}
		pageWithLinks(w, r, 10)
		mu.Lock()
		now[r.Host]--
		total--
		mu.Unlock()
	}))
	cfg := config(t.TempDir(), hosts(base, 6)...)
	cfg.HostConcurrency, cfg.IPConcurrency, cfg.Concurrency = 2, 3, 32
	sum := crawl(t, cfg)
	mu.Lock()
	defer mu.Unlock()
	if most > 3 {
		t.Errorf("%d requests in flight at one address, want 3 at most", most)
	}
	for host, n := range mostOf {
		if n > 2 {
			t.Errorf("%d requests in flight at %s, want 2 at most", n, host)
		}
	}
	if most < 3 || sum.Pages != 66 {
		t.Errorf("%d at once, %d pages; want 3 and 66: the address is to be used", most, sum.Pages)
	}
}

// Hosts of one address are asked at its rate.
func TestRateOfOneAddress(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var at []time.Time
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		at = append(at, time.Now())
		mu.Unlock()
		pageWithLinks(w, r, 2)
	}))
	cfg := config(t.TempDir(), hosts(base, 4)...)
	cfg.IPRate, cfg.Sitemaps = 50, crawler.SitemapsOff
	sum := crawl(t, cfg)
	mu.Lock()
	defer mu.Unlock()
	// 4 robots.txt and 12 pages: 15 intervals of 20 ms between the first and the last.
	if took := at[len(at)-1].Sub(at[0]); took < 280*time.Millisecond || len(at) != 16 {
		t.Errorf("%d requests in %v, want 16 in at least 280ms", len(at), took)
	}
	if sum.WaitedS["limiter"] == 0 {
		t.Error("nothing waited for the limiter")
	}
}

// A host whose answers do not come holds up nobody: it answers only when all pages of the others have been fetched.
func TestASlowHostStarvesNobody(t *testing.T) {
	t.Parallel()
	const others, pages = 5, 40
	var left sync.WaitGroup
	left.Add(others * (pages + 1))
	done := make(chan struct{})
	go func() {
		left.Wait()
		close(done)
	}()
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		isPage := r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, "/page")
		switch {
		case isPage && strings.HasPrefix(r.Host, "h0."):
			select {
			case <-done:
			case <-r.Context().Done():
			}
		case isPage:
			defer left.Done()
		}
		pageWithLinks(w, r, pages)
	}))
	cfg := config(t.TempDir(), hosts(base, others+1)...)
	cfg.HostConcurrency, cfg.Concurrency, cfg.IPConcurrency = 2, 6, 6
	sum := crawl(t, cfg)
	if want := int64((others + 1) * (pages + 1)); sum.Pages != want || sum.Retries != 0 {
		t.Errorf("%d pages, %d retries; want %d and none: the slow host waited for the others", sum.Pages, sum.Retries, want)
	}
}

// A server that answers 503 without a Retry-After is asked one request at a time, with gaps, until it has recovered.
func TestOverloadSlowsDown(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var after []time.Time // requests since the first 503
	refused := map[string]bool{}
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(r.URL.Path, "/page") && len(refused) < 3 && !refused[r.URL.Path] {
			refused[r.URL.Path] = true
			after = append(after, time.Now())
			http.Error(w, "too much to do", http.StatusServiceUnavailable)
			return
		}
		if len(after) > 0 {
			after = append(after, time.Now())
		}
		pageWithLinks(w, r, 12)
	}))
	cfg := config(t.TempDir(), base+"/")
	cfg.HostConcurrency = 1
	sum := crawl(t, cfg)
	if sum.Slowed == 0 || sum.Pages != 13 {
		t.Errorf("slowed %d times, %d pages; want some and 13", sum.Slowed, sum.Pages)
	}
	mu.Lock()
	defer mu.Unlock()
	if gap := after[3].Sub(after[2]); gap < 900*time.Millisecond {
		t.Errorf("after three 503 the next request came %v later, want a second", gap)
	}
	if gap := after[len(after)-1].Sub(after[len(after)-2]); gap > 900*time.Millisecond {
		t.Errorf("the last request came %v after the one before: the host has recovered", gap)
	}
}

// Each host gives as many pages as the job grants, exactly; what is left out is counted and comes in no later run of the same job.
func TestHostMaxPages(t *testing.T) {
	t.Parallel()
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { pageWithLinks(w, r, 30) }))
	cfg := config(t.TempDir(), hosts(base, 3)...)
	cfg.HostMaxPages = 7
	for run := range 2 {
		sum := crawl(t, cfg)
		perHost := map[string]int{}
		for url, e := range stored(t, cfg.Dir, sum.Run) {
			if e.Status == http.StatusOK || e.Type == "revisit" {
				perHost[strings.SplitN(url, "/", 4)[2]]++
			}
		}
		for host, n := range perHost {
			if n != 7 {
				t.Errorf("run %d: %d pages of %s, want 7", run, n, host)
			}
		}
		if len(perHost) != 3 || sum.Pages != 21 || sum.Skipped["budget"] != 3*24 || sum.State != crawler.Complete {
			t.Errorf("run %d: %d hosts, %d pages, %d left out, %s", run, len(perHost), sum.Pages, sum.Skipped["budget"], sum.State)
		}
	}
}
