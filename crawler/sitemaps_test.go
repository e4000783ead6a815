package crawler_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/crawler"
	"tandem/internal/units"
	"tandem/pipeline"
)

// mappedSite serves files by path and counts who asked for what. Content that begins with "gzip:" is served compressed; "BASE" in
// content is the site's URL. What it does not have is 404.
type mappedSite struct {
	base  string
	files map[string]string
	types map[string]string // by path; else guessed by the server

	mu    sync.Mutex // guards asked
	asked map[string]int
}

func mapped(t *testing.T, files map[string]string) *mappedSite {
	t.Helper()
	s := &mappedSite{files: files, types: map[string]string{}, asked: map[string]int{}}
	s.base = serve(t, s)
	return s
}

func (s *mappedSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked[r.URL.Path]++
	s.mu.Unlock()
	body, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if to, ok := strings.CutPrefix(body, "redirect:"); ok {
		http.Redirect(w, r, to, http.StatusFound)
		return
	}
	if t := s.types[r.URL.Path]; t != "" {
		w.Header().Set("Content-Type", t)
	}
	body, packed := strings.CutPrefix(body, "gzip:")
	body = strings.ReplaceAll(body, "BASE", s.base)
	if packed {
		body = zipped(body)
	}
	io.WriteString(w, body)
}

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	z.Close()
	return b.String()
}

func (s *mappedSite) times(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}

