package transport

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// responderEnv makes the test binary a server of small pages, so that a benchmark's CPU time is the client's alone.
const responderEnv = "TANDEM_TRANSPORT_RESPONDER"

const benchPage = ok200 + "Server: x\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/html\r\nContent-Length: 612\r\n" +
	"Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nConnection: keep-alive\r\nETag: \"abc\"\r\nAccept-Ranges: bytes\r\n\r\n"

// respond serves until its standard input ends.
func respond() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return
	}
	fmt.Println(ln.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		ln.Close()
	}()
	page := []byte(benchPage + strings.Repeat("x", 612))
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		go func() {
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
		}()
	}
}

// responder starts a server in a process of its own. TANDEM_TRANSPORT_ADDR names another one, such as nginx.
func responder(b *testing.B) string {
	if addr := os.Getenv("TANDEM_TRANSPORT_ADDR"); addr != "" {
		return addr
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), responderEnv+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// BenchmarkClients compares what one request costs, with as many connections as the name says.
func BenchmarkClients(b *testing.B) {
	addr := responder(b)
	c, err := New(Config{Timeout: 30 * time.Second, Discard: true})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	req := get(addr, "/")
	req.Named = true
	p, err := c.Prepare(req)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	host := &fasthttp.HostClient{Addr: addr, MaxConns: 1000, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second, NoDefaultUserAgentHeader: true,
		Dial: func(addr string) (net.Conn, error) { return net.Dial("tcp", addr) }}
	for _, client := range []struct {
		name string
		work func() (do func() error, end func())
	}{
		{"Session", func() (func() error, func()) {
			s, resp := c.NewSession(SessionConfig{}), new(Response)
			return func() error { return s.DoPrepared(ctx, p, resp) }, func() { s.Close() }
		}},
		{"SessionDo", func() (func() error, func()) {
			s, resp := c.NewSession(SessionConfig{}), new(Response)
			return func() error { return s.Do(ctx, req, resp) }, func() { s.Close() }
		}},
		{"Client", func() (func() error, func()) {
			return func() error {
				resp, err := c.Do(ctx, req)
				if err == nil {
					resp.Release()
				}
				return err
			}, func() {}
		}},
		{"fasthttp", func() (func() error, func()) {
			hreq, hresp := new(fasthttp.Request), new(fasthttp.Response)
			hreq.SetRequestURI("http://" + addr + "/")
			hreq.Header.SetUserAgent("TandemFetch")
			return func() error { return host.Do(hreq, hresp) }, func() {}
		}},
	} {
		for _, workers := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/conns=%d", client.name, workers), func(b *testing.B) {
				b.ReportAllocs()
				var left atomic.Int64
				left.Store(int64(b.N))
				var wg sync.WaitGroup
				cpu := cpuTime()
				for range workers {
					wg.Go(func() {
						do, end := client.work()
						defer end()
						for left.Add(-1) >= 0 {
							if err := do(); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				b.ReportMetric(float64(cpuTime()-cpu)/float64(b.N), "cpu-ns/op")
			})
		}
	}
	host.CloseIdleConnections()
}
