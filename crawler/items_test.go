package crawler_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/crawler"
	"tandem/crawler/extract"
)

type itemLine struct {
	Rule, URL string
	FetchedAt string `json:"fetched_at"`
	Item      map[string]any
}

// itemLines reads items.jsonl by URL.
func itemLines(t *testing.T, dir string) map[string][]itemLine {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "items.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string][]itemLine{}
	for text := range strings.Lines(string(b)) {
		var l itemLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("line %q: %v", text, err)
		}
		lines[l.URL] = append(lines[l.URL], l)
	}
	return lines
}

func selector(t *testing.T, text string) *extract.Selector {
	t.Helper()
	s, err := extract.ParseSelector(text)
	if err != nil {
		t.Fatal(err)
	}
	return &s
}

// names returns what the items of a page are called.
func names(lines []itemLine) []string {
	var all []string
	for _, l := range lines {
		all = append(all, fmt.Sprint(l.Item["name"]))
	}
	return all
}

// An unchanged page keeps its items, a changed one has its new ones, one that is gone has none, one that has trouble
// keeps them; other rules ask every page again.
func TestItemsOverRuns(t *testing.T) {
	t.Parallel()
	var run atomic.Int64
	var closed atomic.Bool
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if closed.Load() {
			fmt.Fprint(w, "User-agent: *\nDisallow: /\n")
			return
		}
		second := run.Load() > 0
		page := func(tag, body string) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("ETag", tag)
			if r.Header.Get("If-None-Match") == tag {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			fmt.Fprint(w, body)
		}
		switch r.URL.Path {
		case "/":
			page(`"0"`, `<a href=/same>1</a><a href=/new>2</a><a href=/gone>3</a><a href=/closed>4</a><a href=/moved>5</a>`)
		case "/same":
			page(`"s"`, `<p class=x>A &amp; <b>B</b></p><p class=x id=i></p><p class=x>C</p>`)
		case "/new":
			page(fmt.Sprintf(`"n%t"`, second), fmt.Sprintf(`<p class=x>second: %t</p>`, second))
		case "/gone", "/closed", "/moved":
			switch {
			case second && r.URL.Path == "/gone":
				http.NotFound(w, r)
			case second && r.URL.Path == "/closed":
				w.WriteHeader(http.StatusForbidden)
			case second:
				http.Redirect(w, r, "/same", http.StatusFound)
			default:
				page(`"g"`, `<p class=x>D</p>`)
			}
		default:
			http.NotFound(w, r)
		}
	}))
	cfg := config(t.TempDir(), base+"/")
	cfg.Extract = []extract.Rule{{Name: "para", Select: selector(t, "p.x"), Fields: map[string]extract.Field{
		"name": {Required: true}, "bold": {CSS: selector(t, "b"), List: true}}}}
	first := crawl(t, cfg)
	if first.Items != 6 || first.ItemsDropped != 1 {
		t.Errorf("items %d, dropped %d", first.Items, first.ItemsDropped)
	}
	before := itemLines(t, cfg.Dir)
	want := map[string]any{"name": "A & B", "bold": []any{"B"}}
	if got := before[base+"/same"]; len(got) != 2 || !cmp.Equal(got[0].Item, want) || got[0].Rule != "para" || len(got[0].FetchedAt) != 24 {
		t.Errorf("items of /same: %+v", got)
	}

	run.Add(1)
	second := crawl(t, cfg)
	if second.Status["304"] != 2 || second.Items != 1 {
		t.Errorf("status %v, items %d", second.Status, second.Items)
	}
	after := itemLines(t, cfg.Dir)
	if diff := cmp.Diff(before[base+"/same"], after[base+"/same"]); diff != "" {
		t.Errorf("an unchanged page's items (-before +after):\n%s", diff)
	}
	for path, want := range map[string][]string{"/new": {"second: true"}, "/gone": nil, "/moved": nil, "/closed": {"D"}} {
		if got := names(after[base+path]); !cmp.Equal(got, want) {
			t.Errorf("items of %s: %q, want %q", path, got, want)
		}
	}

	// A run that reaches nothing has made no items: the one after it still asks for whole pages.
	cfg.Extract[0].Select = selector(t, "p.x b")
	closed.Store(true)
	if _, err := tryCrawl(t, cfg); !errors.Is(err, crawler.ErrNothingFetched) {
		t.Fatalf("error %v", err)
	}
	closed.Store(false)
	third := crawl(t, cfg)
	if got := names(itemLines(t, cfg.Dir)[base+"/same"]); !cmp.Equal(got, []string{"B"}) || third.Status["304"] != 0 {
		t.Errorf("after the rules changed: %q, status %v", got, third.Status)
	}
	if fourth := crawl(t, cfg); fourth.Status["304"] == 0 {
		t.Errorf("with the same rules: status %v", fourth.Status)
	}
}

