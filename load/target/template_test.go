package target

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/quick"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/transport"
)

func itoa(n int) string { return strconv.Itoa(n) }

// checkSent holds that send i could be sent as it is.
func checkSent(t testing.TB, s *Set, i int64) {
	t.Helper()
	var r transport.Request
	g := s.Pick(i)
	s.Fill(i, g, &r)
	if err := r.Validate(); err != nil {
		t.Fatalf("send %d, %s: %v", i, s.Name(g), err)
	}
	var again transport.Request
	s.Fill(i+1, g, &again)
	s.Fill(i, g, &again)
	if diff := cmp.Diff(r, again); diff != "" && (len(r.Header) > 0 || len(r.Body) > 0) {
		t.Fatalf("send %d is another request the second time:\n%s", i, diff)
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	feed := write(t, "users.csv", "user,word\nann,\"a \"\"b\"\"/é\"\nbob,x&y=1\n")
	s := openSet(t, func(c *Config) {
		c.Feed = feed
		c.URLs = []string{"http://a.example/u/{{user}}/{{ word }}?q={{word}}&n={{seq}}#top", "http://a.example:81?w={{word|url}}"}
		c.Method, c.Headers, c.Body = "POST", []string{"X-User: {{user}};{{word|url}}", "X-Fixed: {1}"}, `{"w":"{{word|json}}","n":{{seq}}}`
	})
	want := []string{
		"POST http://a.example/u/ann/a%20%22b%22%2F%C3%A9?q=a%20%22b%22%2F%C3%A9&n=0\nX-User: ann;a%20%22b%22%2F%C3%A9\nX-Fixed: {1}\n\n" + `{"w":"a \"b\"/é","n":0}`,
		"POST http://a.example:81/?w=x%26y%3D1\nX-User: bob;x%26y%3D1\nX-Fixed: {1}\n\n" + `{"w":"x&y=1","n":1}`,
		"POST http://a.example/u/ann/a%20%22b%22%2F%C3%A9?q=a%20%22b%22%2F%C3%A9&n=2\nX-User: ann;a%20%22b%22%2F%C3%A9\nX-Fixed: {1}\n\n" + `{"w":"a \"b\"/é","n":2}`,
	}
	for i, w := range want {
		if diff := cmp.Diff(w, sent(s, int64(i))); diff != "" {
			t.Errorf("send %d (-want +got):\n%s", i, diff)
		}
		checkSent(t, s, int64(i))
	}
	if s.Static(0) != nil || s.Static(1) != nil {
		t.Error("a template is static")
	}
	if got, want := s.Name(0), "POST http://a.example/u/{{user}}/{{%20word%20}}?q={{word}}&n={{seq}}"; got != want {
		t.Errorf("name %q, want %q", got, want)
	}
}

func TestBuiltIns(t *testing.T) {
	t.Parallel()
	open := func(seed uint64) *Set {
		return openSet(t, func(c *Config) {
			c.URLs, c.Seed = []string{"http://a.example/{{seq}}/{{random}}/{{uuid}}/{{uuid}}"}, seed
		})
	}
	a, b, other := open(1), open(1), open(2)
	form := regexp.MustCompile(`^GET http://a\.example/(\d+)/([0-9a-f]{16})/([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})/(.*)$`)
	seen := map[string]bool{}
	for i := range int64(2000) {
		got := sent(a, i)
		m := form.FindStringSubmatch(got)
		if m == nil || m[1] != strconv.FormatInt(i, 10) || m[3] != m[4] || seen[m[2]] || seen[m[3]] {
			t.Fatalf("send %d is %q", i, got)
		}
		seen[m[2]], seen[m[3]] = true, true
		if got != sent(b, i) {
			t.Fatalf("send %d differs in a second set of the same seed", i)
		}
		if got == sent(other, i) {
			t.Fatalf("send %d is the same with another seed", i)
		}
	}
}

func TestFeedOrderRandom(t *testing.T) {
	t.Parallel()
	var csv strings.Builder
	csv.WriteString("n\n")
	for i := range 50 {
		csv.WriteString(itoa(i) + "\n")
	}
	feed := write(t, "n.csv", csv.String())
	s := openSet(t, func(c *Config) {
		c.Feed, c.FeedOrder, c.URLs = feed, "random", []string{"http://a.example/{{n}}"}
	})
	count, inOrder := map[string]int{}, 0
	for i := range int64(50_000) {
		got := strings.TrimPrefix(sent(s, i), "GET http://a.example/")
		count[got]++
		if got == itoa(int(i%50)) {
			inOrder++
		}
	}
	if len(count) != 50 || inOrder > 2000 {
		t.Errorf("%d rows of 50 were taken, %d of 50000 in turn", len(count), inOrder)
	}
	for row, n := range count {
		if n < 840 || n > 1160 { // 1000 ± 5 standard deviations
			t.Errorf("row %s was taken %d times of 50000, want about 1000", row, n)
		}
	}
}

func TestFeeds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, body, want string }{
		{"a.jsonl", `{"a":"x","b":1.50}` + "\n\n" + `{"b":true,"a":"y\n"}`, "{{a|json}} {{b}}", "x 1.50|y\\n true"},
		{"a.ndjson", `{"a":"x"}`, "{{a}}", "x|x"},
		{"a.CSV", "\ufeffa , b\r\n1,\"2\n3\"\r\n", "{{a}} {{b}}", "1 2\n3|1 2\n3"},
	} {
		feed := write(t, test.name, test.text)
		s := openSet(t, func(c *Config) {
			c.Feed, c.Body, c.URLs = feed, test.body, []string{"http://a.example/"}
		})
		var bodies []string
		for i := range int64(2) {
			var r transport.Request
			s.Fill(i, 0, &r)
			bodies = append(bodies, string(r.Body))
		}
		if got := strings.Join(bodies, "|"); got != test.want {
			t.Errorf("%s: bodies %q, want %q", test.name, got, test.want)
		}
	}
}

