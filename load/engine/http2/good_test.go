package http2

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
)

// server is net/http's, which counts.
type server struct {
	*httptest.Server
	count  atomic.Int64
	inside atomic.Int64
	most   atomic.Int64 // requests at once
	conns  sync.Map
}

func serve(t testing.TB, secure bool, handler http.HandlerFunc) *server {
	t.Helper()
	s := new(server)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.count.Add(1)
		s.conns.Store(r.RemoteAddr, true)
		inside := s.inside.Add(1)
		for most := s.most.Load(); inside > most && !s.most.CompareAndSwap(most, inside); most = s.most.Load() {
		}
		defer s.inside.Add(-1)
		if r.ProtoMajor != 2 {
			http.Error(w, r.Proto, http.StatusHTTPVersionNotSupported)
			return
		}
		handler(w, r)
	}))
	s.Config.Protocols = new(http.Protocols)
	if secure {
		s.Config.Protocols.SetHTTP2(true)
		s.EnableHTTP2 = true
		s.StartTLS()
	} else {
		s.Config.Protocols.SetUnencryptedHTTP2(true)
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func (s *server) connections() (n int) {
	s.conns.Range(func(any, any) bool { n++; return true })
	return n
}

// both runs a test over TLS and without.
func both(t *testing.T, test func(t *testing.T, secure bool)) {
	t.Helper()
	for name, secure := range map[string]bool{"h2": true, "h2c": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, secure)
		})
	}
}

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

// A closed loop of so many requests sends so many, over as many connections and streams as asked for.
func TestCount(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, secure bool) {
		for _, row := range []struct{ connections, streams int }{{1, 1}, {3, 1}, {1, 10}, {9, 7}} {
			srv := serve(t, secure, hello)
			l := &load{source: get(t, srv.URL+"/"), total: 1000, connections: row.connections, streams: row.streams}
			o := l.run(t)
			if o.Counts.Completed != 1000 || srv.count.Load() != 1000 || o.Counts.Sent != 1000 || o.Status["200"] != 1000 {
				t.Errorf("%+v: %+v, %v, %v; the server counted %d", row, o.Counts, o.Status, o.Errors, srv.count.Load())
			}
			if n := srv.connections(); n > row.connections || o.Connect.Count() != int64(n) || secure != (o.TLS.Count() > 0) {
				t.Errorf("%+v: %d connections, %d times of connects, %d of TLS", row, n, o.Connect.Count(), o.TLS.Count())
			}
			if most := srv.most.Load(); most > int64(row.connections*row.streams) {
				t.Errorf("%+v: %d at once", row, most)
			}
		}
	})
}

// As many requests as connections and streams allow are under way at once.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, secure bool) {
		all := make(chan struct{})
		var inside atomic.Int64
		srv := serve(t, secure, func(w http.ResponseWriter, r *http.Request) {
			if inside.Add(1) == 12 {
				close(all)
			}
			select {
			case <-all:
			case <-r.Context().Done():
			}
		})
		l := &load{source: get(t, srv.URL+"/"), total: 24, connections: 3, streams: 4}
		if o := l.run(t); o.Counts.Completed != 24 || srv.most.Load() != 12 {
			t.Errorf("%+v, %v, %d at once", o.Counts, o.Errors, srv.most.Load())
		}
	})
}

// A closed loop ends when its time is over, and all that was sent is answered.
func TestDuration(t *testing.T) {
	t.Parallel()
	srv := serve(t, false, hello)
	l := &load{source: get(t, srv.URL+"/"), length: 200 * time.Millisecond, connections: 4, streams: 4}
	o := l.run(t)
	if o.Counts.Failed != 0 || o.Counts.Completed != srv.count.Load() || o.Counts.Completed < 16 || o.took < 200*time.Millisecond {
		t.Errorf("%+v, %v after %v; the server counted %d", o.Counts, o.Errors, o.took, srv.count.Load())
	}
}

