package crawler

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/crawler/weburl"
)

func mustURL(t testing.TB, raw string) weburl.URL {
	t.Helper()
	u, err := weburl.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestCookieRules(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ at, set, ask, want string }{
		{"http://a.example/", "k=v", "http://a.example/x", "k=v"},
		{"http://a.example/", "k=v", "http://b.example/", ""},
		{"http://a.example/", "k=v", "http://sub.a.example/", ""}, // for the host alone
		{"http://www.site.example/", "k=v; Domain=site.example", "http://x.site.example/", "k=v"},
		{"http://www.site.example/", "k=v; Domain=.SITE.example", "http://site.example/", "k=v"},
		{"http://www.site.example/", "k=v; Domain=other.example", "http://other.example/", ""},
		{"http://www.site.example/", "k=v; Domain=example", "http://evil.example/", ""},      // a public suffix
		{"http://me.github.io/", "k=v; Domain=github.io", "http://you.github.io/", ""},       // a private one
		{"http://shop.example.co.uk/", "k=v; Domain=co.uk", "http://bank.co.uk/", ""},        // of two labels
		{"http://evilsite.example/", "k=v; Domain=site.example", "http://site.example/", ""}, // no label border
		{"http://127.0.0.1:1/", "k=v; Domain=0.0.1", "http://10.0.0.1:1/", ""},
		{"http://127.0.0.1:1/", "k=v", "http://127.0.0.1:2/", "k=v"}, // cookies know no ports (RFC 6265, section 8.5)
		{"https://a.example/", "k=v; Secure", "http://a.example/", ""},
		{"https://a.example/", "k=v; Secure; HttpOnly; SameSite=Strict", "https://a.example/", "k=v"},
		{"http://a.example/", "k=v; Secure", "https://a.example/", ""},
		{"http://a.example/x/y", "k=v", "http://a.example/x/z", "k=v"},
		{"http://a.example/x/y", "k=v", "http://a.example/xz", ""},
		{"http://a.example/x/y", "k=v; Path=/", "http://a.example/", "k=v"},
		{"http://a.example/", "k=v; Max-Age=0", "http://a.example/", ""},
		{"http://a.example/", "k=v; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://a.example/", ""},
		{"http://a.example/", "k=v; Expires=Thu, 01 Jan 2970 00:00:00 GMT", "http://a.example/", "k=v"},
		{"http://a.example/", `k="a b"`, "http://a.example/", `k="a b"`},
		{"http://a.example/", "k=a\r\nX: y", "http://a.example/", ""},
		{"http://a.example/", "=v", "http://a.example/", ""},
		{"https://a.example/", "__Host-k=v; Secure; Path=/", "https://a.example/", "__Host-k=v"},
		{"https://a.example/", "__Host-k=v; Secure; Path=/; Domain=a.example", "https://a.example/", ""},
		{"https://a.example/", "__Secure-k=v", "https://a.example/", ""},
		{"http://a.example./", "k=v", "http://a.example./", "k=v"},
		{"http://a.example/", "k=" + strings.Repeat("x", cookieMaxSize), "http://a.example/", ""},
	} {
		c := newCookies()
		c.set(mustURL(t, row.at), []string{row.set})
		if got := c.header(mustURL(t, row.ask)); got != row.want {
			t.Errorf("%q set at %s, sent to %s: %.100q, want %q", row.set, row.at, row.ask, got, row.want)
		}
	}
}

// A cookie is changed and deleted where it is, and only a change is told as one.
func TestCookieChanges(t *testing.T) {
	t.Parallel()
	c, u := newCookies(), mustURL(t, "http://a.example/")
	for i, row := range []struct {
		set     string
		changed bool
		want    string
	}{
		{"k=1", true, "k=1"}, {"k=1", false, "k=1"}, {"k=2", true, "k=2"}, {"elsewhere=1; Path=/x", false, "k=2"}, {"k=; Max-Age=-1", true, ""},
	} {
		if changed := c.set(u, []string{row.set}); changed != row.changed || c.header(u) != row.want {
			t.Errorf("%d: %q: changed %v, header %q", i, row.set, changed, c.header(u))
		}
	}
	var off *cookies
	if off.set(u, []string{"k=v"}) || off.header(u) != "" {
		t.Error("a job without cookies has some")
	}
}

