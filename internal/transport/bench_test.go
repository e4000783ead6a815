package transport

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// pageServer answers whatever comes with a small page, without parsing, on kept-alive loopback connections. It runs in the same
// process, so the CPU time per request is the client's and the server's together.
func pageServer(b *testing.B) (addr string, stop func()) {
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
	return ln.Addr().String(), func() {
		ln.Close()
		wg.Wait()
	}
}

// BenchmarkSettle measures what settling costs: 16 exchanges in flight at most, and as many callers as the name says.
func BenchmarkSettle(b *testing.B) {
	addr, stop := pageServer(b)
	defer stop()
	for _, row := range []struct {
		settle  time.Duration
		callers int
	}{{0, 16}, {0, 64}, {10 * time.Millisecond, 16}, {10 * time.Millisecond, 64}, {10 * time.Millisecond, 256}, {2 * time.Millisecond, 64}} {
		b.Run(fmt.Sprintf("%v/callers=%d", row.settle, row.callers), func(b *testing.B) {
			c, err := New(Config{Record: true, Timeout: time.Minute, Settle: row.settle, MaxConnsPerHost: 16})
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			req := get(addr, "/some/page.html")
			req.Named = true
			cpu := cpuTime()
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			for range row.callers {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						resp, err := c.Do(context.Background(), req)
						if err == nil {
							err = resp.Settle(context.Background())
						}
						if err != nil {
							b.Error(err)
							return
						}
						resp.Release()
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
			b.ReportMetric(float64(cpuTime()-cpu)/float64(b.N), "cpu-ns/op")
		})
	}
}

// BenchmarkDo measures small pages.
func BenchmarkDo(b *testing.B) {
	addr, stop := pageServer(b)
	defer stop()
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
			req := get(addr, "/some/page.html")
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
		if _, _, err := c.roundTrip(context.Background(), cn, req, resp); err != nil {
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
