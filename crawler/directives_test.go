package crawler_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/crawler"
)

// asking is a page that asks something of crawlers.
type asking struct {
	header [][2]string
	body   string
}

// askingSite links its pages from "/", and answers every other path with a page of its own without links.
func askingSite(t *testing.T, pages map[string]asking) string {
	t.Helper()
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		p, ok := pages[r.URL.Path]
		for _, h := range p.header {
			w.Header().Add(h[0], h[1])
		}
		switch {
		case r.URL.Path == "/":
			for _, path := range slices.Sorted(maps.Keys(pages)) {
				fmt.Fprintf(w, "<a href=%s>x</a>", path)
			}
		case ok:
			fmt.Fprint(w, p.body)
		default:
			fmt.Fprint(w, "page "+r.URL.Path)
		}
	}))
}

const tag = "X-Robots-Tag"

func askingPages() map[string]asking {
	return map[string]asking{
		"/meta":    {body: `<meta name=robots content="NoFollow , noarchive"><a href=/hidden/meta>x</a><img src=/seen/meta.png>`},
		"/token":   {body: `<meta name=tandemfetch content=nofollow><meta name=robots content=all><a href=/hidden/token>x</a><iframe src=/hidden/frame></iframe>`},
		"/header":  {header: [][2]string{{tag, "otherbot: none"}, {tag, "nofollow"}}, body: `<a href=/hidden/header>x</a><link rel=stylesheet href=/seen/header.css>`},
		"/named":   {header: [][2]string{{tag, "tandemfetch: nofollow, noindex"}}, body: `<a href=/hidden/named>x</a>`},
		"/link":    {header: [][2]string{{tag, "nofollow"}, {"Link", "</hidden/link>; rel=next"}}},
		"/refresh": {body: `<meta name=robots content=nofollow><meta http-equiv=refresh content="0; url=/hidden/refresh">`},
		"/none":    {body: `<meta name=ROBOTS content=NONE><a href=/hidden/none>x</a>`},
		"/noindex": {body: `<meta name=robots content="noindex"><a href=/seen/noindex>x</a>`},
		"/expired": {header: [][2]string{{tag, "unavailable_after: Friday, 25-Jun-10 15:00:00 UTC"}}},
		"/later":   {header: [][2]string{{tag, "unavailable_after: 25 Jun 2110 15:00:00 UTC"}}},
		"/others":  {header: [][2]string{{tag, "otherbot: none"}}, body: `<meta name=googlebot content=none><a href=/seen/others>x</a>`},
		"/rel": {body: `<a rel="noopener NOFOLLOW" href=/hidden/rel>x</a><a rel=ugc href=/seen/ugc>x</a><a rel=sponsored href=/seen/sponsored>x</a>
			<a rel=nofollow href=/seen/both>x</a><a href=/seen/both#again>x</a>`},
	}
}

// What pages ask is done: nofollow for links and never for requisites, noindex as a mark in the archive.
func TestDirectives(t *testing.T) {
	t.Parallel()
	base := askingSite(t, askingPages())
	cfg := config(t.TempDir(), base+"/")
	sum := crawl(t, cfg)
	var seen, unlisted []string
	for u, e := range stored(t, cfg.Dir, sum.Run) {
		if path := strings.TrimPrefix(u, base); strings.HasPrefix(path, "/seen/") || strings.HasPrefix(path, "/hidden/") {
			seen = append(seen, path)
		}
		if e.Meta.NoIndex {
			unlisted = append(unlisted, strings.TrimPrefix(u, base))
		}
	}
	slices.Sort(seen)
	slices.Sort(unlisted)
	want := []string{"/seen/both", "/seen/header.css", "/seen/meta.png", "/seen/noindex", "/seen/others", "/seen/sponsored", "/seen/ugc"}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("followed:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/expired", "/named", "/noindex", "/none"}, unlisted); diff != "" {
		t.Errorf("noindex:\n%s", diff)
	}
	if sum.Skipped["nofollow"] != 9 {
		t.Errorf("skipped %v, want 9 times nofollow", sum.Skipped)
	}
	if n := marks(t, cfg.Dir); n != 4 {
		t.Errorf("%d metadata records say noindex, want 4", n)
	}
}

