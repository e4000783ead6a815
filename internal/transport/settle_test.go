package transport

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func settle(d time.Duration) func(*Config) { return func(cfg *Config) { cfg.Settle = d } }

// mustSettle gets a page, settles it and releases it; the body is returned.
func mustSettle(t *testing.T, c *Client, req *Request) string {
	t.Helper()
	resp := mustDo(t, c, req)
	defer resp.Release()
	if err := resp.Settle(context.Background()); err != nil {
		t.Fatalf("settle %s: %v", req.Target.URI, err)
	}
	return string(resp.Body)
}

// path is the request target of a request head.
func path(head string) string {
	_, rest, _ := strings.Cut(head, " ")
	target, _, _ := strings.Cut(rest, " ")
	return target
}

// echo answers each request with its own path. After a hostile page comes a second response, late.
func echo(late time.Duration) func(*session) {
	return func(s *session) {
		for {
			head := s.request()
			if head == "" {
				return
			}
			s.say(sized(path(head)))
			if strings.HasPrefix(path(head), "/hostile") {
				time.Sleep(late) // the time between the two responses is what is tested
				s.say(sized("unasked"))
			}
			if strings.Contains(head, "Connection: close") {
				return
			}
		}
	}
}

// However late an unasked response is, at full speed over several connections: nobody gets another request's page, and everybody
// gets his own in the end.
func TestLateResponseIsNeverAnotherPage(t *testing.T) {
	t.Parallel()
	for _, late := range []int{0, 1, 5, 10, 50} {
		t.Run(fmt.Sprint(late), func(t *testing.T) {
			t.Parallel()
			srv := serve(t, echo(time.Duration(late)*time.Millisecond))
			c := testClient(t, settle(10*time.Millisecond))
			var unasked atomic.Int64
			var wg sync.WaitGroup
			for worker := range 6 {
				wg.Go(func() {
					for i := range 40 {
						uri := fmt.Sprintf("/page/%d/%d", worker, i)
						if worker == 0 && i%8 == 2 {
							uri = "/hostile" + uri
						}
						fetchInTheEnd(t, c, get(srv.addr(), uri), &unasked)
					}
				})
			}
			wg.Wait()
			if unasked.Load() == 0 {
				t.Error("no unasked response was noticed")
			}
		})
	}
}

// fetchInTheEnd repeats req until it is answered and settled, and wants its own page.
func fetchInTheEnd(t *testing.T, c *Client, req *Request, unasked *atomic.Int64) {
	for range 5 {
		resp, err := c.Do(context.Background(), req)
		if err == nil {
			err = resp.Settle(context.Background())
		}
		switch {
		case err == nil:
			if string(resp.Body) != req.Target.URI {
				t.Errorf("%s got %q", req.Target.URI, resp.Body)
			}
			resp.Release()
			return
		case classOf(err) != ClassUnasked:
			t.Errorf("%s: %v", req.Target.URI, err)
			return
		}
		unasked.Add(1)
		if resp != nil {
			resp.Release()
		}
	}
	t.Errorf("%s: never answered", req.Target.URI)
}

// The very case: the unasked response arrives after the next request was written and is read as its answer.
func TestUnaskedResponseAsAnAnswerIsNotTrusted(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(s *session) {
		s.request()
		s.say(sized("first"))
		if s.n == 0 {
			s.br.Peek(1) // the next request is there, unanswered
			s.say(sized("unasked"))
		}
		for head := s.request(); head != ""; head = s.request() {
			s.say(sized("true answer"))
			if strings.Contains(head, "Connection: close") {
				return
			}
		}
	})
	c := testClient(t, settle(20*time.Millisecond))
	mustSettle(t, c, get(srv.addr(), "/a"))
	resp := mustDo(t, c, get(srv.addr(), "/b"))
	if !resp.Reused || string(resp.Body) != "unasked" {
		t.Fatalf("got %q, reused %v: the case is not the one to be tested", resp.Body, resp.Reused)
	}
	err := resp.Settle(context.Background())
	var e *Error
	if !errors.As(err, &e) || e.Class != ClassUnasked || e.Phase != PhaseSettle || !e.Temporary {
		t.Fatalf("settle: %v", err)
	}
	if again := resp.Settle(context.Background()); again != err {
		t.Errorf("settle again: %v", again)
	}
	resp.Release()
	resp = mustDo(t, c, get(srv.addr(), "/b"))
	if err := resp.Settle(context.Background()); err != nil || resp.Reused || !strings.Contains(string(resp.Request), "Connection: close") {
		t.Errorf("repeated: %v, reused %v, request %q", err, resp.Reused, resp.Request)
	}
	checkEmpty(t, c)
}

// checkEmpty wants no connection and no host in the pool.
func checkEmpty(t *testing.T, c *Client) {
	t.Helper()
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	if n, held, hosts := c.pool.nIdle, len(c.pool.settling), len(c.pool.hosts); n+held+hosts != 0 {
		t.Errorf("%d idle, %d settling, %d hosts in the pool", n, held, hosts)
	}
}

// A quiet connection is used again; its end while it settles is as good as quiet.
func TestSettledConnectionIsUsedAgain(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("x")))
	c := testClient(t, settle(5*time.Millisecond))
	for range 5 {
		mustSettle(t, c, get(srv.addr(), "/"))
	}
	if n := srv.accepted.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
	srv = serve(t, once(sized("x")))
	for range 3 {
		start := time.Now()
		mustSettle(t, c, get(srv.addr(), "/"))
		if d := time.Since(start); d > time.Second {
			t.Errorf("took %v", d)
		}
	}
}

func TestUnsettledConnectionIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("x")))
	c := testClient(t, func(cfg *Config) { cfg.Settle, cfg.MaxConnsPerHost = time.Millisecond, 1 })
	for range 10 { // more than may be open: Release gives the place back
		mustDo(t, c, get(srv.addr(), "/")).Release()
	}
	if n := srv.accepted.Load(); n != 10 {
		t.Errorf("%d connections", n)
	}
	checkEmpty(t, c)
}

// A connection that settles is open but not in flight.
func TestOpenConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("x")))
	c := testClient(t, func(cfg *Config) { cfg.Settle, cfg.MaxConnsPerHost = time.Millisecond, 1 })
	var held []*Response
	for range openPerSlot {
		held = append(held, mustDo(t, c, get(srv.addr(), "/")))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Do(ctx, get(srv.addr(), "/")); classOf(err) != ClassTimeout {
		t.Errorf("one more: %v", err)
	}
	if err := held[0].Settle(context.Background()); err != nil {
		t.Fatal(err)
	}
	if resp := mustDo(t, c, get(srv.addr(), "/")); !resp.Reused {
		t.Error("not reused")
	}
	if n := srv.accepted.Load(); n != openPerSlot {
		t.Errorf("%d connections", n)
	}
}

func TestCloseWhileUnsettled(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("x")))
	c := testClient(t, settle(time.Minute))
	a, b := mustDo(t, c, get(srv.addr(), "/")), mustDo(t, c, get(srv.addr(), "/"))
	waits := make(chan error)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { waits <- b.Settle(ctx) }()
	cancel()
	if err := <-waits; classOf(err) != ClassCancelled {
		t.Errorf("settle with a cancelled context: %v", err)
	}
	c.Close()
	if err := a.Settle(context.Background()); !errors.Is(err, ErrClosed) {
		t.Errorf("settle after Close: %v", err)
	}
	a.Release()
	checkEmpty(t, c)
}

// What arrives while the connection idles is no less a sign.
func TestUnaskedWhileIdleIsASign(t *testing.T) {
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
	})
	c := testClient(t, settle(time.Millisecond))
	mustSettle(t, c, get(srv.addr(), "/a"))
	close(late)
	<-said
	resp := mustDo(t, c, get(srv.addr(), "/b"))
	if string(resp.Body) != "first" || resp.Reused || !strings.Contains(string(resp.Request), "Connection: close") {
		t.Errorf("got %q, reused %v, request %q", resp.Body, resp.Reused, resp.Request)
	}
}

// A response that closes the connection may be the unasked one as well.
func TestUnaskedResponseThatCloses(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(s *session) {
		s.request()
		s.say(sized("first"))
		s.br.Peek(1)
		s.say(ok200 + "Connection: close\r\nContent-Length: 7\r\n\r\nunasked")
		s.request()
		s.say(sized("true answer"))
	})
	c := testClient(t, settle(20*time.Millisecond))
	mustSettle(t, c, get(srv.addr(), "/a"))
	resp := mustDo(t, c, get(srv.addr(), "/b"))
	if err := resp.Settle(context.Background()); classOf(err) != ClassUnasked {
		t.Errorf("%q: settle: %v", resp.Body, err)
	}
}

// A server that speaks first.
func TestEarlyResponse(t *testing.T) {
	t.Parallel()
	said := make(chan struct{}, 1)
	srv := serve(t, func(s *session) {
		s.say(sized("early"))
		said <- struct{}{}
		s.hold()
	})
	c := testClient(t, settle(time.Millisecond))
	h, err := c.pool.enter(context.Background(), poolKey{scheme: "http", hostport: srv.addr()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.pool.leave(h, false)
	cn, err := c.dialBefore(context.Background(), h, new(Timing), time.Now().Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	<-said
	var e *Error
	if err := c.early(context.Background(), cn); !errors.As(err, &e) || e.Class != ClassUnasked || e.Phase != PhaseWrite {
		t.Errorf("error %v", err)
	}
	if !c.pool.distrusts(h) {
		t.Error("still trusted")
	}
}

// crypto/tls does not hold it against a connection that it settled.
func TestTLSSettles(t *testing.T) {
	t.Parallel()
	srv, plain, req := secure(t, nil, echo(5*time.Millisecond))
	cfg := plain.cfg
	cfg.Settle = 10 * time.Millisecond
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range 5 {
		req.Target.URI = fmt.Sprint("/", i)
		if got := mustSettle(t, c, req); got != req.Target.URI {
			t.Errorf("%s got %q", req.Target.URI, got)
		}
		if i == 3 { // long after: the time is up, a look is enough
			resp := mustDo(t, c, req)
			resp.received = longAgo()
			if err := resp.Settle(context.Background()); err != nil {
				t.Error(err)
			}
		}
	}
	if n := srv.accepted.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
	req.Target.URI = "/hostile"
	resp := mustDo(t, c, req)
	if err := resp.Settle(context.Background()); classOf(err) != ClassUnasked {
		t.Errorf("settle: %v", err)
	}
	if got := mustSettle(t, c, req); got != "/hostile" {
		t.Errorf("in the end: %q", got)
	}
}

// The wait follows the server's own pace, between its bounds.
func TestSettlingTime(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("x")))
	c := testClient(t, settle(2*time.Millisecond))
	for _, row := range []struct{ delay, want time.Duration }{{1, 2 * time.Millisecond}, {5 * time.Millisecond, 15 * time.Millisecond}, {time.Hour, 40 * time.Millisecond}} {
		resp := mustDo(t, c, get(srv.addr(), "/"))
		resp.settling.host.delay.Store(int64(row.delay))
		if err := resp.Settle(context.Background()); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(resp.received); d < row.want || d > row.want+2*time.Second {
			t.Errorf("first byte after %v: settled in %v, want %v", row.delay, d, row.want)
		}
	}
}
