package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"tandem/internal/site"
	"tandem/internal/units"
	"tandem/load"
	"tandem/load/recorder"
)

// scrape reads metrics as a Prometheus does, in the text format.
func scrape(url string) (map[string]float64, error) {
	values, _, err := scrapeText(url)
	return values, err
}

func scrapeText(url string) (map[string]float64, []byte, error) {
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	resp, err := c.Get(url)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain; version=0.0.4") {
		return nil, nil, fmt.Errorf("%s: %v", resp.Status, resp.Header)
	}
	text, err := io.ReadAll(resp.Body)
	values := make(map[string]float64)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		cut := strings.LastIndexByte(line, ' ')
		v, err := strconv.ParseFloat(line[cut+1:], 64)
		if err != nil {
			return nil, nil, fmt.Errorf("%q: %w", line, err)
		}
		values[line[:cut]] = v
	}
	return values, text, err
}

// A run is scraped at every look until its end: counters never fall, and the last of them are near the result.
func TestMetricsOfARun(t *testing.T) {
	t.Parallel()
	srv, err := site.Serve(t.Context(), "127.0.0.1:0", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/odd" {
			http.Error(w, "no", http.StatusTeapot)
			return
		}
		_, _ = io.WriteString(w, "hello")
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close(context.Background())
	m := &loadMetrics{connections: 4}
	url, stop, err := servePrometheus(t.Context(), anyPort, m)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if before, err := scrape(url); err != nil || before[`tandem_load_phase{phase="start"}`] != 1 || len(before) != 2 {
		t.Errorf("before the run: %v, %v", before, err)
	}
	cfg := load.DefaultConfig()
	cfg.URLs, cfg.Connections, cfg.Rate = []string{srv.URL(), srv.URL() + "odd"}, 4, 400
	cfg.Duration = units.Duration(2300 * time.Millisecond)
	var last map[string]float64
	var text []byte
	res, err := load.Run(t.Context(), cfg, nil, func(p load.Progress) {
		m.update(p)
		now, raw, err := scrapeText(url)
		if err != nil {
			t.Error(err)
			return
		}
		text = raw
		for name, v := range now {
			if strings.HasSuffix(name, "_total") && v < last[name] {
				t.Errorf("%s fell from %v to %v", name, last[name], v)
			}
		}
		last = now
	})
	if err != nil {
		t.Fatal(err)
	}
	metric := func(name string) float64 {
		v, ok := last["tandem_load_"+name]
		if !ok {
			t.Errorf("no metric %s", name)
		}
		return v
	}
	if got, want := metric("requests_completed_total"), float64(res.Requests.Completed); got < want/2 || got > want {
		t.Errorf("completed %v, in the end %v", got, want)
	}
	if a, b, sum := metric(`responses_total{code="200"}`), metric(`responses_total{code="418"}`), metric("requests_completed_total"); a == 0 || b == 0 || a+b != sum {
		t.Errorf("status %v and %v of %v", a, b, sum)
	}
	if v := metric("asked_requests_per_second"); v < 390 || v > 410 {
		t.Errorf("asked for %v", v)
	}
	for _, times := range []string{"response", "service"} {
		count, within := metric(times+"_seconds_count"), metric(times+`_seconds_bucket{le="30"}`)
		if mean := metric(times+"_seconds_sum") / count; count < 390 || within != count || mean <= 0 || mean > 1 {
			t.Errorf("%s: %v, of these within 30 s %v, mean %v s", times, count, within, mean)
		}
		if p50, most := metric(times+`_recent_seconds{quantile="0.5"}`), metric(times+`_recent_seconds{quantile="1"}`); p50 <= 0 || most < p50 {
			t.Errorf("%s: median %v, max %v", times, p50, most)
		}
	}
	metric(`lateness_recent_seconds{quantile="0.99"}`)
	if metric(`phase{phase="run"}`) != 1 || metric("connections") != 4 || metric("requests_planned_total") < metric("requests_completed_total") {
		t.Errorf("%v", last)
	}
	problems, err := promlint.New(bytes.NewReader(text)).Lint()
	if err != nil {
		t.Error(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	stop()
	if _, err := scrape(url); err == nil {
		t.Error("the endpoint outlives the run")
	}
}

// A closed loop plans what it has ended and is never late.
func TestMetricsOfAClosedLoop(t *testing.T) {
	t.Parallel()
	srv, err := site.Serve(t.Context(), "127.0.0.1:0", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") }))
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close(context.Background())
	m := &loadMetrics{connections: 2}
	url, stop, err := servePrometheus(t.Context(), anyPort, m)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	cfg := load.DefaultConfig()
	cfg.URLs, cfg.Connections, cfg.Duration = []string{srv.URL()}, 2, units.Duration(1300*time.Millisecond)
	if _, err := load.Run(t.Context(), cfg, nil, m.update); err != nil {
		t.Fatal(err)
	}
	now, err := scrape(url)
	if err != nil {
		t.Fatal(err)
	}
	if now["tandem_load_requests_planned_total"] != now["tandem_load_requests_completed_total"] || now["tandem_load_response_seconds_count"] == 0 ||
		now["tandem_load_response_seconds_count"] != now["tandem_load_service_seconds_count"] {
		t.Errorf("%v", now)
	}
	for name := range now {
		if strings.Contains(name, "lateness") || strings.Contains(name, "asked") {
			t.Errorf("a closed loop has %s", name)
		}
	}
}

// BenchmarkMetrics is what one look at a run costs, of ten a second; nine of them are in a second that has been seen.
func BenchmarkMetrics(b *testing.B) {
	c := recorder.New(recorder.Config{Shards: 2})
	for i := range 20_000 {
		sh := c.Shard(i)
		sh.Lock()
		sh.Add(&recorder.Sample{Planned: 1, Sent: 2, First: time.Duration(i), End: time.Duration(i) * 30 * time.Microsecond, Status: 200})
		sh.Unlock()
	}
	c.Roll(2 * time.Second)
	for _, again := range []bool{true, false} {
		b.Run(map[bool]string{true: "seen", false: "second"}[again], func(b *testing.B) {
			m := &loadMetrics{}
			b.ReportAllocs()
			for b.Loop() {
				m.begun = again && m.begun
				m.update(load.Progress{Live: c.Live})
			}
		})
	}
}