func TestFeedProblems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, url, want string }{
		{"f.txt", "a\n1\n", "", `open feed "f.txt": it ends in ".txt"; want .csv or .jsonl`},
		{"f.csv", "a\n", "", `read feed "f.csv": it has no rows`},
		{"f.csv", "", "", `read feed "f.csv": it has no rows`},
		{"f.csv", "a,b\n1,2\n1\n1,2,3\n\"x\ny\",\"\n", "", "f.csv:3:1: 1 values for 2 columns\nf.csv:4:1: 3 values for 2 columns\nf.csv:6:6: extraneous or missing \" in quoted-field"},
		{"f.csv", "a,a\n1,2\n", "", `f.csv:1:1: two columns are called "a"`},
		{"f.csv", "a,\n1,2\n", "", `f.csv:1:1: column 2 has no name`},
		{"f.csv", "seq\n1\n", "", `f.csv:1:1: column "seq": the name is that of a placeholder that is always there (seq, random, uuid)`},
		{"f.csv", "a|b\n1\n", "", `f.csv:1:1: column "a|b": { } and | cannot stand in a placeholder`},
		{"f.csv", "a,b\n1,2\n", "http://a.example/", `feed "f.csv": no placeholder names one of its columns (a, b)`},
		{"f.csv", "a,b\n1,2\n", "http://a.example/{{c}}", `URL "http://a.example/{{c}}": placeholder {{c}}: unknown name; known are seq, random, uuid, and a, b of f.csv`},
		{"f.csv", "a,b\n1,2\n", "http://a.example/{{a|html}}", `URL "http://a.example/{{a|html}}": placeholder {{a|html}}: "html" is no way to write a value; want raw, url or json`},
		{"f.csv", "a,b\n1,2\n", "http://{{a}}.example/", `URL "http://{{a}}.example/": a placeholder in the scheme, host or port: which address is reached has to be known, and checked, before the run`},
		{"f.csv", "a\nok\nx y\nok\n\"q\nr\"\n", "http://a.example/{{a|raw}}", "f.csv: row 2, column \"a\": ' ' cannot stand in a URL\nf.csv: row 4, column \"a\": '\\n' cannot stand in a URL"},
		{"f.jsonl", "{\"a\":1}\n{\"b\":1}\n{\"a\":1,\"b\":2}\n{\"a\":[1]}\n {\"a\"\n", "", "f.jsonl:2:1: no key \"a\", which the first object has\nf.jsonl:3:1: 2 keys; the first object has 1\nf.jsonl:4:6: key \"a\": want a text, a number, true or false\nf.jsonl:5:6: broken JSON: the line ends within a value"},
		{"f.jsonl", "{}\n", "", "f.jsonl:1:1: an object without keys"},
	} {
		path := write(t, test.name, test.text)
		_, err := config(func(c *Config) {
			c.Feed, c.URLs = path, []string{test.url}
			if test.url == "" {
				c.URLs = []string{"http://a.example/{{a}}"}
			}
		}).Open()
		if err == nil {
			t.Errorf("%s %q: no error", test.name, test.text)
			continue
		}
		if diff := cmp.Diff(test.want, strings.ReplaceAll(err.Error(), path, test.name)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.text, diff)
		}
	}
}

