package enginetest

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
	"tandem/load/schedule"
)

// burst is an open loop of n sends at once.
func burst(n int64) *schedule.Schedule {
	return new(schedule.Bursts(n, time.Second, 500*time.Millisecond))
}

// twice has a server that answers one request of each connection, and closes when it has read the second: that may be sent again if its
// method is idempotent, once.
func (s Subject) twice(t *testing.T) {
	answerOne := func(k *talk) {
		if k.request() != "" && k.say(sized("first")) {
			k.request()
		}
	}
	for _, method := range []string{"GET", "PUT", "POST"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			srv := script(t, answerOne)
			o := s.perform(t, &task{urls: []string{srv.url}, method: method, total: 11, connections: 1})
			c := o.Counts
			switch {
			case method == "POST" && (c.Completed != 6 || o.Errors[transport.ClassClosed] != 5 || c.Retried != 0 || srv.requests.Load() != 11):
				t.Errorf("%+v, %v, the server counts %d", c, o.Errors, srv.requests.Load())
			case method != "POST" && (c.Completed != 11 || c.Retried != 10 || srv.requests.Load() != 21):
				t.Errorf("%+v, %v, the server counts %d", c, o.Errors, srv.requests.Load())
			}
		})
	}
	// The second attempt is the last one.
	var n atomic.Int64
	srv := script(t, func(k *talk) {
		if k.request() != "" && n.Add(1) == 1 && k.say(sized("first")) {
			k.request()
		}
	})
	o := s.perform(t, &task{urls: []string{srv.url}, total: 2, connections: 1})
	if c := o.Counts; c.Completed != 1 || o.Errors[transport.ClassClosed] != 1 || c.Retried != 1 || srv.requests.Load() != 3 {
		t.Errorf("%+v, %v, the server counts %d", c, o.Errors, srv.requests.Load())
	}
}

// idle has the server close all connections between two jobs: the second makes new ones, and sends nothing twice for that.
func (s Subject) idle(t *testing.T) {
	closing := make(chan struct{})
	const first = 5
	ended := make(chan struct{}, first)
	srv := script(t, func(k *talk) {
		if k.n > first {
			answers(sized("ab"))(k)
			return
		}
		defer func() { ended <- struct{}{} }()
		go func() {
			<-closing
			_ = k.conn.CloseWrite()
			_ = k.conn.CloseRead()
		}()
		answers(sized("ab"))(k)
		k.conn.Close()
	})
	e := s.engine(t, &task{urls: []string{srv.url}, method: "POST", body: "b", total: 100, connections: first})
	defer e.Close()
	e.perform(t)
	conns := srv.conns.Load()
	close(closing)
	for range min(conns, first) {
		<-ended
	}
	o := e.perform(t)
	if c := o.Counts; c.Completed != 100 || c.Retried != 0 || srv.conns.Load() <= conns {
		t.Errorf("%+v, %v, %d connections, then %d", c, o.Errors, conns, srv.conns.Load())
	}
}

// refused has nobody listen. Every connection goes on trying, and none is hammered in a closed loop.
func (s Subject) refused(t *testing.T) {
	url := nobody(t)
	for name, k := range map[string]*task{
		"closed, count": {total: 120}, "closed, duration": {length: 500 * time.Millisecond}, "open": {when: new(schedule.Constant(1000, 300*time.Millisecond))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k.urls, k.connections = []string{url}, 8
			o := s.perform(t, k)
			c := o.Counts
			if o.Errors[transport.ClassRefused] != c.Failed || c.Sent != 0 || c.Completed != 0 || c.Failed == 0 {
				t.Errorf("%v, %+v", o.Errors, c)
			}
			if k.when == nil && o.took < 100*time.Millisecond {
				t.Errorf("%d attempts in %v", c.Failed, o.took)
			}
			if k.length > 0 && (c.Failed < 8*8 || c.Failed > 8*20) { // after 1, 2, 4 … 100 ms
				t.Errorf("%d attempts of 8 connections in %v", c.Failed, o.took)
			}
			if k.when != nil && c.Failed != 300 {
				t.Errorf("%d of 300 failed, %d were dropped", c.Failed, o.dropped)
			}
		})
	}
}

