package crawler_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"tandem/crawler"
	"tandem/internal/units"
	"tandem/pipeline"
	"tandem/store/fsx"
)

func explainer(t *testing.T, cfg crawler.Config, opt crawler.ExplainOptions) *crawler.Explainer {
	t.Helper()
	e, err := crawler.NewExplainer(cfg, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return e
}

// explain explains one URL and holds what is true of all explanations.
func explain(t *testing.T, e *crawler.Explainer, raw string) *crawler.Explanation {
	t.Helper()
	x, err := e.Explain(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	names, all := make([]string, 0, len(x.Checks)), true
	for _, c := range x.Checks {
		names, all = append(names, c.Name), all && c.OK
		if c.Reason == "" || !c.OK && !c.Checked {
			t.Errorf("%q: %+v", raw, c)
		}
	}
	if diff := gocmp.Diff([]string{"canonical", "scope", "credentials", "address", "robots", "seen"}, names); diff != "" {
		t.Errorf("%q: %s", raw, diff)
	}
	if x.URL != raw || x.Allowed != all || (x.Canonical == nil) == x.Checks[0].OK {
		t.Errorf("%q: %+v", raw, x)
	}
	return x
}

// against names the checks that are not ok.
func against(x *crawler.Explanation) string {
	var names []string
	for _, c := range x.Checks {
		if !c.OK {
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, " ")
}

func check(t *testing.T, x *crawler.Explanation, name string) crawler.Check {
	t.Helper()
	i := slices.IndexFunc(x.Checks, func(c crawler.Check) bool { return c.Name == name })
	return x.Checks[i]
}

func patterns(t *testing.T, texts ...string) []units.Pattern {
	t.Helper()
	all := make([]units.Pattern, len(texts))
	for i, text := range texts {
		if err := all[i].Set(text); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestExplainAgrees crawls a page of links under several jobs and holds that
// explain says of each link what the crawl did.
func TestExplainAgrees(t *testing.T) {
	t.Parallel()
	links := []string{
		"/a", "b?q=1#part", "a/../c", "/docs/x", "/docs/deny/x", "/private/x", "/private/open/x", "/q?sid=1", "/%70rivate/y", "/end.pdf", "/end.pdf?x",
		"mailto:me@a.test", "javascript:void(0)", "data:text/html,x", "http://", "http://user:word@HOST/u", "//HOST/slashes", "https:/e", "HTTP://HOST/case",
		"http://0x7f.1:PORT/spelled", "http://localhost:PORT/local", "http://[::1]:PORT/six", "http://[::ffff:127.0.0.1]:PORT/mapped", "http://127.0.0.2:PORT/other",
		"http://OTHER/page", "http://OTHER/private/x", "http://10.0.0.1/", "/" + strings.Repeat("long", 3000), "/nul%00byte", "/ü?ü", "/tab\tbed", "/marked?utm_source=x&id=1", "/private/marked?utm_id=1",
	}
	robots := "User-agent: *\nDisallow: /private/\nAllow: /private/open/\nDisallow: /*.pdf$\nDisallow: /q?sid=\n"
	serveLinks := func(list func() []string) string {
		return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			switch r.URL.Path {
			case "/robots.txt":
				fmt.Fprint(w, robots)
			case "/docs/":
				for _, l := range list() {
					fmt.Fprintf(w, "<a href=\"%s\">x</a>\n", l)
				}
			default:
				fmt.Fprint(w, "page")
			}
		}))
	}
	other := serveLinks(func() []string { return nil })
	var base string
	filled := func() []string {
		_, port, _ := strings.Cut(strings.TrimPrefix(base, "http://"), ":")
		r := strings.NewReplacer("HOST", strings.TrimPrefix(base, "http://"), "PORT", port, "OTHER", strings.TrimPrefix(other, "http://"))
		all := make([]string, len(links))
		for i, l := range links {
			all[i] = r.Replace(l)
		}
		return all
	}
	base = serveLinks(filled)
	jobs := map[string]func(*crawler.Config){
		"host":          func(*crawler.Config) {},
		"prefix":        func(c *crawler.Config) { c.Scope = "prefix" },
		"domain":        func(c *crawler.Config) { c.Scope = "domain" },
		"any":           func(c *crawler.Config) { c.Scope = "any" },
		"any, net":      func(c *crawler.Config) { c.Scope, c.AllowNet = "any", loopback() },
		"deny":          func(c *crawler.Config) { c.Deny = patterns(t, "/deny/", `\?q=`) },
		"allow":         func(c *crawler.Config) { c.Allow, c.Deny = patterns(t, "/docs/", "/private/"), patterns(t, "deny") },
		"ignore robots": func(c *crawler.Config) { c.IgnoreRobots = true },
		"depth 0":       func(c *crawler.Config) { c.MaxDepth = 0 },
		"no stripping":  func(c *crawler.Config) { c.StripParams = nil },
		"two seeds": func(c *crawler.Config) {
			c.Seeds = append(c.Seeds, other+"/page", base+"/private/x", base+"/marked?utm_source=x&id=1")
		},
		"agent": func(c *crawler.Config) { c.UserAgent = "OtherBot/1" },
	}
	for name, change := range jobs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t.TempDir(), base+"/docs/")
			change(&cfg)
			crawl(t, cfg)
			fetched := stored(t, cfg.Dir, "")
			e := explainer(t, cfg, crawler.ExplainOptions{Base: base + "/docs/"})
			allowed := 0
			for _, raw := range append(filled(), cfg.Seeds...) {
				x := explain(t, e, raw)
				_, did := fetched[cmp.Or(x.FetchedAs, value(x.Canonical))]
				if x.Allowed != did {
					t.Errorf("%.80q: allowed is %v, the crawl did %v: %+v", raw, x.Allowed, did, x)
				}
				if did {
					allowed++
				}
			}
			if allowed == 0 || allowed == len(links) {
				t.Errorf("%d of %d allowed: that tells nothing", allowed, len(links))
			}
		})
	}
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// TestExplainOffline asks no network, and names what decides.
func TestExplainOffline(t *testing.T) {
	t.Parallel()
	cfg := config("", "https://docs.example.org/v2/", "http://127.0.0.1:8080/")
	cfg.Scope, cfg.MaxDepth = "domain", 3
	cfg.Deny, cfg.Allow = patterns(t, "/tag/"), patterns(t, "^https?://[^/]*example", "127")
	cfg.UserAgent = "FooBot/2.1"
	cfg.AllowNet = []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	cfg.Resolve = func(_ context.Context, host string) ([]netip.Addr, error) {
		t.Errorf("asked for %q", host)
		return nil, nil
	}
	e := explainer(t, cfg, crawler.ExplainOptions{
		Base: "https://docs.example.org/v2/page", Offline: true, RobotsName: "robots.txt",
		Robots: []byte("User-agent: *\nDisallow: /\n\nUser-agent: foobot\nCrawl-delay: 90\nDisallow: /private\nAllow: /private/open\n"),
	})
	rows := []struct{ raw, canonical, against, name, reason string }{
		{"../x#y", "https://docs.example.org/x", "", "scope", `--allow "^https?://[^/]*example" matches, if a page at most 2 links from a seed links to it`},
		{"/tag/x", "https://docs.example.org/tag/x", "scope", "scope", `--deny "/tag/" matches`},
		{"http://10.1.2.3/", "http://10.1.2.3/", "scope", "address", "10.1.2.3 (in 10.0.0.0/8, which --allow-net allows)"},
		{"http://10.2.2.3/", "http://10.2.2.3/", "scope address", "address",
			"10.2.2.3 (in 10.0.0.0/8, which is not public); --allow-net 10.2.2.3/32 would allow it, and so would a seed at 10.2.2.3:80"},
		{"http://other.org/", "http://other.org/", "scope", "scope", "outside --scope domain, which holds 127.0.0.1, example.org"},
		{"http://127.0.0.1:8080/", "http://127.0.0.1:8080/", "", "scope", "it is a seed: those are fetched whatever scope, allow and deny say"},
		{"http://127.1:8080/x", "http://127.0.0.1:8080/x", "", "address", "127.0.0.1 (in 127.0.0.0/8, but a seed names 127.0.0.1:8080)"},
		{"http://127.1:8081/x", "http://127.0.0.1:8081/x", "address", "", ""},
		{"http://[64:ff9b::7f00:1]/", "http://[64:ff9b::7f00:1]/", "scope address", "address",
			"64:ff9b::7f00:1 (carries 127.0.0.1 in 127.0.0.0/8, which is not public); --allow-net 127.0.0.1/32 would allow it, and so would a seed at [64:ff9b::7f00:1]:80"},
		{"/private/x", "https://docs.example.org/private/x", "robots", "robots",
			`line 6 of robots.txt decides: "Disallow: /private", among the rules for foobot; it asks for a crawl-delay of 1m30s, of which 1m0s are kept`},
		{"/private/open", "https://docs.example.org/private/open", "", "", ""},
		{"http://u:p@docs.example.org/private", "http://u:p@docs.example.org/private", "credentials robots", "", ""},
		{"tel:123", "tel:123", "scope", "scope", "a crawl fetches http and https URLs, and no tel: ones"},
		{"http://a b/", "", "canonical", "scope", "not reached: it is no URL"},
		{"http://xn--/", "", "canonical", "", ""},
		{"/" + strings.Repeat("x", 9000), "", "canonical", "", ""},
		{"data:," + strings.Repeat("x", 9000), "", "canonical", "canonical", "it is too long to be read, and no http or https URL"},
	}
	for _, row := range rows {
		x := explain(t, e, row.raw)
		if value(x.Canonical) != row.canonical || against(x) != row.against {
			t.Errorf("%.60q: canonical %q, against it %q, want %q", row.raw, value(x.Canonical), against(x), row.against)
		}
		if row.name != "" && check(t, x, row.name).Reason != row.reason {
			t.Errorf("%.60q: %s: %s\nwant %s", row.raw, row.name, check(t, x, row.name).Reason, row.reason)
		}
	}
	got := check(t, explain(t, e, "/private/x"), "robots")
	want := &crawler.RobotsCheck{Source: "robots.txt", Agent: "FooBot", Group: "foobot", Line: 6, CrawlDelayS: 60}
	if diff := gocmp.Diff(want, got.RobotsCheck); diff != "" || got.Rule != "Disallow: /private" {
		t.Errorf("rule %q: %s", got.Rule, diff)
	}
}

