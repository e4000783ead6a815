package target

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testdata/run is what a crawl of a folder with a few files wrote, but for its archive.
const testRun = "testdata/run"

func TestFromRun(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*Config)
		want   []string
	}{
		{"pages", func(*Config) {}, []string{
			"GET http://127.0.0.1:8080/", "GET http://127.0.0.1:8080/a.html", "GET http://127.0.0.1:8080/b.html?q=1&r=%20x"}},
		{"HEAD with requisites", func(c *Config) { c.Method, c.Requisites = "HEAD", "with" }, []string{
			"HEAD http://127.0.0.1:8080/", "HEAD http://127.0.0.1:8080/a.html", "HEAD http://127.0.0.1:8080/b.html?q=1&r=%20x",
			"HEAD http://127.0.0.1:8080/logo.png", "HEAD http://127.0.0.1:8080/s.css"}},
		{"requisites only", func(c *Config) { c.Requisites = "only" }, []string{
			"GET http://127.0.0.1:8080/logo.png", "GET http://127.0.0.1:8080/s.css"}},
		{"elsewhere", func(c *Config) { c.Base = "https://Staging.example.org" }, []string{
			"GET https://staging.example.org/", "GET https://staging.example.org/a.html", "GET https://staging.example.org/b.html?q=1&r=%20x"}},
		{"elsewhere below a path", func(c *Config) { c.Base = "http://[::1]:99/copy/" }, []string{
			"GET http://[::1]:99/copy/", "GET http://[::1]:99/copy/a.html", "GET http://[::1]:99/copy/b.html?q=1&r=%20x"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := openSet(t, func(c *Config) {
				c.From, c.Order = testRun, "sequence"
				test.change(c)
			})
			var got []string
			for i := range s.Len() {
				got = append(got, sent(s, int64(i)))
				if !s.Static(i).Named {
					t.Errorf("%s is not taken as named", s.Name(i))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("targets (-want +got):\n%s", diff)
			}
		})
	}
}

