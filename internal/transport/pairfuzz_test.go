package transport

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// pairServer gives the request for "/1" the first of two answers and that for "/2" the second, once each.
type pairServer struct {
	ln net.Listener
	wg sync.WaitGroup

	mu      sync.Mutex // guards the fields below
	answers map[string][]byte
	closes  bool // the connection ends after each answer
	split   int  // the answers are sent in two writes, parted here
}

func newPairServer(f *testing.F) *pairServer {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	s := &pairServer{ln: ln}
	s.wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			s.wg.Go(func() { s.serve(c) })
		}
	})
	f.Cleanup(func() {
		ln.Close()
		s.wg.Wait()
	})
	return s
}

func (s *pairServer) set(closes bool, split int, first, second []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers, s.closes, s.split = map[string][]byte{"/1": first, "/2": second}, closes, split
}

// next is what is sent for a request, in two pieces.
func (s *pairServer) next(uri string) (a, b []byte, closes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, ok := s.answers[uri]
	if !ok {
		return nil, nil, true
	}
	delete(s.answers, uri)
	n := min(s.split, len(all))
	return all[:n], all[n:], s.closes
}

func (s *pairServer) serve(c net.Conn) {
	defer c.Close()
	br := bufio.NewReader(c)
	for {
		req, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		a, b, closes := s.next(req.RequestURI)
		for _, piece := range [][]byte{a, b} {
			if len(piece) > 0 {
				if _, err := c.Write(piece); err != nil {
					return
				}
			}
		}
		if closes {
			return
		}
	}
}

// FuzzPair asks a server for two pages over connections that settle and are kept alive, and lets it send what it wants for each: an
// answer that is trusted consists of nothing but bytes that were sent for it, and the second one never begins in what the first left.
func FuzzPair(f *testing.F) {
	chunked := ok200 + "Transfer-Encoding: chunked\r\n\r\n3\r\n@@@\r\n0\r\n\r\n"
	for _, seed := range []struct {
		first, second string
		closes        bool
		split         byte
	}{
		{sized("@@"), sized("@@@"), false, 0}, {chunked, sized("@"), false, 40}, {sized("@") + sized("@@"), sized("@@@"), false, 50},
		{ok200 + "Content-Length: 1\r\n\r\n@@@", sized("@"), false, 0}, {"HTTP/1.1 100 Continue\r\n\r\n" + sized("@"), chunked, false, 30},
		{ok200 + "\r\n@@@", sized("@"), true, 0}, {"HTTP/1.1 204 No\r\n\r\n" + sized("@"), sized("@@"), false, 20}, {chunked + "\r\n", sized("@"), false, 0},
		{"HTTP/1.1 304 No\r\nContent-Length: 2\r\n\r\n@@", sized("@"), false, 0}, {"HTTP/1.0 200 OK\r\n\r\n@", sized("@"), true, 9}, {sized("@"), "", false, 0},
		{ok200 + "Content-Length: 0\r\n\r\n" + sized("@"), sized("@@"), false, 38},
	} {
		f.Add([]byte(seed.first), []byte(seed.second), seed.closes, seed.split)
	}
	s := newPairServer(f)
	f.Fuzz(func(t *testing.T, first, second []byte, closes bool, split byte) {
		first, second = marked(first, '1'), marked(second, '2')
		s.set(closes, int(split), first, second)
		c, err := New(Config{
			Timeout: 40 * time.Millisecond, Record: true, Settle: 5 * time.Millisecond, MaxBody: 1 << 10, MaxHeader: 1 << 10, NoRetry: true,
			Guard: NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, nil),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		a, trusted := exchangeSettled(c, s.ln.Addr().String(), "/1")
		if trusted {
			checkPair(t, a, first)
		}
		b, alsoTrusted := exchangeSettled(c, s.ln.Addr().String(), "/2")
		if alsoTrusted {
			checkPair(t, b, second)
			if b.Reused && !(trusted && a.BytesIn == int64(len(first))) {
				t.Fatalf("%d of the %d bytes of %q were read, trusted %v, and the connection used again", a.BytesIn, len(first), first, trusted)
			}
		}
	})
}

// marked puts an answer's mark where '@' is.
func marked(b []byte, mark byte) []byte { return bytes.ReplaceAll(b, []byte{'@'}, []byte{mark}) }

// exchangeSettled performs one exchange. An answer that is not to be trusted, or none, is false.
func exchangeSettled(c *Client, addr, uri string) (*Response, bool) {
	resp, err := c.Do(context.Background(), get(addr, uri))
	if err != nil {
		return nil, false
	}
	return resp, resp.Settle(context.Background()) == nil
}

// checkPair demands that an answer is a piece of what was sent for it.
func checkPair(t *testing.T, r *Response, sent []byte) {
	t.Helper()
	if !bytes.Contains(sent, r.Raw) || len(r.Raw) == 0 {
		t.Fatalf("answer %q is no piece of %q", r.Raw, sent)
	}
	if r.BytesIn > int64(len(sent)) {
		t.Fatalf("%d bytes came of %d that were sent: those of another answer", r.BytesIn, len(sent))
	}
}
