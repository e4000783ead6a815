package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
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

// echo answers each request with its own path. After a hostile page comes a second response, late: before the next request is read,
// or meanwhile.
func echo(late time.Duration, meanwhile bool) func(*session) {
	return func(s *session) {
		var wg sync.WaitGroup
		defer wg.Wait()
		unasked := func() {
			time.Sleep(late) // the time between the two responses is what is tested
			s.say(sized("unasked"))
		}
		for head := s.request(); head != ""; head = s.request() {
			s.say(sized(path(head)))
			switch {
			case !strings.HasPrefix(path(head), "/hostile"):
			case meanwhile:
				wg.Go(unasked)
			default:
				unasked()
			}
			if strings.Contains(head, "Connection: close") {
				return
			}
		}
	}
}

// nagle is a server whose kernel holds small segments back until the one before is acknowledged.
func nagle(serve func(*session)) func(*session) {
	return func(s *session) {
		if tcp, ok := s.conn.(*net.TCPConn); ok {
			_ = tcp.SetNoDelay(false) // the default elsewhere
		}
		serve(s)
	}
}

// crowd gets pages from a server at full speed over several connections; each eighth page or so is hostile. Each page that is got
// and settled must be the one that was asked for.
func crowd(addr string, pages int, fetch func(req *Request)) {
	var wg sync.WaitGroup
	for worker := range 6 {
		wg.Go(func() {
			for i := range pages {
				uri := fmt.Sprintf("/page/%d/%d", worker, i)
				if (worker+i)%8 == 2 {
					uri = "/hostile" + uri
				}
				fetch(get(addr, uri))
			}
		})
	}
	wg.Wait()
}

// attempt gets one page, settles and checks it.
func attempt(t *testing.T, c *Client, req *Request) error {
	resp, err := c.Do(context.Background(), req)
	if err != nil {
		return err
	}
	defer resp.Release()
	if err := resp.Settle(context.Background()); err != nil {
		return err
	}
	if string(resp.Body) != req.Target.URI {
		t.Errorf("%s got %q", req.Target.URI, resp.Body)
	}
	return nil
}

// However late an unasked response is: everybody gets his own page in the end, the hostile ones, too.
func TestLateResponseIsNeverAnotherPage(t *testing.T) {
	t.Parallel()
	for _, late := range []int{0, 1, 5, 50, 120} {
		t.Run(fmt.Sprint(late), func(t *testing.T) {
			t.Parallel()
			srv := serve(t, echo(time.Duration(late)*time.Millisecond, false))
			c := testClient(t, settle(50*time.Millisecond))
			crowd(srv.addr(), 40, func(req *Request) {
				for range 5 {
					err := attempt(t, c, req)
					if err == nil {
						return
					}
					if classOf(err) != ClassUnasked {
						t.Errorf("%s: %v", req.Target.URI, err)
					}
				}
				t.Errorf("%s: never answered", req.Target.URI)
			})
			if len(c.pool.distrusted) != 1 {
				t.Error("no unasked response was noticed")
			}
		})
	}
}

// The same with a client that never learns, so that it stays in danger all the time.
func TestLateResponsesAgainAndAgain(t *testing.T) {
	t.Parallel()
	for i, meanwhile := range []bool{false, true, true} {
		for _, late := range []int{0, 1, 10, 50, 81, 150} {
			t.Run(fmt.Sprint(late, meanwhile, i), func(t *testing.T) {
				t.Parallel()
				answer, quiet := echo(time.Duration(late)*time.Millisecond, meanwhile), 80*time.Millisecond
				if i == 2 { // less than a kernel may delay an acknowledgement
					answer, quiet = nagle(answer), 30*time.Millisecond
				}
				srv := serve(t, answer)
				c := testClient(t, settle(quiet))
				crowd(srv.addr(), 16, func(req *Request) {
					c.pool.mu.Lock()
					clear(c.pool.distrusted)
					c.pool.mu.Unlock()
					if err := attempt(t, c, req); err != nil && classOf(err) != ClassUnasked {
						t.Errorf("%s: %v", req.Target.URI, err)
					}
				})
			})
		}
	}
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

// A server that keeps a connection, answers the next request on it with something else and ends it then leaves nothing that would
// come too late: that the connection ends, although it was to go on, is the sign.
func TestAnUnaskedAnswerBeforeTheEnd(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(s *session) {
		for n, head := 0, s.request(); head != ""; n, head = n+1, s.request() {
			if n == 1 {
				s.say(sized("unasked"))
				return
			}
			s.say(sized(path(head)))
		}
	})
	c := testClient(t, settle(50*time.Millisecond))
	if got := mustSettle(t, c, get(srv.addr(), "/a")); got != "/a" {
		t.Fatalf("/a brought %q", got)
	}
	unasked := func(uri string) {
		t.Helper()
		resp := mustDo(t, c, get(srv.addr(), uri))
		defer resp.Release()
		var e *Error
		if err := resp.Settle(context.Background()); !errors.As(err, &e) || e.Class != ClassUnasked || !e.Temporary {
			t.Errorf("an answer on a connection that ended after it: %v", err)
		}
	}
	right := func(uri string) {
		t.Helper()
		if got := mustSettle(t, c, get(srv.addr(), uri)); got != uri {
			t.Errorf("%s brought %q", uri, got)
		}
	}
	unasked("/b") // once may be a server that ends: its connections are used again
	right("/b")
	unasked("/c")
	for _, uri := range []string{"/c", "/d", "/e"} { // each on a connection of its own
		right(uri)
	}
}
