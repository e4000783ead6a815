package load

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/report"
	"tandem/internal/transport"
	"tandem/internal/units"
	"tandem/load/target"
)

func mustRun(t *testing.T, cfg Config) *Result {
	t.Helper()
	r, err := Run(context.Background(), cfg, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkSums(t, r)
	return r
}

func checkSums(t *testing.T, r *Result) {
	t.Helper()
	q := r.Requests
	if q.Planned != q.Completed+q.Failed+q.Dropped || q.Dropped < 0 || q.Sent < q.Completed || q.Sent > q.Completed+q.Failed || q.Retried > q.Completed {
		t.Errorf("sums: %+v", q)
	}
	var answered, failed int64
	for _, n := range r.Status {
		answered += n
	}
	for _, n := range r.Errors {
		failed += n
	}
	if answered != q.Completed || failed != q.Failed {
		t.Errorf("status %v, errors %v, requests %+v", r.Status, r.Errors, q)
	}
	for name, l := range map[string]Latency{"response": r.Response, "service": r.Service, "lateness": r.Lateness} {
		if l.Min > l.P50 || l.P50 > l.P90 || l.P90 > l.P95 || l.P95 > l.P99 || l.P99 > l.P999 || l.P999 > l.Max || l.Mean > l.Max || l.Mean < l.Min {
			t.Errorf("%s is not in order: %+v", name, l)
		}
	}
}

func TestClosedLoop(t *testing.T) {
	t.Parallel()
	srv := serve(t, always(hello))
	cfg := config(srv.url)
	cfg.Connections = 4
	r := mustRun(t, cfg)
	if r.Requests.Sent != srv.count.Load() || r.Requests.Completed == 0 || r.Requests.Dropped != 0 || r.Status["200"] != r.Requests.Completed {
		t.Errorf("%+v, server counted %d", r.Requests, srv.count.Load())
	}
	if r.Loop != "closed" || r.State != StateComplete || r.Engine == "" || r.Duration < 0.3 {
		t.Errorf("%+v", r)
	}
	if want := r.Requests.Completed * int64(len(hello)); r.BytesIn != want {
		t.Errorf("%d bytes in, want %d", r.BytesIn, want)
	}
	if r.Client.CPU <= 0 || r.Client.MaxRSS <= 1<<20 || r.Client.Share <= 0 {
		t.Errorf("client %+v", r.Client)
	}
	if srv.most.Load() > 4 {
		t.Errorf("%d requests at once on 4 connections", srv.most.Load())
	}
}

func TestNumberOfRequests(t *testing.T) {
	t.Parallel()
	for _, rate := range []units.Rate{0, 5000} {
		srv := serve(t, always(hello))
		cfg := config(srv.url)
		cfg.Duration, cfg.Requests, cfg.Rate, cfg.Connections = 0, 500, rate, 3
		if r := mustRun(t, cfg); r.Requests.Completed != 500 || r.Requests.Planned != 500 || srv.count.Load() != 500 {
			t.Errorf("rate %v: %+v, server counted %d", rate, r.Requests, srv.count.Load())
		}
	}
}

func TestConstantRate(t *testing.T) {
	t.Parallel()
	srv := serve(t, always(hello))
	cfg := config(srv.url)
	cfg.Rate, cfg.Duration = 200, units.Duration(time.Second)
	r := mustRun(t, cfg)
	if r.Requests.Planned != 200 || r.Requests.Sent != 200 || srv.count.Load() != 200 || r.Loop != "open" || r.Rate != 200 {
		t.Errorf("%+v, server counted %d", r, srv.count.Load())
	}
	if r.Duration < 1 || r.RequestsPerSec > 200 {
		t.Errorf("%v requests/s in %v s", r.RequestsPerSec, r.Duration)
	}
}

// A server that freezes for a second in a run of four must show in the response times and not in the service times.
func TestFrozenServerShowsInResponseAndNotInService(t *testing.T) {
	t.Parallel()
	var begin atomic.Pointer[time.Time]
	srv := serve(t, func(int64, *http.Request) string {
		now := time.Now()
		begin.CompareAndSwap(nil, &now)
		thaw := begin.Load().Add(2 * time.Second)
		if at := now.Sub(*begin.Load()); at >= time.Second && now.Before(thaw) {
			time.Sleep(thaw.Sub(now)) // the freeze itself
		}
		return hello
	})
	cfg := config(srv.url)
	cfg.Rate, cfg.Duration = 1000, units.Duration(4*time.Second)
	r := mustRun(t, cfg)
	if r.Requests.Planned != 4000 || r.Requests.Sent != 4000 || srv.count.Load() != 4000 {
		t.Errorf("%+v, server counted %d", r.Requests, srv.count.Load())
	}
	if r.Response.P99 < 900 || r.Response.Max < 990 || r.Service.P90 > 200 || r.Service.Max < 900 || r.Lateness.P99 < 800 {
		t.Errorf("response %+v\nservice %+v\nlateness %+v", r.Response, r.Service, r.Lateness)
	}
}

// What cannot be sent is counted, never silently left out, and never more in flight than connections.
func TestSlowServerDrops(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(int64, *http.Request) string {
		time.Sleep(50 * time.Millisecond) // the slow server
		return hello
	})
	cfg := config(srv.url)
	cfg.Rate, cfg.Connections = 1000, 2
	r := mustRun(t, cfg)
	if r.Requests.Planned != 300 || r.Requests.Dropped < 200 || r.Requests.Sent != srv.count.Load() || srv.most.Load() > 2 {
		t.Errorf("%+v, server counted %d, %d at once", r.Requests, srv.count.Load(), srv.most.Load())
	}
}

