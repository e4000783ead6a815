package framing

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

func TestHead(t *testing.T) {
	t.Parallel()
	const interim, head = "HTTP/1.1 103 E\r\nA: b\r\n\r\n", ok200 + "Content-Length: 2\r\n\r\n"
	for cut := range len(interim + head + "ab") {
		wire := []byte(interim + head + "ab")
		f := Framer{KeepHead: true}
		for range 2 {
			f.Reset(false)
			if f.Head() != nil {
				t.Fatalf("head %q before a response", f.Head())
			}
			n, _, err := f.Feed(wire[:cut])
			if n != cut || err != nil || (f.Head() != nil) != (cut >= len(interim+head)) {
				t.Fatalf("parted at %d: took %d (%v), head %q", cut, n, err, f.Head())
			}
			if _, done, err := f.Feed(wire[cut:]); !done || err != nil || string(f.Head()) != head {
				t.Fatalf("parted at %d: done %v (%v), head %q", cut, done, err, f.Head())
			}
		}
		clear(wire)
		if string(f.Head()) != head {
			t.Fatalf("head %q after its bytes changed", f.Head())
		}
		f.KeepHead = false
		if f.Reset(false); f.Head() != nil {
			t.Fatalf("head %q, not asked for", f.Head())
		}
	}
}

func TestSkip(t *testing.T) {
	t.Parallel()
	var f Framer
	feed := func(piece string, skip int64) {
		t.Helper()
		if n, done, err := f.Feed([]byte(piece)); n != len(piece) || done || err != nil || f.Skip() != skip {
			t.Fatalf("%q: took %d, done %v, %v, %d bytes to skip, want %d", piece, n, done, err, f.Skip(), skip)
		}
	}
	feed(ok200, 0)
	feed("Content-Length: 1000000\r\n\r\nab", 999998)
	if f.Skipped(-5) || f.Skipped(999997) || f.Skip() != 1 || f.Body() != 999999 || !f.Close() {
		t.Fatalf("%+v", f)
	}
	if !f.Skipped(7) || f.Body() != 1000000 || f.Close() || f.Skip() != 0 || f.End() != nil || !f.Close() {
		t.Fatalf("%+v", f)
	}
	f.Reset(false)
	feed(ok200+"Transfer-Encoding: chunked\r\n\r\n3\r\n", 3)
	if f.Skipped(3) || f.Skip() != 0 || f.Skipped(1) || f.Body() != 3 {
		t.Fatalf("%+v", f)
	}
	feed("\r\n5\r\nab", 3)
	feed("cde\r\n0\r\n", 0)
	if n, done, err := f.Feed([]byte("\r\nx")); n != 2 || !done || err != nil || f.Body() != 8 {
		t.Fatalf("%+v: %d %v %v", f, n, done, err)
	}
	f.Reset(false)
	feed(ok200+"\r\nab", math.MaxInt64)
	if f.Skipped(1<<40) || f.Body() != 1<<40+2 || f.End() != nil || !f.Close() {
		t.Fatalf("%+v", f)
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	var f Framer
	if f.Began() || f.Status() != 0 || !f.Close() || f.Body() != 0 || !errors.Is(f.End(), ErrNothing) {
		t.Fatalf("%+v", f)
	}
	f.Reset(false)
	if n, done, err := f.Feed(nil); n != 0 || done || err != nil || f.Began() {
		t.Fatalf("%+v", f)
	}
	if n, done, err := f.Feed([]byte("H")); n != 1 || done || err != nil || !f.Began() || f.Status() != 0 || !errors.Is(f.End(), io.ErrUnexpectedEOF) {
		t.Fatalf("%+v", f)
	}
	if _, done, err := f.Feed([]byte("x")); done || !errors.Is(err, ErrMalformed) {
		t.Fatalf("%v %v", done, err)
	}
	if _, done, err := f.Feed([]byte(smallWire)); done || !errors.Is(err, ErrMalformed) || !errors.Is(f.End(), ErrMalformed) || !f.Close() {
		t.Fatalf("after an error: %v %v", done, err)
	}
	f.Reset(false)
	for range 2 {
		if _, done, err := f.Feed([]byte(smallWire)); !done || err != nil || f.Status() != 200 || f.Close() {
			t.Fatalf("%v %v", done, err)
		}
	}
	if n, done, err := f.Feed([]byte(smallWire)); n != 0 || !done || err != nil || f.Body() != 13 {
		t.Fatalf("fed behind the end: %d %v %v", n, done, err)
	}
}

// What a large head took is given up, and what a head in one piece takes is nothing.
func TestMemory(t *testing.T) {
	var f Framer
	large := ok200 + "A: " + strings.Repeat("x", 50_000) + "\r\nContent-Length: 0\r\n\r\n"
	if got, err := frame(&f, false, large[:100], large[100:]); !got.whole || f.carry != nil {
		t.Errorf("%+v (%v), %v", got, err, f.carry)
	}
	f.Memo = new(Memo)
	if got, err := frame(&f, false, large); !got.whole || f.carry != nil || f.Memo.head != nil {
		t.Errorf("%+v (%v), %v", got, err, f.carry)
	}
	wire := []byte(nginxWire)
	if n := testing.AllocsPerRun(100, func() {
		f.Reset(false)
		_, _, _ = f.Feed(wire)
		f.Reset(false)
		_, _, _ = f.Feed(wire[:100])
		_, _, _ = f.Feed(wire[100:])
	}); n != 0 || f.Body() != 100 {
		t.Errorf("%v allocations", n)
	}
}

// A Memo says what was said before of the same head, and of no other.
func TestMemo(t *testing.T) {
	t.Parallel()
	f := Framer{Memo: new(Memo)}
	for i := range 100 {
		wire, status, closes := smallWire, 200, false
		switch i % 5 {
		case 3:
			wire, status = strings.Replace(smallWire, "200", "404", 1), 404
		case 4:
			wire, closes = strings.Replace(smallWire, "Server: x", "Connection: close", 1), true
		}
		got, err := frame(&f, i%2 == 0, wire)
		want := outcome{status: status, body: 13 * int64(i%2), consumed: len(wire) - 13*((i+1)%2), closes: closes, whole: true}
		if got != want {
			t.Fatalf("%d: %+v (%v), want %+v", i, got, err, want)
		}
	}
	if f.Memo.misses == 0 || f.Memo.misses > 80 {
		t.Errorf("%d of 100 heads were not known", f.Memo.misses)
	}
}
