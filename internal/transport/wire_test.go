package transport

import (
	"context"
	"strconv"
	"strings"
	"testing"
)

func TestRequestOnTheWire(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	srv := serve(t, func(s *session) {
		head := s.request()
		body := make([]byte, 20000)
		n, _ := s.br.Read(body[:3])
		got <- head + string(body[:n])
		s.say(sized("x"))
	})
	c := testClient(t, nil)
	req := get(srv.addr(), "")
	req.Method, req.Body = "POST", []byte("a=b")
	req.Header = [][2]string{{"host", "other"}, {"User-Agent", "me"}, {"x-lower", "v"}, {"X-Twice", "1"}, {"X-Twice", "2"}, {"accept-encoding", ""}, {"Connection", "close"}}
	mustDo(t, c, req)
	want := "POST / HTTP/1.1\r\nUser-Agent: me\r\nHost: other\r\nContent-Length: 3\r\nx-lower: v\r\nX-Twice: 1\r\nX-Twice: 2\r\nConnection: close\r\n\r\na=b"
	if s := <-got; s != want {
		t.Errorf("got  %q\nwant %q", s, want)
	}
	if n := c.pool.nIdle; n != 0 {
		t.Errorf("%d idle connections after Connection: close", n)
	}
}

func TestBadRequestsAreNotSent(t *testing.T) {
	t.Parallel()
	c := testClient(t, nil)
	rows := []Request{
		{Target: Target{Scheme: "ftp", HostPort: "h:80"}},
		{Target: Target{Scheme: "http", HostPort: "h"}},
		{Target: Target{Scheme: "http", HostPort: "h:0"}},
		{Target: Target{Scheme: "http", HostPort: "h:65536"}},
		{Target: Target{Scheme: "http", HostPort: "u@h:80"}},
		{Target: Target{Scheme: "http", HostPort: "h\r\n:80"}},
		{Target: Target{Scheme: "http", HostPort: "h:80", URI: "/a b"}},
		{Target: Target{Scheme: "http", HostPort: "h:80", URI: "/\r\nA: b"}},
		{Target: Target{Scheme: "http", HostPort: "h:80", URI: "a"}},
		{Target: Target{Scheme: "http", HostPort: "h:80", Host: "a\r\nb"}},
		{Target: Target{Scheme: "http", HostPort: "h:80"}, Method: "GET /"},
		{Target: Target{Scheme: "http", HostPort: "h:80"}, Method: "CONNECT"},
		{Target: Target{Scheme: "http", HostPort: "h:80"}, Header: [][2]string{{"A", "hunter2\r\nC: d"}}},
		{Target: Target{Scheme: "http", HostPort: "h:80"}, Header: [][2]string{{"A\r\nB", "c"}}},
		{Target: Target{Scheme: "http", HostPort: "h:80"}, Header: [][2]string{{"", "c"}}},
		{Target: Target{Scheme: "http", HostPort: "h:80"}, Header: [][2]string{{"Content-Length", "3"}}},
		{Target: Target{Scheme: "http", HostPort: "h:80"}, Header: [][2]string{{"transfer-encoding", "chunked"}}},
	}
	for _, req := range rows {
		if _, err := c.Do(context.Background(), &req); classOf(err) != ClassBadRequest || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v: error %v", req, err)
		}
	}
}

func TestDiscard(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("0123456789", 100_000)
	srv := serve(t, answers(sized(body)))
	c := testClient(t, func(cfg *Config) { cfg.Record, cfg.Discard = false, true })
	for range 2 {
		resp := mustDo(t, c, get(srv.addr(), "/"))
		if resp.Body != nil || resp.BodyLen != int64(len(body)) || resp.Get("content-length") != "1000000" {
			t.Errorf("body %d bytes, %d counted", len(resp.Body), resp.BodyLen)
		}
	}
	if n := srv.accepted.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestLargeBodyComesWhole(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("0123456789abcdef", 300_000)
	var chunked strings.Builder
	chunked.WriteString(ok200 + "Transfer-Encoding: chunked\r\n\r\n")
	for rest := body; len(rest) > 0; {
		n := min(len(rest), 0xfff)
		chunked.WriteString(strconv.FormatInt(int64(n), 16) + "\r\n" + rest[:n] + "\r\n")
		rest = rest[n:]
	}
	chunked.WriteString("0\r\n\r\n")
	for _, wire := range []string{sized(body), chunked.String()} {
		srv := serve(t, answers(wire))
		c := testClient(t, nil)
		for range 2 {
			resp := mustDo(t, c, get(srv.addr(), "/"))
			raw := string(resp.Raw)
			resp.Unframe()
			got := string(resp.Body)
			resp.Reframe()
			if got != body || raw != wire || string(resp.Raw) != wire {
				t.Errorf("%d bytes of body, want %d; %d raw, want %d", len(got), len(body), len(raw), len(wire))
			}
			resp.Release()
		}
	}
}