// TestExplainNames looks names up through the crawl's own guard.
func TestExplainNames(t *testing.T) {
	t.Parallel()
	cfg := config("")
	cfg.IgnoreRobots = true
	cfg.Resolve = func(_ context.Context, host string) ([]netip.Addr, error) {
		switch host {
		case "public.test":
			return []netip.Addr{netip.MustParseAddr("1.1.1.1")}, nil
		case "mixed.test":
			return []netip.Addr{netip.MustParseAddr("1.1.1.1"), netip.MustParseAddr("fd00::1"), netip.MustParseAddr("169.254.169.254")}, nil
		}
		return nil, errors.New("no such host")
	}
	e := explainer(t, cfg, crawler.ExplainOptions{})
	if x := explain(t, e, "http://public.test/"); !x.Allowed || check(t, x, "address").Reason != "1.1.1.1 (public)" {
		t.Errorf("%+v", x)
	}
	x := explain(t, e, "http://mixed.test/")
	c := check(t, x, "address")
	want := &crawler.AddressCheck{
		Addresses: []crawler.ExplainedAddress{
			{Address: "1.1.1.1", OK: true, Reason: "public"},
			{Address: "fd00::1", Range: "fc00::/7", Reason: "in fc00::/7, which is not public"},
			{Address: "169.254.169.254", Range: "169.254.0.0/16", Reason: "in 169.254.0.0/16, which is not public"},
		},
		AllowNet: []netip.Prefix{netip.MustParsePrefix("fd00::1/128"), netip.MustParsePrefix("169.254.169.254/32")},
	}
	if diff := gocmp.Diff(want, c.AddressCheck, gocmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" || x.Allowed {
		t.Error(diff)
	}
	if !strings.HasSuffix(c.Reason, "; --allow-net fd00::1/128 --allow-net 169.254.169.254/32 would allow it") {
		t.Error(c.Reason)
	}
	if x := explain(t, e, "http://nowhere.test/"); x.Allowed || !strings.Contains(check(t, x, "address").Reason, "no such host") {
		t.Errorf("%+v", x)
	}
}

