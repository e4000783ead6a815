package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"

	"tandem/internal/report"
)

func render(t *testing.T, table report.Table) string {
	t.Helper()
	var b bytes.Buffer
	if err := table.Render(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTable(t *testing.T) {
	t.Parallel()
	table := report.Table{Title: "Fetched", Header: []string{"what", "count", "share", "time"}}
	table.Add("pages", "5,213", "97 %", "12.3 s")
	table.Add("日本語", "7", "-", "1m 03s")
	table.Add()
	table.Add("esc \x1b[2J", "", "0.1 %", "840 ms")
	want := `Fetched
what         count  share    time
───────────  ─────  ─────  ──────
pages        5,213   97 %  12.3 s
日本語           7      -  1m 03s

esc \x1b[2J         0.1 %  840 ms
`
	if diff := cmp.Diff(want, render(t, table)); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestTableFitsIn80Cells(t *testing.T) {
	t.Parallel()
	table := report.Table{Header: []string{"url", "error", "count"}}
	table.Add("http://example.org/"+strings.Repeat("long/", 30), strings.Repeat("some words in 日本語 ", 9), "12,345")
	got := render(t, table)
	for line := range strings.Lines(got) {
		if n := uniseg.StringWidth(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("line of %d cells: %q", n, line)
		}
	}
	if n := strings.Count(got, "long/"); n < 25 {
		t.Errorf("wrapping lost text, %d of 30 parts whole:\n%s", n, got)
	}
	if strings.Count(got, "12,345") != 1 {
		t.Errorf("a number was wrapped:\n%s", got)
	}
}

func TestThreshold(t *testing.T) {
	t.Parallel()
	summary := map[string]any{
		"pages": 5000, "status": map[string]int{"404": 3}, "response_ms": map[string]float64{"p99": 150, "p99_9": 250}, "error_share": 0.02,
		"duration_s": 59, "max_rss_bytes": 1 << 20, "requests_per_s": 100, "waited_s": map[string]float64{"limiter": 2},
	}
	lookup, err := report.Metrics(summary, "status", "errors")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"pages>=5000": true, "pages > 5000": false, "pages==5000": true, "pages!=5000": false, "pages<5001": true, "pages<=4999": false,
		"status.404<5": true, "status.500<1": true, "errors.dns>0": false, "response.p99<200ms": true, "response_ms.p99 < 0.1s": false, "response.p99.9<=250ms": true, "error_share<3%": true,
		"duration_s<1m": true, "duration<60": true, "max_rss<=1MiB": true, "requests_per_s>=100/s": true, "waited_s.limiter>1s": true,
	} {
		threshold, err := report.ParseThreshold(text)
		if err != nil {
			t.Errorf("parse %q: %v", text, err)
			continue
		}
		result, err := threshold.Eval(lookup)
		if err != nil || result.OK != want || result.Expr != text {
			t.Errorf("%q: %+v, %v; want %v", text, result, err, want)
		}
	}
	for _, text := range []string{"", "pages", "pages=5", ">=5", "pages>=", "pages>=many", "pages!5", "a b>5", "pages>=5>6", "p\x1b>1"} {
		if threshold, err := report.ParseThreshold(text); err == nil || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("parse %q: %+v, %v; want a printable error", text, threshold, err)
		}
	}
	for _, text := range []string{"nothing>0", "response.p98<1", "status>0", "errors>0", "pages.x>0"} {
		threshold, err := report.ParseThreshold(text)
		if err != nil {
			t.Fatal(err)
		}
		if result, err := threshold.Eval(lookup); err == nil {
			t.Errorf("%q: %+v, want an error", text, result)
		}
	}
	nan, _ := report.ParseThreshold("x<1")
	if result, err := nan.Eval(func(string) (float64, bool) { return math.NaN(), true }); err != nil || result.OK {
		t.Errorf("no number passes: %+v, %v", result, err)
	}
}

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "crawl.json")
	for _, url := range []string{"http://a/?b&c", "second"} {
		if err := report.WriteJSON(path, map[string]string{"url": url}); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil || string(b) != "{\n  \"url\": \"second\"\n}\n" {
		t.Errorf("file holds %q, %v", b, err)
	}
	if err := report.WriteJSON(path, math.NaN()); err == nil {
		t.Error("a value without JSON form is written")
	}
	if err := report.WriteJSON(filepath.Join(dir, "missing", "x.json"), 1); err == nil {
		t.Error("a missing folder is no error")
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 || !json.Valid(b) {
		t.Errorf("%d files are left, want 1", len(entries))
	}
}

// clock is set by the test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestProgressLines(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	c := &clock{now: time.Unix(1000, 0)}
	p := report.StartProgress(report.ProgressConfig{Writer: &b, Name: "crawl", Unit: "pages", Now: c.Now})
	for i := range int64(13) {
		p.Update(i*100, 2000, fmt.Sprintf("%d in flight\x1b", i))
		c.advance(time.Second)
	}
	p.Finish()
	p.Finish()
	p.Update(9, 9, "late")
	want := `crawl 2.0 s: 200/2,000 pages (10 %), 100/s, 2 in flight\x1b
crawl 7.0 s: 700/2,000 pages (35 %), 100/s, 7 in flight\x1b
crawl 12.0 s: 1,200/2,000 pages (60 %), 100/s, 12 in flight\x1b
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestProgressFinishShowsTheRest(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	c := &clock{now: time.Unix(1000, 0)}
	p := report.StartProgress(report.ProgressConfig{Writer: &b, Now: c.Now})
	workers := p.Bar("worker 1", "items")
	c.advance(3 * time.Second)
	p.Update(1, 0, "")
	workers.Update(5, 5, "")
	p.Finish()
	if want := "3.0 s: 1\nworker 1 3.0 s: 5/5 items (100 %)\n"; b.String() != want {
		t.Errorf("lines %q, want %q", b.String(), want)
	}
}

func TestProgressQuietAndShort(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	c := &clock{now: time.Unix(1000, 0)}
	quiet := report.StartProgress(report.ProgressConfig{Writer: &b, Quiet: true, Now: c.Now})
	short := report.StartProgress(report.ProgressConfig{Writer: &b, Now: c.Now})
	short.Update(1, 2, "")
	short.Finish()
	c.advance(time.Minute)
	quiet.Update(1, 2, "")
	quiet.Finish()
	if b.Len() > 0 {
		t.Errorf("printed %q, want nothing", b.String())
	}
}

func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	c := &clock{now: time.Unix(1000, 0)}
	p := report.StartProgress(report.ProgressConfig{Writer: &b, Name: "crawl", Unit: "pages", Columns: 60, Now: c.Now})
	second := p.Bar("store", "records")
	p.Update(25, 100, strings.Repeat("detail ", 20))
	c.advance(10 * time.Millisecond)
	p.Update(26, 100, "too soon")
	c.advance(time.Second)
	second.Update(100, 100, "")
	if _, err := p.Write([]byte("a log line\n")); err != nil {
		t.Fatal(err)
	}
	p.Update(150, 200, "grown") // more became known
	p.Finish()
	got := b.String()
	for _, part := range []string{"crawl  25% ▕", "█░", "25/100 pages", "100/100 records", "\x1b[1A\r\x1b[J", "\x1b[2A\r\x1b[Ja log line\n", "75% ▕███", "150/200 pages", "124/s"} {
		if !strings.Contains(got, part) {
			t.Errorf("screen lacks %q:\n%q", part, got)
		}
	}
	if strings.Contains(got, "too soon\n\x1b") {
		t.Errorf("drawn too often:\n%q", got)
	}
	for line := range strings.Lines(got) {
		line = strings.TrimSuffix(line[strings.LastIndex(line, "\x1b[J")+1:], "\n")
		if n := uniseg.StringWidth(strings.TrimPrefix(line, "[J")); n > 59 {
			t.Errorf("line of %d cells: %q", n, line)
		}
	}
}

func TestProgressConcurrent(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := report.StartProgress(report.ProgressConfig{Writer: &b, Columns: 80})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			bar := p.Bar(fmt.Sprint("worker ", i), "items")
			for n := range int64(500) {
				bar.Update(n, 500, "")
				p.Update(n, -1, "")
			}
		})
	}
	wg.Wait()
	p.Finish()
	if got := b.String(); strings.Count(got[strings.LastIndex(got, "\x1b["):], "\n") != 5 {
		t.Errorf("the last screen is %q, want 5 bars", got[strings.LastIndex(got, "\x1b["):])
	}
}

func TestPoll(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := report.StartProgress(report.ProgressConfig{Writer: &b, Columns: 80, Unit: "items"})
	asked, calls := make(chan struct{}), 0
	stop := p.Poll(func() (int64, int64, string) {
		if calls++; calls == 2 {
			close(asked)
		}
		return int64(calls), 10, "polled"
	})
	<-asked
	stop()
	if got := b.String(); !strings.Contains(got, "3/10 items") || !strings.HasSuffix(got, "polled\n") {
		t.Errorf("screen %q", got)
	}
	report.NewProgress(&b, "a", "b", true).Poll(func() (int64, int64, string) { t.Error("quiet progress asks"); return 0, 0, "" })()
}

func ExampleTable() {
	table := report.Table{Title: "Waited for"}
	table.Add("limiter", "12.3 s", "81 %")
	table.Add("network", "840 ms", "6 %")
	_ = table.Render(os.Stdout)
	// Output:
	// Waited for
	// limiter  12.3 s  81 %
	// network  840 ms   6 %
}

func FuzzThreshold(f *testing.F) {
	f.Add("pages>=5000")
	f.Add("response.p99<200ms")
	f.Fuzz(func(t *testing.T, text string) {
		threshold, err := report.ParseThreshold(text)
		if err != nil {
			return
		}
		if again, err := report.ParseThreshold(threshold.String()); err != nil || again != threshold {
			t.Errorf("%q reads %+v, then %+v, %v", text, threshold, again, err)
		}
	})
}
