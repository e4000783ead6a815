package weburl

import (
	"slices"
	"testing"
)

func TestScope(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind string
		seed string
		in   []string
		out  []string
	}{
		{"host", "http://www.example.com/a/b",
			[]string{"http://www.example.com/", "https://www.example.com/x", "http://www.example.com./"},
			[]string{"http://example.com/", "http://www.example.com:8080/", "http://www.example.com.evil.example/"}},
		{"host", "http://127.0.0.1:8080/", []string{"https://127.0.0.1:8080/x"}, []string{"http://127.0.0.1/", "http://127.0.0.1:8081/"}},
		{"domain", "http://www.example.co.uk/",
			[]string{"https://example.co.uk:8443/", "http://a.b.example.co.uk/"},
			[]string{"http://other.co.uk/", "http://notexample.co.uk/", "http://co.uk/", "http://example.com/"}},
		{"domain", "http://amazonaws.com/", []string{"http://x.amazonaws.com/"}, []string{"http://somebody.s3.amazonaws.com/"}},
		{"domain", "http://me.github.io/", []string{"http://me.github.io/x"}, []string{"http://you.github.io/", "http://github.io/"}},
		{"domain", "http://127.0.0.1:8080/", []string{"http://127.0.0.1/"}, []string{"http://126.0.0.1/"}},
		{"domain", "http://localhost/", []string{"http://localhost:99/"}, []string{"http://go.localhost/"}},
		{"domain", "http://go.localhost/", []string{"http://go.localhost:99/"}, []string{"http://a.go.localhost/", "http://rust.localhost/", "http://localhost/"}},
		{"domain", "http://[::1]/", []string{"http://[::1]:99/"}, []string{"http://[::2]/"}},
		{"prefix", "https://example.com/docs/v1/index.html?x=/y/z",
			[]string{"http://example.com/docs/v1/", "https://example.com/docs/v1/a/b", "https://example.com/docs/v1/../v1/x"},
			[]string{"https://example.com/docs/v1", "https://example.com/docs/v10/", "https://example.com/docs/v1/../v2/", "https://example.com:444/docs/v1/", "https://a.example.com/docs/v1/"}},
		{"any", "http://example.com/", []string{"https://other.example/"}, nil},
	}
	for _, tt := range tests {
		scope, err := NewScope(tt.kind, []URL{mustParse(t, tt.seed)})
		if err != nil {
			t.Fatal(err)
		}
		if !scope.Contains(mustParse(t, tt.seed)) {
			t.Errorf("%s scope of %s does not contain its seed", tt.kind, tt.seed)
		}
		for _, raw := range tt.in {
			if !scope.Contains(mustParse(t, raw)) {
				t.Errorf("%s scope of %s does not contain %s", tt.kind, tt.seed, raw)
			}
		}
		for _, raw := range tt.out {
			if scope.Contains(mustParse(t, raw)) {
				t.Errorf("%s scope of %s contains %s", tt.kind, tt.seed, raw)
			}
		}
		if scope.Contains(URL{}) {
			t.Errorf("%s scope contains the zero URL", tt.kind)
		}
	}
}

func TestScopeKinds(t *testing.T) {
	t.Parallel()
	if _, err := NewScope("planet", nil); err == nil {
		t.Error("an unknown kind is accepted")
	}
	for _, kind := range []string{"host", "domain", "prefix"} {
		scope, err := NewScope(kind, []URL{{}})
		if err != nil {
			t.Fatal(err)
		}
		if scope.Contains(mustParse(t, "http://example.com/")) {
			t.Errorf("%s scope without seeds contains something", kind)
		}
	}
}

func TestScopeOfSeveralSeeds(t *testing.T) {
	t.Parallel()
	scope, err := NewScope("prefix", []URL{mustParse(t, "http://example.com/a/"), mustParse(t, "http://example.com/b/"), mustParse(t, "http://other.example/")})
	if err != nil {
		t.Fatal(err)
	}
	for raw, want := range map[string]bool{
		"http://example.com/a/x": true, "http://example.com/b/x": true, "http://example.com/c/x": false, "http://other.example/c": true,
	} {
		if got := scope.Contains(mustParse(t, raw)); got != want {
			t.Errorf("Contains(%s) = %v", raw, got)
		}
	}
}

// TestScopeMatch holds that the place which Match names is one of Places, and the right one.
func TestScopeMatch(t *testing.T) {
	t.Parallel()
	seeds := []URL{mustParse(t, "https://docs.example.co.uk:8443/v2/intro.html"), mustParse(t, "http://other.test/a/b")}
	rows := []struct{ kind, url, place string }{
		{"host", "http://other.test/x", "other.test"},
		{"host", "https://docs.example.co.uk:8443/", "docs.example.co.uk:8443"},
		{"host", "https://docs.example.co.uk/", ""},
		{"domain", "http://www.example.co.uk/", "example.co.uk"},
		{"domain", "http://example.com/", ""},
		{"prefix", "https://docs.example.co.uk:8443/v2/x/y", "docs.example.co.uk:8443/v2/"},
		{"prefix", "http://other.test/a/", "other.test/a/"},
		{"prefix", "http://other.test/b/", ""},
	}
	for _, row := range rows {
		scope, err := NewScope(row.kind, seeds)
		if err != nil {
			t.Fatal(err)
		}
		place, ok := scope.Match(mustParse(t, row.url))
		if ok != (row.place != "") || ok && (place != row.place || !slices.Contains(scope.Places(), place)) {
			t.Errorf("%s %s: %q, %v of %q", row.kind, row.url, place, ok, scope.Places())
		}
	}
	if any, err := NewScope("any", seeds); err != nil || any.Places() != nil {
		t.Errorf("any: %v, %v", any.Places(), err)
	}
}
