package load

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"tandem/internal/units"
)

// exported runs an open and a closed loop of some seconds against a server of which every tenth answer is late.
func exported(t *testing.T) []*Result {
	srv := serve(t, func(n int64, _ *http.Request) string {
		if n%4 == 0 { // no percentile that is looked at lies on the edge
			<-time.After(5 * time.Millisecond)
		}
		return hello
	})
	var results []*Result
	for _, rate := range []units.Rate{500, 0} {
		cfg := config(srv.url)
		cfg.Rate, cfg.Connections, cfg.Duration = rate, 4, units.Duration(2200*time.Millisecond)
		results = append(results, mustRun(t, cfg))
	}
	return results
}

// What is exported says what load.json does, to readers that are not ours where there are some.
func TestExports(t *testing.T) {
	t.Parallel()
	for _, r := range exported(t) {
		t.Run(r.Loop, func(t *testing.T) {
			checkCSV(t, r)
			for times, want := range map[string]Latency{"response": r.Response, "service": r.Service} {
				checkPercentiles(t, r, times, want)
			}
			checkLog(t, r)
		})
	}
}

func checkCSV(t *testing.T, r *Result) {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(b.String(), "\r\n") {
		t.Error("RFC 4180 ends lines with CRLF")
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(lines) != len(r.Series)+1 {
		t.Fatalf("%d lines for %d seconds, %v", len(lines), len(r.Series), err)
	}
	sums := make(map[string]float64)
	for _, line := range lines[1:] {
		for i, cell := range line {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Errorf("%s: %v", lines[0][i], err)
			}
			sums[lines[0][i]] += v
		}
	}
	q := r.Requests
	for column, want := range map[string]int64{"planned": q.Planned, "sent": q.Sent, "completed": q.Completed, "failed": q.Failed, "bytes_in": r.BytesIn} {
		if sums[column] != float64(want) {
			t.Errorf("%s sums up to %v, want %d", column, sums[column], want)
		}
	}
	if last := lines[len(lines)-1]; last[0] != decimal(r.Series[len(r.Series)-1].T) || last[12] != decimal(float64(r.Series[len(r.Series)-1].ServiceP99)) {
		t.Errorf("the last line is %v", last)
	}
}

// checkPercentiles reads as HdrHistogram's plotter does: lines of three or four numbers, anything else is not data.
func checkPercentiles(t *testing.T, r *Result, times string, want Latency) {
	t.Helper()
	var b bytes.Buffer
	if err := r.WritePercentiles(&b, times); err != nil {
		t.Fatal(err)
	}
	var last [3]float64
	reached := make(map[float64]float64) // value by percentile, the first that is at least so high
	for line := range strings.Lines(b.String()) {
		var row [3]float64
		if n, _ := fmt.Sscan(line, &row[0], &row[1], &row[2]); n < 3 {
			continue
		}
		if row[0] < last[0] || row[1] < last[1] || row[2] < last[2] || row[1] > 1 {
			t.Errorf("%s: %v after %v", times, row, last)
		}
		for _, p := range []float64{0.5, 0.9} { // both are levels of the iteration
			if _, ok := reached[p]; !ok && row[1] >= p {
				reached[p] = row[0]
			}
		}
		last = row
	}
	if q := r.Requests; last[1] != 1 || last[2] != float64(q.Completed+q.Failed) || !near(last[0], float64(want.Max), 0.001) {
		t.Errorf("%s ends with %v, want max %v and all of %+v", times, last, want.Max, q)
	}
	if !near(reached[0.5], float64(want.P50), 0.002) || !near(reached[0.9], float64(want.P90), 0.002) {
		t.Errorf("%s: %v, want %+v", times, reached, want)
	}
	if text := fmt.Sprintf("Total count    = %12d]", int64(last[2])); !strings.Contains(b.String(), text) {
		t.Errorf("%s has no %q", times, text)
	}
}

// near is |a-b| within that part of b, or a microsecond.
func near(a, b, part float64) bool { return math.Abs(a-b) <= max(part*b, 0.0011) }

