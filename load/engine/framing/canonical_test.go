package framing

import (
	"bytes"
	"testing"
)

// The readers of eight bytes at once find what one byte after another would, for every byte at every place.
func TestEightAtOnce(t *testing.T) {
	t.Parallel()
	for size := range 28 {
		for at := range size {
			for c := range 256 {
				b := bytes.Repeat([]byte{'a'}, size)
				b[at] = byte(c)
				checkNameEnd(t, b)
				checkLineEnd(t, append(b, "\r\nab"...))
				b[size/2] = '-'
				checkNameEnd(t, b)
				b[size/2] = 0xff
				checkLineEnd(t, append(b, "\r\n"...))
			}
		}
	}
}

func checkNameEnd(t *testing.T, b []byte) {
	want := 0
	for want < len(b) && isToken(b[want:want+1]) {
		want++
	}
	if got := nameEnd(b, 0); got != want {
		t.Fatalf("name of %q: %d, want %d", b, got, want)
	}
}

func checkLineEnd(t *testing.T, b []byte) {
	want := 0
	for i, c := range b {
		if (c < ' ' && c != '\t') || c == 0x7f {
			if bytes.HasPrefix(b[i:], []byte("\r\n")) {
				want = i + 2
			}
			break
		}
	}
	if got := lineEnd(b, 0); got != want {
		t.Fatalf("line of %q: %d, want %d", b, got, want)
	}
}

// Almost all heads are read in one pass, and all that are not make the connection's end or the careful reader's word.
func TestCanonical(t *testing.T) {
	t.Parallel()
	for _, wire := range []string{smallWire, plainWire, nginxWire, chunkedWire, ok200 + "\r\n", "HTTP/1.1 404\r\nX_1: 2\r\n\r\n"} {
		if n, m := canonical([]byte(wire)); n == 0 || m.close {
			t.Errorf("%q: %d %+v", wire, n, m)
		}
	}
	for _, wire := range []string{
		"", "HTTP/1.1 200\r\n", "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
		ok200 + "A: b", ok200 + "A: b\r\n", ok200 + "A: b\r\n\r", ok200 + "A: b\n\r\n", ok200 + "A: b\r\n\n", ok200 + "A : b\r\n\r\n",
		ok200 + "A: b\r\n c\r\n\r\n", ok200 + "A: b\rc\r\n\r\n", ok200 + "A: b\x00\r\n\r\n", ok200 + ": b\r\n\r\n", ok200 + "A\r\n\r\n",
		ok200 + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", ok200 + "Content-Length: 1,1\r\n\r\n", ok200 + "Content-Length: 1 \r\n\r\n",
		ok200 + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", ok200 + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
		ok200 + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", ok200 + "Transfer-Encoding: gzip\r\n\r\n",
		ok200 + "Connection: a\r\n\r\n", ok200 + "Proxy-Connection: close, a\r\n\r\n",
	} {
		if n, m := canonical([]byte(wire)); n != 0 {
			t.Errorf("%q: %d %+v", wire, n, m)
		}
	}
}