// A value that would break out of a header is found before the run.
func TestHeaderFromFeed(t *testing.T) {
	t.Parallel()
	feed := write(t, "f.csv", "a\n\"x\nEvil: 1\"\n")
	_, err := config(func(c *Config) {
		c.Feed, c.URLs, c.Headers = feed, []string{"http://a.example/"}, []string{"X-A: {{a}}"}
	}).Open()
	if want := feed + `: row 1, column "a": '\n' cannot stand in a header`; err == nil || err.Error() != want {
		t.Fatalf("error %v, want %s", err, want)
	}
	s := openSet(t, func(c *Config) {
		c.Feed, c.URLs, c.Headers = feed, []string{"http://a.example/"}, []string{"X-A: {{a|json}}", "X-B: {{a|url}}"}
	})
	if got, want := sent(s, 0), "GET http://a.example/\nX-A: x\\nEvil: 1\nX-B: x%0AEvil%3A%201"; got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
}

// A secret is never taken for a template, and an error does not show it.
func TestSecretsAreNoTemplates(t *testing.T) {
	secret := "{{abc"
	t.Setenv("TARGET_TEST_SECRET", secret)
	s := openSet(t, func(c *Config) {
		c.URLs, c.Headers = []string{"http://a.example/"}, []string{"Authorization: env:TARGET_TEST_SECRET"}
	})
	if r := s.Static(0); r == nil || r.Header[0][1] != secret {
		t.Errorf("the request is %+v", r)
	}
}

// Many workers ask one set at once, each with its own request.
func TestSetIsShared(t *testing.T) {
	t.Parallel()
	feed := write(t, "f.csv", "a\n1\n2\n3\n")
	check, err := ParseCheck("body*=x")
	if err != nil {
		t.Fatal(err)
	}
	s := openSet(t, func(c *Config) {
		c.Feed, c.URLs, c.Headers, c.Body = feed, []string{"http://a.example/{{a}}", "http://a.example/"}, []string{"X-A: {{seq}}", "X-B: b"}, "{{uuid}}"
		c.Checks = []Check{check}
	})
	want := make([]string, 600)
	for i := range want {
		want[i] = sent(s, int64(i))
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			var r transport.Request
			for i := w; i < len(want); i += 2 {
				g := s.Pick(int64(i))
				s.Fill(int64(i), g, &r)
				if got := show(&r); got != want[i] || s.Verify(g, 200, nil, r.Body) != 0 {
					t.Errorf("send %d is %q, want %q", i, got, want[i])
				}
			}
		})
	}
	wg.Wait()
}

// What is escaped reads back as it was.
func TestEscapes(t *testing.T) {
	t.Parallel()
	percentBack := func(s string) bool {
		out := string(appendPercent(nil, s))
		q, err := url.QueryUnescape(out)
		p, perr := url.PathUnescape(out)
		return err == nil && perr == nil && q == s && p == s && !strings.ContainsAny(out, "/?#&=+ \"")
	}
	jsonBack := func(s string) bool {
		var back string
		err := json.Unmarshal([]byte(`"`+string(appendJSON(nil, s))+`"`), &back)
		return err == nil && back == strings.ToValidUTF8(s, "\ufffd")
	}
	for _, s := range []string{"", "a b", "é/ü", "\x00\x1f\x7f", `\"`, "a+b&c=d#e?f", "\u2028", "{{x}}"} {
		if !percentBack(s) || !jsonBack(s) {
			t.Errorf("%q: %s and %s", s, appendPercent(nil, s), appendJSON(nil, s))
		}
	}
	if err := quick.Check(percentBack, nil); err != nil {
		t.Error(err)
	}
	if err := quick.Check(jsonBack, nil); err != nil {
		t.Error(err)
	}
}

func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"", "a", "{{seq}}", "a{{ random | json }}b{{uuid}}", "{{", "}}{{a|raw}}{{b", "{{a}}{{a|url}}", "é{{b}}\x00"} {
		f.Add(s, "value")
	}
	f.Fuzz(func(t *testing.T, s, value string) {
		feed := &feed{name: "f", columns: []string{"a", "b"}, used: make([]bool, 2), cells: []string{value, value}, rows: 1}
		parsed, err := parseText(s, feed, percent)
		if err != nil {
			if te, ok := err.(*templateError); !ok || te.offset < 0 || te.offset >= len(s) || !strings.HasPrefix(s[te.offset:], open) {
				t.Fatalf("%q: error %v", s, err)
			}
			return
		}
		out := parsed.appendTo(nil, &values{send: 3, seed: 1, row: feed.row(3)})
		if !isTemplate(s) && string(out) != s {
			t.Fatalf("%q has no placeholders and became %q", s, out)
		}
		if again := parsed.appendTo(nil, &values{send: 3, seed: 1, row: feed.row(3)}); !slices.Equal(out, again) {
			t.Fatalf("%q became %q and %q", s, out, again)
		}
	})
}
