package enginetest

import (
	"context"
	"errors"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
	"tandem/load/schedule"
)

// timeouts counts what takes too long, with the time that it took.
func (s Subject) timeouts(t *testing.T) {
	const limit = 150 * time.Millisecond
	for name, when := range map[string]*schedule.Schedule{"closed": nil, "open": new(schedule.Constant(40, 500*time.Millisecond))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			hold := make(chan struct{})
			srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if n.Add(1)%2 == 0 {
					select {
					case <-hold:
					case <-r.Context().Done():
					}
					return
				}
				hello(w, r)
			})
			defer close(hold)
			k := &task{urls: []string{srv.url}, timeout: limit, when: when, connections: 2}
			if when == nil {
				k.total = 12
			}
			o := s.perform(t, k)
			c := o.Counts
			if o.Errors[transport.ClassTimeout] != c.Failed || c.Failed < 3 || c.Completed < 3 || c.Sent != srv.requests.Load() {
				t.Errorf("%v, %+v, the server counts %d", o.Errors, c, srv.requests.Load())
			}
			if c.Failed > 0 && o.Service.Max() < limit {
				t.Errorf("timeouts after %v at most, want %v", o.Service.Max(), limit)
			}
			if o.Service.Max() > 3*limit+time.Second {
				t.Errorf("a timeout of %v took %v", limit, o.Service.Max())
			}
			if when != nil && c.Completed+c.Failed+o.dropped != 20 {
				t.Errorf("%d completed, %d failed, %d dropped of 20", c.Completed, c.Failed, o.dropped)
			}
		})
	}
}

// loops are an endless closed and an endless open loop.
func loops() map[string]*task {
	return map[string]*task{
		"closed": {length: time.Hour}, "open": {when: new(schedule.Constant(300, time.Hour))},
	}
}

// drain stops a plan while requests are in flight, which are answered.
func (s Subject) drain(t *testing.T) {
	for name, k := range loops() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			inside, release := make(chan struct{}), make(chan struct{})
			srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if i := n.Add(1); i == 50 {
					close(inside)
				}
				if n.Load() >= 50 {
					<-release
				}
				hello(w, r)
			})
			k.urls = []string{srv.url}
			k.begun = func(job *engine.Job, _ context.CancelCauseFunc) {
				go func() {
					<-inside
					job.Plan.Stop()
					close(release)
				}()
			}
			o := s.perform(t, k)
			if c := o.Counts; c.Failed != 0 || c.Completed != srv.requests.Load() || c.Completed < 50 || c.Completed > 60 {
				t.Errorf("%+v, %v, the server counts %d", c, o.Errors, srv.requests.Load())
			}
		})
	}
}

// cut ends a context while requests are in flight, which are recorded as that.
func (s Subject) cut(t *testing.T) {
	for class, cause := range map[string]error{"cancelled": errors.New("second signal"), "interrupted": engine.ErrGrace} {
		for name, k := range loops() {
			t.Run(class+", "+name, func(t *testing.T) {
				t.Parallel()
				var n atomic.Int64
				inside := make(chan struct{})
				srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
					i := n.Add(1)
					if i <= 20 {
						hello(w, r)
						return
					}
					if i == 22 {
						close(inside)
					}
					if i%2 == 0 { // half of them have begun to answer
						w.Header().Set("Content-Length", "1000")
						hello(w, r)
						w.(http.Flusher).Flush()
					}
					<-r.Context().Done()
				})
				k.urls, k.timeout = []string{srv.url}, time.Hour
				k.begun = func(job *engine.Job, cancel context.CancelCauseFunc) {
					go func() {
						<-inside
						cancel(cause)
						job.Plan.Stop()
					}()
				}
				o := s.perform(t, k)
				if c := o.Counts; c.Completed > 20 || c.Completed < 17 || o.Errors[class] != c.Failed || c.Failed < 2 || c.Failed > 4 {
					t.Errorf("%+v, %v", c, o.Errors)
				}
			})
		}
	}
}

