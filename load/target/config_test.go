package target

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/configs"
)

func TestConfigProblems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"nothing", func(*Config) {}, "urls: nothing to request; want at least one URL, targets or from"},
		{"two sources", func(c *Config) { c.URLs, c.Targets = []string{"http://a.example/"}, "x" }, "urls, targets and from: want one of them"},
		{"no standard input", func(c *Config) { c.Targets = "-" }, "targets -: there is no standard input here"},
		{"without from", func(c *Config) {
			c.URLs, c.Base, c.Order, c.Requisites = []string{"http://a.example/"}, "http://b.example", "uniform", "with"
		}, "base: goes with from, the run directory of a crawl\norder: goes with from, the run directory of a crawl\nrequisites: goes with from, the run directory of a crawl"},
		{"without targets", func(c *Config) { c.URLs, c.TargetsFormat = []string{"http://a.example/"}, "json" }, "targets-format: goes with targets"},
		{"words", func(c *Config) {
			c.From, c.TargetsFormat, c.Order, c.Requisites, c.FeedOrder = testRun, "xml", "best", "some", "shuffled"
		}, "targets-format \"xml\": want auto, http, json, jsonl\norder \"best\": want inlinks, uniform, sequence\nrequisites \"some\": want none, with, only\nfeed-order \"shuffled\": want sequence, random\ntargets-format: goes with targets"},
		{"feed-order", func(c *Config) { c.URLs, c.FeedOrder = []string{"http://a.example/"}, "random" }, "feed-order: goes with feed"},
		{"headers", func(c *Config) {
			c.URLs, c.Headers = []string{"http://a.example/"}, []string{"word", "A: env:TANDEM_NO_SUCH_VARIABLE", "Content-Length: 1", "B C: 1", "D: {{nosuch}}"}
		}, "header without a colon: want 'Name: value'\nheader A: \"env:TANDEM_NO_SUCH_VARIABLE\": the environment variable is not set\nheader \"Content-Length\": set by the transport alone\nheader \"B C\": not a valid field\nheader D: placeholder {{nosuch}}: unknown name; without a feed there are seq, random, uuid"},
		{"URLs", func(c *Config) {
			c.URLs, c.Method = []string{"example.org", "http://u:p@a.example/", "http://a.example/", "http://a.example/{{x}}"}, "A B"
		}, "parse URL \"example.org\": want http:// or https://\nparse URL \"http://u:p@a.example/\": user name or password in a URL\nmethod \"A B\": not usable\nURL \"http://a.example/{{x}}\": placeholder {{x}}: unknown name; without a feed there are seq, random, uuid"},
		{"body", func(c *Config) { c.URLs, c.Body = []string{"http://a.example/"}, "{{seq" }, "body: placeholder is not closed: want {{name}}"},
		{"check", func(c *Config) { c.URLs, c.Checks = []string{"http://a.example/"}, make([]Check, 1) }, "check 1: it is empty; " + wantCheck},
	} {
		c := config(test.change)
		err := c.Validate()
		if err == nil {
			t.Errorf("%s: no error", test.name)
			continue
		}
		if diff := cmp.Diff(test.want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if _, opened := c.Open(); opened == nil || opened.Error() != err.Error() {
			t.Errorf("%s: Open says %v, Validate %v", test.name, opened, err)
		}
	}
}

// A feed that is not open yet is no reason to refuse its placeholders.
func TestValidateBeforeFeed(t *testing.T) {
	t.Parallel()
	c := config(func(c *Config) {
		c.URLs, c.Feed, c.Headers, c.Body = []string{"http://a.example/{{user}}"}, "/no/such/feed.csv", []string{"A: {{user}}"}, "{{user}}"
	})
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if _, err := c.Open(); err == nil || err.Error() != `open feed "/no/such/feed.csv": no such file or directory` {
		t.Errorf("open: %v", err)
	}
}

// The keys are those of a job file's load section, and what is wrong there has its place.
func TestConfigInJobFile(t *testing.T) {
	t.Parallel()
	c := DefaultConfig()
	job := "load:\n  targets: list.txt\n  targets-format: json\n  from: run\n  base: http://a.example\n  order: uniform\n  requisites: only\n" +
		"  method: HEAD\n  header: ['A: 1']\n  body: x\n  feed: f.csv\n  feed-order: random\n  seed: 7\n  check: [status=2xx, 'body~<title>']\n  urls: [http://b.example/]\n"
	if err := configs.Parse("job.yaml", []byte(job), map[string]any{"load": &c}); err != nil {
		t.Fatal(err)
	}
	var checks []string
	for _, one := range c.Checks {
		checks = append(checks, one.String())
	}
	got := []any{c.Targets, c.TargetsFormat, c.From, c.Base, c.Order, c.Requisites, c.Method, c.Headers, c.Body, c.Feed, c.FeedOrder, c.Seed, checks, c.URLs}
	want := []any{"list.txt", "json", "run", "http://a.example", "uniform", "only", "HEAD", []string{"A: 1"}, "x", "f.csv", "random", uint64(7), []string{"status=2xx", "body~<title>"}, []string{"http://b.example/"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	err := configs.Parse("job.yaml", []byte("load:\n  order: best\n  check:\n    - status=2xx\n    - time<5\n"), map[string]any{"load": &c})
	if err == nil || !strings.Contains(err.Error(), "job.yaml:2:10") || !strings.Contains(err.Error(), "job.yaml:5:7") {
		t.Errorf("error %v", err)
	}
}
