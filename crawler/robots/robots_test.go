package robots

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

const agent = "TandemFetch"

func file(lines ...string) string { return strings.Join(lines, "\n") }

func TestAllowed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		file  string
		allow []string
		deny  []string
	}{
		{"empty", "", []string{"/", "/x"}, nil},
		{"no group for anybody", file("Disallow: /"), []string{"/x"}, nil},
		{"other's group", file("User-agent: other", "Disallow: /"), []string{"/x"}, nil},
		{"everybody", file("User-agent: *", "Disallow: /"), []string{"/robots.txt"}, []string{"/", "/x", "/robots.txt?x"}},
		{"own group beats everybody's", file("User-agent: *", "Disallow: /", "", "User-agent: tandemfetch", "Disallow: /x"), []string{"/", "/y"}, []string{"/x"}},
		{"order of groups does not matter", file("User-agent: TANDEMFETCH", "Disallow: /x", "User-agent: *", "Disallow: /"), []string{"/", "/y"}, []string{"/xy"}},
		{"own empty group allows", file("User-agent: *", "Disallow: /", "User-agent: TandemFetch", "Disallow:"), []string{"/x"}, nil},
		{"own group without rules allows", file("User-agent: *", "Disallow: /", "User-agent: TandemFetch"), []string{"/x"}, nil},
		{"groups are joined", file("User-agent: TandemFetch", "Disallow: /a", "User-agent: other", "Disallow: /c", "User-agent: TandemFetch", "Disallow: /b"), []string{"/c"}, []string{"/a", "/b"}},
		{"several agents share rules", file("User-agent: a", "User-agent: TandemFetch", "User-agent: b", "Disallow: /x"), []string{"/y"}, []string{"/x"}},
		{"blank lines do not end a group", file("User-agent: TandemFetch", "", "Disallow: /x", "", "Disallow: /y"), []string{"/z"}, []string{"/x", "/y"}},
		{"other fields do not end a list of agents", file("User-agent: TandemFetch", "Sitemap: s", "Foo: bar", "Crawl-delay: 3", "User-agent: b", "Disallow: /x"), []string{"/y"}, []string{"/x"}},
		{"version behind the token", file("User-agent: TandemFetch/1.0 (+http://x)", "Disallow: /x"), []string{"/y"}, []string{"/x"}},
		{"token is not a prefix", file("User-agent: Tandem", "User-agent: TandemFetcher", "Disallow: /"), []string{"/x"}, nil},
		{"star with text", file("User-agent: * (all)", "Disallow: /x", "User-agent: *foo", "Disallow: /y"), []string{"/y"}, []string{"/x"}},
		{"case of paths counts", file("User-agent: *", "Disallow: /X"), []string{"/x"}, []string{"/X"}},
		{"case of fields does not", file("USER-AGENT: *", "DISALLOW: /x", "aLLow: /xy"), []string{"/xy"}, []string{"/x"}},
		{"misspelt fields", file("useragent: *", "disalow: /a", "dissallow: /b", "Dissalow: /c", "diasllow: /d", "disallaw: /e"), []string{"/f"}, []string{"/a", "/b", "/c", "/d", "/e"}},
		{"fields with a tail", file("user-agents: *", "Disallowed: /a", "Dissallow-all: /b", "allows: /ab"), []string{"/ab"}, []string{"/a", "/b"}},
		{"NUL ends a line", file("User-agent: *\x00 x", "Disallow: /a\x00b", "\x00Disallow: /c"), []string{"/c"}, []string{"/a", "/ab"}},
		{"UTF-16", utf16File(binary.LittleEndian, "User-agent: *\r\nDisallow: /ツ\r\n"), []string{"/"}, []string{"/%E3%83%84"}},
		{"UTF-16, the other way", utf16File(binary.BigEndian, "User-agent: *\nDisallow: /a"), []string{"/"}, []string{"/a"}},
		{"non-breaking blanks", file("User-agent:\u00a0*\u00a0", "\u00a0Disallow: /a\u00a0"), []string{"/"}, []string{"/a", "/ab"}},
		{"mixed line ends", "User-agent: *\r\rDisallow: /a\n\rAllow: /ab\r\n\nDisallow: /b", []string{"/ab"}, []string{"/a", "/b"}},
		{"HTML before rules", "<html>\n<pre>\nUser-agent: *\nDisallow: /a\n</pre>", []string{"/"}, []string{"/a"}},
		{"missing colons", file("User-agent *", "Disallow /x", "Disallow /y z"), []string{"/y"}, []string{"/x"}},
		{"blanks and comments", file(" # hi", "  User-agent\t:\t* # all", " Disallow :/x#y "), []string{"/y"}, []string{"/x"}},
		{"CR line ends", "User-agent: *\rDisallow: /x\r\rAllow: /xy\r", []string{"/xy"}, []string{"/x"}},
		{"CRLF line ends", "User-agent: *\r\nDisallow: /x\r\n", []string{"/y"}, []string{"/x"}},
		{"byte order mark", "\xef\xbb\xbfUser-agent: *\nDisallow: /x", []string{"/y"}, []string{"/x"}},
		{"half a byte order mark", "\xef\xbbUser-agent: *\nDisallow: /x", []string{"/y"}, []string{"/x"}},
		{"broken byte order mark", "\xef\x11\xbfUser-agent: *\nDisallow: /x", []string{"/x"}, nil},
		{"longest match", file("User-agent: *", "Disallow: /x/page", "Allow: /x", "Allow: /x/page/y", "Disallow: /"), []string{"/x", "/x/pag", "/x/page/y"}, []string{"/x/page", "/x/page.html", "/", "/z"}},
		{"allow wins ties", file("User-agent: *", "Disallow: /x", "Allow: /x", "Disallow: /*y", "Allow: /z*", "Disallow: /z$"), []string{"/x", "/z", "/zz"}, []string{"/y"}},
		{"order of rules does not matter", file("User-agent: *", "Allow: /p", "Disallow: /"), []string{"/p", "/page"}, []string{"/", "/x"}},
		{"allow page, disallow star html", file("User-agent: *", "Allow: /page", "Disallow: /*.htm"), []string{"/page"}, []string{"/page.htm", "/x.html"}},
		{"allow dollar", file("User-agent: *", "Allow: /$", "Disallow: /"), []string{"/"}, []string{"/page.htm", "/?x"}},
		{"prefixes", file("User-agent: *", "Disallow: /fish"), []string{"/Fish.asp", "/catfish", "/?id=fish"}, []string{"/fish", "/fish.html", "/fishheads/x", "/fish?id=1"}},
		{"trailing star is nothing", file("User-agent: *", "Disallow: /fish*"), []string{"/Fish.asp", "/catfish"}, []string{"/fish", "/fish/salmon.html"}},
		{"folder", file("User-agent: *", "Disallow: /fish/"), []string{"/fish", "/fish.html"}, []string{"/fish/", "/fish/?id=1", "/fish/salmon.htm"}},
		{"star", file("User-agent: *", "Disallow: /*.php"), []string{"/", "/windows.PHP"}, []string{"/.php", "/index.php", "/folder/x.php5", "/x.php?a"}},
		{"star and dollar", file("User-agent: *", "Disallow: /*.php$"), []string{"/x.php?a", "/x.php/", "/x.php5"}, []string{"/x.php", "/folder/x.php", "/x.php.php"}},
		{"star in the middle", file("User-agent: *", "Disallow: /fish*.php"), []string{"/Fish.PHP", "/fish.ph"}, []string{"/fish.php", "/fishheads/cat.php?x"}},
		{"star at the start", file("User-agent: *", "Disallow: *.gif$"), []string{"/a.gif?x"}, []string{"/a.gif"}},
		{"stars", file("User-agent: *", "Disallow: /a**b***c$"), []string{"/abcd"}, []string{"/abc", "/axbxc"}},
		{"dollar in the middle is a dollar", file("User-agent: *", "Disallow: /a$b"), []string{"/a", "/ab"}, []string{"/a$b", "/a$bc", "/a%24b"}},
		{"encoded operators are no operators", file("User-agent: *", "Disallow: /a%2Ab", "Disallow: /c%24"), []string{"/axb", "/c"}, []string{"/a*b", "/a%2ab", "/c$", "/c%24x"}},
		{"pattern that is no path", file("User-agent: *", "Disallow: x", "Disallow: http://example.com/y"), []string{"/x", "/y"}, nil},
		{"unreserved escapes", file("User-agent: *", "Disallow: /foo/%62%61%7A", "Disallow: /%7Eme"), []string{"/foo/ba"}, []string{"/foo/baz", "/foo/%62az", "/~me", "/%7eme"}},
		{"spellings of one path", file("User-agent: *", "Disallow: /a:b", "Disallow: /c%3Ad", "Disallow: /w/Special%3a(x)!"), []string{"/a%3", "/c"}, []string{"/a%3ab", "/a:b", "/c:d", "/c%3Ad", "/w/Special:(x)%21"}},
		{"what no URL may hold", file("User-agent: *", "Disallow: /{id}", "Disallow: /my docs/", "Disallow: /?q='x'", "Disallow: /*f[]=", `Disallow: /a"|<b>^`), []string{"/my"},
			[]string{"/%7Bid%7D", "/my%20docs/x", "/?q=%27x%27", "/?f[]=1", "/?f%5b%5d=1", "/a%22|%3Cb%3E^", "/a%22%7C%3Cb%3E%5E"}},
		{"URL in a query", file("User-agent: *", "Disallow: /go?to=https://x.example/", "Disallow: /by?to=https%3A%2F%2Fy", "Disallow: /*u=http%3A%2F%2F", "Disallow: /*=ftp://"),
			[]string{"/go?to=https://y", "/by?to=http://y"},
			[]string{"/go?to=https://x.example/a", "/go?to=https%3A%2F%2Fx.example%2fa", "/by?to=https://y", "/by?to=https%3a//y", "/a?u=http%3A%2F%2F", "/a?v=ftp%3A%2F%2F", "/a?v=ftp://"}},
		{"same length in a query, Allow wins", file("User-agent: *", "Disallow: /?u=a//b", "Allow: /?u=a%2F/b"), []string{"/?u=a/%2Fb"}, nil},
		{"what means something in a query", file("User-agent: *", "Disallow: /?a=1&b", "Disallow: /?c%2Bd"), []string{"/?a=1%26b", "/?a%3D1&b", "/?c+d"}, []string{"/?a=1&b", "/?c%2bd"}},
		{"index page, allowed", file("User-agent: *", "Allow: /a/index.html", "Allow: /b/index.htm$", "Allow: /c/index.php", "Disallow: /"), []string{"/a/", "/b/", "/a/index.html"}, []string{"/c/", "/a/x", "/b/index.html", "/"}},
		{"index page, disallowed", file("User-agent: *", "Disallow: /a/index.html"), []string{"/a/"}, []string{"/a/index.html"}},
		{"reserved escapes stay", file("User-agent: *", "Disallow: /a%2Fb"), []string{"/a/b"}, []string{"/a%2Fb", "/a%2fb"}},
		{"beyond ASCII", file("User-agent: *", "Disallow: /foo/ツ", "Disallow: /%e3%83%85"), []string{"/foo/"}, []string{"/foo/%E3%83%84", "/foo/%e3%83%84", "/%E3%83%85"}},
		{"broken escapes", file("User-agent: *", "Disallow: /a%zz", "Disallow: /b%"), []string{"/a"}, []string{"/a%zz", "/b%"}},
		{"query", file("User-agent: *", "Disallow: /*?*sort="), []string{"/sort=", "/a?x"}, []string{"/a?x&sort=1"}},
		{"an HTML page", "<!DOCTYPE html>\n<html><head><title>Not found</title></head>\n<body style=\"color: red\">\n<p>User-agent: *</p>\n<a href=\"/\">Disallow: /</a>\n</html>", []string{"/", "/x"}, nil},
		{"binary", "\x00\x01\xff\nUser-agent: *\x00\nDisallow: /x\x00\n", []string{"/y"}, nil},
		{"a long line", file("User-agent: *", "Disallow: /"+strings.Repeat("x", 1<<20), "Disallow: /y"), []string{"/x"}, nil},
		{"long line, rest", file("# "+strings.Repeat("x", 100_000), "User-agent: *", "Disallow: /y"), []string{"/x"}, []string{"/y"}},
	}
	for _, tt := range tests {
		r := Parse([]byte(tt.file), agent)
		for _, path := range tt.allow {
			if ok, rule := r.Allowed(path); !ok {
				t.Errorf("%s: %s is not allowed by %q", tt.name, path, rule)
			}
		}
		for _, path := range tt.deny {
			if ok, rule := r.Allowed(path); ok {
				t.Errorf("%s: %s is allowed by %q", tt.name, path, rule)
			}
		}
	}
}

