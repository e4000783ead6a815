package robots

import (
	"slices"
	"strings"
	"testing"

	"tandem/crawler/weburl"
)

// googleFact is what Google's published robots.txt tests (project google/robotstxt, robots_test.cc) say of some URLs.
type googleFact struct {
	id    string // test, and number of its file where it has several
	agent string
	file  string
	allow []string
	deny  []string
	// rfc are URLs that Google denies and this package allows, as RFC 9309 asks; see doc.go.
	rfc []string
}

// googleAnswers is the number of answers in googleFacts: all that the published tests ask for.
const googleAnswers = 145

func on(host string, paths ...string) []string {
	urls := make([]string, len(paths))
	for i, p := range paths {
		urls[i] = "http://" + host + p
	}
	return urls
}

func foo(paths ...string) []string { return on("foo.bar", paths...) }

func googleFacts() []googleFact {
	groups := file("allow: /foo/bar/", "", "user-agent: FooBot", "disallow: /", "allow: /x/", "user-agent: BarBot", "disallow: /", "allow: /y/", "", "",
		"allow: /w/", "user-agent: BazBot", "", "user-agent: FooBot", "allow: /z/", "disallow: /")
	sitemapBetween := file("User-agent: BarBot", "Sitemap: https://foo.bar/sitemap", "User-agent: *", "Disallow: /")
	unknownBetween := file("User-agent: FooBot", "Invalid-Unknown-Line: unknown", "User-agent: *", "Disallow: /")
	twoWords := func(name string) string { return file("User-Agent: "+name, "Allow: /x/", "Disallow: /") }
	afterSpace := file("User-Agent: *", "Disallow: /", "User-Agent: Foo Bar", "Allow: /x/", "Disallow: /")
	global := file("user-agent: *", "allow: /", "user-agent: FooBot", "disallow: /")
	only := func(lines ...string) string { return file(append([]string{"user-agent: FooBot"}, lines...)...) }
	except := func(pattern string) string { return only("disallow: /", "allow: "+pattern) }
	return []googleFact{
		{id: "GoogleOnly_SystemTest", agent: "FooBot", file: "", allow: []string{""}},
		{id: "GoogleOnly_SystemTest", agent: "", file: only("disallow: /"), allow: []string{""}},
		{id: "GoogleOnly_SystemTest", agent: "FooBot", file: only("disallow: /"), deny: []string{""}},
		{id: "GoogleOnly_SystemTest", agent: "", file: "", allow: []string{""}},

		{id: "ID_LineSyntax_Line/1", agent: "FooBot", file: only("disallow: /"), deny: foo("/x/y")},
		{id: "ID_LineSyntax_Line/2", agent: "FooBot", file: file("foo: FooBot", "bar: /"), allow: foo("/x/y")},
		{id: "ID_LineSyntax_Line/3", agent: "FooBot", file: file("user-agent FooBot", "disallow /"), deny: foo("/x/y")},

		{id: "ID_LineSyntax_Groups", agent: "FooBot", file: groups, allow: foo("/x/b", "/z/d"), deny: foo("/y/c", "/foo/bar/")},
		{id: "ID_LineSyntax_Groups", agent: "BarBot", file: groups, allow: foo("/y/c", "/w/a"), deny: foo("/z/d", "/foo/bar/")},
		{id: "ID_LineSyntax_Groups", agent: "BazBot", file: groups, allow: foo("/z/d"), deny: foo("/foo/bar/")},
		{id: "ID_LineSyntax_Groups_OtherRules/1", agent: "FooBot", file: sitemapBetween, deny: foo("/")},
		{id: "ID_LineSyntax_Groups_OtherRules/1", agent: "BarBot", file: sitemapBetween, deny: foo("/")},
		{id: "ID_LineSyntax_Groups_OtherRules/2", agent: "FooBot", file: unknownBetween, deny: foo("/")},
		{id: "ID_LineSyntax_Groups_OtherRules/2", agent: "BarBot", file: unknownBetween, deny: foo("/")},

		{id: "ID_REPLineNamesCaseInsensitive/1", agent: "FooBot", file: file("USER-AGENT: FooBot", "ALLOW: /x/", "DISALLOW: /"), allow: foo("/x/y"), deny: foo("/a/b")},
		{id: "ID_REPLineNamesCaseInsensitive/2", agent: "FooBot", file: only("allow: /x/", "disallow: /"), allow: foo("/x/y"), deny: foo("/a/b")},
		{id: "ID_REPLineNamesCaseInsensitive/3", agent: "FooBot", file: file("uSeR-aGeNt: FooBot", "AlLoW: /x/", "dIsAlLoW: /"), allow: foo("/x/y"), deny: foo("/a/b")},

		{id: "ID_UserAgentValueCaseInsensitive/1", agent: "Foo", file: twoWords("FOO BAR"), allow: foo("/x/y"), deny: foo("/a/b")},
		{id: "ID_UserAgentValueCaseInsensitive/2", agent: "Foo", file: twoWords("foo bar"), allow: foo("/x/y"), deny: foo("/a/b")},
		{id: "ID_UserAgentValueCaseInsensitive/3", agent: "Foo", file: twoWords("FoO bAr"), allow: foo("/x/y"), deny: foo("/a/b")},
		{id: "ID_UserAgentValueCaseInsensitive/1", agent: "foo", file: twoWords("FOO BAR"), allow: foo("/x/y"), deny: foo("/a/b")},
		{id: "ID_UserAgentValueCaseInsensitive/2", agent: "foo", file: twoWords("foo bar"), allow: foo("/x/y"), deny: foo("/a/b")},
		{id: "ID_UserAgentValueCaseInsensitive/3", agent: "foo", file: twoWords("FoO bAr"), allow: foo("/x/y"), deny: foo("/a/b")},
		{id: "GoogleOnly_AcceptUserAgentUpToFirstSpace", agent: "Foo", file: afterSpace, allow: foo("/x/y")},
		{id: "GoogleOnly_AcceptUserAgentUpToFirstSpace", agent: "Foo Bar", file: afterSpace, deny: foo("/x/y")},

		{id: "ID_GlobalGroups_Secondary/1", agent: "FooBot", file: "", allow: foo("/x/y")},
		{id: "ID_GlobalGroups_Secondary/2", agent: "FooBot", file: global, deny: foo("/x/y")},
		{id: "ID_GlobalGroups_Secondary/2", agent: "BarBot", file: global, allow: foo("/x/y")},
		{id: "ID_GlobalGroups_Secondary/3", agent: "QuxBot", allow: foo("/x/y"),
			file: only("allow: /", "user-agent: BarBot", "disallow: /", "user-agent: BazBot", "disallow: /")},
		{id: "ID_AllowDisallow_Value_CaseSensitive/1", agent: "FooBot", file: only("disallow: /x/"), deny: foo("/x/y")},
		{id: "ID_AllowDisallow_Value_CaseSensitive/2", agent: "FooBot", file: only("disallow: /X/"), allow: foo("/x/y")},

		{id: "ID_LongestMatch/1", agent: "FooBot", file: only("disallow: /x/page.html", "allow: /x/"), deny: foo("/x/page.html")},
		{id: "ID_LongestMatch/2", agent: "FooBot", file: only("allow: /x/page.html", "disallow: /x/"), allow: foo("/x/page.html"), deny: foo("/x/")},
		{id: "ID_LongestMatch/3", agent: "FooBot", file: only("disallow: ", "allow: "), allow: foo("/x/page.html")},
		{id: "ID_LongestMatch/4", agent: "FooBot", file: only("disallow: /", "allow: /"), allow: foo("/x/page.html")},
		{id: "ID_LongestMatch/5", agent: "FooBot", file: only("disallow: /x", "allow: /x/"), allow: foo("/x/"), deny: foo("/x")},
		{id: "ID_LongestMatch/6", agent: "FooBot", file: only("disallow: /x/page.html", "allow: /x/page.html"), allow: foo("/x/page.html")},
		{id: "ID_LongestMatch/7", agent: "FooBot", file: only("allow: /page", "disallow: /*.html"), allow: foo("/page"), deny: foo("/page.html")},
		{id: "ID_LongestMatch/8", agent: "FooBot", file: only("allow: /x/page.", "disallow: /*.html"), allow: foo("/x/page.html"), deny: foo("/x/y.html")},
		{id: "ID_LongestMatch/9", agent: "FooBot", file: file("User-agent: *", "Disallow: /x/", "User-agent: FooBot", "Disallow: /y/"), allow: foo("/x/page"), deny: foo("/y/page")},

		{id: "ID_Encoding/1", agent: "FooBot", file: except("/foo/bar?qux=taz&baz=http://foo.bar?tar&par"), allow: foo("/foo/bar?qux=taz&baz=http://foo.bar?tar&par")},
		{id: "ID_Encoding/2", agent: "FooBot", file: except("/foo/bar/ツ"), allow: foo("/foo/bar/%E3%83%84"), rfc: foo("/foo/bar/ツ")},
		{id: "ID_Encoding/3", agent: "FooBot", file: except("/foo/bar/%E3%83%84"), allow: foo("/foo/bar/%E3%83%84"), rfc: foo("/foo/bar/ツ")},
		{id: "ID_Encoding/4", agent: "FooBot", file: except("/foo/bar/%62%61%7A"), allow: foo("/foo/bar/%62%61%7A"), rfc: foo("/foo/bar/baz")},

		{id: "ID_SpecialCharacters/1", agent: "FooBot", file: only("Disallow: /foo/bar/quz", "Allow: /foo/*/qux"),
			allow: foo("/foo/quz", "/foo//quz", "/foo/bax/quz"), deny: foo("/foo/bar/quz")},
		{id: "ID_SpecialCharacters/2", agent: "FooBot", file: only("Disallow: /foo/bar$", "Allow: /foo/bar/qux"),
			allow: foo("/foo/bar/qux", "/foo/bar/", "/foo/bar/baz"), deny: foo("/foo/bar")},
		{id: "ID_SpecialCharacters/3", agent: "FooBot", file: only("# Disallow: /", "Disallow: /foo/quz#qux", "Allow: /"), allow: foo("/foo/bar"), deny: foo("/foo/quz")},
		{id: "GoogleOnly_IndexHTMLisDirectory", agent: "foobot", file: file("User-Agent: *", "Allow: /allowed-slash/index.html", "Disallow: /"),
			allow: on("foo.com", "/allowed-slash/", "/allowed-slash/index.html"), deny: on("foo.com", "/allowed-slash/index.htm", "/anyother-url")},
		googleLongLine(), googleLongLines(),

		{id: "GoogleOnly_DocumentationChecks/1", agent: "FooBot", file: except("/fish"),
			allow: foo("/fish", "/fish.html", "/fish/salmon.html", "/fishheads", "/fishheads/yummy.html", "/fish.html?id=anything"),
			deny:  foo("/bar", "/Fish.asp", "/catfish", "/?id=fish")},
		{id: "GoogleOnly_DocumentationChecks/2", agent: "FooBot", file: except("/fish*"),
			allow: foo("/fish", "/fish.html", "/fish/salmon.html", "/fishheads", "/fishheads/yummy.html", "/fish.html?id=anything"),
			deny:  foo("/bar", "/Fish.bar", "/catfish", "/?id=fish")},
		{id: "GoogleOnly_DocumentationChecks/3", agent: "FooBot", file: except("/fish/"),
			allow: foo("/fish/", "/fish/salmon", "/fish/?salmon", "/fish/salmon.html", "/fish/?id=anything"),
			deny:  foo("/bar", "/fish", "/fish.html", "/Fish/Salmon.html")},
		{id: "GoogleOnly_DocumentationChecks/4", agent: "FooBot", file: except("/*.php"),
			allow: foo("/filename.php", "/folder/filename.php", "/folder/filename.php?parameters", "//folder/any.php.file.html", "/filename.php/", "/index?f=filename.php/"),
			deny:  foo("/bar", "/php/", "/index?php", "/windows.PHP")},
		{id: "GoogleOnly_DocumentationChecks/5", agent: "FooBot", file: except("/*.php$"),
			allow: foo("/filename.php", "/folder/filename.php"),
			deny:  foo("/bar", "/filename.php?parameters", "/filename.php/", "/filename.php5", "/php/", "/filename?php", "/aaaphpaaa", "//windows.PHP")},
		{id: "GoogleOnly_DocumentationChecks/6", agent: "FooBot", file: except("/fish*.php"),
			allow: foo("/fish.php", "/fishheads/catfish.php?parameters"), deny: foo("/bar", "/Fish.PHP")},
		{id: "GoogleOnly_DocumentationChecks/7", agent: "FooBot", file: only("allow: /p", "disallow: /"), allow: on("example.com", "/page")},
		{id: "GoogleOnly_DocumentationChecks/8", agent: "FooBot", file: only("allow: /folder", "disallow: /folder"), allow: on("example.com", "/folder/page")},
		{id: "GoogleOnly_DocumentationChecks/9", agent: "FooBot", file: only("allow: /page", "disallow: /*.htm"), deny: on("example.com", "/page.htm")},
		{id: "GoogleOnly_DocumentationChecks/10", agent: "FooBot", file: only("allow: /$", "disallow: /"), allow: on("example.com", "/"), deny: on("example.com", "/page.html")},
	}
}

