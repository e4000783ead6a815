package weburl

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func mustParse(t testing.TB, raw string) URL {
	t.Helper()
	u, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct{ raw, want string }{
		{"http://example.com", "http://example.com/"},
		{"http://example.com?q", "http://example.com/?q"},
		{"HTTP://EXAMPLE.com:80/A/./b/../c#top", "http://example.com/A/c"},
		{"https://example.com:443/", "https://example.com/"},
		{"https://example.com:80/", "https://example.com:80/"},
		{"http://example.com:0080/", "http://example.com/"},
		{"http://example.com:/", "http://example.com/"},
		{"http:example.com", "http://example.com/"},
		{`http:\\example.com\a\b`, "http://example.com/a/b"},
		{" \t\nhttp://exa\nmple.com/a\tb \x00", "http://example.com/ab"},
		{"http://example.com/a b?c d'e", "http://example.com/a%20b?c%20d%27e"},
		{"http://example.com/a %23 #x", "http://example.com/a%20%23%20"},
		{"http://example.com/%2e%2E/%7e/x%2F", "http://example.com/%7e/x%2F"},
		{"http://example.com/a//b/../../c", "http://example.com/a/c"},
		{"http://example.com/../../..", "http://example.com/"},
		{"http://example.com/a/..", "http://example.com/"},
		{"http://example.com/a/.", "http://example.com/a/"},
		{"http://example.com/?", "http://example.com/?"},
		{"http://example.com/%zz%", "http://example.com/%zz%"},
		{"http://example.com/ü?ü", "http://example.com/%C3%BC?%C3%BC"},
		{"http://example.com/^|a^?b^", "http://example.com/%5E|a%5E?b^"},
		{"http://example.com/\xff", "http://example.com/%EF%BF%BD"},
		{"http://bücher.example/", "http://xn--bcher-kva.example/"},
		{"http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/"},
		{"http://ＧＯ.example。com/", "http://go.example.com/"},
		{"http://faß.example/", "http://xn--fa-hia.example/"},
		{"http://example.com./", "http://example.com./"},
		{"http://a_b.example/", "http://a_b.example/"},
		{"http://0x7f.1/", "http://127.0.0.1/"},
		{"http://2130706433/", "http://127.0.0.1/"},
		{"http://017700000001/", "http://127.0.0.1/"},
		{"http://127.1/", "http://127.0.0.1/"},
		{"http://127.0.0.1./", "http://127.0.0.1/"},
		{"http://%30x7f.1/", "http://127.0.0.1/"},
		{"http://①②⑦.0.0.1/", "http://127.0.0.1/"},
		{"http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"},
		{"http://[::1]:80/", "http://[::1]/"},
		{"http://[0:0:0:0:0:0:0:1]:8080/", "http://[::1]:8080/"},
		{"http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/"},
		{"http://example.com/" + strings.Repeat("a/../", 500), "http://example.com/"},
	}
	for _, tt := range tests {
		u, err := Parse(tt.raw)
		if err != nil || u.String() != tt.want {
			t.Errorf("Parse(%q) = %q, %v, want %q", tt.raw, u, err, tt.want)
			continue
		}
		again, err := Parse(u.String())
		if err != nil || again != u {
			t.Errorf("Parse(%q) is not idempotent: %+v, %v", u, again, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	long := "http://example.com/" + strings.Repeat("a", MaxLength)
	tests := []struct {
		raw  string
		want error
	}{
		{"", ErrScheme},
		{"/a", ErrScheme},
		{"example.com/a", ErrScheme},
		{"mailto:a@example.com", ErrScheme},
		{"java\nscript:alert(1)", ErrScheme},
		{"data:text/plain,x", ErrScheme},
		{"ftp://example.com/", ErrScheme},
		{"httpx://example.com/", ErrScheme},
		{"http://", ErrInvalid},
		{"http:///", ErrInvalid},
		{"http://:80/", ErrInvalid},
		{"http://a b/", ErrInvalid},
		{"http://a%00b/", ErrInvalid},
		{"http://example.com:65536/", ErrInvalid},
		{"http://example.com:8a/", ErrInvalid},
		{"http://256.256.256.256/", ErrInvalid},
		{"http://1.2.3.4.5/", ErrInvalid},
		{"http://4294967296/", ErrInvalid},
		{"http://-1/", ErrInvalid},
		{"http://a.%2D1/", ErrInvalid},
		{"http://[::1/", ErrInvalid},
		{"http://[:::1]/", ErrInvalid},
		{"http://xn--a/", ErrInvalid},
		{"http://≠.example/", ErrInvalid},
		{"data:image/png;base64," + strings.Repeat("A", 2*MaxLength), ErrScheme},
		{"http://me@example.com/", ErrCredentials},
		{"http://" + strings.Repeat("@", 8000) + "a/", ErrCredentials},
		{"http://example.com/ " + strings.Repeat("a/", 4000), ErrTooLong},
		{"http://me:pw@example.com/", ErrCredentials},
		{"http://:pw@example.com/", ErrCredentials},
		{long, ErrTooLong},
		{"http://example.com/" + strings.Repeat("ü", MaxLength/4), ErrTooLong},
		{"http://" + strings.Repeat("a.", 200) + "com/", ErrTooLong},
	}
	for _, tt := range tests {
		u, err := Parse(tt.raw)
		if !errors.Is(err, tt.want) {
			t.Errorf("Parse(%.60q) = %.60q, %v, want %v", tt.raw, u, err, tt.want)
		}
		var typed *Error
		if !errors.As(err, &typed) || len(typed.Error()) > 400 {
			t.Errorf("Parse(%.60q): error %v is no short *Error", tt.raw, err)
		}
	}
}

func TestFragmentIsFree(t *testing.T) {
	t.Parallel()
	u := mustParse(t, "http://example.com/a#"+strings.Repeat("x", 2*MaxLength))
	if u.String() != "http://example.com/a" {
		t.Errorf("got %q", u)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	base := "https://example.com:8443/a/b/c.html?q=1"
	tests := []struct{ ref, want string }{
		{"", "https://example.com:8443/a/b/c.html?q=1"},
		{"#frag", "https://example.com:8443/a/b/c.html?q=1"},
		{"d", "https://example.com:8443/a/b/d"},
		{"./d", "https://example.com:8443/a/b/d"},
		{"../d?x=/../y", "https://example.com:8443/a/d?x=/../y"},
		{"../../../../d", "https://example.com:8443/d"},
		{".", "https://example.com:8443/a/b/"},
		{"..", "https://example.com:8443/a/"},
		{"./", "https://example.com:8443/a/b/"},
		{"d/./e/../f/", "https://example.com:8443/a/b/d/f/"},
		{"/x/../y", "https://example.com:8443/y"},
		{"/", "https://example.com:8443/"},
		{"?z", "https://example.com:8443/a/b/c.html?z"},
		{"?", "https://example.com:8443/a/b/c.html?"},
		{"//other.example/p", "https://other.example/p"},
		{"//other.example", "https://other.example/"},
		{"///other.example/p", "https://other.example/p"},
		{`\\other.example\p`, "https://other.example/p"},
		{`..\d`, "https://example.com:8443/a/d"},
		{"http://other.example/", "http://other.example/"},
		{"https:d", "https://example.com:8443/a/b/d"},
		{"http:d", "http://d/"},
		{"1:2", "https://example.com:8443/a/b/1:2"},
		{"a/b:c", "https://example.com:8443/a/b/a/b:c"},
		{" d e ", "https://example.com:8443/a/b/d%20e"},
		{"%2e%2e/d", "https://example.com:8443/a/d"},
		{"a%2", "https://example.com:8443/a/b/a%2"},
	}
	u := mustParse(t, base)
	for _, tt := range tests {
		got, err := u.Resolve(tt.ref)
		if err != nil || got.String() != tt.want {
			t.Errorf("Resolve(%q) = %q, %v, want %q", tt.ref, got, err, tt.want)
			continue
		}
		if again := mustParse(t, got.String()); again != got {
			t.Errorf("Resolve(%q) = %+v, reparsed %+v", tt.ref, got, again)
		}
	}
	for ref, want := range map[string]error{
		"mailto:x": ErrScheme, "tel:1": ErrScheme, "javascript:void(0)": ErrScheme, "//": ErrInvalid,
		"//me@other.example/": ErrCredentials, "//a b/": ErrInvalid, "//@@a/": ErrCredentials,
	} {
		if got, err := u.Resolve(ref); !errors.Is(err, want) {
			t.Errorf("Resolve(%q) = %q, %v, want %v", ref, got, err, want)
		}
	}
}

// A relative link with a hyphen on a page whose host is an IPv4 address is not a signed number.
func TestResolveOnAddress(t *testing.T) {
	t.Parallel()
	u, err := mustParse(t, "http://127.0.0.1/").Resolve("a-b c")
	if err != nil || u.String() != "http://127.0.0.1/a-b%20c" {
		t.Errorf("got %q, %v", u, err)
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	type parts struct {
		scheme, host, hostPort, authority, origin, path, query, requestURI string
		port                                                               int
	}
	tests := map[string]parts{
		"http://a.example":            {"http", "a.example", "a.example:80", "a.example", "http://a.example", "/", "", "/", 80},
		"https://a.example/x?":        {"https", "a.example", "a.example:443", "a.example", "https://a.example", "/x", "", "/x?", 443},
		"https://a.example:80/x?y=?z": {"https", "a.example", "a.example:80", "a.example:80", "https://a.example:80", "/x", "y=?z", "/x?y=?z", 80},
		"http://[::1]:8080/":          {"http", "[::1]", "[::1]:8080", "[::1]:8080", "http://[::1]:8080", "/", "", "/", 8080},
		"http://[::1]/":               {"http", "[::1]", "[::1]:80", "[::1]", "http://[::1]", "/", "", "/", 80},
		"http://a.example:0/":         {"http", "a.example", "a.example:0", "a.example:0", "http://a.example:0", "/", "", "/", 0},
	}
	for raw, want := range tests {
		u := mustParse(t, raw)
		got := parts{u.Scheme(), u.Host(), u.HostPort(), u.Authority(), u.Origin(), u.Path(), u.Query(), u.RequestURI(), u.Port()}
		if got != want {
			t.Errorf("%q:\n got %+v\nwant %+v", raw, got, want)
		}
	}
	var zero URL
	if !zero.IsZero() || zero.Scheme()+zero.Host()+zero.Origin()+zero.Path()+zero.Query()+zero.SURT()+zero.RequestURI()+zero.Authority() != "" {
		t.Error("the zero value has parts")
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	a, b := mustParse(t, "HTTP://Example.com:80/x#1").Key(), mustParse(t, "http://example.com/x").Key()
	if a != b {
		t.Error("the same page has two keys")
	}
	if a == mustParse(t, "http://example.com/y").Key() {
		t.Error("two pages have one key")
	}
	// printf http://example.com/x | sha256sum | head -c 32
	if got, want := fmt.Sprintf("%x", b), "83422ef35e89f2d4ed48efa4dc481189"; got != want {
		t.Errorf("key %s, want %s", got, want)
	}
}

// The worst 8 KiB that the parser is known for must not cost a crawler its afternoon.
func TestHostileLinksAreCheap(t *testing.T) {
	t.Parallel()
	start := time.Now()
	for _, piece := range []string{"@", ":", "%", "a/", "../", "/ü", "\\", "[", "xn--a.", "0.", "\xff", "?", "%2e/"} {
		for _, head := range []string{"http://", "http://a/", "http://a/?", ""} {
			ref := head + strings.Repeat(piece, (MaxLength-10)/len(piece))
			if u, err := Parse(ref); err == nil {
				_, _ = u.Resolve("x y")
			}
		}
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("took %v", d)
	}
}