func utf16File(order binary.AppendByteOrder, text string) string {
	b := order.AppendUint16(nil, 0xfeff)
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

// A rule decides wherever it stands in the first 500 KiB, in a file of 1 MB.
func TestMegabyte(t *testing.T) {
	t.Parallel()
	const line = "Disallow: /some/folder/of/many/%06d/\n"
	for _, before := range []int{0, 100 << 10, 500<<10 - 100, 600 << 10} {
		var b strings.Builder
		b.WriteString("User-agent: *\nAllow: /x/open\n")
		placed := false
		for n := 0; b.Len() < 1<<20; n++ {
			if !placed && b.Len() >= before {
				placed = true
				b.WriteString("Disallow: /x\n")
			}
			fmt.Fprintf(&b, line, n)
		}
		r := Parse([]byte(b.String()), agent)
		if ok, rule := r.Allowed("/x/y"); ok != (before > maxFile) {
			t.Errorf("rule behind %d bytes: allowed %v by %q", before, ok, rule)
		}
		if ok, _ := r.Allowed("/x/open/y"); !ok {
			t.Error("a longer rule at the start does not count")
		}
		if size := r.Size(); size < maxFile || size > 20*maxFile {
			t.Errorf("size %d", size)
		}
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	for userAgent, want := range map[string]string{
		"": "", "TandemFetch": "TandemFetch", "TandemFetch/1.0": "TandemFetch", " Foo_Bot-x/2 (+mailto:a@b.example)": "Foo_Bot-x", "Foo Bar": "", "Foo Bar/1.0": "", "ツ": "", "Foo*": "", "R2D2/1": "",
		"Mozilla/5.0 (compatible; FooBot/2.1; +https://foo.example)": "FooBot", "Mozilla/5.0 (compatible; FooBot)": "FooBot", "Mozilla/5.0 (X11; Linux x86_64)": "Mozilla",
	} {
		if got := Token(userAgent); got != want {
			t.Errorf("%q: %q, want %q", userAgent, got, want)
		}
	}
}

func TestDecidingRule(t *testing.T) {
	t.Parallel()
	r := Parse([]byte(file("User-agent: *", "disallow:   /a  # no", "Allow: /a/%62*")), agent)
	for path, want := range map[string]string{"/": "", "/a": "Disallow: /a", "/a/b": "Allow: /a/%62*", "/robots.txt": ""} {
		if _, rule := r.Allowed(path); rule != want {
			t.Errorf("%s: decided by %q, want %q", path, rule, want)
		}
	}
	if ok, rule := Parse([]byte("User-agent: *\nDisallow: /$"), agent).Allowed(""); ok || rule != "Disallow: /$" {
		t.Errorf("the empty path: %v by %q", ok, rule)
	}
}

func TestCrawlDelay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"User-agent: *\nCrawl-delay: 2.5":                                             2500 * time.Millisecond,
		"User-agent: *\nCrawl-delay: 2\nCrawl-delay: 3":                               3 * time.Second,
		"User-agent: *\nDisallow: /x\nCrawl-delay: 1":                                 time.Second,
		"User-agent: *\nCrawl-delay: 9\nDisallow:\nUser-agent: TandemFetch\nAllow: /": 0,
		"Crawl-delay: 2":                    0,
		"User-agent: *\nCrawl-delay: -1":    0,
		"User-agent: *\nCrawl-delay: NaN":   0,
		"User-agent: *\nCrawl-delay: soon":  0,
		"User-agent: *\nCrawl-delay: 1e300": maxDelay,
		"User-agent: *\nCrawl-delay: Inf":   maxDelay,
	} {
		if got := Parse([]byte(text), agent).CrawlDelay(); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestSitemaps(t *testing.T) {
	t.Parallel()
	r := Parse([]byte(file("Sitemap: http://a/1.xml", "User-agent: other", "site-map:http://a/2.xml", "Disallow: /", "SITEMAP: /3", "Sitemap:")), agent)
	if diff := cmp.Diff([]string{"http://a/1.xml", "http://a/2.xml", "/3"}, r.Sitemaps()); diff != "" {
		t.Error(diff)
	}
	if ok, _ := r.Allowed("/x"); !ok {
		t.Error("a sitemap line opened a group")
	}
	if n := len(Parse([]byte(strings.Repeat("Sitemap: x\n", 5000)), agent).Sitemaps()); n != maxSitemaps {
		t.Errorf("%d sitemaps kept", n)
	}
}

func TestForStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{204: true, 301: true, 400: true, 401: true, 403: true, 404: true, 410: true, 429: false, 500: false, 503: false, 599: false, 0: false} {
		ok, rule := ForStatus(status).Allowed("/x")
		if ok != want || !ok && rule == "" {
			t.Errorf("status %d: allowed %v by %q, want %v", status, ok, rule, want)
		}
		if ok, _ := ForStatus(status).Allowed("/robots.txt"); !ok {
			t.Errorf("status %d: robots.txt may not be asked for again", status)
		}
	}
	for text, want := range map[string]bool{
		"": true, "<html>": true, "User-agent: other\nDisallow: /": true, "User-agent: *\nDisallow:": false, "Sitemap: x": false, "User-agent: *\nDisallow: /": false,
		"User-agent: *\nCrawl-delay: 1": false,
	} {
		if got := Parse([]byte(text), agent).IsBlank(); got != want {
			t.Errorf("%q: blank %v, want %v", text, got, want)
		}
	}
	if !ForStatus(404).IsBlank() || ForStatus(503).IsBlank() {
		t.Error("a status that means no rules is not blank, or one that means a ban is")
	}
	if ok, _ := AllowAll().Allowed("/x"); !ok {
		t.Error("AllowAll disallows")
	}
	if ok, _ := DisallowAll().Allowed("/x"); ok {
		t.Error("DisallowAll allows")
	}
}

// What is beyond the limit does not count, and the line that the limit tears apart does not either.
func TestLongFile(t *testing.T) {
	t.Parallel()
	head := "User-agent: *\nDisallow: /first\n"
	pad := strings.Repeat("#", maxFile-len(head)-len("\nDisallow: /"))
	r := Parse([]byte(head+pad+"\nDisallow: /torn\nDisallow: /late\n"), agent)
	for path, want := range map[string]bool{"/first": false, "/": true, "/torn": true, "/late": true} {
		if ok, rule := r.Allowed(path); ok != want {
			t.Errorf("%s: allowed %v by %q", path, ok, rule)
		}
	}
}

// A megabyte of rules and patterns made to backtrack must not slow a crawl down.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for n := 0; many.Len() < 1<<20; n++ {
		many.WriteString("Disallow: /" + strings.Repeat("x", n%700) + string(rune('a'+n%26)) + "\n")
	}
	path := "/" + strings.Repeat("a", 8000)
	for name, body := range map[string]string{
		"many rules":     many.String(),
		"backtracking":   "Disallow: /" + strings.Repeat("a*", 8000) + "b\n",
		"many wildcards": strings.Repeat("Disallow: /*a*a*a*a*a*a*a*b\n", 30_000),
		"stars":          "Disallow: " + strings.Repeat("*", 16_000) + "$\n",
		"long lines":     strings.Repeat(strings.Repeat("Disallow: /*a", 10_000)+"\n", 8),
		"agents":         strings.Repeat("User-agent: TandemFetch\n", 40_000),
	} {
		start := time.Now()
		r := Parse([]byte("User-agent: *\n"+body), agent)
		for range 10 {
			r.Allowed(path)
		}
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("%s: %v", name, d)
		}
	}
}

