package transport

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"
)

func sized(body string) string {
	return ok200 + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// A response that nobody asked for, sent while the connection idles, must not answer the next request.
func TestUnaskedResponseIsNeverTheNextPage(t *testing.T) {
	t.Parallel()
	late, said := make(chan struct{}), make(chan struct{})
	srv := serve(t, func(s *session) {
		s.request()
		s.say(sized("first"))
		if s.n == 0 {
			<-late
			s.say(sized("unasked"))
			close(said)
		}
		for s.request() != "" {
			s.say(sized("right"))
		}
	})
	c := testClient(t, nil)
	mustDo(t, c, get(srv.addr(), "/a"))
	close(late)
	<-said
	resp := mustDo(t, c, get(srv.addr(), "/b"))
	if string(resp.Body) != "first" || resp.Reused { // the first answer of a new connection
		t.Errorf("got %q, reused %v", resp.Body, resp.Reused)
	}
}

// The same with the unasked response in the same packet.
func TestLeftoverIsNeverTheNextPage(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("first")+sized("unasked")))
	c := testClient(t, nil)
	for range 3 {
		if resp := mustDo(t, c, get(srv.addr(), "/")); string(resp.Body) != "first" {
			t.Fatalf("got %q", resp.Body)
		}
	}
	if n := srv.accepted.Load(); n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
}

// A server that closes an idle connection costs nothing but a new connection.
func TestIdleConnectionClosedByServer(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{}, 2)
	srv := serve(t, func(s *session) {
		s.request()
		s.say(sized("x"))
		s.conn.Close()
		closed <- struct{}{}
	})
	c := testClient(t, nil)
	for range 2 {
		if resp := mustDo(t, c, get(srv.addr(), "/")); string(resp.Body) != "x" {
			t.Fatalf("got %q", resp.Body)
		}
		<-closed
	}
}

func TestRetryOnDeadConnection(t *testing.T) {
	t.Parallel()
	// The first connection answers once, takes a second request and dies as the row says.
	rows := []struct {
		name     string
		method   string
		die      func(*session)
		change   func(*Config)
		class    string
		requests int64
	}{
		{name: "closed", die: func(s *session) {}, requests: 3},
		{name: "reset", die: func(s *session) { s.reset() }, requests: 3},
		{name: "PUT", method: "PUT", die: func(s *session) {}, requests: 3},
		{name: "POST is not repeated", method: "POST", die: func(s *session) {}, class: ClassClosed, requests: 2},
		{name: "not after a byte", die: func(s *session) { s.say("H") }, class: ClassClosed, requests: 2},
		{name: "not if turned off", die: func(s *session) {}, change: func(c *Config) { c.NoRetry = true }, class: ClassClosed, requests: 2},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, func(s *session) {
				s.request()
				s.say(sized("x"))
				s.request()
				if s.n == 0 {
					row.die(s)
				}
			})
			c := testClient(t, row.change)
			mustDo(t, c, get(srv.addr(), "/"))
			req := get(srv.addr(), "/")
			req.Method = row.method
			resp, err := c.Do(context.Background(), req)
			if class := classOf(err); class != row.class {
				t.Fatalf("error %v, want class %q", err, row.class)
			}
			if err == nil && (resp.Attempts != 2 || resp.Reused) {
				t.Errorf("%d attempts, reused %v", resp.Attempts, resp.Reused)
			}
			if n := srv.requests.Load(); n != row.requests {
				t.Errorf("server saw %d requests, want %d", n, row.requests)
			}
		})
	}
}

func TestNewConnectionIsNotRetried(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(s *session) { s.request() })
	c := testClient(t, nil)
	if _, err := c.Do(context.Background(), get(srv.addr(), "/")); classOf(err) != ClassClosed {
		t.Errorf("error %v", err)
	}
	if n := srv.accepted.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func classOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	if err != nil {
		return "not an *Error"
	}
	return ""
}

func TestResetInTheBody(t *testing.T) {
	t.Parallel()
	for _, head := range []string{"Content-Length: 10\r\n\r\n", "\r\n", "Transfer-Encoding: chunked\r\n\r\n4\r\n"} {
		srv := serve(t, func(s *session) {
			s.request()
			s.say(ok200 + head + "ab")
			s.reset() // what has arrived can still be read
		})
		c := testClient(t, nil)
		resp := mustDo(t, c, get(srv.addr(), "/"))
		if resp.Truncated != TruncatedDisconnect || string(resp.Body) != "ab" {
			t.Errorf("%q: got %q %q", head, resp.Body, resp.Truncated)
		}
	}
}

