package crawler_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"tandem/crawler"
	"tandem/internal/proxytest"
	"tandem/internal/transport"
)

// listener is a site that keeps what it was asked with.
type listener struct {
	mu    sync.Mutex             // guards heads
	heads map[string]http.Header // by path, the last one
	pages map[string]func(w http.ResponseWriter, r *http.Request)
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	if l.heads == nil {
		l.heads = make(map[string]http.Header)
	}
	l.heads[r.URL.Path] = r.Header.Clone()
	answer := l.pages[r.URL.Path]
	l.mu.Unlock()
	if answer == nil {
		http.NotFound(w, r)
		return
	}
	answer(w, r)
}

func (l *listener) head(t *testing.T, path string) http.Header {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	h, ok := l.heads[path]
	if !ok {
		t.Errorf("%s was not asked for", path)
	}
	return h
}

func page(body string, args ...any) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, body, args...)
	}
}

func redirect(to string, cookies ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, c := range cookies {
			w.Header().Add("Set-Cookie", c)
		}
		http.Redirect(w, r, to, http.StatusFound)
	}
}

// archived is everything that lies in a run directory, the segments unpacked.
func archived(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		all.Write(b)
		if strings.HasSuffix(path, ".warc.gz") {
			r, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				return err
			}
			if _, err := io.Copy(&all, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// Headers and logins go to the origins that they are for: not where those link, redirect or point with sitemaps and robots.txt. What was
// sent is masked in everything that is kept.
func TestSecretsStayAtTheirOrigin(t *testing.T) {
	t.Setenv("CRAWLER_TOKEN", "s3cret-token")
	other, docs, seed := &listener{}, &listener{}, &listener{}
	otherURL, docsURL, seedURL := serve(t, other), serve(t, docs), serve(t, seed)
	other.pages = map[string]func(http.ResponseWriter, *http.Request){
		"/robots.txt": page(""), "/linked": page("x"), "/redirected": page("x"), "/image": page("x"), "/docs-redirected": page("x"), "/map.xml": page("<urlset/>"),
		"/robots-moved": page("User-agent: *\nAllow: /\n"),
	}
	seed.pages = map[string]func(http.ResponseWriter, *http.Request){
		"/robots.txt": page("Sitemap: %s/map.xml\n", otherURL),
		"/":           page(`<a href="%[1]s/linked"></a><a href="/moves"></a><img src="%[1]s/image"><a href="%[2]s/page"></a>`, otherURL, docsURL),
		"/moves":      redirect(otherURL + "/redirected"),
	}
	docs.pages = map[string]func(http.ResponseWriter, *http.Request){
		"/robots.txt": redirect(otherURL + "/robots-moved"), "/page": page(`<a href="/moves">x</a>`), "/moves": redirect(otherURL + "/docs-redirected"),
	}
	cfg := config(t.TempDir(), seedURL+"/")
	cfg.Scope, cfg.AllowNet = "domain", loopback()
	cfg.Headers = []string{"X-Api-Key: s3cret-key", "X-Plain: told"}
	cfg.Contact = "ops@example.org"
	cfg.Origins = []crawler.Origin{{Origin: docsURL, Bearer: "env:CRAWLER_TOKEN", Headers: []string{"X-Docs: s3cret-docs"}}}
	masked := cfg.Masked()
	cfg.JobYAML = []byte(fmt.Sprintf("%q %q", masked.Headers, masked.Origins))
	sum := crawl(t, cfg)
	if sum.State != crawler.Complete {
		t.Fatalf("state %s", sum.State)
	}
	for path := range seed.pages {
		if h := seed.head(t, path); h.Get("X-Api-Key") != "s3cret-key" || h.Get("X-Plain") != "told" || h.Get("Authorization") != "" || h.Get("X-Docs") != "" {
			t.Errorf("seed %s: %v", path, h)
		}
	}
	for path := range docs.pages {
		if h := docs.head(t, path); h.Get("Authorization") != "Bearer s3cret-token" || h.Get("X-Docs") != "s3cret-docs" || h.Get("X-Api-Key") != "" || h.Get("X-Plain") != "" {
			t.Errorf("docs %s: %v", path, h)
		}
	}
	for path := range other.pages {
		h := other.head(t, path)
		for name, values := range h {
			if strings.Contains(strings.Join(values, " "), "s3cret") || name == "Authorization" || name == "X-Plain" {
				t.Errorf("other %s: %v", path, h)
			}
		}
		if h.Get("From") != "ops@example.org" || h.Get("User-Agent") != "TandemFetch/1.0 (+mailto:ops@example.org)" {
			t.Errorf("other %s: From %q, User-Agent %q", path, h.Get("From"), h.Get("User-Agent"))
		}
	}
	kept := archived(t, cfg.Dir)
	for _, want := range []string{"Authorization: ***\r\n", "X-Api-Key: ***\r\n", "X-Docs: ***\r\n", "X-Plain: told\r\n", "env:CRAWLER_TOKEN"} {
		if !strings.Contains(kept, want) {
			t.Errorf("the run directory does not hold %q", want)
		}
	}
	if strings.Contains(kept, "s3cret") {
		t.Error("the run directory holds a secret")
	}
}

// Basic authentication opens a site, its robots.txt included: what that disallows is not fetched.
func TestBasicAuthentication(t *testing.T) {
	t.Parallel()
	l := &listener{}
	guarded := func(page func(http.ResponseWriter, *http.Request)) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			if user, password, ok := r.BasicAuth(); !ok || user != "bob" || password != "p:w €" {
				http.Error(w, "no", http.StatusUnauthorized)
				return
			}
			page(w, r)
		}
	}
	l.pages = map[string]func(http.ResponseWriter, *http.Request){
		"/": guarded(page(`<a href="/a"></a><a href="/private/b"></a>`)), "/a": guarded(page("x")), "/private/b": guarded(page("x")),
		"/robots.txt": guarded(page("User-agent: *\nDisallow: /private/\n")),
	}
	url := serve(t, l)
	cfg := config(t.TempDir(), url+"/")
	cfg.Origins = []crawler.Origin{{Origin: url, User: "bob", Password: "p:w €"}}
	if sum := crawl(t, cfg); sum.Pages != 2 || sum.Skipped["robots"] != 1 {
		t.Errorf("%d pages, skipped %v", sum.Pages, sum.Skipped)
	}
	if kept := archived(t, cfg.Dir); strings.Contains(kept, base64.StdEncoding.EncodeToString([]byte("bob:p:w €"))) {
		t.Error("the archive holds the password")
	}
}

