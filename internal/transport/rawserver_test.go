package transport

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// rawServer is a TCP server that says what a test wants, byte by byte.
type rawServer struct {
	t        *testing.T
	ln       net.Listener
	accepted atomic.Int64
	requests atomic.Int64
	wg       sync.WaitGroup
	mu       sync.Mutex // guards conns
	conns    []net.Conn
}

// session is one accepted connection seen from the server's script.
type session struct {
	*rawServer
	n    int // 0 for the first accepted connection
	conn net.Conn
	br   *bufio.Reader
}

// serve runs script for each connection and closes it when the script returns.
func serve(t *testing.T, script func(s *session)) *rawServer {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, ln, script)
}

func serveOn(t *testing.T, ln net.Listener, script func(s *session)) *rawServer {
	r := &rawServer{t: t, ln: ln}
	r.wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			r.mu.Lock()
			r.conns = append(r.conns, c)
			r.mu.Unlock()
			n := int(r.accepted.Add(1)) - 1
			r.wg.Go(func() {
				defer c.Close()
				script(&session{r, n, c, bufio.NewReader(c)})
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		r.mu.Lock()
		for _, c := range r.conns {
			c.Close()
		}
		r.mu.Unlock()
		r.wg.Wait()
	})
	return r
}

func (r *rawServer) addr() string { return r.ln.Addr().String() }

// request reads one request head; "" at the end of the connection.
func (s *session) request() string {
	var head strings.Builder
	for {
		line, err := s.br.ReadString('\n')
		head.WriteString(line)
		if err != nil {
			return ""
		}
		if line == "\r\n" {
			s.requests.Add(1)
			return head.String()
		}
	}
}

func (s *session) say(text string) { _, _ = io.WriteString(s.conn, text) }

// hold keeps the connection open until the client closes it.
func (s *session) hold() { _, _ = io.Copy(io.Discard, s.br) }

// reset makes closing the connection send RST.
func (s *session) reset() {
	_ = s.conn.(*net.TCPConn).SetLinger(0)
	s.conn.Close()
}

// answers serves the same answer to each request of a connection.
func answers(text string) func(*session) {
	return func(s *session) {
		for s.request() != "" {
			s.say(text)
		}
	}
}

// once serves one answer, then closes.
func once(text string) func(*session) {
	return func(s *session) {
		s.request()
		s.say(text)
	}
}

// held serves one answer and keeps the connection open.
func held(text string) func(*session) {
	return func(s *session) {
		s.request()
		s.say(text)
		s.hold()
	}
}

// testClient allows loopback, records and is patient for a short time.
func testClient(t *testing.T, change func(*Config)) *Client {
	t.Helper()
	cfg := Config{Timeout: 5 * time.Second, Record: true, Guard: NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, nil)}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func get(addr, uri string) *Request {
	return &Request{Target: Target{Scheme: "http", HostPort: addr, URI: uri}}
}

func mustDo(t *testing.T, c *Client, req *Request) *Response {
	t.Helper()
	resp, err := c.Do(context.Background(), req)
	if err != nil {
		t.Fatalf("%s %s: %v", req.method(), req.Target.URI, err)
	}
	return resp
}