// A body that trickles keeps every read alive and still ends at the timeout.
func TestTrickledBodyEndsAtTheTimeout(t *testing.T) {
	t.Parallel()
	srv := serve(t, trickle(ok200+"\r\n", "x"))
	c := testClient(t, timeout(300))
	start := time.Now()
	resp := mustDo(t, c, get(srv.addr(), "/"))
	if resp.Truncated != TruncatedTime || len(bytes.Trim(resp.Body, "x")) > 0 {
		t.Errorf("got %q %q", resp.Body, resp.Truncated)
	}
	if d := time.Since(start); d < 300*time.Millisecond || d > 4*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	cause := errors.New("enough")
	for _, answer := range []string{"", "HTTP/1.1 2", ok200 + "Content-Length: 5\r\n\r\nab"} {
		ctx, cancel := context.WithCancelCause(context.Background())
		srv := serve(t, func(s *session) {
			s.request()
			s.say(answer)
			cancel(cause)
			s.hold()
		})
		c := testClient(t, func(cfg *Config) { cfg.Timeout = time.Minute })
		_, err := c.Do(ctx, get(srv.addr(), "/"))
		if classOf(err) != ClassCancelled || !errors.Is(err, cause) {
			t.Errorf("%q: error %v", answer, err)
		}
	}
}

func TestContextDeadlineIsATimeout(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(s *session) { s.hold() })
	c := testClient(t, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Do(ctx, get(srv.addr(), "/")); classOf(err) != ClassTimeout {
		t.Errorf("error %v", err)
	}
}

func TestMaxConnsPerHost(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("x")))
	c := testClient(t, func(cfg *Config) { cfg.MaxConnsPerHost = 3 })
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 10 {
				if _, err := c.Do(context.Background(), get(srv.addr(), "/")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := srv.accepted.Load(); n > 3 {
		t.Errorf("%d connections, want at most 3", n)
	}
}

func TestWaitForConnectionCanBeCut(t *testing.T) {
	t.Parallel()
	busy := make(chan struct{})
	srv := serve(t, func(s *session) {
		s.request()
		close(busy)
		s.hold()
	})
	c := testClient(t, func(cfg *Config) { cfg.MaxConnsPerHost, cfg.Timeout = 1, time.Minute })
	ctx, cancel := context.WithCancel(context.Background())
	first := make(chan error)
	go func() {
		_, err := c.Do(ctx, get(srv.addr(), "/"))
		first <- err
	}()
	<-busy
	late, stop := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer stop()
	if _, err := c.Do(late, get(srv.addr(), "/")); classOf(err) != ClassTimeout {
		t.Errorf("error %v", err)
	}
	cancel()
	if err := <-first; classOf(err) != ClassCancelled {
		t.Errorf("error %v", err)
	}
}

func TestIdleConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	c := testClient(t, func(cfg *Config) { cfg.MaxIdle = 2 })
	for range 5 {
		srv := serve(t, answers(sized("x")))
		mustDo(t, c, get(srv.addr(), "/"))
	}
	if n, hosts := c.pool.nIdle, len(c.pool.hosts); n != 2 || hosts != 2 {
		t.Errorf("%d idle connections to %d hosts, want 2 to 2", n, hosts)
	}
	c.Close()
	if n, hosts := c.pool.nIdle, len(c.pool.hosts); n != 0 || hosts != 0 || c.pool.oldest != nil || c.pool.newest != nil {
		t.Errorf("after Close: %d idle connections to %d hosts", n, hosts)
	}
	if _, err := c.Do(context.Background(), get("127.0.0.1:1", "/")); !errors.Is(err, ErrClosed) {
		t.Errorf("Do after Close: %v", err)
	}
}

func TestIdleTimeout(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("x")))
	c := testClient(t, func(cfg *Config) { cfg.IdleTimeout = time.Nanosecond })
	for range 3 {
		if resp := mustDo(t, c, get(srv.addr(), "/")); resp.Reused {
			t.Error("reused an old connection")
		}
	}
}

// The deadline of one exchange must not spoil the connection for the next.
func TestReuseAfterTheDeadlineOfTheLastExchange(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("x")))
	c := testClient(t, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if _, err := c.Do(ctx, get(srv.addr(), "/")); err != nil {
		t.Skipf("machine too slow for a 200 ms exchange: %v", err)
	}
	<-ctx.Done()
	if resp := mustDo(t, c, get(srv.addr(), "/")); !resp.Reused {
		t.Error("not reused")
	}
}

// newestSince says when the newest idle connection was put back. p.mu is held.
func (p *pool) newestSince() time.Time {
	if p.newest == nil {
		return time.Time{}
	}
	return p.newest.idleSince
}