// TestExplainAsksOnce holds that one origin is asked for its robots.txt once,
// also when it has none to give.
func TestExplainAsksOnce(t *testing.T) {
	t.Parallel()
	rows := []struct {
		status  int
		allowed bool
		reason  string
	}{
		{http.StatusOK, true, "BASE/robots.txt has no rules for TandemFetch, and none for *"},
		{http.StatusNotFound, true, "BASE/robots.txt answers 404: there are no rules"},
		{http.StatusServiceUnavailable, false, "robots.txt answers 503: until it does not, nothing may be fetched (RFC 9309); a crawl tries 3 times"},
	}
	for _, row := range rows {
		base, asked := robotsSite(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(row.status) })
		cfg := config("")
		cfg.AllowNet = loopback()
		e := explainer(t, cfg, crawler.ExplainOptions{})
		for _, path := range []string{"/a", "/b", "/c"} {
			x := explain(t, e, base+path)
			c := check(t, x, "robots")
			if x.Allowed != row.allowed || c.Reason != strings.ReplaceAll(row.reason, "BASE", base) || c.RobotsCheck.Status != row.status {
				t.Errorf("%d: %+v, %+v", row.status, c, c.RobotsCheck)
			}
		}
		if asked.Load() != 1 {
			t.Errorf("%d: asked %d times", row.status, asked.Load())
		}
	}
}