// googleLine is where Google's parser cuts a line.
const googleLine = 8 * 2083

func googleLongLine() googleFact {
	long := "/x/" + strings.Repeat("a", googleLine-len("/x/")-len("disallow: ")+1-len("/x/"))
	return googleFact{id: "GoogleOnly_LineTooLong/1", agent: "FooBot", file: file("user-agent: FooBot", "disallow: "+long+"/qux"), allow: foo("/fux"), deny: foo(long + "/fux")}
}

func googleLongLines() googleFact {
	n := googleLine - len("/x/") - len("allow: ") + 1 - len("/x/")
	a, b := "/x/"+strings.Repeat("a", n), "/x/"+strings.Repeat("b", n)
	return googleFact{
		id: "GoogleOnly_LineTooLong/2", agent: "FooBot", file: file("user-agent: FooBot", "disallow: /", "allow: "+a+"/qux", "allow: "+b+"/qux"),
		allow: foo(a+"/qux", b+"/fux"), deny: foo("/"),
	}
}

// requestPath is what the crawler asks for. URLs beyond its own limit of length are taken as they are.
func requestPath(t *testing.T, raw string) string {
	t.Helper()
	if len(raw) > googleLine/2 {
		return raw[strings.Index(raw, "/x/"):]
	}
	if raw == "" {
		return ""
	}
	u, err := weburl.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u.RequestURI()
}

