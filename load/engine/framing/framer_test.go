package framing

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"unsafe"
)

const ok200 = "HTTP/1.1 200 OK\r\n"

// outcome is all that a Framer says about one response.
type outcome struct {
	status   int
	body     int64
	consumed int
	closes   bool
	whole    bool   // the response's end was found, be it by the connection's
	err      string // its class
}

// class names what the engine decides by.
func class(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrInterim):
		return "interim"
	case errors.Is(err, ErrMalformed):
		return "malformed"
	case errors.Is(err, ErrTooLarge):
		return "too large"
	case errors.Is(err, ErrNothing) && errors.Is(err, io.EOF):
		return "nothing"
	case errors.Is(err, ErrCut) && errors.Is(err, io.ErrUnexpectedEOF):
		return "cut"
	}
	return err.Error()
}

// frame feeds the pieces to f and then ends the connection.
func frame(f *Framer, bodiless bool, pieces ...string) (o outcome, err error) {
	f.Reset(bodiless)
	var done bool
	for _, p := range pieces {
		var n int
		n, done, err = f.Feed([]byte(p))
		o.consumed += n
		if done || err != nil {
			break
		}
		if n != len(p) {
			return o, errors.New("not all was consumed")
		}
	}
	if err == nil && !done {
		err = f.End()
	}
	o.whole, o.err = err == nil, class(err)
	if err == nil {
		o.status, o.body, o.closes = f.Status(), f.Body(), f.Close()
	} else {
		o.consumed = 0
	}
	return o, err
}