// TestExplainSeen looks URLs up in a run that stopped half-way, in the finished
// one, and in one that is in use.
func TestExplainSeen(t *testing.T) {
	t.Parallel()
	var whole atomic.Bool // until then only the first page is answered
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		switch {
		case r.URL.Path == "/robots.txt":
			fmt.Fprint(w, "User-agent: *\nDisallow: /b\n")
		case r.URL.Path == "/" || whole.Load():
			fmt.Fprint(w, `<a href="/a">a</a><a href="/b">b</a>`)
		default:
			<-r.Context().Done()
		}
	}))
	cfg := config(t.TempDir(), base+"/")
	cfg.Concurrency = 1
	half := cfg
	half.Drain, half.DrainGrace = new(pipeline.Event), time.Millisecond
	half.Listener = crawler.Listener{PageStored: func(crawler.Stored) { half.Drain.Set() }}
	crawl(t, half)

	look := func(path string) crawler.Check {
		e := explainer(t, cfg, crawler.ExplainOptions{Look: true})
		return check(t, explain(t, e, base+path), "seen")
	}
	type seen struct {
		ok, known bool
		state     string
	}
	compare := func(want map[string]seen) {
		t.Helper()
		for path, w := range want {
			c := look(path)
			if got := (seen{c.OK, c.Known, c.State}); got != w || !c.Checked || c.Run == "" {
				t.Errorf("%s: %+v, want %+v: %s", path, got, w, c.Reason)
			}
		}
	}
	compare(map[string]seen{"/": {false, true, "stored"}, "/a": {true, true, "pending"}, "/z": {true, false, ""}})
	whole.Store(true)
	crawl(t, cfg)
	compare(map[string]seen{"/": {true, true, "stored"}, "/a": {true, true, "stored"}, "/b": {true, true, "skipped"}, "/z": {true, false, ""}})
	if c := look("/b"); c.Class != "robots" || c.Via != base+"/" || c.Depth != 1 || !c.Finished {
		t.Errorf("%+v", c.SeenCheck)
	}

	release, _, err := fsx.Lock(filepath.Join(cfg.Dir, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	if c := look("/"); c.Checked || !c.OK || !strings.Contains(c.Reason, "is in use by process") {
		t.Errorf("in use: %+v", c)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	cfg.Dir = t.TempDir()
	if _, err := crawler.NewExplainer(cfg, crawler.ExplainOptions{Look: true}); !errors.Is(err, crawler.ErrNoRun) {
		t.Errorf("no run: %v", err)
	}
}

// TestExplainRefusesJobs refuses what a crawl would.
func TestExplainRefusesJobs(t *testing.T) {
	t.Parallel()
	cfg := config("", "mailto:x")
	if _, err := crawler.NewExplainer(cfg, crawler.ExplainOptions{}); err == nil {
		t.Error("a seed that is no URL was taken")
	}
	if _, err := crawler.NewExplainer(config(""), crawler.ExplainOptions{Base: "page.html"}); err == nil {
		t.Error("a base that is no URL was taken")
	}
}
