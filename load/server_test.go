package load

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/units"
)

// server answers requests and counts them.
type server struct {
	url    string
	count  atomic.Int64
	inside atomic.Int64
	most   atomic.Int64 // requests inside at once
	die    func()       // refuses new connections and resets those that are there
}

// serve answers each request by answer, which gets the request's number.
func serve(t *testing.T, answer func(n int64, r *http.Request) string) *server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{url: "http://" + ln.Addr().String() + "/"}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
			wg.Go(func() { s.serve(c, answer) })
		}
	})
	s.die = func() {
		ln.Close()
		mu.Lock()
		for _, c := range conns {
			c.Close()
		}
		mu.Unlock()
	}
	t.Cleanup(func() {
		s.die()
		wg.Wait()
	})
	return s
}

func (s *server) serve(c net.Conn, answer func(int64, *http.Request) string) {
	defer c.Close()
	br := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		n := s.count.Add(1)
		inside := s.inside.Add(1)
		for most := s.most.Load(); inside > most && !s.most.CompareAndSwap(most, inside); most = s.most.Load() {
		}
		text := answer(n, r)
		s.inside.Add(-1)
		if _, err := io.WriteString(c, text); err != nil || text == "" || text == cut || text == closing {
			return
		}
	}
}

const (
	hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	cut   = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel" // and the connection ends

	closing = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nclosing" // and the connection ends, unannounced
)

func always(text string) func(int64, *http.Request) string {
	return func(int64, *http.Request) string { return text }
}

// config is a short run against url.
func config(url string) Config {
	cfg := DefaultConfig()
	cfg.URLs = []string{url}
	cfg.Duration = units.Duration(300 * time.Millisecond)
	cfg.Timeout = units.Duration(5 * time.Second)
	return cfg
}