// Google's tests hold, but for the answers that RFC 9309 gives differently.
func TestGoogle(t *testing.T) {
	t.Parallel()
	answers := 0
	for _, f := range googleFacts() {
		r := Parse([]byte(f.file), f.agent)
		for _, raw := range slices.Concat(f.allow, f.deny, f.rfc) {
			answers++
			path := requestPath(t, raw)
			if ok, rule := r.Allowed(path); ok == slices.Contains(f.deny, raw) {
				t.Errorf("%s: %s for %q: allowed %v by %q", f.id, raw, f.agent, ok, rule)
			}
		}
	}
	if answers != googleAnswers {
		t.Errorf("%d answers, want %d", answers, googleAnswers)
	}
}

// The published tests that count lines and fields, told by what the rules then say.
func TestGoogleParsing(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"LF":          "User-Agent: foo\nAllow: /some/path\nUser-Agent: bar\n\n\nDisallow: /\n",
		"CRLF":        "User-Agent: foo\r\nAllow: /some/path\r\nUser-Agent: bar\r\n\r\n\r\nDisallow: /\r\n",
		"CR":          "User-Agent: foo\rAllow: /some/path\rUser-Agent: bar\r\r\rDisallow: /\r",
		"no line end": "User-Agent: foo\nAllow: /some/path\nUser-Agent: bar\n\n\nDisallow: /",
		"mixed":       "User-Agent: foo\nAllow: /some/path\r\nUser-Agent: bar\n\r\n\nDisallow: /",
	} {
		want := Decision{Rule: "Disallow: /", Line: 6}
		if got := Parse([]byte(text), "bar").Decide("/page"); got != want {
			t.Errorf("ID_LinesNumbersAreCountedCorrectly, %s: %+v, want %+v", name, got, want)
		}
	}
	type outcome struct {
		group string
		line  int
	}
	for text, want := range map[string]outcome{
		"\xEF\xBB\xBFUser-Agent: foo\nAllow: /AnyValue\n": {"foo", 2},
		"\xEF\xBBUser-Agent: foo\nAllow: /AnyValue\n":     {"foo", 2},
		"\xEFUser-Agent: foo\nAllow: /AnyValue\n":         {"foo", 2},
		"\xEF\x11\xBFUser-Agent: foo\nAllow: /AnyValue\n": {"", 0},
		"User-Agent: foo\n\xEF\xBB\xBFAllow: /AnyValue\n": {"foo", 0},
	} {
		r := Parse([]byte(text), "foo")
		if got := (outcome{r.Group(), r.Decide("/AnyValue").Line}); got != want {
			t.Errorf("ID_UTF8ByteOrderMarkIsSkipped, %q: %+v, want %+v", text, got, want)
		}
	}
	rest := "User-Agent: foo\nAllow: /some/path\nUser-Agent: bar\n\n\n"
	for _, text := range []string{rest + "Sitemap: http://foo.bar/sitemap.xml\n", "Sitemap: http://foo.bar/sitemap.xml\n" + rest} {
		if got := Parse([]byte(text), "foo").Sitemaps(); !slices.Equal(got, []string{"http://foo.bar/sitemap.xml"}) {
			t.Errorf("ID_NonStandardLineExample_Sitemap, %q: %q", text, got)
		}
	}
	for raw, want := range map[string]string{"http://www.example.com": "http://www.example.com", "/a/b/c": "/a/b/c", "á": "%C3%A1", "%aa": "%AA"} {
		if got := normalPattern(raw); got != want {
			t.Errorf("TestMaybeEscapePattern, %q: %q, want %q", raw, got, want)
		}
	}
}