// ledger makes a run directory of a seed and lines.
func ledger(t *testing.T, seed string, lines ...string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"job.yaml": "out: x\ncrawl:\n  seeds: [" + seed + "]\n  scope: any\n", "inlinks.jsonl": strings.Join(lines, "\n") + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOrderOfRun(t *testing.T) {
	t.Parallel()
	dir := ledger(t, "http://a.example/",
		`{"url":"http://a.example/","inlinks":8,"requisite":false,"state":"stored","status":200}`,
		`{"url":"http://a.example/same","inlinks":0,"requisite":false,"state":"stored","status":304}`)
	for order, want := range map[string]float64{"": 0.9, "inlinks": 0.9, "uniform": 0.5, "sequence": 0.5} {
		s := openSet(t, func(c *Config) { c.From, c.Order = dir, order })
		const n = 20_000
		first := 0
		for i := range int64(n) {
			if s.Pick(i) == 0 {
				first++
			}
		}
		if share := float64(first) / n; math.Abs(share-want) > 0.02 || order == "sequence" && share != want {
			t.Errorf("order %q: the first page got %v of the sends, want %v", order, share, want)
		}
	}
}

// What a crawl found is not the user's word: not named beyond the seeds' host:port, and never a template.
func TestFoundIsNotNamed(t *testing.T) {
	t.Parallel()
	dir := ledger(t, "a.example",
		`{"url":"http://a.example/?q={{seq}}","inlinks":1,"requisite":false,"state":"stored","status":200}`,
		`{"url":"https://a.example/","inlinks":1,"requisite":false,"state":"stored","status":200}`,
		`{"url":"http://a.example:8080/","inlinks":1,"requisite":false,"state":"stored","status":200}`)
	s := openSet(t, func(c *Config) { c.From, c.Order = dir, "sequence" })
	if s.Len() != 2 || !s.Static(0).Named || s.Static(1).Named {
		t.Fatalf("%d targets: %+v", s.Len(), s.targets)
	}
	if got := sent(s, 0); got != "GET http://a.example/?q={{seq}}" {
		t.Errorf("sent %q", got)
	}
	s = openSet(t, func(c *Config) {
		c.From, c.Order, c.Headers = dir, "sequence", []string{"X-Id: {{seq}}"}
	})
	if got := sent(s, 4); got != "GET http://a.example/?q={{seq}}\nX-Id: 4" {
		t.Errorf("sent %q", got)
	}
}

func TestRunProblems(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	unfinished := filepath.Join(dir, "unfinished")
	must(os.MkdirAll(filepath.Join(unfinished, "frontier"), 0o755))
	must(os.MkdirAll(filepath.Join(dir, "empty"), 0o755))
	seed := "http://a.example/"
	other := ledger(t, seed,
		`{"url":"http://a.example/404","inlinks":1,"requisite":false,"state":"stored","status":404}`,
		`{"url":"http://a.example/301","inlinks":1,"requisite":false,"state":"stored","status":301}`,
		`{"url":"http://a.example/x","inlinks":1,"requisite":false,"state":"failed","reason":"timeout"}`,
		`{"url":"http://a.example/i.png","inlinks":1,"requisite":true,"state":"stored","status":200}`,
		`{"url":"http://b.example/","inlinks":1,"requisite":false,"state":"stored","status":200}`,
		`{"url":"http://b.example/2","inlinks":1,"requisite":false,"state":"stored","status":200}`,
		`{"url":"http://a.example:81/","inlinks":1,"requisite":false,"state":"stored","status":200}`)
	list := ledger(t, "", `{"url":"http://a.example/","inlinks":0,"requisite":false,"state":"stored","status":200}`)
	jobless := ledger(t, seed)
	must(os.Remove(filepath.Join(jobless, "job.yaml")))
	broken := ledger(t, "[}")
	torn := ledger(t, seed, `{"url":"http://a.example/","inlinks":0,"requisite":false,"state":"stored","status":200}`, `{"url":"http://a.exa`, `{}`)
	for _, test := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"missing", func(c *Config) { c.From = filepath.Join(dir, "nothing") }, `open run "DIR/nothing": no such file or directory`},
		{"file", func(c *Config) { c.From = "from.go" }, `open run "from.go": it is a file; want the directory that a crawl wrote with -o`},
		{"another directory", func(c *Config) { c.From = filepath.Join(dir, "empty") }, `open run "DIR/empty": it is no run directory: neither inlinks.jsonl nor job.yaml is in it`},
		{"unfinished", func(c *Config) { c.From = unfinished }, `open run "DIR/unfinished": its crawl is unfinished: inlinks.jsonl, which says what was found, is written at the end; go on with fetch crawl --config DIR/unfinished/job.yaml`},
		{"nothing left", func(c *Config) { c.From = other }, `read run "OTHER": nothing is left to request: of 7 URLs, 3 not answered with 2xx; 1 images, styles and scripts (requisites with or only takes them); 3 on hosts or ports that are not the seeds': http://b.example, http://a.example:81 (base requests them elsewhere)`},
		{"a list", func(c *Config) { c.From = list }, `read run "LIST": it has no seeds (fetch get has a list instead), so no host of it was named; want base, the URL to request its pages at`},
		{"no job", func(c *Config) { c.From = jobless }, `read run "JOBLESS": job.yaml is not in it, so its seeds are not known; want base, the URL to request its pages at`},
		{"broken job", func(c *Config) { c.From = broken }, `read seeds of run "BROKEN": BROKEN/job.yaml:4:3: no YAML: ',' or ']' must be specified`},
		{"torn", func(c *Config) { c.From = torn }, "TORN/inlinks.jsonl:2:1: want an object with url, inlinks, requisite, state and status, as a crawl writes it\nTORN/inlinks.jsonl:3:1: want an object with url, inlinks, requisite, state and status, as a crawl writes it"},
		{"method", func(c *Config) { c.From, c.Method, c.Body = testRun, "POST", "x" }, "method \"POST\": the pages of a crawl are requested with GET or HEAD only\nbody: the pages of a crawl are requested without one"},
		{"base", func(c *Config) { c.From, c.Base = testRun, "https://a.example/?x=1" }, `base "https://a.example/?x=1": it has a query or fragment; want scheme, host and perhaps a path, as https://staging.example.org`},
		{"base without a scheme", func(c *Config) { c.From, c.Base = testRun, "a.example" }, `base: parse URL "a.example": want http:// or https://`},
	} {
		_, err := config(test.change).Open()
		if err == nil {
			t.Errorf("%s: no error", test.name)
			continue
		}
		got := strings.NewReplacer(dir, "DIR", other, "OTHER", list, "LIST", torn, "TORN", jobless, "JOBLESS", broken, "BROKEN").Replace(err.Error())
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	if s := openSet(t, func(c *Config) { c.From, c.Base = list, "http://b.example" }); s.Len() != 1 {
		t.Errorf("a list with a base has %d targets", s.Len())
	}
}
