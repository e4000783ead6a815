package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	framer "tandem/load/engine/framing"
)

// verdict is what both readers must say alike about the bytes of one connection.
type verdict struct {
	class  string // of the error, or a cut body's; empty if the response is whole
	status int
	body   int64
	taken  int // bytes
	closes bool
}

// framerVerdict is what the load generator's framer says.
func framerVerdict(wire []byte, bodiless bool) (verdict, error) {
	f := framer.Framer{}
	f.Reset(bodiless)
	n, done, err := f.Feed(wire)
	if err == nil && !done {
		err = f.End()
	}
	switch {
	case err == nil:
		return verdict{status: f.Status(), body: f.Body(), taken: n, closes: f.Close()}, nil
	case errors.Is(err, framer.ErrTooLarge):
		return verdict{class: ClassLargeHeader}, err
	case errors.Is(err, framer.ErrMalformed):
		return verdict{class: ClassMalformed}, err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return verdict{class: ClassClosed}, err
	}
	return verdict{class: ClassOther}, err
}

// transportVerdict is what this package says.
func transportVerdict(c *Client, wire []byte, bodiless bool) (verdict, []byte, error) {
	r := bytes.NewReader(wire)
	cn := newConn(scriptConn{r: r}, "127.0.0.1", c.cfg.MaxHeader)
	resp, req := new(Response), get("h:80", "/")
	if bodiless {
		req.Method = "HEAD"
	}
	phase, reusable, err := c.roundTrip(context.Background(), cn, req, resp)
	switch {
	case err != nil:
		class, _ := classify(phase, err)
		return verdict{class: class}, nil, err
	case resp.Truncated != "":
		return verdict{class: ClassClosed}, nil, nil
	}
	taken := len(wire) - r.Len() - cn.br.Buffered()
	return verdict{status: resp.Status, body: resp.BodyLen, taken: taken, closes: !reusable}, resp.Head, nil
}

// FuzzFramer holds the load generator's framer against this package's reader: the same bytes are refused for the same class of reasons,
// and of those that are not, both find the same end, status, payload and use for the connection.
func FuzzFramer(f *testing.F) {
	for _, seed := range []string{
		sized("hello"), sized("hello") + sized("next"), ok200 + "\r\nto the end",
		ok200 + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n02 \r\nde\r\n0\r\nX-T: 1\r\n\r\nx", ok200 + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc",
		"HTTP/1.1 100 Continue\r\n\r\n" + sized("x"), "HTTP/1.0 200 OK\nConnection: keep-alive\nContent-Length: 3\n\nabc",
		ok200 + "Content-Length: 3, 3\r\nA: b\r\n\tc\r\n\r\nabc", ok200 + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
		"HTTP/1.1 204 No\r\nContent-Length: 1\r\n\r\n", "HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", "<html>", "HTTP/1.1 101 S\r\n\r\n", "HTT", "",
		ok200 + "Content-Length:\r\n 1\r\n\r\nx", ok200 + "Content-Length: 1\r\n \r\n\r\nx", ok200 + "a b: c\r\nSet-Cookie: =\x00;\r\n\r\n",
		ok200 + "A\t: b\r\nContent-Length : 1\r\n\r\nx", "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 1\r\n\r\nx", "HTTP/1.1 200 OK\nContent-Length: 1\n\r\nx",
		"HTTP/1.0 200\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n", "HTTP/1.3 200\r\nProxy-Connection: a,close\r\nTransfer-Encoding: Chunked\r\n \r\n\r\n0\r\n\r\n",
	} {
		f.Add([]byte(seed), false)
	}
	f.Add([]byte(ok200+"Content-Length: 9\r\n\r\n"), true)
	c, err := New(Config{Discard: true, MaxBody: 1 << 62})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, wire []byte, bodiless bool) {
		got, errGot := framerVerdict(wire, bodiless)
		if got.class == "" && got.taken < len(wire) {
			wire = wire[:got.taken] // this package gives up a connection on which something is left
		}
		want, head, err := transportVerdict(c, wire, bodiless)
		switch {
		case errors.Is(err, errManyInterim):
			return // it takes 8 interim responses, the framer 64
		case got.class == ClassMalformed && want.class == ClassClosed && bytes.HasPrefix(wire, []byte("HTTP/")):
			// The framer knows a broken line between chunks by its first wrong byte, this package by the line's end.
			want, head, err = transportVerdict(c, append(wire[:len(wire):len(wire)], '\n'), bodiless)
		}
		for field := range fields(head) {
			if equalFold(field.name, "Trailer") {
				want.closes = got.closes // fasthttp judges what a Trailer field lists; the framer does not
			}
		}
		if got != want {
			t.Fatalf("%q:\nframer    %+v (%v)\ntransport %+v (%v)", wire, got, errGot, want, err)
		}
	})
}