// oracle matches by trying everything.
func oracle(pattern, path string) bool {
	switch {
	case pattern == "":
		return true
	case pattern == "$":
		return path == ""
	case pattern[0] == '*':
		return oracle(pattern[1:], path) || path != "" && oracle(pattern, path[1:])
	}
	return path != "" && pattern[0] == path[0] && oracle(pattern[1:], path[1:])
}

func FuzzMatch(f *testing.F) {
	f.Add("/a*b$", "/aab")
	f.Add("*a*ab*$", "/aaabab")
	f.Add("/%7e{*%2f?u=%3f", "/~%7b1}/?u=/?")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		pattern, path = normalPattern(pattern), normalPath(path)
		if len(path) > 40 || strings.Count(pattern, "*") > 5 {
			t.Skip("too much for the oracle")
		}
		if got, want := match(pattern, path), oracle(pattern, path); got != want {
			t.Errorf("match(%q, %q) = %v", pattern, path, got)
		}
		if normalPattern(pattern) != pattern || normalPath(path) != path && !strings.ContainsAny(path, "*$") {
			t.Errorf("the normal form of %q or %q is not stable", pattern, path)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /a*b$\nAllow: /a\nCrawl-delay: 1\nSitemap: x"), "/ab")
	f.Add([]byte("\xef\xbb\xbfuser-agent tandemfetch\rdissallow: /*?u=http%3A%2F%2F\r\nallow: /%7b/index.html"), "/a?u=http://")
	f.Add([]byte("\xff\xfeU\x00s\x00e\x00r\x00-\x00a\x00g\x00e\x00n\x00t\x00:\x00*\x00"), "/")
	f.Fuzz(func(t *testing.T, b []byte, path string) {
		r := Parse(b, agent)
		ok, rule := r.Allowed(path)
		if !ok && !strings.HasPrefix(rule, "Disallow: ") || ok && rule != "" && !strings.HasPrefix(rule, "Allow: ") {
			t.Errorf("%q: %v by %q", path, ok, rule)
		}
		if d := r.CrawlDelay(); d < 0 || d > maxDelay {
			t.Errorf("delay %v", d)
		}
		// The index must give the answer of a walk over all rules.
		want, found := slowest(b, path)
		if path != "/robots.txt" && (rule != "") != found || found && path != "/robots.txt" && ok != want {
			t.Errorf("%q: %v by %q, a walk over all rules says %v, %v", path, ok, rule, want, found)
		}
	})
}

// slowest tries every rule on both forms of the path.
func slowest(b []byte, path string) (allow, found bool) {
	path = normalPath(path)
	r := Parse(b, agent)
	best := -1
	check := func(x rule) {
		if (match(x.pattern, path) || match(x.pattern, openQuery(path))) && (len(x.pattern) > best || len(x.pattern) == best && x.allow) {
			best, allow, found = len(x.pattern), x.allow, true
		}
	}
	for _, x := range r.plain {
		check(x)
	}
	for _, x := range r.wild {
		check(x)
	}
	return allow, found
}

func BenchmarkAllowed(b *testing.B) {
	r := Parse([]byte(file("User-agent: *", "Disallow: /search", "Disallow: /*?sort=", "Disallow: /private/", "Allow: /private/open/", "Disallow: /*.pdf$", "Disallow: /tmp")), agent)
	b.ReportAllocs()
	for b.Loop() {
		r.Allowed("/std/vec/struct.Vec.html?search=x")
	}
}
