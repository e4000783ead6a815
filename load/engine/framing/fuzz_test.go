package framing

import (
	"bufio"
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
)

// seeds are responses for both fuzz tests to begin with.
func seeds(f *testing.F) {
	const chunked = ok200 + "Transfer-Encoding: chunked\r\n\r\n"
	for _, wire := range []string{
		smallWire, plainWire, nginxWire, chunkedWire, smallWire + plainWire, ok200 + "\r\nto the end",
		chunked + "3;x=y\r\nabc\r\n02 \r\nde\r\n0\r\nX-T: 1\r\n\r\nmore", chunked + "2\nab\n0\n\n", chunked + "2\r\nabc",
		"HTTP/1.1 100 Continue\r\n\r\n" + smallWire, "HTTP/1.0 200 OK\nConnection: keep-alive\nContent-Length: 3\n\nabc",
		ok200 + "Content-Length: 3, 3\r\nA: b\r\n\tc\r\n\r\nabc", ok200 + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
		"HTTP/1.1 204 No\r\nContent-Length: 1\r\n\r\n", "HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", "<html>", "HTTP/1.1 101 S\r\n\r\n",
		ok200 + "Trailer: Content-Length\r\nContent-Length: 1\r\n\r\nx", ok200 + "a b: c\r\nSet-Cookie: =\x00;\r\n\r\n",
		ok200 + "Connection: a, CLOSE\r\nContent-Length:\r\n 1\r\n\r\nx", "HTTP/1.2 200\r\nTransfer-Encoding: identity\r\nContent-Length : 1\r\n\r\nx",
	} {
		f.Add([]byte(wire), false, uint16(len(wire)/2), uint8(7))
	}
	f.Add([]byte(ok200+"Content-Length: 9\r\n\r\n"), true, uint16(20), uint8(1))
}

// FuzzFeed frames bytes in one piece, in pieces, and with payload thrown away unread: the same comes out, no byte beyond the response
// is taken, and heads that are read in one pass are read as the careful reader does.
func FuzzFeed(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, wire []byte, bodiless bool, cut uint16, step uint8) {
		var fr Framer
		whole, err := frame(&fr, bodiless, string(wire))
		if whole.consumed > len(wire) || whole.body > int64(len(wire)) || (whole.whole && (whole.status < 200 || whole.status > 999)) {
			t.Fatalf("%+v of %d bytes", whole, len(wire))
		}
		fr.Memo = new(Memo)
		for range 2 {
			if got, errGot := frame(&fr, bodiless, string(wire)); got != whole {
				t.Fatalf("remembered: %+v (%v), at first %+v (%v)", got, errGot, whole, err)
			}
		}
		at := min(int(cut), len(wire))
		if got, errGot := frame(&fr, bodiless, string(wire[:at]), string(wire[at:])); got != whole {
			t.Fatalf("parted at %d: %+v (%v), whole %+v (%v)", at, got, errGot, whole, err)
		}
		var pieces []string
		for rest := wire; len(rest) > 0; {
			n := min(int(step)+1, len(rest))
			pieces, rest = append(pieces, string(rest[:n])), rest[n:]
		}
		fr.KeepHead = true
		if got, errGot := frame(&fr, bodiless, pieces...); got != whole {
			t.Fatalf("in pieces of %d: %+v (%v), whole %+v (%v)", step, got, errGot, whole, err)
		}
		if whole.whole && (!bytes.Contains(wire, fr.Head()) || len(fr.Head()) == 0) {
			t.Fatalf("head %q", fr.Head())
		}
		if got := skip(&fr, bodiless, wire, int(step)+1); got != whole {
			t.Fatalf("payload skipped: %+v, whole %+v (%v)", got, whole, err)
		}
		if n, m := canonical(wire); n > 0 {
			var s scan
			if end, err := s.find(wire, math.MaxInt); end != n || err != nil {
				t.Fatalf("a head of %d bytes, found at %d (%v)", n, end, err)
			}
			if careful, err := judge(wire[:n]); careful != m || err != nil {
				t.Fatalf("in one pass %+v, carefully %+v (%v)", m, careful, err)
			}
		}
	})
}

// skip frames wire as frame does, but throws the payload away that comes behind each piece of step bytes.
func skip(f *Framer, bodiless bool, wire []byte, step int) (o outcome) {
	f.Reset(bodiless)
	var done bool
	var err error
	for rest := wire; len(rest) > 0 && !done && err == nil; {
		if k := min(f.Skip(), int64(len(rest))); k > 0 {
			rest, done = rest[k:], f.Skipped(k)
			o.consumed += int(k)
			continue
		}
		var n int
		n, done, err = f.Feed(rest[:min(step, len(rest))])
		rest = rest[n:]
		o.consumed += n
	}
	if err == nil && !done {
		err = f.End()
	}
	if err != nil {
		return outcome{err: class(err)}
	}
	return outcome{status: f.Status(), body: f.Body(), consumed: o.consumed, closes: f.Close(), whole: true}
}

