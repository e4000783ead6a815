package transport

import (
	"bufio"
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// An answer that refuses a body before it was read is an answer.
func TestSessionTakesAnEarlyAnswer(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var servers sync.WaitGroup
	servers.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			servers.Go(func() {
				defer c.Close()
				br := bufio.NewReaderSize(c, 256)
				for line := "-"; line != "\r\n"; {
					if line, err = br.ReadString('\n'); err != nil {
						return
					}
				}
				_, _ = io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			})
		}
	})
	defer servers.Wait()
	defer ln.Close()
	c, err := New(Config{Timeout: 5 * time.Second, Discard: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	target, err := ParseTarget("http://" + ln.Addr().String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	s := c.NewSession(SessionConfig{})
	defer s.Close()
	var resp Response
	for range 10 {
		req := &Request{Method: "POST", Target: target, Body: make([]byte, 8<<20), Named: true}
		if err := s.Do(context.Background(), req, &resp); err != nil || resp.Status != 413 {
			t.Fatalf("%v, status %d", err, resp.Status)
		}
	}
}
