package load

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/transport"
	"tandem/internal/units"
	"tandem/pipeline"
)

// A server that closes after each answer without saying so is not the client's or the request's failure.
func TestSilentlyClosingServer(t *testing.T) {
	t.Parallel()
	for _, rate := range []units.Rate{0, 2000} {
		srv := serve(t, always(closing))
		cfg := config(srv.url)
		cfg.Requests, cfg.Rate, cfg.Connections, cfg.Duration = 400, rate, 2, 0
		r := mustRun(t, cfg)
		if q := r.Requests; q.Completed != 400 || q.Sent != 400 || srv.count.Load() != 400 {
			t.Errorf("rate %v: %+v, %v, server counted %d", rate, q, r.Errors, srv.count.Load())
		}
	}
}

// A server that reads a request and closes a kept-alive connection in place of answering gets it again, and the result says so.
func TestRetriesAreCounted(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(n int64, _ *http.Request) string {
		if n%3 == 2 { // never the first on its connection
			return ""
		}
		return hello
	})
	cfg := config(srv.url)
	cfg.Requests, cfg.Connections, cfg.Duration = 100, 1, 0
	r := mustRun(t, cfg)
	q := r.Requests
	if q.Completed != 100 || q.Sent != 100 || q.Retried == 0 || q.Sent+q.Retried != srv.count.Load() {
		t.Errorf("%+v, %v, server counted %d", q, r.Errors, srv.count.Load())
	}
}

// When a server dies in the middle of a run, what was refused afterwards has failed and was never sent.
func TestServerDiesHalfway(t *testing.T) {
	t.Parallel()
	for _, rate := range []units.Rate{0, 500} {
		var srv *server
		var answered atomic.Int64
		ready := make(chan struct{})
		srv = serve(t, func(n int64, _ *http.Request) string {
			<-ready
			if n >= 50 {
				srv.die()
				return ""
			}
			answered.Add(1)
			return hello
		})
		close(ready)
		cfg := config(srv.url)
		cfg.Rate, cfg.Connections = rate, 4
		r := mustRun(t, cfg)
		q, counted := r.Requests, srv.count.Load()
		if q.Sent < counted-4 || q.Sent > counted+4 || q.Completed > answered.Load() || q.Completed < answered.Load()-4 {
			t.Errorf("rate %v: %+v, %v, server counted %d and answered %d", rate, q, r.Errors, counted, answered.Load())
		}
		if r.Errors[transport.ClassRefused] == 0 || q.Failed < r.Errors[transport.ClassRefused] || q.Sent > q.Completed+q.Failed-r.Errors[transport.ClassRefused] {
			t.Errorf("rate %v: %+v, %v", rate, q, r.Errors)
		}
		if r.Client.Verdict == VerdictConnections {
			t.Errorf("rate %v: %+v", rate, r.Client)
		}
	}
}

// Nothing is sent to a port where nobody listens.
func TestRefusedIsNotSent(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg := config("http://" + ln.Addr().String() + "/")
	ln.Close()
	cfg.Rate, cfg.Connections = 100, 8
	r, err := Run(context.Background(), cfg, nil, nil)
	if err == nil {
		t.Fatal("no error")
	}
	checkSums(t, r)
	if q := r.Requests; q.Sent != 0 || q.Failed != q.Planned || q.Planned != 30 {
		t.Errorf("%+v", q)
	}
}

// What was dropped because all connections were busy is the number of connections' doing.
func TestConnectionsLimited(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(int64, *http.Request) string {
		time.Sleep(50 * time.Millisecond) // the slow server
		return hello
	})
	cfg := config(srv.url)
	cfg.Rate, cfg.Connections = 1000, 2
	if r := mustRun(t, cfg); !strings.Contains(strings.Join(r.Client.Reasons, " "), "connections were busy") || r.Requests.Sent != srv.count.Load() {
		t.Errorf("%+v, %+v", r.Client, r.Requests)
	}
	var drain pipeline.Event
	cfg.Rate, cfg.Connections, cfg.Duration = 20, 8, units.Duration(time.Hour)
	r, err := Run(context.Background(), cfg, &drain, func(p Progress) {
		if p.Completed >= 5 {
			drain.Set()
		}
	})
	if err != nil || r.Client.Verdict == VerdictConnections {
		t.Errorf("%v, %+v, %+v", err, r.Client, r.Requests)
	}
}