// FuzzFasthttp holds the Framer against fasthttp's reader of responses. Wherever both take a response for whole, they agree on its
// status, its payload, its end, and on whether the connection can be used again; excepted lists where they may not.
func FuzzFasthttp(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, wire []byte, bodiless bool, _ uint16, _ uint8) {
		fr := Framer{KeepHead: true}
		got, _ := frame(&fr, bodiless, string(wire))
		var resp fasthttp.Response
		resp.SkipBody = bodiless
		src := bytes.NewReader(wire)
		br := bufio.NewReaderSize(src, maxHead)
		err := resp.ReadLimitBody(br, 1<<20)
		if err != nil || !got.whole {
			return
		}
		h := read(fr.Head(), bodiless)
		if h.codedOtherwise() {
			return
		}
		want := outcome{
			status: resp.StatusCode(), body: int64(len(resp.Body())), consumed: len(wire) - src.Len() - br.Buffered(),
			closes: resp.ConnectionClose(), whole: true,
		}
		if h.excepted(got.closes) {
			want.closes = got.closes
		}
		if got != want {
			t.Fatalf("%q:\nframer   %+v\nfasthttp %+v", wire, got, want)
		}
	})
}

// reading is what the exceptions go by, read from a head in the simplest way.
type reading struct {
	status     string
	version    string
	connection []string // the Connection and Proxy-Connection fields
	proxy      bool     // there is one of the latter
	coded      bool     // there is a Transfer-Encoding
	sized      bool     // there is a Content-Length
	bareEnd    bool     // no CRLF before the empty line, or none that ends it
	spaced     bool     // there is a name with a space in it
	bodiless   bool
}

func read(head []byte, bodiless bool) reading {
	r := reading{bodiless: bodiless, bareEnd: !bytes.HasSuffix(head, []byte("\r\n\r\n"))}
	lines := strings.Split(string(head), "\n")
	r.version = lines[0][len("HTTP/"):len("HTTP/1.1")]
	r.status = strings.TrimLeft(lines[0][len("HTTP/1.1"):], " ")[:3]
	for i := 1; i < len(lines); i++ {
		name, value, _ := strings.Cut(lines[i], ":")
		for i+1 < len(lines) && strings.HasPrefix(strings.TrimLeft(lines[i+1], "\t"), " ") {
			i++
			value += lines[i]
		}
		name = strings.Trim(name, " \t")
		r.spaced = r.spaced || strings.Contains(name, " ")
		switch strings.ToLower(name) {
		case "connection":
			r.connection = append(r.connection, strings.Trim(value, " \t\r"))
		case "proxy-connection":
			r.connection, r.proxy = append(r.connection, value), true
		case "transfer-encoding":
			r.coded = true
		case "content-length":
			r.sized = true
		}
	}
	return r
}

// codedOtherwise: fasthttp ignores Transfer-Encoding in all versions but 1.1. The Framer reads what HTTP/1.0 takes for coded to the end
// (RFC 9112 section 6.1), and later versions as 1.1 (RFC 9110 section 2.5). Even the response's end differs.
func (r reading) codedOtherwise() bool { return r.coded && r.version != "1.1" }

// excepted lists where the two may differ about the connection's reuse.
func (r reading) excepted(closes bool) bool {
	plain := len(r.connection) == 0 || (len(r.connection) == 1 && !r.proxy && (r.connection[0] == "close" || strings.EqualFold(r.connection[0], "keep-alive")))
	switch {
	case !plain:
		// fasthttp knows "close" in small letters and alone, takes the last of several Connection fields and no Proxy-Connection.
		return true
	case r.version != "1.0" && r.version != "1.1":
		// fasthttp takes 1.2 for 1.0; the Framer for 1.1 (RFC 9110 section 2.5).
		return true
	case closes && r.coded && r.sized:
		// RFC 9112 section 6.3 wants the connection closed; fasthttp keeps it.
		return true
	case closes && r.status == "204" && (r.coded || r.sized):
		// A body is announced where none may be; fasthttp trusts that none comes.
		return true
	case closes && r.spaced:
		// fasthttp closes after such a name, too, unless a Connection field follows.
		return true
	case closes && r.bareEnd:
		// fasthttp wants a CRLF CRLF somewhere, be it in the body, and ends the head at the first empty line.
		return true
	case !closes && r.bodiless && !r.coded && !r.sized:
		// fasthttp does not know yet that the request was HEAD when it looks for a length.
		return true
	}
	return false
}