// A flood fills the place of its own host and site, drives nothing out, and what it set can still change.
func TestCookieFlood(t *testing.T) {
	t.Parallel()
	c := newCookies()
	mine := mustURL(t, "http://mine.example/")
	c.set(mine, []string{"session=1"})
	big := strings.Repeat("x", cookieMaxSize-20)
	for host := range 40 {
		u := mustURL(t, fmt.Sprintf("http://h%d.evil.example/", host))
		for n := range 5 {
			var lines []string
			for i := range 200 {
				lines = append(lines, fmt.Sprintf("c%d-%d-%d=%s; Domain=evil.example", host, n, i, big))
			}
			c.set(u, lines)
		}
		if h := c.header(u); len(h) > cookieHeaderMax || h == "" {
			t.Fatalf("a header of %d bytes", len(h))
		}
	}
	s := c.sites["evil.example"]
	own := 0
	for _, n := range s.known {
		if n.host == "h0.evil.example" {
			own++
		}
	}
	if len(s.known) != cookiesPerSite || own != cookiesPerHost {
		t.Errorf("%d cookies of the site, %d of a host", len(s.known), own)
	}
	if got := c.header(mine); got != "session=1" {
		t.Errorf("the other site's cookie: %q", got)
	}
	u := mustURL(t, "http://h0.evil.example/")
	if !c.set(u, []string{"c0-0-0=small; Domain=evil.example"}) || !strings.Contains(c.header(u), "c0-0-0=small") {
		t.Error("a known cookie cannot change")
	}
}

