package load

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/pipeline"
)

// worker answers one request after the other, each in that time: a capacity that is known to the request.
func worker(each time.Duration) func(int64, *http.Request) string {
	var mu sync.Mutex
	var free time.Time
	return func(int64, *http.Request) string {
		mu.Lock()
		now := time.Now()
		if free.Before(now) {
			free = now
		}
		free = free.Add(each)
		wait := free.Sub(now)
		mu.Unlock()
		time.Sleep(wait) // the work
		return hello
	}
}

func finding(t *testing.T, url, condition string) Config {
	t.Helper()
	cfg := config(url)
	var err error
	if cfg.FindMax, err = report.ParseThresholds([]string{condition}); err != nil {
		t.Fatal(err)
	}
	cfg.Duration, cfg.Warmup = units.Duration(150*time.Millisecond), units.Duration(20*time.Millisecond)
	return cfg
}

// A server of 500/s is found to be one, from a probe and from a rate, with either way to space the sends.
func TestFindMaxOfAKnownCapacity(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		rate     units.Rate
		arrivals string
	}{{0, ArrivalsConstant}, {250, ArrivalsPoisson}} {
		t.Run(fmt.Sprintf("%s from %v", row.arrivals, row.rate), func(t *testing.T) {
			t.Parallel()
			srv := serve(t, worker(2*time.Millisecond))
			cfg := finding(t, srv.url, "response.p99<60ms")
			cfg.Rate, cfg.Arrivals, cfg.Duration = row.rate, row.arrivals, units.Duration(400*time.Millisecond)
			r := mustRun(t, cfg)
			f := r.FindMax
			t.Logf("%s, in %d trials", f.Conclusion(), len(f.Trials))
			if f.Rate > 750 { // 60 ms of 400 are a debt that a trial may end with
				t.Errorf("found %v/s, want about 500/s: %+v", f.Rate, f)
			}
			if f.End == EndClient { // a busy machine: what it says is a lower bound
				return
			}
			if f.End != EndFound && f.End != EndTrials || f.Rate < 250 || f.FailsAt <= f.Rate || r.Rate != f.Rate {
				t.Errorf("found %v/s (result of %v/s), want about 500/s: %+v", f.Rate, r.Rate, f)
			}
			if r.Response.P99 >= 60 || len(f.Trials) > MaxTrials {
				t.Errorf("the best of %d trials: %+v", len(f.Trials), r.Response)
			}
		})
	}
}

func TestFindMaxEnds(t *testing.T) {
	t.Parallel()
	busy := func(_ int64, r *http.Request) string {
		return "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
	}
	for _, row := range []struct {
		name, condition string
		answer          func(int64, *http.Request) string
		max             units.Rate
		end, why        string
		rate            float64
	}{
		{"the highest that is allowed", "requests.failed<1000", always(hello), 200, EndMaxRate, "more was not allowed", 200},
		{"never", "response.p99<1us", always(hello), 0, EndNothing, "response.p99 is", 0},
		{"only refusals", "requests.failed<1000", busy, 0, EndNothing, "answers were 429 or 5xx", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, row.answer)
			cfg := finding(t, srv.url, row.condition)
			cfg.MaxRate = row.max
			r := mustRun(t, cfg)
			f := r.FindMax
			if f.End == EndClient {
				t.Skipf("this machine is too busy: %s", f.Conclusion())
			}
			if f.End != row.end || f.Rate != row.rate || !strings.Contains(f.Conclusion(), row.why) {
				t.Errorf("%s: %+v", f.Conclusion(), f)
			}
			for _, trial := range f.Trials {
				if row.max > 0 && trial.Rate > row.max.PerSecond() {
					t.Errorf("asked for %v/s", trial.Rate)
				}
			}
		})
	}
}

// A stop in a trial keeps what the trials before it said, and that one does not count.
func TestFindMaxStops(t *testing.T) {
	t.Parallel()
	srv := serve(t, always(hello))
	var drain pipeline.Event
	cfg := finding(t, srv.url, "response.p99<10s")
	cfg.Rate = 200
	r, err := Run(context.Background(), cfg, &drain, func(p Progress) {
		if strings.HasPrefix(p.Phase, "trial 3") {
			drain.Set()
		}
	})
	if err != nil || r.State != StateInterrupted || r.FindMax.End != EndInterrupted || len(r.FindMax.Trials) != 2 {
		t.Fatalf("%v, %+v", err, r.FindMax)
	}
	if f := r.FindMax; f.Trials[0].Passed && (f.Rate < 200 || !strings.Contains(f.Conclusion(), "stopped")) {
		t.Errorf("%s: %+v", f.Conclusion(), f)
	}
}

// A server that dies during the search makes trials fail; one that was never there is an error at once.
func TestFindMaxOfADyingServer(t *testing.T) {
	t.Parallel()
	srv := serve(t, always(hello))
	cfg := finding(t, srv.url, "response.p99<10s")
	cfg.Rate = 100
	dead := false
	r, err := Run(context.Background(), cfg, nil, func(p Progress) {
		if !dead && strings.HasPrefix(p.Phase, "trial 2") {
			dead = true
			srv.die()
		}
	})
	if err != nil || r.FindMax.End == EndMaxRate || len(r.FindMax.Trials) < 3 {
		t.Fatalf("%v, %+v", err, r)
	}
	last := r.FindMax.Trials[len(r.FindMax.Trials)-1]
	if last.Passed || !strings.Contains(last.Reason, "refused") {
		t.Errorf("%+v", last)
	}
	if r, err := Run(context.Background(), cfg, nil, nil); err == nil || r == nil || r.State != StateFailed || len(r.FindMax.Trials) != 0 {
		t.Errorf("%v, %+v", err, r)
	}
}

func TestFindMaxRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		condition string
		change    func(*Config)
		want      string
	}{
		{"response.p98<1s", nil, "p98"},
		{"respons.p99<1s", nil, "respons.p99"},
		{"response.p99<0ms", nil, "nothing can meet it"},
		{"requests.failed<0", nil, "nothing can meet it"},
		{"errors.timeout<0", nil, "nothing can meet it"},
		{"response.p99>10ms", nil, "want an upper bound"},
		{"requests.failed>0", nil, "want an upper bound"},
		{"find_max.rate>10", nil, "find_max.rate"},
		{"response.p99<1s", func(c *Config) { c.Requests = 5 }, "leave requests out"},
		{"response.p99<1s", func(c *Config) { _ = c.Stages.Set("1s:5") }, "leave stages and bursts out"},
		{"response.p99<1s", func(c *Config) { _ = c.Bursts.Set("5@1s") }, "leave stages and bursts out"},
		{"response.p99<1s", func(c *Config) { c.FindPrecision = 0 }, "find-precision 0%: want 0.5% to 50%"},
		{"response.p99<1s", func(c *Config) { c.Rate, c.MaxRate = 500, 100 }, "at most max-rate, 100/s"},
		{"response.p99<1s", func(c *Config) { c.Rate = 1 }, "fewer than 10 requests"},
		{"response.p99<1s", func(c *Config) { c.Duration = 0 }, "at least 100ms"},
	} {
		cfg := finding(t, "http://127.0.0.1:1/", row.condition)
		if row.change != nil {
			row.change(&cfg)
		}
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: error %v, want %q", row.condition, err, row.want)
		}
	}
	cfg := config("http://127.0.0.1:1/")
	cfg.MaxRate = 5
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "needs find-max") {
		t.Errorf("max-rate alone: %v", err)
	}
	cfg = finding(t, "http://127.0.0.1:1/", "requests.failed==0")
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
}
