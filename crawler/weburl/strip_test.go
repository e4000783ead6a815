package weburl

import (
	"strings"
	"testing"
)

func defaultStripper(t testing.TB) *Stripper {
	t.Helper()
	s, err := NewStripper(DefaultStripParams())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStrip(t *testing.T) {
	t.Parallel()
	s := defaultStripper(t)
	tests := []struct{ raw, want string }{
		{"http://a.example/", "http://a.example/"},
		{"http://a.example/?", "http://a.example/?"},
		{"http://a.example/x?b=1&a=2", "http://a.example/x?b=1&a=2"},
		{"http://a.example/x?utm_source=m&b=1&UTM_Medium=n&a=2&fbclid=z", "http://a.example/x?b=1&a=2"},
		{"http://a.example/x?utm_source=m", "http://a.example/x"},
		{"http://a.example/x?&&b&utm_id=1&&c=", "http://a.example/x?&&b&&c="},
		{"http://a.example:81/x;jsessionid=1A2B.node?id=7", "http://a.example:81/x?id=7"},
		{"http://a.example/shop;v=1;JSESSIONID=F0;w=2/item;x", "http://a.example/shop;v=1;w=2/item;x"},
		{"http://a.example/x?PHPSESSID=7q2", "http://a.example/x"},
		{"http://a.example/x?sid=17&p=2", "http://a.example/x?sid=17&p=2"},
		{"http://a.example/x?sid=0123456789abcdefABCDEF&p=2", "http://a.example/x?p=2"},
		{"http://a.example/x?sid=0123456789abcdefg", "http://a.example/x?sid=0123456789abcdefg"},
		{"http://a.example/jsessionid=1/x", "http://a.example/jsessionid=1/x"},
		{"http://a.example/b/..;jsessionid=1/x", "http://a.example/b/..;jsessionid=1/x"},
		{"http://a.example/b/%2E.;jsessionid=1", "http://a.example/b/%2E.;jsessionid=1"},
		{"http://a.example/b/;jsessionid=1", "http://a.example/b/"},
		{"http://a.example/?utm=1&putm_x=2", "http://a.example/?utm=1&putm_x=2"},
	}
	for _, tt := range tests {
		got := s.Strip(mustParse(t, tt.raw))
		if got.String() != tt.want {
			t.Errorf("Strip(%q) = %q, want %q", tt.raw, got, tt.want)
		}
		if again := mustParse(t, got.String()); again != got || s.Strip(got) != got {
			t.Errorf("Strip(%q) = %+v is not canonical", tt.raw, got)
		}
	}
	var none *Stripper
	if u := mustParse(t, "http://a.example/?utm_id=1"); none.Strip(u) != u || s.Strip(URL{}) != (URL{}) {
		t.Error("the nil stripper strips, or the zero URL is touched")
	}
}

func TestStripRules(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "*", "=hex", "a*b", "a=b", "a*=hex", "a&b", "a=hex*"} {
		if _, err := NewStripper([]string{bad}); err == nil || !strings.Contains(err.Error(), "parameter rule") {
			t.Errorf("rule %q: error %v", bad, err)
		}
	}
	s, err := NewStripper([]string{"Ref", "x-*"})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Strip(mustParse(t, "http://a.example/?REF=1&x-y=2&utm_id=3")).String(); got != "http://a.example/?utm_id=3" {
		t.Errorf("got %q", got)
	}
}

func FuzzStrip(f *testing.F) {
	s := defaultStripper(f)
	for _, seed := range []string{"http://a.example/x;jsessionid=1?utm_id=2&b", "http://a/..;sid=0123456789abcdef;x/?&=&", "http://a/%2e;jsessionid=;/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := Parse(raw)
		if err != nil {
			return
		}
		got := s.Strip(u)
		if again, err := Parse(got.String()); err != nil || again != got {
			t.Fatalf("Strip(%q) = %+v, reparsed %+v, %v", u, got, again, err)
		}
		if s.Strip(got) != got || got.Origin() != u.Origin() {
			t.Fatalf("Strip(%q) = %q is not final", u, got)
		}
	})
}

func BenchmarkStrip(b *testing.B) {
	s := defaultStripper(b)
	for name, raw := range map[string]string{
		"plain": "https://docs.example.com/std/vec/index.html", "query": "https://a.example/x?id=17&page=2", "stripped": "https://a.example/x?id=17&utm_source=m",
	} {
		u := mustParse(b, raw)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Strip(u)
			}
		})
	}
}
