package weburl

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// agree fails if the fast path gives an answer that the library does not give. It returns
// whether the fast path gave one.
func agree(t *testing.T, base URL, raw string) bool {
	t.Helper()
	ref, err := clean(raw)
	if err != nil {
		return false
	}
	secure, absolute, err := classify(base, ref)
	if err != nil {
		return false
	}
	var fast URL
	var ok bool
	if absolute {
		fast, ok = fastAbsolute(ref, secure)
	} else {
		fast, ok = base.fastRelative(ref)
	}
	if !ok {
		return false
	}
	want, err := slow(base, ref)
	if err != nil || fast != want {
		t.Fatalf("base %q, ref %q: fast path %+v, library %+v, %v", base, raw, fast, want, err)
	}
	return true
}

func TestFastPathAgreesWithLibrary(t *testing.T) {
	t.Parallel()
	pieces := []string{"http://", "https://", "http:", "//", "/", "..", ".", "a", "B", "%2e", "%2E.", "%41", "%", ":80", ":443", ":8080", ":",
		"?", "??", "#", "'", "~", "x.y", "example.com", "go.localhost", "127.0.0.1", "0x7f", "1", "xn--", "-", "_", "@", ";", "=", "&", "\\", " ", "ü", "ab--c", "|", "^"}
	bases := []URL{mustParse(t, "http://example.com"), mustParse(t, "https://example.com:81/a/b//c/?x/y"), mustParse(t, "http://127.0.0.1/a/./..//")}
	rng := rand.New(rand.NewPCG(1, 2))
	took := 0
	for range 100_000 {
		var b strings.Builder
		if rng.IntN(2) == 0 {
			b.WriteString("http://a.example")
		}
		for range rng.IntN(8) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		if agree(t, bases[rng.IntN(len(bases))], b.String()) {
			took++
		}
	}
	if took < 10_000 {
		t.Errorf("the fast path took %d of 100000, the test means nothing", took)
	}
}

// Plain links must take the fast path, or the crawler is slow without anybody noticing.
func TestFastPathTakesPlainLinks(t *testing.T) {
	t.Parallel()
	base := mustParse(t, "https://docs.example.com/std/vec/index.html")
	for _, ref := range []string{
		"", "../string/struct.String.html", "./x", "/a/b.css?v=1.2-3", "?page=2&sort=a,b", "//cdn.example.com/x.js", "https://a.example/~me/(x)/%C3%BC",
		"http://127.0.0.1:8080/x", "http://localhost:8080", "https://a-b.c1.example.co.uk/?q=a/b?c",
	} {
		if !agree(t, base, ref) {
			t.Errorf("%q took the slow path", ref)
		}
	}
}

func TestCanonicalSharesMemory(t *testing.T) { // not parallel: AllocsPerRun refuses it
	raw := "http://example.com/a/b?c=d"
	if n := testing.AllocsPerRun(100, func() {
		if _, err := Parse(raw); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("parsing a canonical URL allocates %v times", n)
	}
}

func FuzzResolve(f *testing.F) {
	for _, seed := range []string{"http://example.com/a/../b", "//x/..?y#z", `\\a\b`, "http://0x7f.1:80/", "http://[::1%25eth0]/", "http://a@b:c@d/", "http://-1/", "a\tb", "%2e%2e/", "http://xn--ls8h.la/"} {
		f.Add("http://example.com/x/y?z", seed)
		f.Add(seed, "../a")
	}
	f.Fuzz(func(t *testing.T, rawBase, ref string) {
		base, err := Parse(rawBase)
		if err != nil {
			base = mustParse(t, "https://example.com/a/b")
		}
		agree(t, base, ref)
		u, err := base.Resolve(ref)
		if err != nil {
			return
		}
		again, err := Parse(u.String())
		if err != nil || again != u {
			t.Fatalf("Resolve(%q, %q) = %+v, reparsed %+v, %v", base, ref, u, again, err)
		}
		if u.Scheme()+"://"+u.Authority()+u.RequestURI() != u.String() || u.Path() == "" || u.Path()[0] != '/' {
			t.Fatalf("parts of %q do not add up", u)
		}
		u.SURT()
	})
}

func BenchmarkResolve(b *testing.B) {
	base := mustParse(b, "https://docs.example.com/std/vec/index.html")
	for name, ref := range map[string]string{
		"absolute": "https://docs.example.com/std/string/struct.String.html", "relative": "../string/struct.String.html", "library": "../string/a b.html",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := base.Resolve(ref); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkKey(b *testing.B) {
	u := mustParse(b, "https://docs.example.com/std/string/struct.String.html")
	for b.Loop() {
		u.Key()
	}
}