func listing(root, entry string, locs ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?><%s xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`, root)
	for _, l := range locs {
		fmt.Fprintf(&b, "<%s><loc>%s</loc></%s>", entry, l, entry)
	}
	return b.String() + "</" + root + ">"
}

func set(locs ...string) string   { return listing("urlset", "url", locs...) }
func index(locs ...string) string { return listing("sitemapindex", "sitemap", locs...) }

// paths are the stored URLs with the given status, without the site's front.
func paths(t *testing.T, s *mappedSite, dir, run string, status int) []string {
	t.Helper()
	var all []string
	for url, e := range stored(t, dir, run) {
		if e.Status == status {
			all = append(all, strings.TrimPrefix(url, s.base))
		}
	}
	slices.Sort(all)
	return all
}

// Pages to which no link leads are found through an index with compressed children, a text file, a feed and what the well-known
// place has; each kind counts for itself.
func TestSitemaps(t *testing.T) {
	t.Parallel()
	s := mapped(t, map[string]string{
		"/robots.txt":    "User-agent: *\nDisallow: /closed\nSitemap: BASE/index.xml\nSitemap: /list.txt\nSitemap: http://other.invalid/map.xml\nSitemap: http://[\nSitemap: BASE/gone.xml\n",
		"/":              "<html><a href=/linked>x</a>",
		"/linked":        "<html>",
		"/index.xml":     index("BASE/maps/1.xml.gz", "/maps/2.xml", "BASE/maps/rss", "BASE/index.xml"),
		"/maps/1.xml.gz": "gzip:" + set("BASE/a", "BASE/linked", "BASE/closed", "http://other.invalid/", "BASE/deny"),
		"/maps/2.xml":    set("b", "http://["),
		"/maps/rss":      "<rss><channel><item><link>/c</link></item></channel></rss>",
		"/list.txt":      "BASE/d\n",
		"/sitemap.xml":   set("BASE/e"),
		"/a":             "<html><a href=/deep>x</a>", "/maps/b": "<html>", "/c": "<html>", "/d": "<html>", "/e": "<html>", "/deep": "<html>", "/closed": "<html>", "/deny": "<html>",
	})
	cfg := config(t.TempDir(), s.base+"/")
	cfg.Deny = make([]units.Pattern, 1)
	if err := cfg.Deny[0].Set("/deny$"); err != nil {
		t.Fatal(err)
	}
	sum := crawl(t, cfg)
	if sum.State != crawler.Complete || sum.Pages != 8 || sum.Requisites != 0 {
		t.Errorf("state %s, %d pages, %d requisites; want 8 pages", sum.State, sum.Pages, sum.Requisites)
	}
	want := crawler.Sitemaps{Files: 6, URLs: 4 + 5 + 1 + 1 + 1 + 1, Errors: 1}
	if diff := cmp.Diff(want, sum.Sitemaps); diff != "" {
		t.Errorf("sitemaps (-want +got):\n%s", diff)
	}
	all := []string{"/", "/a", "/c", "/d", "/deep", "/e", "/index.xml", "/linked", "/list.txt", "/maps/1.xml.gz", "/maps/2.xml", "/maps/b", "/maps/rss", "/sitemap.xml"}
	if diff := cmp.Diff(all, paths(t, s, cfg.Dir, "", 200)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	for path, depth := range map[string]int{"/index.xml": 0, "/maps/2.xml": 0, "/a": 1, "/maps/b": 1, "/d": 1, "/deep": 2} {
		if got := stored(t, cfg.Dir, "")[s.base+path].Meta.Depth; got != depth {
			t.Errorf("%s has depth %d, want %d", path, got, depth)
		}
	}
	if sum.Skipped["robots"] != 1 || s.times("/closed") != 0 {
		t.Errorf("robots: %d skipped, %d times asked", sum.Skipped["robots"], s.times("/closed"))
	}
	for path := range s.asked {
		if n := s.times(path); n != 1 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
	second := crawl(t, cfg)
	if second.Run == sum.Run || second.Pages != sum.Pages || second.Sitemaps.Files != want.Files {
		t.Errorf("recrawl: %d pages, sitemaps %+v", second.Pages, second.Sitemaps)
	}
}

// What nobody named and is not there leaves no trace: neither a record nor a count.
func TestNoSitemap(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"not found": "", "page": "<!DOCTYPE html><html><a href=/trap>x</a>", "empty": " ", "to the front page": "redirect:/", "to a login": "redirect:/trap?next=x",
		"in circles": "redirect:/sitemap.xml",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"/": "<html>front", "/trap": "<html>trap"}
			if file != "" {
				files["/sitemap.xml"] = file
			}
			s := mapped(t, files)
			cfg := config(t.TempDir(), s.base+"/")
			sum := crawl(t, cfg)
			if s.times("/sitemap.xml") == 0 {
				t.Fatal("nobody asked for /sitemap.xml")
			}
			if sum.Pages != 1 || sum.Errors["status_404"]+sum.Skipped["robots"] != 0 || len(sum.Errors) > 0 || s.times("/trap") != 0 || sum.Sitemaps != (crawler.Sitemaps{}) {
				t.Errorf("%d pages, errors %v, skipped %v, sitemaps %+v, trap asked %d times", sum.Pages, sum.Errors, sum.Skipped, sum.Sitemaps, s.times("/trap"))
			}
			if got := stored(t, cfg.Dir, ""); len(got) > 2 || got[s.base+"/sitemap.xml"].Status == 404 {
				t.Errorf("stored %v", got)
			}
		})
	}
	t.Run("no seed failed, and nothing was fetched", func(t *testing.T) {
		t.Parallel()
		s := mapped(t, map[string]string{"/sitemap.xml": set("http://other.invalid/")})
		sum, err := tryCrawl(t, config(t.TempDir(), s.base+"/"))
		if err == nil || strings.Contains(err.Error(), "sitemap") || sum.State != crawler.Failed {
			t.Errorf("error %v, state %s", err, sum.State)
		}
	})
}

// Sitemaps are looked for only where the job says so.
func TestSitemapsOff(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*crawler.Config){
		"off":    func(c *crawler.Config) { c.Sitemaps = crawler.SitemapsOff },
		"prefix": func(c *crawler.Config) { c.Scope = "prefix" },
		"any":    func(c *crawler.Config) { c.Scope = "any" },
		"depth":  func(c *crawler.Config) { c.MaxDepth = 0 },
		"list": func(c *crawler.Config) {
			c.List, c.Seeds, c.AllowNet = []crawler.Entry{{URL: c.Seeds[0]}}, nil, loopback()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mapped(t, map[string]string{"/robots.txt": "Sitemap: BASE/s.xml", "/": "<html>", "/s.xml": set("BASE/a"), "/sitemap.xml": set("BASE/a"), "/a": "<html>"})
			cfg := config(t.TempDir(), s.base+"/")
			change(&cfg)
			if sum := crawl(t, cfg); sum.Pages != 1 || s.times("/s.xml")+s.times("/sitemap.xml") != 0 {
				t.Errorf("%d pages, sitemaps asked for %d times", sum.Pages, s.times("/s.xml")+s.times("/sitemap.xml"))
			}
		})
	}
	t.Run("without robots.txt", func(t *testing.T) {
		t.Parallel()
		s := mapped(t, map[string]string{"/robots.txt": "Sitemap: BASE/s.xml", "/": "<html>", "/s.xml": set("BASE/a"), "/sitemap.xml": set("BASE/b"), "/a": "<html>", "/b": "<html>"})
		cfg := config(t.TempDir(), s.base+"/")
		cfg.IgnoreRobots = true
		if sum := crawl(t, cfg); sum.Pages != 2 || s.times("/robots.txt") != 0 || s.times("/sitemap.xml") != 1 {
			t.Errorf("%d pages, robots.txt asked for %d times", sum.Pages, s.times("/robots.txt"))
		}
	})
	cfg := config(t.TempDir(), "http://h/")
	cfg.Sitemaps = "on"
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "sitemaps") {
		t.Errorf("sitemaps: on: %v", err)
	}
}

// Hostile sitemaps end with what they hold up to the bounds, and honest pages beside them are found.
func TestHostileSitemaps(t *testing.T) {
	t.Parallel()
	var many bytes.Buffer
	many.WriteString("<urlset>")
	for i := range 1_000_000 {
		fmt.Fprintf(&many, "<url><loc>http://o.invalid/%d</loc></url>", i)
	}
	loop := make([]string, 0, 1500)
	for i := range 1500 {
		loop = append(loop, fmt.Sprintf("BASE/many/%d.xml", i))
	}
	s := mapped(t, map[string]string{
		"/robots.txt":  "Sitemap: /bomb.xml.gz\nSitemap: /laughs.xml\nSitemap: /loop-a.xml\nSitemap: /million.xml\nSitemap: /page\nSitemap: /cut.xml\nSitemap: /away.xml\nSitemap: /many.xml\nSitemap: /private.xml\n",
		"/":            "<html>",
		"/bomb.xml.gz": zipped("<urlset><url><loc>/a</loc></url>") + strings.Repeat(zipped(strings.Repeat(" ", 1<<20)), 100),
		"/laughs.xml": `<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>` +
			`<urlset><url><loc>BASE/x/&b;&x;</loc></url><url><loc>BASE/b</loc></url></urlset>`,
		"/loop-a.xml": index("BASE/loop-b.xml", "BASE/loop-a.xml"), "/loop-b.xml": index("BASE/loop-c.xml", "BASE/loop-a.xml"), "/loop-c.xml": set("BASE/never"),
		"/million.xml": many.String(),
		"/page":        "<html><a href=/c>x</a>",
		"/cut.xml":     set("BASE/d", "BASE/never")[:140],
		"/away.xml":    "redirect:http://169.254.169.254/map.xml",
		"/many.xml":    index(loop...),
		"/private.xml": set("http://169.254.169.254/latest/", "http://10.0.0.1/"),
		"/a":           "<html>", "/b": "<html>", "/c": "<html>", "/d": "<html>",
	})
	s.types["/page"] = "text/html; charset=utf-8"
	cfg := config(t.TempDir(), s.base+"/")
	sum := crawl(t, cfg)
	if sum.State != crawler.Complete {
		t.Errorf("state %s", sum.State)
	}
	for _, path := range []string{"/", "/a", "/b", "/c", "/d", "/page"} {
		if s.times(path) != 1 {
			t.Errorf("%s was asked for %d times", path, s.times(path))
		}
	}
	if s.times("/never") != 0 || s.times("/loop-c.xml") != 0 || s.times("/loop-a.xml") != 1 {
		t.Error("the index in an index was read")
	}
	if sum.Pages != 6 {
		t.Errorf("%d pages", sum.Pages)
	}
	read := 0
	for i := range loop {
		read += s.times(fmt.Sprintf("/many/%d.xml", i))
	}
	if read < 900 || read > 1000 {
		t.Errorf("%d sitemaps of one host were asked for", read)
	}
	m := sum.Sitemaps
	if m.Refused < 501 || m.URLs < 50_000 || m.URLs > 55_000 || m.Errors != int64(read)+2 {
		t.Errorf("sitemaps %+v with %d files not found", m, read)
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	t.Logf("sitemaps %+v, skipped %v, heap %d MiB of %d MiB", m, sum.Skipped, mem.HeapAlloc>>20, mem.HeapSys>>20)
}

// A page that names itself a sitemap is one; feeds and Link headers of pages lead on.
func TestSitemapsAndFeedsAsPages(t *testing.T) {
	t.Parallel()
	s := mapped(t, map[string]string{
		"/": "<html><a href=/map.xml>x</a><a href=/feed>x</a><a href=/linked>x</a>", "/map.xml": index("BASE/child.xml"), "/child.xml": set("BASE/a"),
		"/feed": "<feed><entry><link href='/b'/></entry></feed>", "/linked": "<html>", "/a": "<html>", "/b": "<html>", "/next": "<html>", "/style.css": "", "/late": "<html>",
	})
	s.types["/map.xml"], s.types["/feed"] = "application/xml", "application/atom+xml"
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/linked" {
			w.Header().Add("Link", `</next>; rel="next", </style.css>; rel=stylesheet`)
			w.Header().Add("Link", `</late>; rel=related`)
			w.Header().Add("Refresh", "9; url=/a")
			w.Header().Add("Refresh", "9; url=/b")
		}
		s.ServeHTTP(w, r)
	}))
	s.base = base
	cfg := config(t.TempDir(), base+"/")
	sum := crawl(t, cfg)
	want := []string{"/", "/a", "/b", "/child.xml", "/feed", "/late", "/linked", "/map.xml", "/next", "/style.css"}
	if diff := cmp.Diff(want, paths(t, s, cfg.Dir, "", 200)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	if sum.Pages != 8 || sum.Requisites != 1 || sum.Sitemaps.Files != 1 || sum.Sitemaps.URLs != 2 {
		t.Errorf("%d pages, %d requisites, sitemaps %+v", sum.Pages, sum.Requisites, sum.Sitemaps)
	}
}

// A crawl that ends while its sitemaps are pending goes on with them, also where it ends at once.
func TestSitemapsResume(t *testing.T) {
	t.Parallel()
	files := map[string]string{"/robots.txt": "Sitemap: /index.xml", "/": "<html>", "/index.xml": index("BASE/1.xml", "BASE/2.xml")}
	for i := range 2 {
		var locs []string
		for j := range 20 {
			path := fmt.Sprintf("/p%d-%d", i, j)
			files[path] = "<html>"
			locs = append(locs, "BASE"+path)
		}
		files[fmt.Sprintf("/%d.xml", i+1)] = set(locs...)
	}
	s := mapped(t, files)
	cfg := config(t.TempDir(), s.base+"/")
	cfg.Concurrency = 1
	var sum *crawler.Summary
	starts := 0
	for sum == nil || sum.State != crawler.Complete {
		if starts++; starts > 60 {
			t.Fatal("it does not come to an end")
		}
		cfg.Drain = new(pipeline.Event)
		stop := cfg.Drain.Set
		cfg.Listener.PageStored = func(crawler.Stored) { stop() }
		if starts%2 == 0 {
			ctx, cancel := context.WithCancel(t.Context())
			cfg.Listener.PageStored = func(crawler.Stored) { cancel() }
			c, err := crawler.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			if sum, err = c.Run(ctx); err != nil {
				t.Fatal(err)
			}
			cancel()
			continue
		}
		sum = crawl(t, cfg)
	}
	if sum.Pages != 41 || sum.Sitemaps != (crawler.Sitemaps{Files: 3, URLs: 42}) || len(stored(t, cfg.Dir, "")) != 44 {
		t.Errorf("%d pages, sitemaps %+v, %d records after %d starts", sum.Pages, sum.Sitemaps, len(stored(t, cfg.Dir, "")), starts)
	}
}

// The budget of pages is exact although sitemaps may turn out to be pages.
func TestSitemapsKeepTheBudget(t *testing.T) {
	t.Parallel()
	s := mapped(t, map[string]string{"/robots.txt": "Sitemap: /page\nSitemap: /s.xml\nSitemap: /page2\n", "/": "<html><a href=/x>", "/page": "<html><a href=/y>", "/page2": "<html>", "/s.xml": set("/1", "/2", "/3"),
		"/1": "<html>", "/2": "<html>", "/3": "<html>", "/x": "<html>", "/y": "<html>"})
	s.types["/page"], s.types["/page2"] = "text/html", "text/html"
	cfg := config(t.TempDir(), s.base+"/")
	cfg.MaxPages = 3
	if sum := crawl(t, cfg); sum.State != crawler.Budget || sum.Pages != 3 {
		t.Errorf("state %s, %d pages", sum.State, sum.Pages)
	}
}

// A site that never answers for a sitemap that nobody named is asked once; one that never answers for a named one is asked again.
func TestSitemapThatHangs(t *testing.T) {
	t.Parallel()
	var guessed atomic.Int64
	gone := make(chan struct{})
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
		case "/sitemap.xml":
			guessed.Add(1)
			select {
			case <-r.Context().Done():
			case <-gone:
			}
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(func() { close(gone) })
	cfg := config(t.TempDir(), base+"/")
	cfg.Timeout = units.Duration(300 * time.Millisecond)
	sum := crawl(t, cfg)
	if sum.Pages != 1 || guessed.Load() != 1 || len(sum.Errors) > 0 || sum.Retries != 0 {
		t.Errorf("%d pages, asked %d times, errors %v, %d retries", sum.Pages, guessed.Load(), sum.Errors, sum.Retries)
	}
}

// A crash between the record of a sitemap and its mark loses neither it nor what it lists, and stores nothing twice. The images of the
// crash are copies of the run directory, taken at that moment.
func TestSitemapsSurviveCrashes(t *testing.T) {
	t.Parallel()
	s := mapped(t, map[string]string{"/robots.txt": "Sitemap: /index.xml\nSitemap: /page\n", "/": "<html>", "/index.xml": index("BASE/1.xml"), "/1.xml": set("BASE/a", "BASE/b"),
		"/sitemap.xml": set("BASE/c"), "/a": "<html>", "/b": "<html>", "/c": "<html>", "/page": "<html><a href=/d>x</a>", "/d": "<html>"})
	s.types["/page"] = "text/html"
	cfg := config(t.TempDir(), s.base+"/")
	cfg.Concurrency = 1
	var images []string
	dir := cfg.Dir
	cfg.Failpoint = func(name string) {
		if name == "after-append" || name == "after-batch" {
			image := t.TempDir()
			if err := os.CopyFS(image, os.DirFS(dir)); err != nil {
				t.Errorf("copy %s: %v", dir, err)
			}
			images = append(images, image)
		}
	}
	whole := crawl(t, cfg)
	want := paths(t, s, cfg.Dir, "", 200)
	if len(want) != 9 || len(images) < 18 {
		t.Fatalf("%d images of %q", len(images), want)
	}
	cfg.Failpoint, cfg.Concurrency = nil, 8
	for i, image := range images {
		cfg.Dir = image
		sum := crawl(t, cfg)
		if diff := cmp.Diff(want, paths(t, s, image, "", 200)); diff != "" {
			t.Errorf("crash %d: stored (-want +got):\n%s", i, diff)
		}
		if sum.Pages != whole.Pages || sum.Sitemaps.Files != whole.Sitemaps.Files || sum.Requisites != 0 {
			t.Errorf("crash %d: %d pages, %d requisites, sitemaps %+v; want %d and %+v", i, sum.Pages, sum.Requisites, sum.Sitemaps, whole.Pages, whole.Sitemaps)
		}
	}
}