// Cookies of a redirect go to its target, to the redirecting URL itself, to no other host, and not into the archive's requests; robots.txt
// is asked for without any.
func TestCookiesOfRedirects(t *testing.T) {
	t.Parallel()
	other, l := &listener{}, &listener{}
	otherURL := strings.Replace(serve(t, other), "127.0.0.1", "other.localhost", 1)
	other.pages = map[string]func(http.ResponseWriter, *http.Request){"/": page("x"), "/robots.txt": page("")}
	l.pages = map[string]func(http.ResponseWriter, *http.Request){
		"/":        redirect("/target", "session=s3cret; Path=/"),
		"/target":  page(`<a href="%s/"></a><a href="/wall"></a>`, otherURL),
		"/endless": redirect("/endless", "n=1"),
		"/wall": func(w http.ResponseWriter, r *http.Request) {
			if _, err := r.Cookie("passed"); err != nil {
				redirect("/wall", "passed=s3cret")(w, r)
				return
			}
			page(`<a href="/endless">x</a>`)(w, r)
		},
	}
	url := serve(t, l)
	for _, mode := range []string{crawler.CookiesOn, crawler.CookiesOff} {
		cfg := config(t.TempDir(), url+"/")
		cfg.Scope, cfg.AllowNet, cfg.Cookies = "any", append(loopback(), netip.MustParsePrefix("::1/128")), mode
		cfg.JobYAML = []byte("crawl: {}\n")
		sum := crawl(t, cfg)
		on := mode == crawler.CookiesOn
		if got := l.head(t, "/target").Get("Cookie"); (got == "session=s3cret") != on {
			t.Errorf("cookies %s: the target got %q", mode, got)
		}
		all := stored(t, cfg.Dir, "")
		if e := all[url+"/wall"]; (e.Status == 200) != on || (all[url+"/endless"].Status == 302) != on {
			t.Errorf("cookies %s: the wall is stored with status %d, the loop with %d", mode, e.Status, all[url+"/endless"].Status)
		}
		if on && sum.Retries != 2 { // the wall, and the loop once: its cookie did not change again
			t.Errorf("%d retries", sum.Retries)
		}
		for path := range other.pages {
			if got := other.head(t, path).Get("Cookie"); got != "" {
				t.Errorf("the other host got %q", got)
			}
		}
		l.mu.Lock()
		if got := l.heads["/robots.txt"].Get("Cookie"); got != "" {
			t.Errorf("robots.txt got %q", got)
		}
		l.mu.Unlock()
		if kept := archived(t, cfg.Dir); strings.Contains(kept, "Cookie: ***\r\n") != on || strings.Contains(kept, "\nCookie: session") {
			t.Errorf("cookies %s: masked in the archive: %v", mode, !on)
		}
	}
}

