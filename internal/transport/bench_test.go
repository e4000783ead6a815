package transport

import (
	"bytes"
	"context"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"
)

// BenchmarkDo measures small pages over kept-alive loopback connections. The server answers without parsing; it runs in the same
// process, so the CPU time per request is the client's and the server's together.
func BenchmarkDo(b *testing.B) {
	page := []byte(sized(string(bytes.Repeat([]byte("x"), 1000))))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				buf := make([]byte, 4096)
				for {
					if _, err := c.Read(buf); err != nil {
						return
					}
					if _, err := c.Write(page); err != nil {
						return
					}
				}
			})
		}
	})
	for _, record := range []bool{false, true} {
		name := "plain"
		if record {
			name = "record"
		}
		b.Run(name, func(b *testing.B) {
			c, err := New(Config{Record: record, Timeout: time.Minute})
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			req := get(ln.Addr().String(), "/some/page.html")
			req.Named = true
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			b.ReportAllocs()
			cpu := cpuTime()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					resp, err := c.Do(ctx, req)
					if err != nil {
						b.Error(err)
						return
					}
					resp.Release()
				}
			})
			b.ReportMetric(float64(cpuTime()-cpu)/float64(b.N), "cpu-ns/op")
		})
	}
	ln.Close()
	wg.Wait()
}

// BenchmarkExchange measures everything but the sockets and the deadline.
func BenchmarkExchange(b *testing.B) {
	page := []byte("HTTP/1.1 200 OK\r\nServer: x\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/html; charset=utf-8\r\n" +
		"ETag: \"abc\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nAccept-Ranges: bytes\r\nContent-Length: 1000\r\n\r\n" + string(bytes.Repeat([]byte("x"), 1000)))
	c, err := New(Config{Record: true})
	if err != nil {
		b.Fatal(err)
	}
	src := bytes.NewReader(page)
	cn := newConn(scriptConn{r: src}, "", 64<<10)
	req := get("127.0.0.1:80", "/some/page.html")
	b.ReportAllocs()
	for b.Loop() {
		src.Reset(page)
		resp := c.newResponse(req, time.Time{})
		if _, _, err := c.roundTrip(cn, req, resp); err != nil {
			b.Fatal(err)
		}
		resp.Release()
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