// What an answer may look like.
func TestAnswers(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/large":
			_, _ = io.WriteString(w, large)
		case "/streamed":
			for range 5 {
				_, _ = io.WriteString(w, "piece")
				w.(http.Flusher).Flush()
			}
		case "/trailers":
			w.Header().Set("Trailer", "X-Sum")
			_, _ = io.WriteString(w, "body")
			w.Header().Set("X-Sum", "1")
		case "/early":
			w.Header().Set("Link", "</a>")
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, "late")
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		case "/unchanged":
			w.WriteHeader(http.StatusNotModified)
		case "/missing":
			http.NotFound(w, r)
		case "/teapot":
			w.WriteHeader(http.StatusTeapot)
		case "/fields":
			for i := range 300 {
				w.Header().Set(fmt.Sprint("X-Field-", i), strings.Repeat("v", 100)) // several CONTINUATIONs
			}
			_, _ = io.WriteString(w, "many")
		}
	}
	both(t, func(t *testing.T, secure bool) {
		srv := serve(t, secure, handler)
		for _, row := range []struct {
			path, method string
			status       string
			body         string
			least        int64
		}{
			{"/large", "GET", "200", large, 1 << 20},
			{"/large", "HEAD", "200", "", 20},
			{"/streamed", "GET", "200", "piecepiecepiecepiecepiece", 25},
			{"/trailers", "GET", "200", "body", 4},
			{"/early", "GET", "200", "late", 4},
			{"/none", "GET", "204", "", 10},
			{"/unchanged", "GET", "304", "", 10},
			{"/missing", "GET", "404", "404 page not found\n", 19},
			{"/teapot", "DELETE", "418", "", 10},
			{"/fields", "GET", "200", "many", 25_000},
		} {
			source := get(t, srv.URL+row.path)
			source.list[0].Method = row.method
			source.check = func(status int, head, body []byte) int {
				if string(body) != row.body || !bytes.HasPrefix(head, []byte("HTTP/2 "+row.status+"\r\n")) || !bytes.Contains(head, []byte("\r\ndate: ")) || !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
					return 2
				}
				return -1
			}
			o := (&load{source: source, total: 20, connections: 2, streams: 3}).run(t)
			if o.Status[row.status] != 20 || o.Counts.Bytes < 20*row.least || o.Checks[2] != 0 {
				t.Errorf("%s %s: %+v, %v, %v, %v", row.method, row.path, o.Counts, o.Status, o.Errors, o.job.Failure())
			}
		}
	})
}

// What a request says arrives, made once or made anew each time.
func TestRequests(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("upload ", 40_000) // 280 kB: more than the first window
	both(t, func(t *testing.T, secure bool) {
		var wrong atomic.Value
		srv := serve(t, secure, func(w http.ResponseWriter, r *http.Request) {
			got, err := io.ReadAll(r.Body)
			h := r.Header
			if err != nil || string(got) != body || r.Method != "POST" || r.Host != "other.example" || r.RequestURI != "/a?b=c" || h.Get("X-Token") != "Secret value" ||
				h.Get("User-Agent") != "test" || h.Get("Accept-Encoding") != acceptEncoding || h.Get("Authorization") != "Bearer x" || r.ContentLength != int64(len(body)) || len(h) != 5 {
				wrong.CompareAndSwap(nil, fmt.Sprintf("%s %s %s %v, %d bytes, %v", r.Method, r.Host, r.RequestURI, h, len(got), err))
			}
		})
		for _, anew := range []bool{false, true} {
			source := get(t, srv.URL+"/a?b=c")
			req := source.list[0]
			req.Method, req.Body = "POST", []byte(body)
			req.Header = [][2]string{{"X-Token", "Secret value"}, {"Host", "other.example"}, {"Connection", "keep-alive"}, {"authorization", "Bearer x"}}
			if anew {
				source.fill = func(int64, *transport.Request) {}
			}
			o := (&load{source: source, total: 40, connections: 2, streams: 3}).run(t)
			if o.Counts.Completed != 40 || wrong.Load() != nil {
				t.Errorf("anew %v: %+v, %v, %v", anew, o.Counts, o.Errors, wrong.Load())
			}
		}
	})
}