func TestURLsInTurnWithHeaderAndBody(t *testing.T) {
	t.Parallel()
	var a, b, wrong atomic.Int64
	srv := serve(t, func(_ int64, r *http.Request) string {
		if r.Method != "POST" || r.ContentLength != 3 || r.Header.Get("X-Test") != "yes: it is" || r.Host != "other.example" {
			wrong.Add(1)
		}
		switch r.URL.Path {
		case "/a":
			a.Add(1)
		case "/b":
			b.Add(1)
			return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
		}
		return hello
	})
	cfg := config("")
	cfg.URLs = []string{srv.url + "a", srv.url + "b"}
	cfg.Method, cfg.Body, cfg.Headers = "POST", "x=y", []string{"X-Test: yes: it is", "Host: other.example"}
	cfg.Requests, cfg.Duration = 100, 0
	r := mustRun(t, cfg)
	if a.Load() != 50 || b.Load() != 50 || wrong.Load() != 0 || r.Status["200"] != 50 || r.Status["404"] != 50 {
		t.Errorf("%d, %d, wrong %d, %v", a.Load(), b.Load(), wrong.Load(), r.Status)
	}
}

func TestFailuresAreCounted(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, answer, class string
	}{
		{"closed", "", transport.ClassClosed},
		{"garbage", "SSH-2.0\r\n", transport.ClassMalformed},
		{"cut", cut, transport.TruncatedDisconnect},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, func(n int64, _ *http.Request) string {
				if n%2 == 0 {
					return row.answer
				}
				return hello
			})
			cfg := config(srv.url)
			cfg.Requests, cfg.Connections, cfg.Method, cfg.Duration = 100, 1, "POST", 0
			r := mustRun(t, cfg)
			if r.Errors[row.class] != 50 || r.Requests.Completed != 50 || r.Requests.Sent != 100 || srv.count.Load() != 100 {
				t.Errorf("%v, %+v, server counted %d", r.Errors, r.Requests, srv.count.Load())
			}
		})
	}
}

func TestCutAndLateAnswersAreFailures(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	defer close(hold)
	srv := serve(t, func(n int64, r *http.Request) string {
		if n == 2 {
			<-hold
		}
		return hello
	})
	cfg := config(srv.url)
	cfg.Requests, cfg.Connections, cfg.Timeout, cfg.Duration = 3, 1, units.Duration(300*time.Millisecond), 0
	r := mustRun(t, cfg)
	if r.Errors[transport.ClassTimeout] != 1 || r.Requests.Completed != 2 || r.Service.Max < 300 || r.Response.Max < 300 {
		t.Errorf("%v, %+v, %+v", r.Errors, r.Requests, r.Service)
	}
}

