package transport

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

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

// Late garbage is not the next page's failure for good.
func TestLateGarbageIsTemporary(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(s *session) {
		s.request()
		s.say(sized("first"))
		s.br.Peek(1)
		s.say("garbage")
		s.hold()
	})
	c := testClient(t, settle(time.Millisecond))
	mustSettle(t, c, get(srv.addr(), "/a"))
	_, err := c.Do(context.Background(), get(srv.addr(), "/b"))
	var e *Error
	if !errors.As(err, &e) || e.Class != ClassMalformed || !e.Temporary {
		t.Errorf("error %v", err)
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
	if err := c.early(context.Background(), cn, false); !errors.As(err, &e) || e.Class != ClassUnasked || e.Phase != PhaseWrite {
		t.Errorf("error %v", err)
	}
	if !c.pool.distrusts(h) {
		t.Error("still trusted")
	}
}

// crypto/tls does not hold it against a connection that it settled.
func TestTLSSettles(t *testing.T) {
	t.Parallel()
	srv, plain, req := secure(t, nil, echo(5*time.Millisecond, false))
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

// A server that was found out, and then sends its unasked response as soon as somebody connects, has some time to do so.
func TestEarlyResponseOfTheDistrusted(t *testing.T) {
	t.Parallel()
	const tick = 20 * time.Millisecond
	srv := serve(t, func(s *session) {
		if s.n > 0 {
			timer := time.NewTimer(tick)
			<-timer.C
		}
		s.say(sized("unasked"))
		s.request()
		s.say(sized("true answer"))
		s.br.Peek(1)
	})
	c := testClient(t, settle(tick))
	for i := range 3 {
		resp, err := c.Do(context.Background(), get(srv.addr(), "/"))
		if err == nil {
			err = resp.Settle(context.Background())
			resp.Release()
		}
		if classOf(err) != ClassUnasked {
			t.Errorf("try %d: %v", i, err)
		}
	}
}

// The only answer of a connection may be followed by bytes that are no answer, but not by one.
func TestWhatFollowsTheOnlyAnswer(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ follows, want string }{{"", ""}, {"\r\n", ""}, {"</html>", ""}, {sized("another"), ClassUnasked}} {
		srv := serve(t, func(s *session) {
			s.request()
			s.say(ok200 + "Connection: close\r\nContent-Length: 3\r\n\r\none")
			time.AfterFunc(time.Millisecond, func() { s.say(row.follows) })
			s.br.Peek(1)
		})
		c := testClient(t, settle(50*time.Millisecond))
		resp := mustDo(t, c, get(srv.addr(), "/"))
		if err := resp.Settle(context.Background()); classOf(err) != row.want {
			t.Errorf("%q follows: %v", row.follows, err)
		}
		resp.Release()
	}
}
