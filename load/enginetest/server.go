package enginetest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// site is a server on loopback that counts.
type site struct {
	url      string // with a slash
	addr     string
	conns    atomic.Int64
	requests atomic.Int64
}

// serve puts handler on loopback by net/http, which speaks HTTP/1.1, and HTTP/2 by prior knowledge.
func serve(t testing.TB, handler http.HandlerFunc) *site {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(ln)
	srv := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.requests.Add(1)
			handler(w, r)
		}),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				s.conns.Add(1)
			}
		},
		Protocols: new(http.Protocols), ReadHeaderTimeout: time.Minute,
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 1000},
	}
	srv.Protocols.SetHTTP1(true)
	srv.Protocols.SetUnencryptedHTTP2(true)
	var wg sync.WaitGroup
	wg.Go(func() { _ = srv.Serve(ln) })
	t.Cleanup(func() {
		srv.Close()
		wg.Wait()
	})
	return s
}

// nobody is a URL at which nobody listens: an address of loopback that no test uses, at a port that is taken on another.
func nobody(t testing.TB) (url string) {
	t.Helper()
	_, port, _ := net.SplitHostPort(serve(t, hello).addr)
	return "http://127.0.0.77:" + port
}

func newSite(ln net.Listener) *site {
	addr := ln.Addr().String()
	return &site{url: "http://" + addr + "/", addr: addr}
}

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

// talk is one connection of a scripted server.
type talk struct {
	*site
	n    int64 // of the connection, from 1
	conn *net.TCPConn
	br   *bufio.Reader
}

// script runs a script for each connection and closes it when the script returns.
func script(t testing.TB, play func(*talk)) *site {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(ln)
	t.Cleanup(s.on(ln, play))
	return s
}

// on runs a script for each connection to ln until stop, which resets what is open.
func (s *site) on(ln net.Listener, play func(*talk)) (stop func()) {
	var wg sync.WaitGroup
	var mu sync.Mutex // guards open and over
	open, over := map[*net.TCPConn]bool{}, false
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			tcp := c.(*net.TCPConn)
			mu.Lock()
			open[tcp] = true
			if over {
				c.Close()
			}
			mu.Unlock()
			k := &talk{site: s, n: s.conns.Add(1), conn: tcp, br: bufio.NewReader(c)}
			wg.Go(func() {
				play(k)
				tcp.Close()
				mu.Lock()
				delete(open, tcp)
				mu.Unlock()
			})
		}
	})
	return sync.OnceFunc(func() {
		ln.Close()
		mu.Lock()
		over = true
		for c := range open {
			_ = c.SetLinger(0)
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
}

// request reads one request, its body too, and returns its head; "" at the end of the connection.
func (k *talk) request() string {
	head := k.head()
	if _, after, ok := strings.Cut(strings.ToLower(head), "content-length: "); ok {
		digits, _, _ := strings.Cut(after, "\r")
		n, err := strconv.Atoi(digits)
		if err != nil {
			return ""
		}
		if _, err := k.br.Discard(n); err != nil {
			return ""
		}
	}
	if head != "" {
		k.requests.Add(1)
	}
	return head
}

// head reads one head and counts nothing.
func (k *talk) head() string {
	var head strings.Builder
	for {
		line, err := k.br.ReadString('\n')
		if err != nil {
			return ""
		}
		head.WriteString(line)
		if line == "\r\n" {
			return head.String()
		}
	}
}

// say writes, and reports whether it could.
func (k *talk) say(text string) bool {
	_, err := io.WriteString(k.conn, text)
	return err == nil
}

// hold keeps the connection open until the client closes it.
func (k *talk) hold() { _, _ = io.Copy(io.Discard, k.br) }

// reset has the connection end by RST.
func (k *talk) reset() {
	_ = k.conn.SetLinger(0)
	k.conn.Close()
}

// sized is a whole answer.
func sized(body string) string {
	return "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// answers gives the same answer to each request of a connection.
func answers(text string) func(*talk) {
	return func(k *talk) {
		for k.request() != "" && k.say(text) {
		}
	}
}

// once gives one answer and closes.
func once(text string) func(*talk) {
	return func(k *talk) {
		if k.request() != "" {
			k.say(text)
		}
	}
}

// held gives one answer, and nothing more on this connection.
func held(text string) func(*talk) {
	return func(k *talk) {
		if k.request() != "" && k.say(text) {
			k.hold()
		}
	}
}
