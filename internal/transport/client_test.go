package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
)

func TestDoPlain(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 5\r\n\r\nhello"))
	c := testClient(t, func(cfg *Config) { cfg.UserAgent = "T/1" })
	for i := range 3 {
		resp := mustDo(t, c, get(srv.addr(), "/a?b=c"))
		if resp.Status != 200 || string(resp.Body) != "hello" || resp.Truncated != "" || resp.BodyLen != 5 {
			t.Fatalf("got %d %q %q", resp.Status, resp.Body, resp.Truncated)
		}
		if !strings.HasSuffix(string(resp.Raw), "\r\n\r\nhello") || string(resp.Raw[:resp.HeadLen]) != string(resp.Head) {
			t.Fatalf("raw %q, head %q", resp.Raw, resp.Head)
		}
		if got := resp.Values("X-A"); len(got) != 2 || got[0] != "1" || got[1] != "2" {
			t.Fatalf("X-A = %q", got)
		}
		if resp.Reused != (i > 0) || resp.RemoteIP != "127.0.0.1" || resp.BytesIn != int64(len(resp.Raw)) {
			t.Fatalf("request %d: reused %v, from %s, %d bytes", i, resp.Reused, resp.RemoteIP, resp.BytesIn)
		}
		want := "GET /a?b=c HTTP/1.1\r\nUser-Agent: T/1\r\nHost: " + srv.addr() + "\r\nAccept-Encoding: gzip, br, zstd\r\n\r\n"
		if string(resp.Request) != want {
			t.Fatalf("request %q, want %q", resp.Request, want)
		}
		resp.Release()
	}
	if n := srv.accepted.Load(); n != 1 {
		t.Errorf("%d connections for 3 requests", n)
	}
}

func TestChunkedKeepsTheFraming(t *testing.T) {
	t.Parallel()
	const wire = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n02\r\nde\r\n0\r\nX-T: 1\r\n\r\n"
	srv := serve(t, answers(wire))
	c := testClient(t, nil)
	for range 2 {
		resp := mustDo(t, c, get(srv.addr(), "/"))
		if string(resp.Body) != "abcde" || string(resp.Raw) != wire || resp.Truncated != "" {
			t.Fatalf("body %q, raw %q, truncated %q", resp.Body, resp.Raw, resp.Truncated)
		}
	}
	if n := srv.accepted.Load(); n != 1 {
		t.Errorf("%d connections for 2 requests", n)
	}
}

func TestConnectErrorsAreReadable(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	_, port, _ := net.SplitHostPort(addr)
	ln.Close() // nobody listens there now
	c := testClient(t, resolver(map[string][]string{"site.example": {"127.0.0.1"}, "two.example": {"127.0.0.1", "127.0.0.2"}}))
	refused := fmt.Sprintf("connect %q: connection refused", addr)
	for host, want := range map[string]string{
		"127.0.0.1":    refused,
		"site.example": fmt.Sprintf("connect %q: refused: %s", "site.example:"+port, refused),
		"two.example": fmt.Sprintf("connect %q: refused: %s; connect %q: connection refused",
			"two.example:"+port, refused, "127.0.0.2:"+port),
	} {
		_, err := c.Do(context.Background(), get(host+":"+port, "/"))
		if err == nil || err.Error() != want || !errors.Is(err, syscall.ECONNREFUSED) || classOf(err) != ClassRefused {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
