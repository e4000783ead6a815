package weburl

import (
	"strings"
	"testing"
	"time"
)

func TestSURT(t *testing.T) {
	t.Parallel()
	// Facts about the surt library that pywb looks URLs up with.
	tests := []struct{ raw, want string }{
		{"http://example.org/", "org,example)/"},
		{"http://www.example.org/", "org,example)/"},
		{"http://www34.example.org/", "org,example)/"},
		{"http://www2example.org/", "org,www2example)/"},
		{"http://www.org/", "org)/"},
		{"http://www/", "www)/"},
		{"https://example.org/Goo/", "org,example)/goo"},
		{"http://example.org/goo/?", "org,example)/goo"},
		{"http://example.org/goo/?b&a", "org,example)/goo?a&b"},
		{"http://example.org/goo/?a=2&b&a=1", "org,example)/goo?a=1&a=2&b"},
		{"http://example.org/goo/?a-b=2&a=1&a", "org,example)/goo?a&a=1&a-b=2"},
		{"http://example.org:8080/x", "org,example:8080)/x"},
		{"https://example.org:80/x", "org,example:80)/x"},
		{"http://127.0.0.1:8080/", "1,0,0,127:8080)/"},
		{"http://[::1]/", "::1)/"},
		{"http://example.org./x", "org,example)/x"},
		{"http://example.org//two//slashes?more//slashes", "org,example)/two/slashes?more//slashes"},
		{"http://example.org/%257Ea%2521b%2540c%2523d%2524e", "org,example)/~a!b@c%23d$e"},
		{"http://example.org/%25%32%35", "org,example)/%25"},
		{"http://example.org/%", "org,example)/%25"},
		{"http://example.org/a b/ü", "org,example)/a%20b/%c3%bc"},
		{"http://example.org/a%2Fb/%252e%252e/c", "org,example)/a/c"},
		{"http://example.org/?&r=http%3A//X.example/&b=N%205.0", "org,example)/?&b=n%205.0&r=http://x.example/"},
	}
	for _, tt := range tests {
		if got := mustParse(t, tt.raw).SURT(); got != tt.want {
			t.Errorf("SURT(%q) = %q, want %q", tt.raw, got, tt.want)
		}
	}
}

// A key never holds a byte that would break a line of an index apart.
func TestSURTIsOneField(t *testing.T) {
	t.Parallel()
	u := mustParse(t, "http://example.org/a%0Ab%20c%2500?%0D%0A%20=%7f")
	if s := u.SURT(); strings.ContainsAny(s, " \r\n\x00\x7f") {
		t.Errorf("SURT %q holds a blank or a control byte", s)
	}
}

func TestSURTOfNestedEscapesIsLinear(t *testing.T) {
	t.Parallel()
	u := mustParse(t, "http://example.org/%"+strings.Repeat("25", 4000)+"41")
	start := time.Now()
	for range 100 {
		if got := u.SURT(); got != "org,example)/a" {
			t.Fatalf("got %.80q", got)
		}
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("100 keys took %v", d)
	}
}