// A request that is made anew is that of its send.
func TestTemplates(t *testing.T) {
	t.Parallel()
	var seen sync.Map
	srv := serve(t, false, func(_ http.ResponseWriter, r *http.Request) { seen.Store(r.URL.Query().Get("i"), true) })
	source := get(t, srv.URL+"/")
	source.fill = func(i int64, req *transport.Request) { req.Target.URI = fmt.Sprint("/?i=", i) }
	o := (&load{source: source, total: 200, connections: 3, streams: 4}).run(t)
	n := 0
	seen.Range(func(any, any) bool { n++; return true })
	if o.Counts.Completed != 200 || n != 200 {
		t.Errorf("%+v, %v, %d different", o.Counts, o.Errors, n)
	}
	source.fill = func(i int64, req *transport.Request) {
		if i%2 == 1 {
			req.Header = append(req.Header, [2]string{"bad name", "x"})
		}
	}
	o = (&load{source: source, total: 100, connections: 1}).run(t)
	if o.Errors[transport.ClassBadRequest] != 50 || o.Counts.Completed != 50 || o.Counts.Sent != 50 {
		t.Errorf("%+v, %v", o.Counts, o.Errors)
	}
}

// Checks that fail are failures of whole answers.
func TestChecks(t *testing.T) {
	t.Parallel()
	srv := serve(t, true, hello)
	source := get(t, srv.URL+"/")
	var n atomic.Int64
	source.check = func(int, []byte, []byte) int {
		if n.Add(1)%4 == 0 {
			return 3
		}
		return -1
	}
	o := (&load{source: source, total: 400, connections: 2, streams: 5}).run(t)
	if o.Counts.Completed != 300 || o.Errors[engine.ClassCheck] != 100 || o.Checks[3] != 100 || o.Counts.Sent != 400 || !o.job.Answered() {
		t.Errorf("%+v, %v, %v", o.Counts, o.Errors, o.Checks)
	}
}

// An open loop follows its schedule and sends all of it.
func TestOpenLoop(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, secure bool) {
		for _, streams := range []int{1, 10} {
			srv := serve(t, secure, hello)
			l := &load{source: get(t, srv.URL+"/"), rate: 1000, length: 500 * time.Millisecond, connections: 8, streams: streams}
			o := l.run(t)
			if o.planned != 500 || o.Counts.Completed != 500 || srv.count.Load() != 500 || o.dropped != 0 {
				t.Errorf("%d streams: planned %d, %+v, %v", streams, o.planned, o.Counts, o.Errors)
			}
			if o.took < 499*time.Millisecond || o.Lateness.Count() != 500 || o.Own.Count() == 0 {
				t.Errorf("%d streams: took %v, %d times of lateness, %d of our own", streams, o.took, o.Lateness.Count(), o.Own.Count())
			}
		}
	})
}

// When the server stands still, what was planned meanwhile is sent late, and its response time says so.
func TestOpenLoopFrozen(t *testing.T) {
	t.Parallel()
	const freeze = 300 * time.Millisecond
	var thawed atomic.Pointer[time.Time]
	srv := serve(t, false, func(_ http.ResponseWriter, r *http.Request) {
		end := time.Now().Add(freeze)
		thawed.CompareAndSwap(nil, &end)
		time.Sleep(time.Until(*thawed.Load())) // the server that freezes at its first request
	})
	l := &load{source: get(t, srv.URL+"/"), rate: 500, length: 600 * time.Millisecond, connections: 2, streams: 2}
	o := l.run(t)
	if o.Counts.Completed != 300 || o.dropped != 0 {
		t.Errorf("%+v, dropped %d, %v", o.Counts, o.dropped, o.Errors)
	}
	if p := o.Response.At(75); p < freeze/4 { // half of the sends fell into it
		t.Errorf("p75 of the response %v", p)
	}
	if p := o.Service.At(90); p > freeze/2 {
		t.Errorf("p90 of the service %v", p)
	}
}

