package enginetest

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/transport"
	"tandem/load/schedule"
)

const depth = 16

// pipelining has sixteen requests in flight on a connection.
func (s Subject) pipelining(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"order": s.pipelineOrder, "shapes": s.pipelineShapes, "limits": s.pipelineDepth, "broken": s.pipelineBroken, "post": s.pipelinePost,
		"timeouts": s.pipelineTimeout,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

// pipelineOrder answers each request by its own kind: an answer given to another request would have the wrong status, or body for HEAD.
func (s Subject) pipelineOrder(t *testing.T) {
	srv := script(t, func(k *talk) {
		for {
			head := k.request()
			path, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(head, "GET /"), "HEAD /"), " ")
			body := "Content-Length: 2\r\n\r\nab"
			switch {
			case head == "":
				return
			case strings.HasPrefix(head, "HEAD"), path == "304":
				body = "Content-Length: 1000\r\n\r\n"
			case path == "201":
				body = "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
			}
			if !k.say("HTTP/1.1 " + path + " X\r\n" + body) {
				return
			}
		}
	})
	var lines strings.Builder
	codes := []string{"200", "201", "304", "404"}
	for i, code := range codes {
		fmt.Fprintf(&lines, "{\"url\":%q,\"check\":\"status=%s\"}\n", srv.url+code, code)
		if i%2 == 0 {
			fmt.Fprintf(&lines, "{\"url\":%q,\"method\":\"HEAD\",\"check\":\"status=%s\"}\n", srv.url+code, code)
		}
	}
	for _, k := range []*task{{total: 600}, {when: new(schedule.Constant(3000, 200*time.Millisecond))}} {
		k.lines, k.pipeline, k.connections = lines.String(), depth, 2
		before := srv.conns.Load()
		o := s.perform(t, k)
		if c := o.Counts; c.Completed != 600 || c.Retried != 0 || c.Unasked != 0 || srv.conns.Load()-before > 2 {
			t.Errorf("%+v, %v, %v, %d connections", c, o.Status, o.Errors, srv.conns.Load()-before)
		}
	}
}

func (s Subject) pipelineShapes(t *testing.T) {
	for name, k := range map[string]*task{
		"closed, count":    {total: 1000},
		"closed, few":      {total: 5, connections: 3},
		"closed, duration": {length: 100 * time.Millisecond},
		"open":             {when: new(schedule.Constant(4000, 200*time.Millisecond)), connections: 1},
		"bursts":           {when: new(schedule.Bursts(100, 50*time.Millisecond, 200*time.Millisecond)), connections: 3},
	} {
		srv := serve(t, hello)
		k.urls, k.pipeline = []string{srv.url}, depth
		o := s.perform(t, k)
		if n := srv.requests.Load(); n != o.Counts.Completed || n == 0 || o.Counts.Failed != 0 || o.dropped != 0 {
			t.Errorf("%s: the server counts %d: %+v, %v, %d dropped", name, n, o.Counts, o.Errors, o.dropped)
		}
	}
}

// pipelineDepth fills the pipe, and never more: the server answers when it has read all of it.
func (s Subject) pipelineDepth(t *testing.T) {
	var over atomic.Bool
	srv := script(t, func(k *talk) {
		for {
			for range depth {
				if k.request() == "" {
					return
				}
			}
			if k.br.Buffered() > 0 {
				over.Store(true)
			}
			k.say(strings.Repeat(sized("ab"), depth))
		}
	})
	o := s.perform(t, &task{urls: []string{srv.url}, pipeline: depth, total: 10 * depth, connections: 1})
	if o.Counts.Completed != 10*depth || over.Load() {
		t.Errorf("%+v, %v; more than %d in flight: %v", o.Counts, o.Errors, depth, over.Load())
	}
}

