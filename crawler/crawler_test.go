package crawler_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/crawler"
	"tandem/internal/site"
	"tandem/internal/units"
	"tandem/pipeline"
)

// A crawl stores the same set of URLs and digests at every concurrency, and it
// is the set that the site says it has.
func TestSameSetAtAnyConcurrency(t *testing.T) {
	t.Parallel()
	for _, connections := range []int{1, 16, 64} {
		t.Run(fmt.Sprint(connections), func(t *testing.T) {
			t.Parallel()
			opt := site.DefaultSynthetic(200)
			opt.Errors503, opt.RetryAfter = 5, 0
			s, base := synthetic(t, opt)
			cfg := config(t.TempDir(), base+"/")
			cfg.Concurrency, cfg.HostConcurrency = connections, connections
			sum := crawl(t, cfg)
			if sum.State != crawler.Complete {
				t.Errorf("state = %s", sum.State)
			}
			got, want := stored(t, cfg.Dir, ""), s.TruthAt(base)
			for url, w := range want {
				g, ok := got[url]
				switch {
				case w.Private:
					if ok {
						t.Errorf("%s is disallowed by robots.txt and was stored", url)
					}
				case !ok:
					t.Errorf("%s is missing", url)
				case g.Status != w.Status:
					t.Errorf("%s: status %d, want %d", url, g.Status, w.Status)
				case w.SHA256 != "" && g.Digest != "sha256:"+w.SHA256:
					t.Errorf("%s: digest %s, want %s", url, g.Digest, w.SHA256)
				}
			}
			for url := range got {
				if _, ok := want[url]; !ok {
					t.Errorf("%s was stored and is not of the site", url)
				}
			}
			for _, r := range s.Log() {
				if want[base+r.URL].Private {
					t.Errorf("%s was requested against robots.txt", r.URL)
				}
			}
			if sum.Skipped["robots"] == 0 || sum.Retries == 0 {
				t.Errorf("robots %d, retries %d: the site has both", sum.Skipped["robots"], sum.Retries)
			}
		})
	}
}

// Seeds are asked for by at most HostConcurrency requests, spaced by HostRate.
func TestPoliteness(t *testing.T) {
	t.Parallel()
	opt := site.DefaultSynthetic(12)
	opt.Errors503 = 0
	s, base := synthetic(t, opt)
	cfg := config(t.TempDir(), base+"/")
	cfg.HostRate = 40
	sum := crawl(t, cfg)
	log := s.Log()
	for i := 1; i < len(log); i++ {
		// The limiter spaces departures; what a busy machine holds back arrives closer to the next. The same rate as five in 80 ms.
		if gap := log[i].Time.Sub(log[max(0, i-10)].Time); i >= 10 && gap < 160*time.Millisecond {
			t.Errorf("requests %d to %d came within %v, at 40/s", i-10, i, gap)
		}
	}
	if sum.WaitedS["limiter"] <= 0 {
		t.Errorf("waited for the limiter: %v s", sum.WaitedS["limiter"])
	}
}

func TestBudgetsAreExact(t *testing.T) {
	t.Parallel()
	opt := site.DefaultSynthetic(100)
	opt.Errors503 = 0
	_, base := synthetic(t, opt)
	cfg := config(t.TempDir(), base+"/")
	cfg.MaxPages = 37
	sum := crawl(t, cfg)
	if sum.State != crawler.Budget || sum.Pages != 37 {
		t.Errorf("state %s with %d pages, want budget with 37", sum.State, sum.Pages)
	}
	if left := sum.Skipped["budget"]; left != sum.Pending || left == 0 {
		t.Errorf("%d skipped for the budget, %d left", left, sum.Pending)
	}
}

func TestDepth(t *testing.T) {
	t.Parallel()
	_, base := synthetic(t, site.SyntheticOptions{Seed: 1, Pages: 80, Links: 3, Images: 20})
	cfg := config(t.TempDir(), base+"/")
	cfg.MaxDepth = 1
	sum := crawl(t, cfg)
	if sum.State != crawler.Complete || sum.Skipped["depth"] == 0 {
		t.Errorf("state %s, %d links too deep", sum.State, sum.Skipped["depth"])
	}
	for url, e := range stored(t, cfg.Dir, "") {
		if e.Meta.Depth > 1 {
			t.Errorf("%s has depth %d", url, e.Meta.Depth)
		}
	}
}