// All sites together stay within the limit; those that were asked for the longest time ago go, the user's own never.
func TestCookieMemory(t *testing.T) {
	t.Parallel()
	c := newCookies()
	file := filepath.Join(t.TempDir(), "cookies.txt")
	if err := os.WriteFile(file, []byte("login.example\tFALSE\t/\tFALSE\t0\tsession\tmine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.loadCookieFile(file); err != nil {
		t.Fatal(err)
	}
	value := strings.Repeat("x", 4000)
	recent := mustURL(t, "http://recent.example/")
	c.set(recent, []string{"k=v"})
	first := mustURL(t, "http://s0.example/")
	for i := range 4000 {
		c.set(mustURL(t, fmt.Sprintf("http://s%d.example/", i)), []string{"k=" + value})
		if c.header(recent) != "k=v" {
			t.Fatalf("site %d drove out a site in use", i)
		}
		if c.size > cookiesMaxBytes {
			t.Fatalf("%d bytes", c.size)
		}
	}
	if c.header(first) != "" || c.header(mustURL(t, "http://s3999.example/")) == "" || c.header(mustURL(t, "http://login.example/")) != "session=mine" {
		t.Error("the wrong sites were forgotten")
	}
	sum := 0
	for _, s := range c.sites {
		sum += s.size
	}
	if sum != c.size || len(c.sites) != c.recent.Len() {
		t.Errorf("%d bytes counted, %d there; %d sites, %d in the list", c.size, sum, len(c.sites), c.recent.Len())
	}
}

// What has expired gives its place to new ones.
func TestCookieExpiryMakesRoom(t *testing.T) {
	t.Parallel()
	c, u := newCookies(), mustURL(t, "http://a.example/")
	now := time.Now()
	c.now = func() time.Time { return now }
	for i := range cookiesPerHost {
		c.set(u, []string{fmt.Sprintf("k%d=v; Max-Age=60", i)})
	}
	if c.set(u, []string{"late=v"}) {
		t.Error("one more than the limit")
	}
	now = now.Add(time.Minute)
	if c.set(u, []string{"late=v"}); !strings.Contains(c.header(u), "late=v") || len(c.sites["a.example"].known) != 1 {
		t.Errorf("%d cookies, header %q", len(c.sites["a.example"].known), c.header(u))
	}
}

func TestCookieFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cookies.txt")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("\ufeff# Netscape HTTP Cookie File\r\n\r\n" +
		"#HttpOnly_.site.example\tTRUE\t/\tTRUE\t4102444800\tid\ts3cret\r\n" +
		"www.site.example\tFALSE\t/docs\tFALSE\t0\tlang\tde\r\n" +
		"old.example\tFALSE\t/\tFALSE\t1\tgone\tx\r\n" +
		"127.0.0.1\tFALSE\t/\tFALSE\t0\tlocal\t{\"a\": \"b\"}\r\n")
	c := newCookies()
	if err := c.loadCookieFile(path); err != nil {
		t.Fatal(err)
	}
	for ask, want := range map[string]string{
		"https://x.site.example/": "id=s3cret", "http://x.site.example/": "", "http://www.site.example/docs/a": "lang=de",
		"https://www.site.example/docs": "lang=de; id=s3cret", "http://old.example/": "", "http://site.example/docs": "",
	} {
		if got := c.header(mustURL(t, ask)); got != want {
			t.Errorf("%s: %q, want %q", ask, got, want)
		}
	}
	for text, want := range map[string]string{
		"a.example\tFALSE\t/\tFALSE\t0\tk":                "cookies.txt:1: want 7 fields parted by tabs, have 6",
		"# x\na.example FALSE / FALSE 0 k s3cret":         "cookies.txt:2: want 7 fields",
		"a.example\tyes\t/\tFALSE\t0\tk\ts3cret":          `:1: subdomains "yes": want TRUE or FALSE`,
		"a.example\tTRUE\t/\t1\t0\tk\ts3cret":             `:1: secure "1"`,
		"a.example\tTRUE\t/\tFALSE\tsoon\tk\ts3cret":      `:1: expires "soon"`,
		".co.uk\tTRUE\t/\tFALSE\t0\tk\ts3cret":            "public suffix",
		"a b\tTRUE\t/\tFALSE\t0\tk\ts3cret":               `domain "a b"`,
		"a.example/x\tTRUE\t/\tFALSE\t0\tk\ts3cret":       "want a host name",
		"a.example\tTRUE\tx\tFALSE\t0\tk\ts3cret":         `path "x"`,
		"a.example\tTRUE\t/\tFALSE\t0\tk k\ts3cret":       `name "k k"`,
		"a.example\tTRUE\t/\tFALSE\t0\tk\ts3cret; x":      `the value of "k"`,
		"a.example\tFALSE\t/\tFALSE\t0\t__Host-k\ts3cret": "__Host-",
		"a.example\tFALSE\t/\tFALSE\t1\tk\ts3cret":        "all of its 1 cookies have expired",
		"# nothing\n": "it holds no cookie",
		"a.example\tFALSE\t/\tFALSE\t0\tk\t" + strings.Repeat("s3cret", 1000):    "more than 4096 bytes",
		"a.example\tFALSE\t/\tFALSE\t0\tk\t" + strings.Repeat("s3cret", 100_000): "token too long",
		strings.Repeat("a.example\tFALSE\t/\tFALSE\t0\tk\ts3cret\n", 3001):       ":3001: more than 3000 cookies",
	} {
		write(text)
		err := newCookies().loadCookieFile(path)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
	if err := newCookies().loadCookieFile(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there")
	}
}

// FuzzSetCookie has hostile sites set anything: the header stays one line within its limit, and the books agree.
func FuzzSetCookie(f *testing.F) {
	f.Add("k=v; Domain=site.example; Path=/; Secure", "www.site.example", "/a/b")
	f.Add("__Host-k=v; Max-Age=99999999999999999999", "127.0.0.1", "/")
	f.Add("k=\"a b\"; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=x", "[::1]", "//")
	f.Fuzz(func(t *testing.T, line, host, path string) {
		u, err := weburl.Parse("https://" + host + path)
		if err != nil {
			return
		}
		c := newCookies()
		for range 3 {
			c.set(u, strings.Split(line, "|"))
		}
		for _, ask := range []weburl.URL{u, mustURL(t, "https://victim.example/"), mustURL(t, "http://127.0.0.1/")} {
			h := c.header(ask)
			if len(h) > cookieHeaderMax || strings.ContainsAny(h, "\r\n\x00") {
				t.Fatalf("header %q", h)
			}
			if h != "" && siteName(ask.Host()) != siteName(u.Host()) {
				t.Fatalf("%s gets %q of %s", ask, h, u)
			}
		}
		size := 0
		for _, s := range c.sites {
			size += s.size
		}
		if size != c.size || size < 0 {
			t.Fatalf("%d bytes counted, %d there", c.size, size)
		}
	})
}