// A cookie file logs in, and what the job itself sends as Cookie stays.
func TestCookieFileLogsIn(t *testing.T) {
	t.Parallel()
	l := &listener{pages: map[string]func(http.ResponseWriter, *http.Request){"/": page("x")}}
	url := serve(t, l)
	cfg := config(t.TempDir(), url+"/")
	cfg.CookieFile = filepath.Join(t.TempDir(), "cookies.txt")
	cfg.Headers = []string{"Cookie: a=given"}
	if err := os.WriteFile(cfg.CookieFile, []byte("127.0.0.1\tFALSE\t/\tFALSE\t0\ta\tfile\n127.0.0.1\tFALSE\t/\tFALSE\t0\tb\tfile\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	crawl(t, cfg)
	if got := l.head(t, "/").Get("Cookie"); got != "a=given; b=file" {
		t.Errorf("Cookie %q", got)
	}
}

// A crawl goes through its proxy, and its secrets are in the tunnel alone.
func TestCrawlThroughProxy(t *testing.T) {
	t.Parallel()
	s, url := &listener{}, ""
	s.pages = map[string]func(http.ResponseWriter, *http.Request){
		"/": page(`<a href="/a">x</a><a href="http://169.254.169.254/latest"></a><a href="http://10.0.0.1/"></a>`), "/a": page("x"),
	}
	url = serve(t, s)
	for _, opt := range []proxytest.Options{{Scheme: "http", User: "bob", Password: "hunter2"}, {Scheme: "socks5", User: "bob", Password: "hunter2"}} {
		for _, mode := range []string{transport.ProxyTunnel, transport.ProxyForward} {
			if opt.Scheme == "socks5" && mode == transport.ProxyForward {
				continue
			}
			p := proxytest.Serve(t, opt)
			cfg := config(t.TempDir(), url+"/")
			cfg.Scope, cfg.Proxy, cfg.ProxyHTTP = "any", p.URL(), mode
			sum := crawl(t, cfg)
			if sum.Pages != 2 || sum.Skipped["private_address"] != 2 {
				t.Errorf("%s %s: %d pages, skipped %v, errors %v", opt.Scheme, mode, sum.Pages, sum.Skipped, sum.Errors)
			}
			for _, asked := range p.Asked() {
				if !strings.Contains(asked, strings.TrimPrefix(url, "http://")) {
					t.Errorf("the proxy was asked %q", asked)
				}
			}
			if kept := archived(t, cfg.Dir); strings.Contains(kept, "hunter2") || strings.Contains(kept, base64.StdEncoding.EncodeToString([]byte("bob:hunter2"))) {
				t.Errorf("%s %s: the run directory holds the proxy's password", opt.Scheme, mode)
			}
		}
	}
	gone := config(t.TempDir(), url+"/")
	gone.Proxy = "http://bob:hunter2@127.0.0.1:1"
	sum, err := tryCrawl(t, gone)
	if err == nil || sum.Errors["proxy"] != 1 || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("errors %v, %v", sum.Errors, err)
	}
}

// What is wrong is told when the crawler is made, all at once and without values.
func TestBadRequestSettings(t *testing.T) {
	t.Parallel()
	cfg := config(t.TempDir(), "http://a.example/")
	cfg.Contact, cfg.Cookies, cfg.Proxy, cfg.TLSMin = "somebody", "some", "ftp://bob:hunter2@p:1", "1.1"
	cfg.Headers = []string{"Proxy-Authorization: hunter2", "hunter2hunter2: \r\nX: y", "Upgrade: hunter2"}
	cfg.Origins = []crawler.Origin{
		{Origin: "https://bob:hunter2@a.example/", User: "x"}, {Origin: "https://a.example/path", Bearer: "x"}, {Origin: "https://b.example", User: "a:b", Password: "x"},
		{Origin: "https://c.example", User: "bob", Bearer: "x"}, {Origin: "https://d.example"}, {Origin: "https://e.example", Password: "x"},
		{Origin: "https://F.example:443/", Bearer: "x"}, {Origin: "https://f.example", Bearer: "x"}, {Origin: "f.example", Bearer: "x"},
		{Origin: "https://g.example", Bearer: "x", Headers: []string{"authorization: hunter2"}},
	}
	err := cfg.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"contact", "cookies", "proxy: ", "tls-min", "Proxy-Authorization", "Upgrade", "origins[0]: ", "origins[1]: ", "origins[2]: user", "choose one", "origins[4]: it says nothing",
		"there is no user", "origins[7]: https://f.example stands in origins[6] already", "origins[8]: ", "say it already",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told in: %v", want, err)
		}
	}
	if strings.Contains(strings.ReplaceAll(err.Error(), "hunter2hunter2: …", ""), "hunter2") {
		t.Errorf("a secret is told: %v", err)
	}
	late := config(t.TempDir(), "http://a.example/")
	late.Origins = []crawler.Origin{{Origin: "https://a.example", User: "bob", Password: "***"}, {Origin: "https://b.example", Bearer: "env:CRAWLER_NOT_SET"}}
	escape := filepath.Join(t.TempDir(), "escape")
	if err := os.WriteFile(escape, []byte("hunter2\x1b"), 0o600); err != nil {
		t.Fatal(err)
	}
	late.Headers, late.TLSCA, late.CookieFile = []string{"X-Key: file:/nowhere/key", "X-Escape: file:" + escape}, "/nowhere/ca.pem", "/nowhere/cookies.txt"
	_, err = crawler.New(late)
	for _, want := range []string{"origins[0]: password: ", "masked", "origins[1]: bearer: \"env:CRAWLER_NOT_SET\"", "header X-Key: ", "header X-Escape: ", "tls-ca: open /nowhere/ca.pem", "cookie-file: open /nowhere/cookies.txt"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told in: %v", want, err)
		}
	}
}