// checkLog reads the log with the library's reader.
func checkLog(t *testing.T, r *Result) {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteLog(&b); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); !strings.Contains(text, "#[Histogram log format version 1.3]\n") || !strings.Contains(text, "\n#[BaseTime: ") {
		t.Error("the head of the log is not that of version 1.3")
	}
	sums := map[string]*hdrhistogram.Histogram{}
	lines := map[string]int{}
	reader := hdrhistogram.NewHistogramLogReader(&b)
	for {
		h, err := reader.NextIntervalHistogram()
		if err != nil {
			t.Fatal(err)
		}
		if h == nil {
			break
		}
		second := r.Series[lines[h.Tag()]]
		if from := r.Started.UnixMilli() + int64(second.T*1e3); math.Abs(float64(h.StartTimeMs()-from)) > 1 {
			t.Errorf("%s begins at %d, want %d", h.Tag(), h.StartTimeMs(), from)
		}
		if length := h.EndTimeMs() - h.StartTimeMs(); math.Abs(float64(length)-second.Length*1e3) > 1.5 {
			t.Errorf("%s is %d ms long, want %v s", h.Tag(), length, second.Length)
		}
		if n := second.Completed + second.Failed; h.TotalCount() != n {
			t.Errorf("%s has %d samples, want %d", h.Tag(), h.TotalCount(), n)
		}
		lines[h.Tag()]++
		if sums[h.Tag()] == nil {
			sums[h.Tag()] = h
		} else if lost := sums[h.Tag()].Merge(h); lost != 0 {
			t.Errorf("%d samples do not fit", lost)
		}
	}
	if lines["response"] != len(r.Series) || lines["service"] != len(r.Series) || len(lines) != 2 {
		t.Fatalf("intervals %v, want %d of response and service", lines, len(r.Series))
	}
	for tag, want := range map[string]Latency{"response": r.Response, "service": r.Service} {
		for p, ms := range map[float64]Milliseconds{50: want.P50, 99: want.P99, 100: want.Max} {
			if got := float64(sums[tag].ValueAtPercentile(p)) / 1e6; !near(got, float64(ms), 0.002) {
				t.Errorf("%s p%v is %v ms, want %v", tag, p, got, ms)
			}
		}
	}
}

// A run without one answer, and times that no result has.
func TestExportsOfNothing(t *testing.T) {
	t.Parallel()
	r, err := Run(t.Context(), config("http://127.0.0.1:1/"), nil, nil)
	if err == nil || r == nil {
		t.Fatalf("%v, %v", r, err)
	}
	var b bytes.Buffer
	for _, write := range []func() error{
		func() error { return r.WriteCSV(&b) },
		func() error { return r.WriteLog(&b) },
		func() error { return r.WritePercentiles(&b, "response") },
	} {
		if err := write(); err != nil {
			t.Error(err)
		}
	}
	if strings.Contains(b.String(), "NaN") {
		t.Errorf("%s", b.String())
	}
	if err := r.WritePercentiles(&b, "lateness"); err == nil {
		t.Error("there is no histogram of lateness")
	}
}

func TestMasked(t *testing.T) {
	t.Parallel()
	cfg := config("http://127.0.0.1/")
	cfg.Headers = []string{"Authorization: Bearer s3cret", "X-Api-Key: env:KEY", "X-Team: docs"}
	cfg.Proxy = "http://bob:s3cret@proxy.example:3128"
	m := cfg.Masked()
	want := []string{"Authorization: ***", "X-Api-Key: env:KEY", "X-Team: docs"}
	if strings.Join(m.Headers, "|") != strings.Join(want, "|") || m.Proxy != "http://bob:***@proxy.example:3128" {
		t.Errorf("%q, %q", m.Headers, m.Proxy)
	}
	if cfg.Headers[0] != "Authorization: Bearer s3cret" {
		t.Error("the run's own headers are masked")
	}
}
