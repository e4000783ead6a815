package transport

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func testSession(t *testing.T, c *Client, cfg SessionConfig) *Session {
	t.Helper()
	s := c.NewSession(cfg)
	t.Cleanup(func() { s.Close() })
	return s
}

// discarding is how a load generator configures its client.
func discarding(cfg *Config) { cfg.Record, cfg.Discard = false, true }

// A Session and Client.Do come to the same result on the same answer, in the first exchange and in the second.
func TestSessionIsAsClient(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	for name, row := range map[string]struct {
		method string
		script func(*session)
	}{
		"length":             {"", answers(sized("ab"))},
		"long":               {"", answers(sized(long))},
		"empty":              {"", answers(sized(""))},
		"chunked":            {"", answers(ok200 + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nT: x\r\n\r\n")},
		"HEAD":               {"HEAD", answers(ok200 + "Content-Length: 9\r\n\r\n")},
		"204":                {"", answers("HTTP/1.1 204 No\r\n\r\n")},
		"204 with a length":  {"", answers("HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n")},
		"304":                {"", answers("HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n")},
		"until close":        {"", once(ok200 + "\r\nabc")},
		"1xx":                {"", answers("HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 H\r\nA: b\r\n\r\n" + sized("ab"))},
		"1xx flood":          {"", endless("HTTP/1.1 102 P\r\n\r\n")},
		"101":                {"", held("HTTP/1.1 101 S\r\n\r\n")},
		"garbage":            {"", endless("\x00\xff\x00\xff")},
		"not HTTP":           {"", held("SSH-2.0-x\r\n")},
		"two lengths":        {"", held(ok200 + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc")},
		"both framings":      {"", answers(ok200 + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n")},
		"broken chunk":       {"", held(ok200 + "Transfer-Encoding: chunked\r\n\r\nzz\r\nab")},
		"bare LF":            {"", answers("HTTP/1.1 200 OK\nContent-Length: 2\n\nab")},
		"folded":             {"", answers(ok200 + "A: b\r\n  c\r\nContent-Length: 2\r\n\r\nab")},
		"no colon":           {"", answers(ok200 + "nonsense\r\nContent-Length: 2\r\n\r\nab")},
		"HTTP/1.0":           {"", answers("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx")},
		"Connection: close":  {"", answers(ok200 + "Connection: close\r\nContent-Length: 1\r\n\r\nx")},
		"Connection: a list": {"", answers(ok200 + "Connection: a, close\r\nContent-Length: 1\r\n\r\nx")},
		"cut body":           {"", once(ok200 + "Content-Length: 5\r\n\r\nab")},
		"cut head":           {"", once("HTTP/1.1 200 OK\r\nA:")},
		"no word":            {"", once("")},
		"reset":              {"", func(s *session) { s.request(); s.reset() }},
		"large head":         {"", endless(ok200, "A: "+long[:200]+"\r\n")},
		"closes each":        {"", once(sized("ab"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, row.script)
			for _, change := range []func(*Config){nil, discarding} {
				c := testClient(t, change)
				s := testSession(t, c, SessionConfig{})
				req := get(srv.addr(), "/")
				req.Method = row.method
				p, err := c.Prepare(req)
				if err != nil {
					t.Fatal(err)
				}
				var got Response
				for i := range 2 {
					want, wantErr := c.Do(context.Background(), req)
					err := s.DoPrepared(context.Background(), p, &got)
					if classOf(err) != classOf(wantErr) {
						t.Fatalf("exchange %d: %v, Client.Do: %v", i, err, wantErr)
					}
					if err != nil {
						continue
					}
					if got.Status != want.Status || string(got.Body) != string(want.Body) || got.BodyLen != want.BodyLen || got.Truncated != want.Truncated ||
						string(got.Head) != string(want.Head) || string(got.Raw) != string(want.Raw) || got.BytesIn != want.BytesIn || string(got.Request) != string(want.Request) {
						t.Fatalf("exchange %d: %+v\nClient.Do: %+v", i, got, *want)
					}
					// Whether the end of a connection is seen in time is for neither to say.
					if name != "closes each" && (got.Reused != want.Reused || got.Attempts != 1) || got.Unasked != 0 {
						t.Fatalf("exchange %d: reused %v, Client.Do %v; %d attempts, %d unasked", i, got.Reused, want.Reused, got.Attempts, got.Unasked)
					}
					if got.Timing.Total < got.Timing.FirstByte+got.Timing.Body || got.Timing.FirstByte <= 0 || got.RemoteIP != "127.0.0.1" {
						t.Fatalf("exchange %d: %+v, %q", i, got.Timing, got.RemoteIP)
					}
					want.Release()
				}
			}
		})
	}
}

// A surplus answer in the same packet is counted on the answer before it, and answers nothing.
func TestSessionDoubleAnswer(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("first")+sized("unasked")))
	c := testClient(t, nil)
	s := testSession(t, c, SessionConfig{})
	var resp Response
	for range 3 {
		if err := s.Do(context.Background(), get(srv.addr(), "/"), &resp); err != nil || string(resp.Body) != "first" || resp.Unasked != 1 || resp.Reused {
			t.Fatalf("%v, %q, unasked %d", err, resp.Body, resp.Unasked)
		}
	}
	if n := srv.accepted.Load(); n != 3 {
		t.Errorf("%d connections", n)
	}
}

// One that comes while the connection idles is counted on the next request, which goes out on another connection.
func TestSessionLateSurplus(t *testing.T) {
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
	s := testSession(t, c, SessionConfig{})
	var resp Response
	if err := s.Do(context.Background(), get(srv.addr(), "/a"), &resp); err != nil || resp.Unasked != 0 {
		t.Fatalf("%v, unasked %d", err, resp.Unasked)
	}
	close(late)
	<-said
	if err := s.Do(context.Background(), get(srv.addr(), "/b"), &resp); err != nil || string(resp.Body) != "first" || resp.Unasked != 1 || resp.Reused || resp.Attempts != 1 {
		t.Errorf("%v, %q, %+v", err, resp.Body, resp)
	}
}

// An answer that is there before anything was sent is none. What cannot be seen in time is seen by what comes behind it.
func TestSessionEarlyAnswer(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(s *session) {
		s.say(sized("early"))
		s.hold()
	})
	c := testClient(t, timeout(100))
	s := testSession(t, c, SessionConfig{})
	var resp Response
	seen := 0
	for range 20 {
		err := s.Do(context.Background(), get(srv.addr(), "/"), &resp)
		if classOf(err) == ClassUnasked {
			seen++
		}
		if err != nil && resp.Unasked == 0 && classOf(err) != ClassTimeout {
			t.Fatalf("%v", err)
		}
	}
	if seen == 0 {
		t.Error("never seen")
	}
}

// A server that closes every connection at once is no server that answers unasked.
func TestSessionClosedAtOnce(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(*session) {})
	s := testSession(t, testClient(t, nil), SessionConfig{})
	var resp Response
	for range 20 {
		if class := classOf(s.Do(context.Background(), get(srv.addr(), "/"), &resp)); class != ClassClosed && class != ClassReset {
			t.Errorf("class %q", class)
		}
	}
}

// A kept connection that dies under a request costs a second attempt; one that is seen to be closed costs none.
func TestSessionRetries(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(s *session) {
		s.request()
		s.say(sized("x"))
		s.request() // and no answer
	})
	for _, row := range []struct {
		method   string
		noRetry  bool
		attempts int
		class    string
	}{{"GET", false, 2, ""}, {"GET", true, 1, ClassClosed}, {"POST", false, 1, ClassClosed}, {"PUT", false, 2, ""}} {
		c := testClient(t, func(cfg *Config) { cfg.NoRetry = row.noRetry })
		s := testSession(t, c, SessionConfig{})
		req := get(srv.addr(), "/")
		req.Method = row.method
		var resp Response
		if err := s.Do(context.Background(), req, &resp); err != nil || resp.Attempts != 1 {
			t.Fatal(err)
		}
		if err := s.Do(context.Background(), req, &resp); classOf(err) != row.class || resp.Attempts != row.attempts {
			t.Errorf("%+v: %v, %d attempts", row, err, resp.Attempts)
		}
	}
}

// Each exchange ends at its own deadline, although the deadline that is set is an earlier one's.
func TestSessionTimeout(t *testing.T) {
	t.Parallel()
	const limit = 300 * time.Millisecond
	silent := make(chan struct{})
	srv := serve(t, func(s *session) {
		for n := 0; s.request() != ""; n++ {
			if n == 2 {
				s.hold()
			}
			s.say(sized("x"))
		}
	})
	defer close(silent)
	c := testClient(t, timeout(int(limit/time.Millisecond)))
	s := testSession(t, c, SessionConfig{})
	var resp Response
	begin := time.Now()
	for i := range 3 {
		if i == 2 { // a third of the time is gone, the deadline of the first exchange stands
			timer := time.NewTimer(time.Until(begin.Add(limit / 3)))
			<-timer.C
		}
		start := time.Now()
		err := s.Do(context.Background(), get(srv.addr(), "/"), &resp)
		if i < 2 {
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		if took := time.Since(start); classOf(err) != ClassTimeout || took < limit-time.Millisecond || took > 4*limit {
			t.Errorf("%v after %v", err, took)
		}
	}
	// A deadline that passed while the connection idled is no deadline of the next exchange.
	fine := serve(t, answers(sized("x")))
	for range 2 {
		if err := s.Do(context.Background(), get(fine.addr(), "/"), &resp); err != nil {
			t.Fatal(err)
		}
		timer := time.NewTimer(limit + limit/4)
		<-timer.C
	}
	if !resp.Reused {
		t.Error("not reused")
	}
}

// The end of a context ends what waits, also when it is watched over many exchanges; another context starts anew.
func TestSessionCancel(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 1)
	var mute atomic.Bool
	srv := serve(t, func(s *session) {
		for s.request() != "" {
			if mute.Load() {
				asked <- struct{}{}
				s.hold()
			}
			s.say(sized("x"))
		}
	})
	c := testClient(t, nil)
	s := testSession(t, c, SessionConfig{})
	var resp Response
	for range 3 {
		ctx, cancel := context.WithCancelCause(context.Background())
		mute.Store(false)
		for range 3 {
			if err := s.Do(ctx, get(srv.addr(), "/"), &resp); err != nil {
				t.Fatal(err)
			}
		}
		mute.Store(true)
		why := errors.New("enough")
		go func() {
			<-asked
			cancel(why)
		}()
		if err := s.Do(ctx, get(srv.addr(), "/"), &resp); classOf(err) != ClassCancelled || !errors.Is(err, why) {
			t.Fatal(err)
		}
		if err := s.Do(ctx, get(srv.addr(), "/"), &resp); classOf(err) != ClassCancelled {
			t.Fatal(err)
		}
	}
	// Cancelled while idle, then used under another context: the connection lives.
	mute.Store(false)
	ctx, cancel := context.WithCancel(context.Background())
	if err := s.Do(ctx, get(srv.addr(), "/"), &resp); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := s.Do(context.Background(), get(srv.addr(), "/"), &resp); err != nil || !resp.Reused {
		t.Errorf("%v, reused %v", err, resp.Reused)
	}
}

// Few connections are kept, one for each origin, and a body of any size goes out.
func TestSessionOriginsAndBodies(t *testing.T) {
	t.Parallel()
	echo := func(s *session) {
		for {
			head := s.request()
			if head == "" {
				return
			}
			_, after, ok := strings.Cut(head, "Content-Length: ")
			n := 0
			for ok && after[0] >= '0' && after[0] <= '9' {
				n, after = n*10+int(after[0]-'0'), after[1:]
			}
			sum := 0
			for range n {
				b, _ := s.br.ReadByte()
				sum += int(b - 'a')
			}
			s.say(sized(strings.Repeat("y", sum%1000)))
		}
	}
	c := testClient(t, nil)
	s := testSession(t, c, SessionConfig{})
	var servers []*rawServer
	for range sessionConns + 1 {
		servers = append(servers, serve(t, echo))
	}
	var resp Response
	for _, size := range []int{0, 1, together, together + 1, 5_000_000} {
		for _, srv := range servers {
			req := get(srv.addr(), "/")
			req.Method, req.Body = "POST", []byte(strings.Repeat("b", size))
			if err := s.Do(context.Background(), req, &resp); err != nil || len(resp.Body) != size%1000 {
				t.Fatalf("%d bytes: %v, %d", size, err, len(resp.Body))
			}
		}
	}
	if n := len(s.conns); n != sessionConns {
		t.Errorf("%d connections", n)
	}
	for range 2 {
		if err := s.Do(context.Background(), get(servers[2].addr(), "/"), &resp); err != nil || !resp.Reused {
			t.Errorf("%v, reused %v", err, resp.Reused)
		}
	}
}

func TestSessionTLS(t *testing.T) {
	t.Parallel()
	srv, c, req := secure(t, nil, answers(sized("secret")))
	s := testSession(t, c, SessionConfig{})
	var resp Response
	for i := range 3 {
		if err := s.Do(context.Background(), req, &resp); err != nil || string(resp.Body) != "secret" || resp.Reused != (i > 0) || (resp.Timing.TLS > 0) != (i == 0) {
			t.Fatalf("request %d: %v, %q, reused %v, %+v", i, err, resp.Body, resp.Reused, resp.Timing)
		}
	}
	if n := srv.accepted.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
	_, c, req = secure(t, nil, answers(sized("a")+sized("unasked")))
	s = testSession(t, c, SessionConfig{})
	for range 2 {
		if err := s.Do(context.Background(), req, &resp); err != nil || string(resp.Body) != "a" || resp.Unasked != 1 || resp.Reused {
			t.Errorf("%v, %q, unasked %d", err, resp.Body, resp.Unasked)
		}
	}
}

func TestSessionUnixSocketAndNoKeepAlive(t *testing.T) {
	t.Parallel()
	srv, path := unixServer(t, answers(sized("x")))
	for _, off := range []bool{false, true} {
		c := testClient(t, func(cfg *Config) { cfg.UnixSocket, cfg.NoKeepAlive = path, off })
		s := testSession(t, c, SessionConfig{})
		var resp Response
		before := srv.accepted.Load()
		for range 3 {
			if err := s.Do(context.Background(), get("h:80", "/"), &resp); err != nil || strings.Contains(string(resp.Request), "Connection: close") != off {
				t.Errorf("%v, %q", err, resp.Request)
			}
		}
		if n := srv.accepted.Load() - before; n != map[bool]int64{false: 1, true: 3}[off] {
			t.Errorf("keep-alive off %v: %d connections", off, n)
		}
	}
}

// A request on a kept connection allocates nothing.
func TestSessionAllocatesNothing(t *testing.T) { // not parallel: what others allocate would count
	page := []byte(benchPage + strings.Repeat("x", 612))
	srv := serve(t, func(s *session) {
		buf := make([]byte, 4096)
		for {
			if _, err := s.conn.Read(buf); err != nil {
				return
			}
			if _, err := s.conn.Write(page); err != nil {
				return
			}
		}
	})
	c := testClient(t, discarding)
	s := testSession(t, c, SessionConfig{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p, err := c.Prepare(get(srv.addr(), "/"))
	if err != nil {
		t.Fatal(err)
	}
	var resp Response
	var failed error
	n := testing.AllocsPerRun(200, func() {
		if err := s.DoPrepared(ctx, p, &resp); err != nil || resp.BodyLen != 612 {
			failed = errors.Join(failed, err, errors.New("no answer"))
		}
	})
	if failed != nil || n > 0 {
		t.Errorf("%v allocations a request, %v", n, failed)
	}
}

func TestSessionRefused(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	s := testSession(t, testClient(t, nil), SessionConfig{})
	var resp Response
	if err := s.Do(context.Background(), get(addr, "/"), &resp); classOf(err) != ClassRefused {
		t.Error(err)
	}
	if err := s.Do(context.Background(), get("10.1.2.3:80", "/"), &resp); classOf(err) != ClassPrivateAddress {
		t.Error(err)
	}
	if err := s.Do(context.Background(), &Request{}, &resp); classOf(err) != ClassBadRequest {
		t.Error(err)
	}
}