// Rules that differ only within items within items are other rules: every page is asked for whole.
func TestNestedRulesAskAgain(t *testing.T) {
	t.Parallel()
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, "<p>x <b>1</b> <i>2</i></p>")
	}))
	cfg := config(t.TempDir(), base+"/")
	rule := func(within string) []extract.Rule {
		return []extract.Rule{{Name: "p", Fields: map[string]extract.Field{"in": {CSS: selector(t, "p"), List: true, Fields: map[string]extract.Field{
			"n": {CSS: selector(t, within), Type: extract.TypeInteger}}}}}}
	}
	for i, step := range []struct {
		within    string
		n         float64
		unchanged int64
	}{{"b", 1, 0}, {"b", 1, 1}, {"i", 2, 0}, {"i", 2, 1}} {
		cfg.Extract = rule(step.within)
		sum := crawl(t, cfg)
		want := map[string]any{"in": []any{map[string]any{"n": step.n}}}
		if got := itemLines(t, cfg.Dir)[base+"/"]; len(got) != 1 || !cmp.Equal(got[0].Item, want) || sum.Status["304"] != step.unchanged {
			t.Errorf("run %d: items %+v, status %v", i, got, sum.Status)
		}
	}
}

// Without rules there is no file; what they cannot be is refused before the crawl.
func TestItemsOfJobs(t *testing.T) {
	t.Parallel()
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "x") }))
	cfg := config(t.TempDir(), base+"/")
	crawl(t, cfg)
	if _, err := os.Stat(filepath.Join(cfg.Dir, "items.jsonl")); err == nil {
		t.Error("items.jsonl is there without rules")
	}
	cfg.Extract = []extract.Rule{{Name: "a"}}
	if _, err := crawler.New(cfg); err == nil || !strings.Contains(err.Error(), `extract[0] "a"`) {
		t.Errorf("error %v", err)
	}
}

// A record whose done mark a crash has lost has the items again that the worker found.
func TestItemsAfterCrash(t *testing.T) {
	t.Parallel()
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=iso-8859-1")
		fmt.Fprintf(w, "<a href=/%da>next</a><p class=x>\xfc %s", min(len(r.URL.Path), 8), r.URL.Path)
	}))
	cfg := config(t.TempDir(), base+"/")
	cfg.Concurrency, cfg.MaxPages = 1, 3
	cfg.Extract = []extract.Rule{{Name: "para", Select: selector(t, "p.x"), Fields: map[string]extract.Field{"name": {}}}}
	crashed := cfg
	crashed.Dir = t.TempDir()
	var appended atomic.Int64
	cfg.Failpoint = func(name string) {
		if name == "after-append" && appended.Add(1) == 2 {
			if err := os.CopyFS(crashed.Dir, os.DirFS(cfg.Dir)); err != nil {
				t.Error(err)
			}
		}
	}
	crawl(t, cfg)
	sum := crawl(t, crashed)
	if sum.Recovered.Replayed < 1 || sum.Items != 3 {
		t.Fatalf("recovered %+v, items %d", sum.Recovered, sum.Items)
	}
	want, got := itemLines(t, cfg.Dir), itemLines(t, crashed.Dir)
	replayed := base + "/1a"
	if len(want[replayed]) != 1 || want[replayed][0].Item["name"] != "ü /1a" {
		t.Fatalf("items %+v", want)
	}
	if diff := cmp.Diff(want[replayed], got[replayed]); diff != "" {
		t.Errorf("items of a replayed record (-worker +replay):\n%s", diff)
	}
}