// A drained crawl resumes to the same set, and nothing is stored twice.
func TestDrainAndResume(t *testing.T) {
	t.Parallel()
	opt := site.DefaultSynthetic(150)
	opt.Errors503, opt.Latency = 0, time.Millisecond
	s, base := synthetic(t, opt)
	cfg := config(t.TempDir(), base+"/")
	cfg.Concurrency = 4
	drain := new(pipeline.Event)
	cfg.Drain = drain
	var n atomic.Int64
	cfg.Listener.PageStored = func(crawler.Stored) {
		if n.Add(1) == 40 {
			drain.Set()
		}
	}
	first := crawl(t, cfg)
	if first.State != crawler.Interrupted {
		t.Fatalf("state = %s, want interrupted", first.State)
	}
	cfg.Drain, cfg.Listener = nil, crawler.Listener{}
	second := crawl(t, cfg)
	if second.State != crawler.Complete || second.Run != first.Run || second.Resumed != 1 {
		t.Errorf("state %s, run %s (was %s), resumed %d", second.State, second.Run, first.Run, second.Resumed)
	}
	got := stored(t, cfg.Dir, "")
	for url, w := range s.TruthAt(base) {
		if _, ok := got[url]; !ok && !w.Private {
			t.Errorf("%s is missing", url)
		}
	}
	if int(second.Fetched) != len(got) {
		t.Errorf("fetched %d, stored %d", second.Fetched, len(got))
	}
}

// A finished crawl is crawled again: what has not changed is a revisit record
// that costs no body.
func TestRecrawl(t *testing.T) {
	t.Parallel()
	opt := site.DefaultSynthetic(60)
	opt.Errors503 = 0
	s, base := synthetic(t, opt)
	cfg := config(t.TempDir(), base+"/")
	first := crawl(t, cfg)
	s.Reset()
	second := crawl(t, cfg)
	if second.Run == first.Run || second.State != crawler.Complete {
		t.Fatalf("run %s after %s, state %s", second.Run, first.Run, second.State)
	}
	if second.Status["304"] == 0 || second.Pages != first.Pages {
		t.Errorf("pages %d (first %d), 304s %d", second.Pages, first.Pages, second.Status["304"])
	}
	if second.Bytes*2 > first.Bytes {
		t.Errorf("the recrawl received %d bytes, the first run %d", second.Bytes, first.Bytes)
	}
	got := stored(t, cfg.Dir, second.Run)
	for url, e := range got {
		if e.Status == http.StatusNotModified && e.Type != "revisit" {
			t.Errorf("%s: a 304 is stored as %s", url, e.Type)
		}
	}
}

func TestGetKeepsColumns(t *testing.T) {
	t.Parallel()
	_, base := synthetic(t, site.SyntheticOptions{Seed: 1, Pages: 20, Links: 2})
	cfg := config(t.TempDir())
	cfg.AllowNet = loopback()
	cfg.List = []crawler.Entry{{URL: base + "/", Columns: map[string]string{"id": "7"}}, {URL: "not a url"}}
	sum := crawl(t, cfg)
	got := stored(t, cfg.Dir, "")
	if len(got) != 1 || got[base+"/"].Meta.Columns["id"] != "7" {
		t.Errorf("stored %v", got)
	}
	if sum.Errors["invalid_url"] != 1 {
		t.Errorf("errors = %v", sum.Errors)
	}
}

// What a page links may not lead to private addresses, nor to another port of
// the seed's own host.
func TestGuardHoldsForLinks(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	other := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { reached.Add(1) }))
	links := []string{
		"http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[::1]:1/", "http://[::ffff:127.0.0.1]:1/",
		other + "/", strings.Replace(other, "127.0.0.1", "localhost", 1) + "/", "http://2130706433:1/", "http://0x7f.1:1/",
	}
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		for _, l := range links {
			fmt.Fprintf(w, "<a href=%q>x</a><img src=%q>", l, l)
		}
	}))
	cfg := config(t.TempDir(), base+"/")
	cfg.Scope = "any"
	sum := crawl(t, cfg)
	reasons := ledger(t, cfg.Dir)
	for _, l := range links[:3] {
		if reasons[l] != "private_address" {
			t.Errorf("inlinks.jsonl gives %q as the reason for %s", reasons[l], l)
		}
	}
	if sum.Pages != 1 || reached.Load() != 0 {
		t.Errorf("%d pages, the other port was reached %d times", sum.Pages, reached.Load())
	}
	if got := sum.Skipped["private_address"]; got < 6 {
		t.Errorf("private_address = %d of %d links", got, len(links))
	}
}

