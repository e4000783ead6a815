package framing

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
)

// The responses that the benchmarks frame.
var (
	smallWire = "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 13\r\n\r\nHello, World!"
	plainWire = "HTTP/1.1 200 OK\r\nServer: fasthttp\r\nDate: Tue, 01 Dec 2026 00:00:00 GMT\r\nContent-Type: text/plain; charset=utf-8\r\n" +
		"Content-Length: 13\r\n\r\nHello, World!"
	nginxWire = "HTTP/1.1 200 OK\r\nServer: nginx/1.26.3\r\nDate: Tue, 01 Dec 2026 00:00:00 GMT\r\nContent-Type: text/html\r\n" +
		"Content-Length: 100\r\nLast-Modified: Mon, 30 Nov 2026 22:00:00 GMT\r\nConnection: keep-alive\r\nETag: \"674b9e00-64\"\r\n" +
		"Accept-Ranges: bytes\r\n\r\n" + strings.Repeat("x", 100)
	chunkedWire = "HTTP/1.1 200 OK\r\nServer: nginx/1.26.3\r\nDate: Tue, 01 Dec 2026 00:00:00 GMT\r\nContent-Type: text/html\r\n" +
		"Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n" + strings.Repeat("64\r\n"+strings.Repeat("x", 100)+"\r\n", 4) + "0\r\n\r\n"
)

func BenchmarkFeed(b *testing.B) {
	for _, memo := range []*Memo{nil, new(Memo)} {
		for _, r := range []struct{ name, wire string }{{"small", smallWire}, {"plain", plainWire}, {"nginx", nginxWire}, {"chunked", chunkedWire}} {
			b.Run(r.name+map[bool]string{true: "-remembered"}[memo != nil], func(b *testing.B) {
				if memo != nil {
					memo = new(Memo)
				}
				wire := []byte(r.wire)
				b.ReportAllocs()
				b.SetBytes(int64(len(wire)))
				f := Framer{Memo: memo}
				for b.Loop() {
					f.Reset(false)
					if n, done, err := f.Feed(wire); n != len(wire) || !done || err != nil {
						b.Fatal(n, done, err)
					}
				}
			})
		}
	}
}

// BenchmarkForgotten feeds heads that never came before to a Framer with a Memo.
func BenchmarkForgotten(b *testing.B) {
	wire := []byte(nginxWire)
	tag := wire[strings.Index(nginxWire, "674b9e00"):][:8]
	b.ReportAllocs()
	f := Framer{Memo: new(Memo)}
	for b.Loop() {
		for i := range tag { // counts
			if tag[i]++; tag[i] <= '9' {
				break
			}
			tag[i] = '0'
		}
		f.Reset(false)
		if n, done, err := f.Feed(wire); n != len(wire) || !done || err != nil {
			b.Fatal(n, done, err)
		}
	}
}

// BenchmarkSplit feeds an nginx-like response in two pieces, parted in its head or behind it.
func BenchmarkSplit(b *testing.B) {
	for _, r := range []struct {
		name string
		at   int
	}{{"head", 150}, {"body", len(nginxWire) - 100}} {
		b.Run(r.name, func(b *testing.B) {
			wire := []byte(nginxWire)
			b.ReportAllocs()
			b.SetBytes(int64(len(wire)))
			var f Framer
			for b.Loop() {
				f.Reset(false)
				n, _, _ := f.Feed(wire[:r.at])
				if m, done, err := f.Feed(wire[n:]); n+m != len(wire) || !done || err != nil {
					b.Fatal(n, m, done, err)
				}
			}
		})
	}
}

// BenchmarkPipelined frames sixteen small responses that came in one read; an operation is one response.
func BenchmarkPipelined(b *testing.B) {
	wire := []byte(strings.Repeat(plainWire, 16))
	b.SetBytes(int64(len(plainWire)))
	f := Framer{Memo: new(Memo)}
	var rest []byte
	for b.Loop() {
		if len(rest) == 0 {
			rest = wire
		}
		f.Reset(false)
		n, done, err := f.Feed(rest)
		if !done || err != nil {
			b.Fatal(n, done, err)
		}
		rest = rest[n:]
	}
}

// BenchmarkFasthttp reads the same heads with fasthttp.
func BenchmarkFasthttp(b *testing.B) {
	for _, r := range []struct{ name, wire string }{{"small", smallWire}, {"plain", plainWire}, {"nginx", nginxWire}, {"chunked", chunkedWire}} {
		b.Run(r.name, func(b *testing.B) {
			wire := []byte(r.wire)
			b.ReportAllocs()
			b.SetBytes(int64(len(wire)))
			src := bytes.NewReader(nil)
			br := bufio.NewReaderSize(src, 4096)
			var h fasthttp.ResponseHeader
			h.DisableNormalizing()
			for b.Loop() {
				src.Reset(wire)
				br.Reset(src)
				if err := h.Read(br); err != nil || h.StatusCode() != 200 {
					b.Fatal(h.StatusCode(), err)
				}
			}
		})
	}
}
