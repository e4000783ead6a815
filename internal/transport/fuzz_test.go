package transport

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"testing/iotest"
	"time"
)

// scriptConn is a connection whose other side says what r holds and then closes.
type scriptConn struct {
	net.Conn
	r io.Reader
}

func (s scriptConn) Read(p []byte) (int, error)       { return s.r.Read(p) }
func (s scriptConn) Write(p []byte) (int, error)      { return len(p), nil }
func (s scriptConn) Close() error                     { return nil }
func (s scriptConn) SetDeadline(time.Time) error      { return nil }
func (s scriptConn) SetReadDeadline(time.Time) error  { return nil }
func (s scriptConn) SetWriteDeadline(time.Time) error { return nil }

// readWire performs one exchange in which the server says what r holds.
func readWire(c *Client, r io.Reader, method string) (resp *Response, reusable bool, left int, err error) {
	cn := newConn(scriptConn{r: r}, "127.0.0.1", c.cfg.MaxHeader)
	resp = new(Response)
	req := get("h:80", "/")
	req.Method = method
	_, reusable, err = c.roundTrip(context.Background(), cn, req, resp)
	return resp, reusable, cn.br.Buffered(), err
}

// FuzzResponse feeds bytes from the wire: no panic, no byte that the server did not send in one piece, caps hold, the same result
// however the bytes are split into packets, and a connection with anything left on it is never used again.
func FuzzResponse(f *testing.F) {
	for _, seed := range []string{
		sized("hello"), sized("hello") + sized("next"), ok200 + "\r\nto the end",
		ok200 + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n02\r\nde\r\n0\r\nX-T: 1\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n" + sized("x"), "HTTP/1.0 200 OK\nConnection: keep-alive\nContent-Length: 3\n\nabc",
		ok200 + "Content-Length: 3, 3\r\nA: b\r\n\tc\r\n\r\nabc", ok200 + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
		"HTTP/1.1 204 No\r\n\r\n", "HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", "<html>", "HTTP/1.1 101 S\r\n\r\n",
		ok200 + "Trailer: Content-Length\r\nContent-Length: 1\r\n\r\nx", ok200 + "a b: c\r\nSet-Cookie: =\x00;\r\n\r\n",
	} {
		f.Add([]byte(seed), false)
	}
	f.Add([]byte(ok200+"Content-Length: 9\r\n\r\n"), true)
	const maxBody, maxHeader = 64, 256
	recorder, err := New(Config{Record: true, MaxBody: maxBody, MaxHeader: maxHeader})
	if err != nil {
		f.Fatal(err)
	}
	reader, err := New(Config{MaxBody: maxBody, MaxHeader: maxHeader})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, wire []byte, head bool) {
		method := "GET"
		if head {
			method = "HEAD"
		}
		a, reusable, left, err := readWire(recorder, bytes.NewReader(wire), method)
		b, _, _, errB := readWire(reader, iotest.OneByteReader(bytes.NewReader(wire)), method)
		if (err == nil) != (errB == nil) {
			t.Fatalf("whole: %v, byte by byte: %v", err, errB)
		}
		if err != nil {
			return
		}
		if a.Status != b.Status || !bytes.Equal(a.Body, b.Body) || a.Truncated != b.Truncated || !bytes.Equal(a.Head, b.Head) {
			t.Fatalf("whole: %d %q %q %q, byte by byte: %d %q %q %q", a.Status, a.Head, a.Body, a.Truncated, b.Status, b.Head, b.Body, b.Truncated)
		}
		if !bytes.Contains(wire, a.Raw) || !bytes.HasPrefix(a.Raw, a.Head) {
			t.Fatalf("raw %q is no piece of the wire", a.Raw)
		}
		if len(a.Body) > maxBody || a.BodyLen != int64(len(a.Body)) || len(a.Head) > maxHeader || a.Status < 200 {
			t.Fatalf("caps: %d bytes of body (%d), %d of head, status %d", len(a.Body), a.BodyLen, len(a.Head), a.Status)
		}
		if len(a.Raw) > len(a.Head)+2*maxBody+freeFraming+maxHeader+maxChunkLine {
			t.Fatalf("raw has %d bytes", len(a.Raw))
		}
		if reusable && (left > 0 || a.Truncated != "" || !bytes.HasSuffix(wire, a.Raw)) {
			t.Fatalf("a connection with %d bytes left, cut %q, would be used again", left, a.Truncated)
		}
		if head && len(a.Body) > 0 {
			t.Fatalf("HEAD with a body of %d bytes", len(a.Body))
		}
		for name, value := range a.Fields() {
			if !validToken(name) || bytes.ContainsAny([]byte(value), "\n") {
				t.Fatalf("field %q: %q", name, value)
			}
		}
	})
}