func TestSeedsThatFail(t *testing.T) {
	t.Parallel()
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			fmt.Fprint(w, "User-agent: *\nDisallow: /closed\n")
			return
		}
		http.NotFound(w, r)
	}))
	for name, c := range map[string]struct{ seed, want string }{
		"not found":  {base + "/gone", "404"},
		"disallowed": {base + "/closed", "robots.txt"},
		"unresolved": {"http://does-not-exist.invalid/", "does-not-exist.invalid"},
		"refused":    {"http://127.0.0.1:1/", "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sum, err := tryCrawl(t, config(t.TempDir(), c.seed))
			if !errors.Is(err, crawler.ErrNothingFetched) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want it to say %q", err, c.want)
			}
			if sum == nil || sum.State != crawler.Failed {
				t.Errorf("summary = %+v", sum)
			}
		})
	}
}

func TestOneGoodSeedIsEnough(t *testing.T) {
	t.Parallel()
	_, base := synthetic(t, site.SyntheticOptions{Seed: 1, Pages: 3})
	sum := crawl(t, config(t.TempDir(), base+"/", "http://does-not-exist.invalid/"))
	if sum.Pages != 3 || sum.Errors["dns"] != 1 {
		t.Errorf("pages %d, errors %v", sum.Pages, sum.Errors)
	}
}

func TestOtherJobIsRefused(t *testing.T) {
	t.Parallel()
	_, base := synthetic(t, site.SyntheticOptions{Seed: 1, Pages: 3})
	cfg := config(t.TempDir(), base+"/")
	crawl(t, cfg)
	cfg.Seeds = []string{base + "/other"}
	if _, err := tryCrawl(t, cfg); !errors.Is(err, crawler.ErrOtherJob) {
		t.Errorf("error = %v, want ErrOtherJob", err)
	}
	cfg.Seeds = []string{base + "/"}
	cfg.HostRate = units.Rate(500)
	if _, err := tryCrawl(t, cfg); err != nil {
		t.Errorf("another rate is the same job: %v", err)
	}
}

func TestDirectoryInUse(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	entered := make(chan struct{})
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		close(entered)
		<-release
		fmt.Fprint(w, "done")
	}))
	cfg := config(t.TempDir(), base+"/")
	cfg.Sitemaps = crawler.SitemapsOff
	first := make(chan error, 1)
	go func() {
		c, err := crawler.New(cfg)
		if err == nil {
			_, err = c.Run(context.WithoutCancel(t.Context()))
		}
		first <- err
	}()
	<-entered
	_, err := tryCrawl(t, cfg)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("error = %v, want one that names process %d", err, os.Getpid())
	}
	close(release)
	if err := <-first; err != nil {
		t.Errorf("the first crawl: %v", err)
	}
}

func TestOutIsAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := tryCrawl(t, config(file, "http://127.0.0.1:1/")); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error = %v", err)
	}
}

// Redirect chains end; a loop is not followed for ever.
func TestRedirects(t *testing.T) {
	t.Parallel()
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		switch _, err := fmt.Sscanf(r.URL.Path, "/hop/%d", &n); {
		case err == nil:
			http.Redirect(w, r, fmt.Sprintf("/hop/%d", n+1), http.StatusFound)
		case r.URL.Path == "/":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<a href="/hop/0">endless</a> <a href="/loop">loop</a>`)
		case r.URL.Path == "/loop":
			http.Redirect(w, r, "/loop", http.StatusMovedPermanently)
		default:
			http.NotFound(w, r)
		}
	}))
	sum := crawl(t, config(t.TempDir(), base+"/"))
	if sum.State != crawler.Complete || sum.Status["302"] != 11 || sum.Skipped["trap"] != 1 {
		t.Errorf("state %s, status %v, skipped %v", sum.State, sum.Status, sum.Skipped)
	}
}
