package load

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/transport"
	"tandem/internal/units"
	"tandem/pipeline"
)

func TestDrainStopsEarlyWithResults(t *testing.T) {
	t.Parallel()
	for _, rate := range []units.Rate{0, 100} {
		var drain pipeline.Event
		srv := serve(t, func(n int64, _ *http.Request) string {
			if n == 20 {
				drain.Set()
			}
			return hello
		})
		cfg := config(srv.url)
		cfg.Rate, cfg.Duration = rate, units.Duration(time.Hour)
		r, err := Run(context.Background(), cfg, &drain, nil)
		if err != nil || r.State != StateInterrupted || r.Requests.Completed < 20 || r.Requests.Sent != srv.count.Load() {
			t.Fatalf("%v, %+v", err, r)
		}
		checkSums(t, r)
		if r.Duration > 60 {
			t.Errorf("took %v s", r.Duration)
		}
	}
}

// What the schedule held up to the drain and was not sent is dropped, not forgotten.
func TestDrainCountsTheBacklog(t *testing.T) {
	t.Parallel()
	var drain pipeline.Event
	srv := serve(t, func(n int64, _ *http.Request) string {
		if n == 5 {
			drain.Set()
		}
		time.Sleep(50 * time.Millisecond) // the slow server
		return hello
	})
	cfg := config(srv.url)
	cfg.Rate, cfg.Connections, cfg.Duration = 1000, 1, units.Duration(time.Hour)
	r, err := Run(context.Background(), cfg, &drain, nil)
	if err != nil || r.Requests.Planned < 200 || r.Requests.Sent > 6 {
		t.Fatalf("%v, %+v", err, r)
	}
	checkSums(t, r)
}

// A drain does not wait for answers that never come.
func TestDrainCutsWhatHangs(t *testing.T) {
	t.Parallel()
	var drain pipeline.Event
	hold := make(chan struct{})
	defer close(hold)
	srv := serve(t, func(n int64, _ *http.Request) string {
		if n > 5 {
			drain.Set()
			<-hold
		}
		return hello
	})
	cfg := config(srv.url)
	cfg.Duration, cfg.Timeout, cfg.Connections = units.Duration(time.Hour), units.Duration(time.Hour), 2
	r, err := Run(context.Background(), cfg, &drain, nil)
	if err != nil || r.State != StateInterrupted || r.Errors["interrupted"] == 0 || r.Requests.Completed != 5 {
		t.Fatalf("%v, %+v", err, r)
	}
	checkSums(t, r)
}

func TestCancelReturnsWhatThereIs(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("second signal")
	srv := serve(t, func(n int64, _ *http.Request) string {
		if n == 20 {
			cancel(cause)
		}
		return hello
	})
	cfg := config(srv.url)
	cfg.Duration = units.Duration(time.Hour)
	r, err := Run(ctx, cfg, nil, nil)
	if !errors.Is(err, cause) || r.State != StateInterrupted || r.Requests.Completed == 0 {
		t.Errorf("%v, %+v", err, r)
	}
}

// What can never be answered ends soon, with the reason.
func TestHopelessRuns(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + ln.Addr().String() + "/"
	ln.Close()
	closing := serve(t, always("")).url
	rows := []struct {
		name, url, class string
		requests         int64
	}{
		{"refused", refused, transport.ClassRefused, 0},
		{"refused, few requests", refused, transport.ClassRefused, 5},
		{"closes every connection", closing, transport.ClassClosed, 0},
		{"unknown host", "http://nowhere.example/", transport.ClassDNS, 0},
		{"name of a private address", "http://private.example/", transport.ClassPrivateAddress, 0},
		{"no TLS", strings.Replace(closing, "http:", "https:", 1), transport.ClassTLS, 0},
	}
	for _, row := range rows {
		for _, rate := range []units.Rate{0, 500} {
			t.Run(row.name, func(t *testing.T) {
				t.Parallel()
				cfg := config(row.url)
				cfg.Duration, cfg.Requests, cfg.Rate = units.Duration(time.Hour), row.requests, rate
				cfg.Resolve = func(_ context.Context, host string) ([]netip.Addr, error) {
					if host == "private.example" {
						return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
					}
					return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
				}
				r, err := Run(context.Background(), cfg, nil, nil)
				var e *transport.Error
				if !errors.As(err, &e) || e.Class != row.class {
					t.Fatalf("error %v, want class %s", err, row.class)
				}
				checkSums(t, r)
				if r.State != StateFailed || r.Errors[row.class] == 0 {
					t.Errorf("%+v", r)
				}
			})
		}
	}
}

// A server that is silent at first and then wakes is measured to the end of the schedule.
func TestSilentServerThatWakes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"fast", "fasthttp"} {
		var begin atomic.Pointer[time.Time]
		srv := serve(t, func(int64, *http.Request) string {
			now := time.Now()
			begin.CompareAndSwap(nil, &now)
			if awake := begin.Load().Add(2500 * time.Millisecond); now.Before(awake) {
				time.Sleep(awake.Sub(now)) // the silence
			}
			return hello
		})
		cfg := config(srv.url)
		cfg.Engine, cfg.Rate, cfg.Connections = name, 20, 4
		cfg.Duration, cfg.Timeout = units.Duration(4*time.Second), units.Duration(200*time.Millisecond)
		r := mustRun(t, cfg)
		if r.State != StateComplete || r.Requests.Planned != 80 || r.Requests.Completed == 0 || r.Errors[transport.ClassTimeout] < 20 {
			t.Errorf("%s: %s, %+v, %v", name, r.State, r.Requests, r.Errors)
		}
	}
}
