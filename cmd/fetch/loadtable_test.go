package main

import (
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"tandem/internal/report"
	"tandem/load"
)

// latency is a distribution whose longest time is worst.
func latency(worst load.Milliseconds) load.Latency {
	return load.Latency{Min: worst / 100, Mean: worst / 9, P50: worst / 10, P90: worst / 5, P95: worst / 4, P99: worst / 3, P999: worst / 2, P9999: worst, Max: worst}
}

// The tables fit in 80 columns whatever the figures and names are, and names do not reach the terminal as they are.
func TestLoadTableFits(t *testing.T) {
	t.Parallel()
	for _, worst := range []load.Milliseconds{0.04, 0.999, 7.5, 812.25, 9999.9, 34_567.8, 600_000} {
		r := &load.Result{
			State: load.StateComplete, Loop: "open", Engine: "fasthttp", Why: "redirects", Schedule: "stages " + strings.Repeat("10s:0..500, ", 20) + "1m:500",
			Requests: load.Requests{Planned: 123_456_789, Sent: 123_456_789, Completed: 100_000_000, Failed: 23_000_000, Dropped: 456_789, Retried: 7, Redirected: 8, Unasked: 9},
			Response: latency(worst), Service: latency(worst), Lateness: latency(worst / 2),
			Phases:     load.Phases{DNS: latency(worst), Connect: latency(worst), TLS: latency(worst), FirstByte: latency(worst), Body: latency(worst)},
			Status:     map[string]int64{"200": 99_999_000, "301": 1000, "404": 12, "500": 3, "503": 4},
			Errors:     map[string]int64{"timeout": 20_000_000, "check": 3_000_000, "too_large_header": 1, "unasked_response": 2, "private_address": 3},
			Checks:     []load.Check{{Name: "body~\x1b[2J" + strings.Repeat("long", 40), Failed: 3_000_000}},
			Thresholds: []report.Result{{Expr: "response.p99<200ms", Value: 34_567.8, Reason: "23456789 of 123456789 planned requests were dropped or failed, more than may lie beyond the quantile"}},
		}
		for _, name := range []string{"GET http://127.0.0.1:8080/\x1b]0;title\x07", "GET http://127.0.0.1:8080/" + strings.Repeat("页", 200), "POST http://other.example.org/" + strings.Repeat("x", 300)} {
			r.ByURL = append(r.ByURL, load.URL{Name: name, Count: 123_456_789, Failed: 1234, Status: map[string]int64{"2xx": 123_000_000, "4xx": 456_789}, Service: latency(worst)})
		}
		var b strings.Builder
		if err := renderLoad(&b, "out", r); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if width := uniseg.StringWidth(strings.TrimSuffix(line, "\n")); width > 80 {
				t.Errorf("worst %v: %d columns: %s", worst, width, line)
			}
		}
		if text := b.String(); strings.ContainsAny(text, "\x1b\x07") || !strings.Contains(text, `\x1b]0;title`) {
			t.Errorf("control bytes: %q", text)
		}
	}
}

func TestSharedOrigin(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		"http://a:1":   {"GET http://a:1/", "HEAD http://a:1/b?u=http://c/"},
		"https://b.cd": {"https://b.cd/x", "GET https://b.cd/y"},
		"":             {"GET http://a:1/", "GET http://a:2/"},
	} {
		var list []load.URL
		for _, n := range names {
			list = append(list, load.URL{Name: n})
		}
		if got := sharedOrigin(list); got != want {
			t.Errorf("%q: %q, want %q", names, got, want)
		}
	}
	for _, names := range [][]string{{"login", "order"}, {"GET http://a/", "(others)"}} {
		if got := sharedOrigin([]load.URL{{Name: names[0]}, {Name: names[1]}}); got != "" {
			t.Errorf("%q: %q", names, got)
		}
	}
}
