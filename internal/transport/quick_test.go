package transport

import (
	"bytes"
	"testing"
)

// What a quick look accepts, the closer look reads in the same way.
func FuzzQuickHead(f *testing.F) {
	for _, seed := range []string{
		benchPage, sized("hello"), ok200 + "\r\n", ok200 + "Transfer-Encoding: chunked\r\n\r\n", ok200 + "transfer-encoding:Chunked \r\nA: b\r\n\r\n",
		ok200 + "Connection: close\r\ncontent-length:\t07\r\n\r\n", "HTTP/1.1 204\r\n\r\n", "HTTP/1.1 999 \xff\r\nA:\r\n\r\n", ok200 + "A: b\n\r\n",
		ok200 + "Connection: keep-alive\r\nConnection: close\r\n\r\n", ok200 + "A: b\r\n c\r\n\r\n", ok200 + "Content-Length : 1\r\n\r\n",
		ok200 + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", ok200 + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 100 C\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n", ok200 + "nonsense\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		fr, n, ok := quickHead(b)
		if !ok {
			return
		}
		if end := bytes.Index(b, []byte("\n\r\n")); n != end+3 {
			t.Fatalf("%d bytes of head, the first empty line ends at %d", n, end+3)
		}
		want, err := parseFraming(b[:n])
		if err != nil || fr != want && fr != withoutKeepAlive(want) {
			t.Fatalf("%q\nquick  %+v\ncloser %+v, %v", b[:n], fr, want, err)
		}
	})
}

// withoutKeepAlive leaves out what means nothing after HTTP/1.1.
func withoutKeepAlive(fr framing) framing {
	fr.keepAlive = false
	return fr
}

// The heads that servers send take the quick way.
func TestQuickHeadTakesWhatIsCommon(t *testing.T) {
	t.Parallel()
	for _, head := range []string{
		benchPage, ok200 + "Content-Length: 0\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nDate: x\r\n\r\n", ok200 + "transfer-encoding: chunked\r\nconnection: keep-alive\r\n\r\n",
		"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 3\r\n\r\n",
	} {
		if fr, n, ok := quickHead([]byte(head + "body")); !ok || n != len(head) || fr.status < 200 {
			t.Errorf("%q: %+v, %d, %v", head, fr, n, ok)
		}
	}
	for _, head := range []string{"", "HTTP/1.1 200", ok200, ok200 + "A: b\r\n", ok200 + "A: b\r\n\r", ok200 + "A: b\n\n"} {
		if _, _, ok := quickHead([]byte(head)); ok {
			t.Errorf("%q is accepted", head)
		}
	}
}