// revival has a server die in the middle and come back at the same address. All connections are used again.
func (s Subject) revival(t *testing.T) {
	for name, k := range map[string]*task{"closed": {length: time.Hour}, "open": {when: new(schedule.Constant(2000, time.Hour))}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ln, err := net.Listen("tcp", "127.0.0.78:0") // where no other test takes the port meanwhile
			if err != nil {
				t.Skip(err)
			}
			srv := newSite(ln)
			busy := make(chan struct{}, 1)
			play := func(k *talk) {
				for k.request() != "" && k.say(sized("ab")) {
					if k.requests.Load() >= 100 {
						select {
						case busy <- struct{}{}:
						default:
						}
					}
				}
			}
			stop := srv.on(ln, play)
			const conns = 12
			k.urls, k.connections = []string{srv.url}, conns
			again := make(chan int64, 1)
			k.begun = func(job *engine.Job, _ context.CancelCauseFunc) {
				go func() {
					<-busy
					stop()
					waitAtLeast(300 * time.Millisecond)
					ln, err := net.Listen("tcp", srv.addr)
					if err != nil {
						t.Error(err)
						job.Plan.Stop()
						return
					}
					before := srv.conns.Load()
					srv.requests.Store(0)
					stop := srv.on(ln, play)
					deadline := time.Now().Add(10 * time.Second)
					for time.Now().Before(deadline) && (srv.conns.Load() < before+conns || srv.requests.Load() < 100) {
						waitAtLeast(time.Millisecond)
					}
					job.Plan.Stop()
					again <- srv.conns.Load() - before
					t.Cleanup(stop)
				}()
			}
			o := s.perform(t, k)
			if n := <-again; n < conns {
				t.Errorf("%d of %d connections came back; %v, %v", n, conns, o.Status, o.Errors)
			}
			for class := range o.Errors {
				if class != transport.ClassRefused && class != transport.ClassReset && class != transport.ClassClosed {
					t.Errorf("%v", o.Errors)
				}
			}
			if o.Counts.Completed < 100 || o.Errors[transport.ClassRefused] == 0 || o.dropped > 40_000 {
				t.Errorf("%+v, %v", o.Counts, o.Errors)
			}
		})
	}
}

// early has servers that say what nobody asked for. What of it can be seen is counted, and every planned request ends.
func (s Subject) early(t *testing.T) {
	for name, play := range map[string]func(*talk){
		"before the request": func(k *talk) { k.say(sized("early")); answers(sized("right"))(k) },
		"twice":              answers(sized("first") + sized("second")),
		"twice, slowly":      slowly(sized("first"), sized("second")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := script(t, play)
			o := s.perform(t, &task{urls: []string{srv.url}, total: 200, connections: 2})
			c := o.Counts
			seen := c.Unasked > 0 || name == "twice, slowly" // which may come as if it answered the next request
			if !seen || c.Completed+c.Failed != 200 || o.Errors[transport.ClassUnasked] != c.Failed {
				t.Errorf("%+v, %v", c, o.Errors)
			}
			if name == "twice" && c.Unasked != 200 {
				t.Errorf("%d of 200 surplus answers were seen", c.Unasked)
			}
		})
	}
}

func slowly(texts ...string) func(*talk) {
	return func(k *talk) {
		for k.request() != "" {
			for _, text := range texts {
				if !k.say(text) {
					return
				}
				waitAtLeast(time.Millisecond)
			}
		}
	}
}

// unread has a server that answers before it has read the body, and closes: the answer counts, not the broken write.
func (s Subject) unread(t *testing.T) {
	refusal := "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig"
	for name, end := range map[string]func(*talk){
		"and stays":  func(k *talk) { k.hold() },
		"and reads":  func(k *talk) { _ = k.conn.CloseWrite(); k.hold() },
		"and pauses": func(k *talk) { waitAtLeast(50 * time.Millisecond) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := script(t, func(k *talk) {
				if k.head() != "" && k.say(refusal) {
					end(k)
				}
			})
			o := s.perform(t, &task{urls: []string{srv.url}, method: "POST", body: strings.Repeat("b", 8<<20), total: 8, timeout: patience})
			if name != "and pauses" && o.Status["413"] != 8 {
				t.Errorf("%v, %v", o.Status, o.Errors)
			}
			if o.Status["413"]+o.Errors[transport.ClassReset] != 8 { // a reset may overtake the answer
				t.Errorf("%v, %v", o.Status, o.Errors)
			}
		})
	}
}

// stuck has connections that are never accepted: the time limit and the end of the context hold for them, too.
func (s Subject) stuck(t *testing.T) {
	addr := fullBacklog(t)
	for name, k := range map[string]*task{"closed": {total: 12}, "open": {when: burst(12)}, "cut": {length: time.Hour, timeout: time.Hour}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k.urls, k.connections = []string{"http://" + addr}, 6
			class, count := transport.ClassTimeout, int64(12)
			if k.timeout == 0 {
				k.timeout = 200 * time.Millisecond
			} else {
				class, count = "interrupted", 6
				k.begun = func(job *engine.Job, cancel context.CancelCauseFunc) {
					time.AfterFunc(100*time.Millisecond, func() {
						job.Plan.Stop()
						cancel(engine.ErrGrace)
					})
				}
			}
			o := s.perform(t, k)
			if o.Errors[class] != count || o.Counts.Sent != 0 || (k.begun == nil && o.Service.Min() < k.timeout) || o.took > 10*time.Second {
				t.Errorf("%v, %+v, %v to %v, %v", o.Errors, o.Counts, o.Service.Min(), o.Service.Max(), o.took)
			}
		})
	}
}