// An open loop that is stopped sends nothing more, and what is in flight is answered.
func TestStop(t *testing.T) {
	t.Parallel()
	srv := serve(t, false, hello)
	for _, rate := range []float64{0, 400} {
		srv.count.Store(0)
		l := &load{source: get(t, srv.URL+"/"), rate: rate, length: time.Hour, connections: 4, streams: 2}
		l.begun = func(job *engine.Job) {
			for srv.count.Load() < 20 {
				time.Sleep(time.Millisecond)
			}
			job.Plan.Stop()
		}
		o := l.run(t)
		if o.Counts.Failed != 0 || o.Counts.Completed != srv.count.Load() || o.Counts.Completed < 20 || o.dropped > 8 {
			t.Errorf("rate %v: %+v, dropped %d, %v, the server counted %d", rate, o.Counts, o.dropped, o.Errors, srv.count.Load())
		}
	}
}

// The end of the context cuts what is in flight, and names it.
func TestCut(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, secure bool) {
		for _, rate := range []float64{0, 100} {
			for cause, class := range map[error]string{nil: "cancelled", engine.ErrGrace: "interrupted"} {
				arrived := make(chan struct{}, 100)
				srv := serve(t, secure, func(_ http.ResponseWriter, r *http.Request) {
					arrived <- struct{}{}
					<-r.Context().Done()
				})
				ctx, cancel := context.WithCancelCause(context.Background())
				l := &load{source: get(t, srv.URL+"/"), rate: rate, length: time.Hour, connections: 3, streams: 2}
				l.begun = func(job *engine.Job) {
					for range 6 {
						<-arrived
					}
					job.Plan.Stop()
					cancel(cause)
				}
				e := l.engine(t)
				o := perform(ctx, t, e, l)
				if o.Errors[class] != 6 || o.Counts.Failed != 6 || o.Counts.Completed != 0 || o.Counts.Sent != 6 {
					t.Errorf("rate %v, %v: %+v, %v", rate, cause, o.Counts, o.Errors)
				}
				e.Close()
			}
		}
	})
}

// A second run uses the connections of the first, fewer if it has fewer.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, secure bool) {
		srv := serve(t, secure, hello)
		l := &load{source: get(t, srv.URL+"/"), total: 100, connections: 4}
		e := l.engine(t)
		defer e.Close()
		perform(context.Background(), t, e, l)
		before := srv.connections()
		o := perform(context.Background(), t, e, l)
		l.connections, l.rate, l.length = 2, 1000, time.Second
		o2 := perform(context.Background(), t, e, l)
		if o.Counts.Completed != 100 || o2.Counts.Completed != 100 || srv.connections() != before || o.Connect.Count()+o2.Connect.Count() != 0 {
			t.Errorf("%d connections, then %d; %+v, %+v", before, srv.connections(), o.Counts, o2.Counts)
		}
	})
}

// Several origins share the connections, also if there are fewer of these.
func TestOrigins(t *testing.T) {
	t.Parallel()
	for _, connections := range []int{1, 2, 3, 7} {
		for _, rate := range []float64{0, 2000} {
			a, b, c := serve(t, false, hello), serve(t, true, hello), serve(t, false, hello)
			l := &load{source: get(t, a.URL+"/", b.URL+"/", a.URL+"/2", c.URL+"/"), rate: rate, total: 200, connections: connections, streams: 2}
			if rate > 0 {
				l.length = 5 * time.Second
			}
			o := l.run(t)
			if o.Counts.Completed != 200 || a.count.Load() != 100 || b.count.Load() != 50 || c.count.Load() != 50 {
				t.Errorf("%d connections, rate %v: %+v, %v; %d, %d, %d", connections, rate, o.Counts, o.Errors, a.count.Load(), b.count.Load(), c.count.Load())
			}
		}
	}
}