func TestWarmupIsNotCounted(t *testing.T) {
	t.Parallel()
	srv := serve(t, always(hello))
	cfg := config(srv.url)
	cfg.Warmup, cfg.Requests, cfg.Duration = units.Duration(100*time.Millisecond), 50, 0
	var warm atomic.Bool
	r, err := Run(context.Background(), cfg, nil, func(p Progress) { warm.CompareAndSwap(false, p.Phase == "warm-up") })
	if err != nil || r.Requests.Sent != 50 || srv.count.Load() <= 50 {
		t.Errorf("%v, %+v, server counted %d", err, r.Requests, srv.count.Load())
	}
}

func TestThresholds(t *testing.T) {
	t.Parallel()
	srv := serve(t, always(hello))
	cfg := config(srv.url)
	cfg.Requests, cfg.Duration = 20, 0
	var err error
	if cfg.Thresholds, err = report.ParseThresholds([]string{"response.p99<1h", "status.200==20", "status.500==0", "requests.failed<1", "errors.timeout>0"}); err != nil {
		t.Fatal(err)
	}
	r := mustRun(t, cfg)
	var got []bool
	for _, res := range r.Thresholds {
		got = append(got, res.OK)
	}
	if len(got) != 5 || !got[0] || !got[1] || !got[2] || !got[3] || got[4] || r.Passed() {
		t.Errorf("%+v", r.Thresholds)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	unknown, err := report.ParseThreshold("respnse.p99<1ms")
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Connections: -1, Rate: -1, Engine: "wrk", Thresholds: []report.Threshold{unknown}}
	cfg.URLs, cfg.Headers = []string{"http://h/"}, []string{"nonsense"}
	_, err = Run(context.Background(), cfg, nil, nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"connections", "rate", "engine", "header without a colon", "duration 0", "timeout", "respnse"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
	cfg = config("ftp://h/")
	cfg.Connections = 0
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "ftp://h/") || !strings.Contains(err.Error(), "connections 0") {
		t.Errorf("got %v", err)
	}
	if err := new(Config).Validate(); err == nil || !strings.Contains(err.Error(), "at least one URL") {
		t.Errorf("got %v", err)
	}
	for _, bad := range []target.Config{{Method: "GET /"}, {Headers: []string{"A: b\r\nC: d"}}, {Headers: []string{"Content-Length: 5"}}} {
		cfg := config("http://h/")
		cfg.Method, cfg.Headers = bad.Method, bad.Headers
		if cfg.Validate() == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}

// The keys that scripts rely on (DESIGN section 4).
func TestResultKeys(t *testing.T) {
	t.Parallel()
	srv := serve(t, always(hello))
	cfg := config(srv.url)
	cfg.Requests, cfg.Duration = 5, 0
	b, err := json.Marshal(mustRun(t, cfg))
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(b, &root); err != nil {
		t.Fatal(err)
	}
	for path, keys := range map[string]string{
		"":            "state engine connections duration_s requests requests_per_s response_ms service_ms lateness_ms status errors bytes_in client thresholds",
		"requests":    "planned sent completed dropped failed",
		"response_ms": "min mean p50 p90 p95 p99 p99_9 max",
		"service_ms":  "min mean p50 p90 p95 p99 p99_9 max",
		"lateness_ms": "min mean p50 p90 p95 p99 p99_9 max",
		"client":      "cpu_s cpu_share max_rss_bytes verdict",
		"status":      "200",
	} {
		level := root
		if path != "" {
			level, _ = root[path].(map[string]any)
		}
		for key := range strings.FieldsSeq(keys) {
			if _, ok := level[key]; !ok {
				t.Errorf("%s has no %q", path, key)
			}
		}
	}
}