func TestContacts(t *testing.T) {
	t.Parallel()
	for contact, ok := range map[string]bool{
		"": true, "ops@example.org": true, "mailto:ops@example.org": true, "https://example.org/bot": true, "MAILTO:ops@example.org": true,
		"ops": false, "Ops <ops@example.org>": false, "mailto:": false, "mailto:a@b.c?subject=x": false, "ftp://x/": false, "https://": false, "https://x/(": false, "a@b\r\nX: y": false,
		"https://bob:hunter2@example.org/": false, "öps@example.org": false,
	} {
		cfg := config(t.TempDir(), "http://a.example/")
		cfg.Contact = contact
		if err := cfg.Validate(); (err == nil) != ok {
			t.Errorf("%q: %v", contact, err)
		}
	}
}

// explain names what a crawl would send where, and never what is in it.
func TestExplainNamesWhatIsSent(t *testing.T) {
	t.Parallel()
	cfg := config("", "https://seed.example/")
	cfg.Headers = []string{"X-Api-Key: hunter2"}
	cfg.Origins = []crawler.Origin{{Origin: "https://docs.example", User: "bob", Password: "hunter2", Headers: []string{"X-Docs: hunter2"}}, {Origin: "https://lost.example", Bearer: "***"}}
	e, err := crawler.NewExplainer(cfg, crawler.ExplainOptions{Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for url, want := range map[string][]string{
		"https://seed.example/x": {"X-Api-Key"}, "https://docs.example/": {"Authorization", "X-Docs"}, "http://docs.example/": nil, "https://docs.example:8443/": nil,
		"https://other.example/": nil, "https://lost.example/": {"Authorization"},
	} {
		x, err := e.Explain(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		c := x.Checks[2]
		if !c.OK || !slices.Equal(c.Sends, want) || strings.Contains(c.Reason, "hunter2") || !strings.Contains(c.Reason, "origins[1]: bearer") {
			t.Errorf("%s: %+v sends %q", url, c, c.Sends)
		}
		for _, name := range want {
			if !strings.Contains(c.Reason, name) {
				t.Errorf("%s: %q does not name %s", url, c.Reason, name)
			}
		}
	}
}

// A seed whose login sends it back to itself is asked once; the message says what helps, and that does.
func TestLoginByRedirect(t *testing.T) {
	t.Parallel()
	u := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := r.Cookie("sid")
		switch {
		case r.URL.Path == "/welcome":
			w.Header().Set("Set-Cookie", "sid=1; Path=/")
			http.Redirect(w, r, "/members", http.StatusFound)
		case r.URL.Path == "/members" && err != nil:
			http.Redirect(w, r, "/welcome", http.StatusFound)
		case r.URL.Path == "/members":
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "<p>members")
		default:
			http.NotFound(w, r)
		}
	}))
	_, err := tryCrawl(t, config(t.TempDir(), u+"/members"))
	if want := "redirects back to " + u + "/members, which is asked once a run; if it wants cookies first, --cookie-file"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	cfg := config(t.TempDir(), u+"/members")
	cfg.CookieFile = filepath.Join(t.TempDir(), "cookies.txt")
	if err := os.WriteFile(cfg.CookieFile, []byte("127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\t1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if sum := crawl(t, cfg); sum.Pages != 1 {
		t.Errorf("%d pages with the cookie, want 1", sum.Pages)
	}
}
