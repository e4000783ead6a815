package crawler

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
)

func urlOf(t testing.TB, raw string) weburl.URL {
	t.Helper()
	u, err := weburl.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestTrapShape(t *testing.T) {
	t.Parallel()
	far := monthIndex(2026, 11) + 2
	tests := []struct{ path, want string }{
		{"/", ""},
		{"/a/b/c", ""},
		{"/a/b/a/c", "echoes"},
		{"/x/a/b/a/b/a/b", "echoes repeats"},
		{"/x/a/b/a/b/y/a/b", "echoes"},
		{"/a/a/a", "echoes repeats"},
		{"/a/x/a/y/a/z/a", "echoes repeats"},
		{"/a/a/b/b/c/c", "echoes"},
		{"/" + strings.Repeat("a/b/c/d/e/", 3), "echoes repeats"},
		{"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", "over"},
		{"/x?" + strings.Repeat("a=1&", 9), "over"},
		{"/2026/11/20", "dated"},
		{"/2026/12", "dated"},
		{"/2027/01", "dated far"},
		{"/1899/12", "dated far"},
		{"/news-2027/13", ""},
		{"/2031/", ""},
		{"/events/2031-05-04", "dated far"},
		{"/events/20310504", ""},
		{"/x?year=2026&month=3", "dated"},
		{"/x?year=2031", "dated far"},
		{"/x?date=2031-05", "dated far"},
		{"/x?start=1042", ""},
		{"/s/4f3a9c2e1b7d8a60/x", "id"},
		{"/x?visit=a1b2c3d4", "id"},
		{"/x?v=deadbeefdeadbeef", ""},
		{"/x?sid=7", "id"},
		{"/arch/fn._mm256_add_epi16.html", ""},
		{"/item-1234", ""},
	}
	for _, tt := range tests {
		s := shapeOf(urlOf(t, "http://a.example"+tt.path), far)
		var got []string
		for _, f := range []struct {
			name string
			is   bool
		}{{"echoes", s.echoes}, {"repeats", s.repeats}, {"over", s.over}, {"dated", s.dated}, {"far", s.far}, {"id", s.id.key != 0}} {
			if f.is {
				got = append(got, f.name)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %s", tt.path, got, tt.want)
		}
	}
}

// Patterns are the same for pages that differ in numbers and ids, and for the
// named pages of a folder.
func TestTrapPatterns(t *testing.T) {
	t.Parallel()
	same := [][2]string{
		{"/p/17", "/p/18000"}, {"/a/x.html", "/a/y.html"}, {"/v1.2/a/17.html", "/v1.30/a/9.html"},
		{"/x?id=1", "/x?id=2"}, {"/x?a=1&b=2", "/x?b=7&a=3"}, {"/c/0123456789abcdef", "/c/fedcba9876543210"},
	}
	other := [][2]string{{"/p/17", "/q/17"}, {"/a/x.html", "/b/x.html"}, {"/x?id=1", "/x?no=1"}, {"/x?id=1", "/y?id=1"}, {"/a/x", "/a/17"}, {"/a/", "/a/x"}}
	pattern := func(path string) [maxTrapLevels]uint64 { return shapeOf(urlOf(t, "http://a.example"+path), 0).level }
	for _, p := range same {
		if pattern(p[0]) != pattern(p[1]) {
			t.Errorf("%s and %s have different patterns", p[0], p[1])
		}
	}
	for _, p := range other {
		if pattern(p[0]) == pattern(p[1]) {
			t.Errorf("%s and %s have one pattern", p[0], p[1])
		}
	}
}

func TestSaidBy(t *testing.T) {
	t.Parallel()
	page := `<html><title>Shop</title><script>var a = 1</script><p class=x17>Five red apples</p>`
	tests := []struct {
		text string
		same bool
	}{
		{`<title>Shop</title> five RED <b>apples</b>`, true},
		{page + " 17 items, 12:30 on Monday, May 5", false},
		{page + " 17", true},
		{page + " Monday, Sept 5", true},
		{page + " 4f3a9c2e1b7d8a60", true},
		{page + "<!-- made > today --><style>p{}</style><a href=/other>", true},
		{page + `<img src="/a.jpg">`, false},
		{page + "<script>never ends", true},
		{page + "<never ends", true},
		{page + " a < b", false},
		{strings.Replace(page, "apples", "pears", 1), false},
		{strings.Replace(page, "Five red", "red Five", 1), false},
	}
	want := saidBy([]byte(page), weburl.URL{})
	for _, tt := range tests {
		if got := saidBy([]byte(tt.text), weburl.URL{}) == want; got != tt.same {
			t.Errorf("%q: same %v, want %v", tt.text, got, tt.same)
		}
	}
	a, b := urlOf(t, "http://a.example/red/blue/"), urlOf(t, "http://a.example/blue/blue/")
	if saidBy([]byte("in /red/blue/"), a) != saidBy([]byte("in /blue/blue/"), b) {
		t.Error("an echo of the address says something")
	}
}

func FuzzTraps(f *testing.F) {
	f.Add("http://a.example/2026/11?x=1&sid=a1b2c3d4e5", "<a>x</a>")
	f.Add("http://a.example/a/a/a//?&&=&", "<script><!--<img src=")
	f.Fuzz(func(t *testing.T, raw, body string) {
		u, err := weburl.Parse(raw)
		if err != nil {
			return
		}
		tr := newTraps(&Config{Traps: TrapsOn}, time.Now())
		for range 3 {
			tr.admit(&frontier.Item{Link: frontier.Link{URL: u, Via: raw}, Attempt: 1})
		}
		saidBy([]byte(body), u)
	})
}

// Of more hosts than memory is set aside for, some are forgotten.
func TestTrapsForgetHosts(t *testing.T) {
	t.Parallel()
	tr := newTraps(&Config{Traps: TrapsOn}, time.Now())
	for i := range 3000 {
		u := urlOf(t, fmt.Sprintf("http://h%d.example/x?visit=a1b2c3d4e5&p=%d", i, i))
		tr.admit(&frontier.Item{Link: frontier.Link{URL: u}, Attempt: 1})
	}
	held := 0
	for _, h := range tr.hosts {
		held += h.weight()
	}
	if held != tr.held || held > maxTrapsHeld+200 || len(tr.hosts) < 100 {
		t.Errorf("%d hosts hold %d, counted %d", len(tr.hosts), held, tr.held)
	}
}

// What is known of a host is bounded, whatever its URLs are.
func TestTrapStateIsBounded(t *testing.T) {
	t.Parallel()
	tr := newTraps(&Config{Traps: TrapsOn}, time.Now())
	for i := range 20_000 {
		word := strings.Map(func(r rune) rune { return r + 'a' - '0' }, time.Duration(i).String()[:1]) + strings.Repeat("x", i%97) + string(rune('a'+i%26))
		u := urlOf(t, "http://a.example/"+word+"/"+strings.Repeat("y", i%89)+"/?"+word+"=1&b=2&c=3")
		tr.admit(&frontier.Item{Link: frontier.Link{URL: u}, Attempt: 1})
	}
	h := tr.hosts["a.example"]
	if h.nodes > maxTrapNodes+maxTrapLevels || tr.held != h.weight() || len(h.facets) > maxFacetPaths {
		t.Errorf("%d patterns (%d counted), %d paths with parameters", h.nodes, tr.held, len(h.facets))
	}
	count := 0
	var visit func(n *trapNode)
	visit = func(n *trapNode) {
		count++
		for _, c := range n.children {
			visit(c)
		}
	}
	visit(h.root)
	if count != h.nodes {
		t.Errorf("%d patterns, counted %d", count, h.nodes)
	}
}

func TestTrapStateOutlivesAStop(t *testing.T) {
	t.Parallel()
	cfg := &Config{Traps: TrapsOn}
	tr := newTraps(cfg, time.Now())
	item := func(path string) *frontier.Item {
		return &frontier.Item{Link: frontier.Link{URL: urlOf(t, "http://a.example"+path), Via: "http://a.example/a/a/a/a/"}, Attempt: 1}
	}
	path := "/a/a/a/"
	for range repeatLimit {
		path += "a/"
		if len(path) > 100 {
			path = "/a/a/a/"
		}
		tr.admit(item(path))
	}
	if kind := tr.admit(item("/a/a/a/a/")); kind != trapRepeat {
		t.Fatalf("kind %q", kind)
	}
	text, ok := tr.encode("run1", false)
	if _, again := tr.encode("run1", false); !ok || again {
		t.Fatalf("kept %v, and again %v", ok, again)
	}
	for run, want := range map[string]string{"run1": trapRepeat, "run2": ""} {
		next := newTraps(cfg, time.Now())
		next.restore(run, text)
		if kind := next.admit(item("/a/a/a/a/")); kind != want {
			t.Errorf("%s: kind %q, want %q", run, kind, want)
		}
	}
	if newTraps(&Config{Traps: TrapsOff}, time.Now()).admit(item("/a/a/a/a/")) != "" {
		t.Error("off is on")
	}
}

// A page of fifty links on a host where something is closed, and one where
// nothing is.
func BenchmarkTrapFilter(b *testing.B) {
	for _, hot := range []bool{false, true} {
		tr := newTraps(&Config{Traps: TrapsOn}, time.Now())
		links := make([]frontier.Link, 50)
		for i := range links {
			links[i] = frontier.Link{URL: urlOf(b, "https://docs.example.com/std/collections/struct.HashMap.html?page="+strings.Repeat("1", i%7+1))}
		}
		tr.admit(&frontier.Item{Link: links[0], Attempt: 1})
		tr.hosts["docs.example.com"].hot = hot
		b.Run(map[bool]string{false: "cold", true: "hot"}[hot], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				tr.filter(links)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(links)), "ns/link")
		})
	}
}

func BenchmarkTrapAdmit(b *testing.B) {
	tr := newTraps(&Config{Traps: TrapsOn}, time.Now())
	item := frontier.Item{Link: frontier.Link{URL: urlOf(b, "https://docs.example.com/std/collections/hash_map/struct.HashMap.html")}, Attempt: 1}
	b.ReportAllocs()
	for b.Loop() {
		tr.admit(&item)
	}
}

func BenchmarkSaidBy(b *testing.B) {
	page := []byte(strings.Repeat(`<p class="docblock">Returns the <a href="x.html">number</a> of elements in it.</p>`+"\n", 250))
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		saidBy(page, weburl.URL{})
	}
}