// pipelineBroken ends the first connection when it has answered some requests. Those that have no answer and may be sent again are, once;
// the one that the server was at has failed if it had begun to answer.
func (s Subject) pipelineBroken(t *testing.T) {
	const answered = 5
	for name, row := range map[string]struct {
		last    string
		end     func(*talk)
		class   string // of the request after those that were answered, if it fails
		retried int64
	}{
		"close":           {end: func(*talk) {}, retried: depth - answered},
		"announced close": {last: ok200 + "Connection: close\r\nContent-Length: 0\r\n\r\n", end: (*talk).hold, retried: depth - answered - 1},
		"reset":           {end: func(k *talk) { waitAtLeast(20 * time.Millisecond); k.reset() }, retried: depth - answered},
		"cut":             {last: ok200 + "Content-Length: 5\r\n\r\nab", end: func(*talk) {}, class: transport.TruncatedDisconnect, retried: depth - answered - 1},
		"malformed":       {last: "nonsense\r\n\r\n", end: (*talk).hold, class: transport.ClassMalformed, retried: depth - answered - 1},
		"until close":     {last: ok200 + "\r\nabc", end: func(*talk) {}, retried: depth - answered - 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := script(t, func(k *talk) {
				if k.n > 1 {
					answers(sized("ab"))(k)
					return
				}
				for range depth {
					k.request()
				}
				k.say(strings.Repeat(sized("ab"), answered) + row.last)
				row.end(k)
			})
			o := s.perform(t, &task{urls: []string{srv.url}, pipeline: depth, total: depth, connections: 1})
			c, failed := o.Counts, int64(0)
			if row.class != "" {
				failed = 1
			}
			if c.Failed != failed || o.Errors[row.class] != failed || c.Completed != depth-failed || c.Retried != row.retried {
				t.Errorf("%+v, %v; want %d failed, %d retried", c, o.Errors, failed, row.retried)
			}
			if n := srv.requests.Load(); n != depth+row.retried || srv.conns.Load() != 2 {
				t.Errorf("the server counts %d requests, %d connections", n, srv.conns.Load())
			}
		})
	}
}

// pipelinePost does not send a request again that may do harm twice, unless the server had said that it does not look at it.
func (s Subject) pipelinePost(t *testing.T) {
	for name, row := range map[string]struct {
		head      string
		completed int64
	}{"close": {ok200, 5}, "announced close": {ok200 + "Connection: close\r\n", depth}} {
		srv := script(t, func(k *talk) {
			if k.n > 1 {
				answers(sized("ab"))(k)
				return
			}
			for range depth {
				k.request()
			}
			k.say(strings.Repeat(sized("ab"), 4) + row.head + "Content-Length: 0\r\n\r\n")
		})
		o := s.perform(t, &task{urls: []string{srv.url}, method: "POST", body: "b", pipeline: depth, total: depth, connections: 1})
		if c := o.Counts; c.Completed != row.completed || o.Errors[transport.ClassClosed] != depth-row.completed {
			t.Errorf("%s: %+v, %v", name, c, o.Errors)
		}
	}
}

// pipelineTimeout has the server stop in the middle: what is late has failed, those behind it that have time left go out again.
func (s Subject) pipelineTimeout(t *testing.T) {
	srv := script(t, func(k *talk) {
		if k.n > 1 {
			answers(sized("ab"))(k)
			return
		}
		for range depth {
			k.request()
		}
		k.say(strings.Repeat(sized("ab"), 3))
		k.hold()
	})
	const limit = 400 * time.Millisecond
	o := s.perform(t, &task{
		urls: []string{srv.url}, pipeline: depth, when: new(schedule.Bursts(depth/2, limit/2, limit)), connections: 1, timeout: limit,
	})
	c := o.Counts
	if o.Errors[transport.ClassTimeout] != 5 || c.Completed != 11 || c.Retried != 8 || o.Service.Max() < limit {
		t.Errorf("%+v, %v, %v", c, o.Errors, o.Service.Max())
	}
}