func TestFramer(t *testing.T) {
	t.Parallel()
	const keeps, closes = false, true
	long := strings.Repeat("x", 200)
	chunked := ok200 + "Transfer-Encoding: chunked\r\n\r\n"
	row := func(name, wire string, status int, body int64, rest string, closes bool) testRow {
		return testRow{name, wire, false, outcome{status: status, body: body, consumed: len(wire) - len(rest), closes: closes, whole: true}}
	}
	head := func(r testRow) testRow { r.bodiless = true; return r }
	bad := func(name, wire, class string) testRow { return testRow{name, wire, false, outcome{err: class}} }
	rows := []testRow{
		row("length", ok200+"Content-Length: 2\r\n\r\nab", 200, 2, "", keeps),
		row("length, and another response", ok200+"Content-Length: 2\r\n\r\nabHTTP/1.1", 200, 2, "HTTP/1.1", keeps),
		row("length 0", ok200+"Content-Length: 0\r\n\r\nx", 200, 0, "x", keeps),
		row("until close", ok200+"\r\nabc", 200, 3, "", closes),
		row("until close, nothing", ok200+"\r\n", 200, 0, "", closes),
		row("no reason phrase", "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", 404, 0, "", keeps),
		row("status 999", "HTTP/1.1 999 No\r\nContent-Length: 1\r\n\r\nx", 999, 1, "", keeps),
		row("spaces before the status", "HTTP/1.1   200 OK\r\nContent-Length: 1\r\n\r\nx", 200, 1, "", keeps),
		row("HTTP/1.9", "HTTP/1.9 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, 1, "", keeps),

		head(row("HEAD", ok200+"Content-Length: 9\r\n\r\nx", 200, 0, "x", keeps)),
		head(row("HEAD chunked", chunked+"x", 200, 0, "x", keeps)),
		head(row("HEAD without a length", ok200+"\r\n", 200, 0, "", keeps)),
		row("304 with length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, 0, "", keeps),
		row("204", "HTTP/1.1 204 No Content\r\n\r\n", 204, 0, "", keeps),
		row("204 with length 0", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204, 0, "", keeps),
		row("204 that announces a body", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nab", 204, 0, "ab", closes),
		row("204 chunked", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", 204, 0, "", closes),

		row("100 then 200", "HTTP/1.1 100 Continue\r\n\r\n"+ok200+"Content-Length: 2\r\n\r\nab", 200, 2, "", keeps),
		row("103 with fields", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: close\r\nContent-Length: 7\r\n\r\n"+ok200+"Content-Length: 2\r\n\r\nab", 200, 2, "", keeps),
		row("64 interim", strings.Repeat("HTTP/1.1 102 P\r\n\r\n", 64)+ok200+"Content-Length: 0\r\n\r\n", 200, 0, "", keeps),
		bad("65 interim", strings.Repeat("HTTP/1.1 102 P\r\n\r\n", 65)+ok200+"Content-Length: 0\r\n\r\n", "interim"),
		bad("large interim", strings.Repeat("HTTP/1.1 102 P\r\nA: "+strings.Repeat("y", 30000)+"\r\n\r\n", 3), "too large"),
		bad("101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "malformed"),
		bad("interim alone", "HTTP/1.1 100 Continue\r\n\r\n", "cut"),
		bad("interim, then nonsense", "HTTP/1.1 100 Continue\r\n\r\nhello", "malformed"),
		bad("malformed interim", "HTTP/1.1 103 E\r\nContent-Length: x\r\n\r\n"+ok200+"Content-Length: 0\r\n\r\n", "malformed"),

		row("same length twice", ok200+"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab", 200, 2, "", closes),
		row("same length as list", ok200+"Content-Length: 2, 2\r\n\r\nab", 200, 2, "", closes),
		row("length between tabs and spaces", ok200+"content-length:\t 3 \t\r\n\r\nabc", 200, 3, "", keeps),
		row("folded length with a blank end", ok200+"Content-Length: 3\r\n \r\n\r\nabc", 200, 3, "", closes),
		row("folded length", ok200+"Content-Length:\r\n 3\r\n\r\nabc", 200, 3, "", keeps),
		bad("two lengths", ok200+"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc", "malformed"),
		bad("two lengths in a list", ok200+"Content-Length: 2,3\r\n\r\nabc", "malformed"),
		bad("negative length", ok200+"Content-Length: -2\r\n\r\nab", "malformed"),
		bad("signed length", ok200+"Content-Length: +2\r\n\r\nab", "malformed"),
		bad("empty length", ok200+"Content-Length: \r\n\r\nab", "malformed"),
		bad("hexadecimal length", ok200+"Content-Length: 0x2\r\n\r\nab", "malformed"),
		bad("overflowing length", ok200+"Content-Length: 18446744073709551618\r\n\r\nab", "malformed"),
		bad("length beyond int64", ok200+"Content-Length: 9223372036854775808\r\n\r\nab", "malformed"),
		bad("lying length", ok200+"Content-Length: 9223372036854775807\r\n\r\nab", "cut"),

		row("both lengths", ok200+"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", 200, 2, "", closes),
		row("both lengths, other order", ok200+"Transfer-Encoding: Chunked\r\nContent-Length: 3\r\n\r\n2\r\nab\r\n0\r\n\r\n", 200, 2, "", closes),
		row("chunked and a wrong length", ok200+"Transfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n2\r\nab\r\n0\r\n\r\n", 200, 2, "", closes),
		row("identity", ok200+"Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nab", 200, 2, "", closes),
		row("HTTP/1.0 chunked is read to the end", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", 200, 5, "", closes),
		row("folded coding", ok200+"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 200, 0, "", keeps),
		row("folded coding with a blank end", ok200+"Transfer-Encoding: chunked\r\n \r\n\r\n0\r\n\r\n", 200, 0, "", closes),
		row("HTTP/1.0 chunked without a body", "HTTP/1.0 304 N\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n", 304, 0, "", closes),
		bad("chunked twice", ok200+"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "malformed"),
		bad("unknown coding", ok200+"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "malformed"),
		bad("no coding", ok200+"Transfer-Encoding:\r\n\r\n0\r\n\r\n", "malformed"),

		row("chunks", chunked+"3;x=y\r\nabc\r\n0A \t\r\n0123456789\r\n0\r\n\r\nrest", 200, 13, "rest", keeps),
		row("trailers", chunked+"2\r\nab\r\n0\r\nContent-Length: 5\r\nA: b\r\n\r\n", 200, 2, "", keeps),
		row("bare LF chunks", chunked+"2\nab\n0\n\n", 200, 2, "", keeps),
		row("no chunk", chunked+"000\r\n\r\n", 200, 0, "", keeps),
		row("many chunks", chunked+strings.Repeat("01\r\nx\r\n", 20)+"0\r\n\r\n", 200, 20, "", keeps),
		row("trailers, then a bare LF", chunked+"0\r\nA: b\r\n\n", 200, 0, "", keeps),
		row("CR in a trailer", chunked+"0\r\n\r\r\n\r\n", 200, 0, "", keeps),
		row("longest size line", chunked+"1;"+strings.Repeat("x", maxLine-4)+"\r\nx\r\n0\r\n\r\n", 200, 1, "", keeps),
		bad("size line too long", chunked+"1;"+strings.Repeat("x", maxLine-3)+"\r\nx\r\n0\r\n\r\n", "malformed"),
		row("most spaces behind a size", chunked+"1"+strings.Repeat(" ", maxLine-3)+"\r\nx\r\n0\r\n\r\n", 200, 1, "", keeps),
		bad("too many spaces behind a size", chunked+"1"+strings.Repeat(" ", maxLine-2)+"\r\nx\r\n0\r\n\r\n", "malformed"),
		row("longest trailer", chunked+"0\r\n"+strings.Repeat("x", maxLine-2)+"\r\n\r\n", 200, 0, "", keeps),
		bad("trailer too long", chunked+"0\r\n"+strings.Repeat("x", maxLine-1)+"\r\n\r\n", "malformed"),
		row("framing eight times the payload and 64 KiB", chunked+"1\r\nx\r\n0\r\n"+trailers(freeFraming+8-10)+"\r\n", 200, 1, "", keeps),
		bad("framing beyond that", chunked+"1\r\nx\r\n0\r\n"+trailers(freeFraming+8-9)+"\r\n", "malformed"),
		bad("no second chunk size", chunked+"2\r\nab\r\n\r\n", "malformed"),
		bad("cut in a chunk", chunked+"5\r\nab", "cut"),
		bad("cut between chunks", chunked+"2\r\nab\r\n", "cut"),
		bad("cut before the last line end", chunked+"2\r\nab\r\n0\r\n", "cut"),
		bad("chunk size not a number", chunked+"zz\r\nab", "malformed"),
		bad("chunk size empty", chunked+"\r\nab", "malformed"),
		bad("chunk size is an extension", chunked+";a\r\nab", "malformed"),
		bad("chunk size after a space", chunked+" 2\r\nab", "malformed"),
		bad("chunk size in two", chunked+"2 2\r\nab", "malformed"),
		bad("chunk size negative", chunked+"-2\r\nab", "malformed"),
		bad("chunk size 0x", chunked+"0x2\r\nab", "malformed"),
		bad("CR in a chunk size", chunked+"2\r\r\nab", "malformed"),
		bad("chunk size of 17 digits", chunked+"00000000000000002\r\nab", "malformed"),
		bad("chunk size beyond int64", chunked+"ffffffffffffffff\r\nab", "malformed"),
		bad("chunk size lies", chunked+"3ffffffffffffff\r\nab", "cut"),
		bad("chunk longer than its size", chunked+"2\r\nabc\r\n0\r\n\r\n", "malformed"),
		bad("two CRs behind a chunk", chunked+"2\r\nab\r\r\n0\r\n\r\n", "malformed"),
		bad("long chunk extension", chunked+"1;"+strings.Repeat(long, 25)+"\r\nx\r\n0\r\n\r\n", "malformed"),
		bad("many chunk extensions", chunked+strings.Repeat("1;"+long+"\r\nx\r\n", 400)+"0\r\n\r\n", "malformed"),
		bad("many spaces behind a size", chunked+"1"+strings.Repeat(" ", 5000)+"\r\nx\r\n0\r\n\r\n", "malformed"),
		bad("many trailers", chunked+"0\r\n"+strings.Repeat("A: "+long+"\r\n", 400)+"\r\n", "malformed"),
		bad("many trailers after much payload", chunked+"20000\r\n"+strings.Repeat("x", 0x20000)+"\r\n0\r\n"+strings.Repeat("A: "+long+"\r\n", 400)+"\r\n", "malformed"),
		bad("long trailer", chunked+"0\r\n"+strings.Repeat(long, 25)+"\r\n\r\n", "malformed"),

		row("largest head", ok200+"A: "+strings.Repeat("x", maxHead-len(ok200)-26)+"\r\nContent-Length: 2\r\n\r\nab", 200, 2, "", keeps),
		bad("head too large", ok200+"A: "+strings.Repeat("x", maxHead-len(ok200)-25)+"\r\nContent-Length: 2\r\n\r\nab", "too large"),
		bad("head of the largest size without an end", ok200+"A: "+strings.Repeat("x", maxHead-len(ok200)-3), "cut"),
		bad("one byte more", ok200+"A: "+strings.Repeat("x", maxHead-len(ok200)-2), "too large"),
		bad("endless field", ok200+"A: "+strings.Repeat("x", maxHead), "too large"),
		row("999 fields", ok200+strings.Repeat("A:\r\n", 998)+"Content-Length: 2\r\n\r\nab", 200, 2, "", keeps),
		bad("1000 fields", ok200+strings.Repeat("A:\r\n", 999)+"Content-Length: 2\r\n\r\nab", "too large"),

		row("Connection: close", ok200+"Connection: close\r\nContent-Length: 1\r\n\r\nx", 200, 1, "", closes),
		row("Connection: Close", ok200+"Connection: Close\r\nContent-Length: 1\r\n\r\nx", 200, 1, "", closes),
		row("Connection: keep-alive", ok200+"Connection: keep-alive\r\nContent-Length: 1\r\n\r\nx", 200, 1, "", keeps),
		row("Proxy-Connection: close", ok200+"Proxy-Connection: close\r\nContent-Length: 1\r\n\r\nx", 200, 1, "", closes),
		row("Connection list", ok200+"connection: foo , CLOSE\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", 200, 1, "", closes),
		row("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, 1, "", closes),
		row("HTTP/1.0 keep-alive", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", 200, 1, "", keeps),

		row("bare LF head", "HTTP/1.1 200 OK\nContent-Length: 2\nA: b\n\nab", 200, 2, "", closes),
		row("bare LF behind the status line alone", "HTTP/1.1 204 No\n\r\n", 204, 0, "", keeps),
		row("line that begins with CR", ok200+"Content-Length: 2\r\n\rx\r\n\r\nab", 200, 2, "", closes),
		row("folded field", ok200+"A: b\r\n  c\r\nContent-Length: 2\r\n\r\nab", 200, 2, "", keeps),
		row("folded field that looks like a length", ok200+"A: b\r\n Content-Length: 3\r\nContent-Length: 2\r\n\r\nab", 200, 2, "", keeps),
		row("line without colon", ok200+"nonsense\r\nContent-Length: 2\r\n\r\nab", 200, 2, "", closes),
		row("control byte in a value", ok200+"A: b\x01c\r\nContent-Length: 2\r\n\r\nab", 200, 2, "", closes),
		row("NUL in a value", ok200+"A: b\x00\r\nContent-Length: 2\r\n\r\nab", 200, 2, "", closes),
		row("DEL in a value", ok200+"A: bbbbbbbb\x7f\r\nContent-Length: 2\r\n\r\nab", 200, 2, "", closes),
		row("tab and UTF-8 in a value", ok200+"A: b\tc é \xff\r\nContent-Length: 2\r\n\r\nab", 200, 2, "", keeps),
		row("CR in a value", ok200+"A: b\rc\r\nContent-Length: 2\r\n\r\nab", 200, 2, "", closes),
		row("name with a space", ok200+"Content Length: 3\r\nContent-Length: 2\r\n\r\nab", 200, 2, "", closes),
		row("space before a colon", ok200+"Content-Length : 2\r\n\r\nab", 200, 2, "", keeps),
		row("tab before a colon", ok200+"Content-Length\t: 2\r\n\r\nab", 200, 2, "", closes),
		row("first field is folded", ok200+" A: b\r\nContent-Length: 2\r\n\r\nab", 200, 2, "", closes),
		bad("empty lines first", "\r\n"+ok200+"Content-Length: 2\r\n\r\nab", "malformed"),
		bad("HTTP/0.9", "<html>hello", "malformed"),
		bad("other protocol", "SSH-2.0-x\r\n", "malformed"),
		bad("HTTP/2", "HTTP/2.0 200 OK\r\n\r\n", "malformed"),
		bad("small letters", "http/1.1 200 OK\r\n\r\n", "malformed"),
		bad("status of letters", "HTTP/1.1 abc OK\r\n\r\n", "malformed"),
		bad("status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", "malformed"),
		bad("status of two digits", "HTTP/1.1 20 OK\r\n\r\n", "malformed"),
		bad("status 099", "HTTP/1.1 099 OK\r\n\r\n", "malformed"),
		bad("NUL behind the status", "HTTP/1.1 200\x00OK\r\n\r\n", "malformed"),
		bad("garbage", "\x00\xff\x00\xff", "malformed"),

		bad("nothing", "", "nothing"),
		bad("cut in the first word", "HTT", "cut"),
		bad("cut in the head", ok200+"A:", "cut"),
		bad("cut before the empty line's end", ok200+"A: b\r\n\r", "cut"),
		bad("cut body", ok200+"Content-Length: 5\r\n\r\nab", "cut"),
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			r.check(t)
		})
	}
	if math.MaxInt == math.MaxInt64 && unsafe.Sizeof(Framer{}) > 72 {
		t.Errorf("a Framer has %d bytes", unsafe.Sizeof(Framer{}))
	}
}

// trailers are size bytes of trailers, in lines of 1000 bytes but for the last.
func trailers(size int) string {
	line := strings.Repeat("x", 998) + "\r\n"
	return strings.Repeat(line, size/1000-1) + strings.Repeat("x", size%1000+998) + "\r\n"
}

type testRow struct {
	name, wire string
	bodiless   bool
	want       outcome
}

// check frames the row's bytes in one piece, in two pieces parted anywhere, and byte by byte.
func (r testRow) check(t *testing.T) {
	var f Framer
	got, err := frame(&f, r.bodiless, r.wire)
	if got != r.want {
		t.Fatalf("got %+v, want %+v (%v)", got, r.want, err)
	}
	step := 1
	if len(r.wire) > 4000 {
		step = len(r.wire)/100 + 1
	}
	for _, f.KeepHead = range []bool{false, true} {
		for i := 0; i <= len(r.wire); i += step {
			if got, err := frame(&f, r.bodiless, r.wire[:i], r.wire[i:]); got != r.want {
				t.Fatalf("parted at %d: got %+v, want %+v (%v)", i, got, r.want, err)
			}
		}
	}
	f.Memo = new(Memo)
	for range 3 {
		if got, err := frame(&f, r.bodiless, r.wire); got != r.want {
			t.Fatalf("remembered: got %+v, want %+v (%v)", got, r.want, err)
		}
	}
	if got, err := frame(&f, r.bodiless, strings.Split(r.wire, "")...); got != r.want {
		t.Fatalf("byte by byte: got %+v, want %+v (%v)", got, r.want, err)
	}
}