// warm runs two jobs: the second uses the connections of the first.
func (s Subject) warm(t *testing.T) {
	for name, when := range map[string]*schedule.Schedule{"closed": nil, "open": new(schedule.Constant(1000, 100*time.Millisecond))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, hello)
			e := s.engine(t, &task{urls: []string{srv.url}, total: 100, connections: 6, when: when})
			defer e.Close()
			e.perform(t)
			conns := srv.conns.Load()
			o := e.perform(t)
			if o.Counts.Completed != 100 || srv.conns.Load() != conns || o.Connect.Count() != 0 {
				t.Errorf("%+v, %d connections, then %d; %d were timed", o.Counts, conns, srv.conns.Load(), o.Connect.Count())
			}
		})
	}
}

// resize runs jobs with other numbers of connections on one engine.
func (s Subject) resize(t *testing.T) {
	var inside, most atomic.Int64
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := inside.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		waitAtLeast(20 * time.Millisecond)
		inside.Add(-1)
		hello(w, r)
	})
	e := s.engine(t, &task{urls: []string{srv.url}})
	defer e.Close()
	for _, n := range []int{1, 9, 3, 30, 2} {
		most.Store(0)
		e.k.connections, e.k.total = n, int64(4*n)
		if o := e.perform(t); o.Counts.Completed != int64(4*n) || most.Load() != int64(n) {
			t.Errorf("%d connections: %d requests at once, %+v, %v", n, most.Load(), o.Counts, o.Errors)
		}
	}
}

// waitAtLeast holds a server up; nothing waits for its exact end.
func waitAtLeast(d time.Duration) { <-time.After(d) }

// many has a thousand connections.
func (s Subject) many(t *testing.T) {
	const conns = 1000
	var inside atomic.Int64
	all := make(chan struct{})
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if inside.Add(1) == conns {
			close(all)
		}
		<-all
		hello(w, r)
	})
	o := s.perform(t, &task{urls: []string{srv.url}, total: 3 * conns, connections: conns, timeout: patience})
	if o.Counts.Completed != 3*conns || srv.conns.Load() != conns || o.Connect.Count() != conns {
		t.Errorf("%+v, %v, %d connections, %d timed", o.Counts, o.Errors, srv.conns.Load(), o.Connect.Count())
	}
}

// leaks looks for goroutines and descriptors that a closed engine leaves.
func (s Subject) leaks(t *testing.T) {
	hold := make(chan struct{})
	defer close(hold)
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "hang") {
			select {
			case <-hold:
			case <-r.Context().Done():
			}
		}
		hello(w, r)
	})
	gone := nobody(t)
	round := func() {
		s.perform(t, &task{urls: []string{srv.url}, total: 200, connections: 20})
		s.perform(t, &task{urls: []string{gone}, total: 20, connections: 5})
		s.perform(t, &task{urls: []string{srv.url + "hang"}, total: 6, connections: 3, timeout: 50 * time.Millisecond})
		s.perform(t, &task{urls: []string{srv.url + "hang"}, length: time.Hour, begun: func(job *engine.Job, cancel context.CancelCauseFunc) {
			time.AfterFunc(50*time.Millisecond, func() {
				cancel(engine.ErrGrace)
				job.Plan.Stop()
			})
		}})
		s.perform(t, &task{urls: []string{"http://nowhere.invalid"}, total: 10, resolve: Options{Resolve: noSuchHost}})
	}
	round() // what is made once and stays
	descriptors, goroutines := openDescriptors(), runtime.NumGoroutine()
	for range 3 {
		round()
	}
	deadline := time.Now().Add(10 * time.Second)
	for openDescriptors() > descriptors || runtime.NumGoroutine() > goroutines { // the server's side ends by and by
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d descriptors, then %d; %d goroutines, then %d\n%s", descriptors, openDescriptors(), goroutines, runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
		}
		waitAtLeast(10 * time.Millisecond)
	}
}

// openDescriptors counts; 0 where the system does not tell.
func openDescriptors() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}