func TestDirectivesIgnored(t *testing.T) {
	t.Parallel()
	base := askingSite(t, askingPages())
	cfg := config(t.TempDir(), base+"/")
	cfg.IgnoreRobots = true
	sum := crawl(t, cfg)
	all := stored(t, cfg.Dir, sum.Run)
	for _, path := range []string{"meta", "token", "frame", "header", "named", "link", "refresh", "none", "rel"} {
		if _, ok := all[base+"/hidden/"+path]; !ok {
			t.Errorf("/hidden/%s is missing", path)
		}
	}
	if sum.Skipped["nofollow"] != 0 || marks(t, cfg.Dir) != 0 {
		t.Errorf("skipped %v, %d marks", sum.Skipped, marks(t, cfg.Dir))
	}
}

// The entries of a list are marked like pages that were found.
func TestDirectivesOfList(t *testing.T) {
	t.Parallel()
	base := askingSite(t, askingPages())
	cfg := config(t.TempDir())
	cfg.AllowNet = loopback()
	cfg.List = []crawler.Entry{{URL: base + "/none"}, {URL: base + "/named"}, {URL: base + "/rel"}}
	sum := crawl(t, cfg)
	all := stored(t, cfg.Dir, sum.Run)
	if len(all) != 3 || !all[base+"/none"].Meta.NoIndex || !all[base+"/named"].Meta.NoIndex || all[base+"/rel"].Meta.NoIndex {
		t.Errorf("%v", all)
	}
}

// A job with a User-Agent of its own is addressed by that name.
func TestOwnName(t *testing.T) {
	t.Parallel()
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			fmt.Fprint(w, "User-agent: TandemFetch\nDisallow: /\n\nUser-agent: ExampleBot\nDisallow: /a\n")
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set(tag, "examplebot: noindex")
		fmt.Fprint(w, `<a href=/a>a</a><a href=/b>b</a><meta name=tandemfetch content=nofollow>`)
	}))
	cfg := config(t.TempDir(), base+"/")
	cfg.UserAgent = "ExampleBot/2.0 (+mailto:crawl@example.com)"
	sum := crawl(t, cfg)
	all := stored(t, cfg.Dir, sum.Run)
	if len(all) != 2 || !all[base+"/b"].Meta.NoIndex || sum.Skipped["robots"] != 1 {
		t.Errorf("skipped %v, stored %v", sum.Skipped, all)
	}
}

// A requisite on another host is subject to that host's robots.txt.
func TestRobotsOfRequisites(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	other := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.URL.Path)
		mu.Unlock()
		fmt.Fprint(w, "User-agent: *\nDisallow: /private\n")
	}))
	base := askingSite(t, map[string]asking{"/page": {body: "<img src=" + other + "/private/x.png><img src=" + other + "/y.png>"}})
	cfg := config(t.TempDir(), base+"/")
	cfg.AllowNet = loopback()
	sum := crawl(t, cfg)
	if diff := cmp.Diff([]string{"/robots.txt", "/y.png"}, asked); diff != "" || sum.Skipped["robots"] != 1 {
		t.Errorf("skipped %v, asked:\n%s", sum.Skipped, diff)
	}
}

// marks counts the metadata records in a run's archive that say noindex.
func marks(t *testing.T, dir string) int {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(dir, "archive", "*.warc.gz"))
	if err != nil || len(segments) == 0 {
		t.Fatalf("segments %v: %v", segments, err)
	}
	n := 0
	for _, name := range segments {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		n += strings.Count(string(b), `"noindex":true`)
	}
	return n
}
