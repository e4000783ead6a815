package transport

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"
)

// certificate returns a self-signed certificate for name and the pool that trusts it.
func certificate(t *testing.T, name string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, roots
}

// secure serves TLS for "site.example" and returns a client that reaches it.
func secure(t *testing.T, wrap func(net.Conn) net.Conn, script func(*session)) (*rawServer, *Client, *Request) {
	t.Helper()
	cert, roots := certificate(t, "site.example")
	srv := serve(t, func(s *session) {
		if wrap != nil {
			s.conn = wrap(s.conn)
		}
		s.conn = tls.Server(s.conn, &tls.Config{Certificates: []tls.Certificate{cert}})
		s.br.Reset(s.conn)
		script(s)
	})
	c := testClient(t, func(cfg *Config) {
		cfg.TLS = &tls.Config{RootCAs: roots}
		resolver(map[string][]string{"site.example": {"127.0.0.1"}, "other.example": {"127.0.0.1"}})(cfg)
	})
	_, port, _ := net.SplitHostPort(srv.addr())
	return srv, c, &Request{Target: Target{Scheme: "https", HostPort: "site.example:" + port, URI: "/"}}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	srv, c, req := secure(t, nil, answers(sized("secret")))
	for i := range 3 {
		resp := mustDo(t, c, req)
		if string(resp.Body) != "secret" || resp.Reused != (i > 0) || (resp.Timing.TLS > 0) != (i == 0) {
			t.Fatalf("request %d: %q, reused %v, TLS %v", i, resp.Body, resp.Reused, resp.Timing.TLS)
		}
	}
	if n := srv.accepted.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestTLSFailures(t *testing.T) {
	t.Parallel()
	_, c, req := secure(t, nil, answers(sized("x")))
	wrongName := *req
	_, port, _ := net.SplitHostPort(req.Target.HostPort)
	wrongName.Target.HostPort = "other.example:" + port
	plain := serve(t, func(s *session) {
		s.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
		s.hold()
	})
	notTLS := Request{Target: Target{Scheme: "https", HostPort: plain.addr()}}
	mute := serve(t, func(s *session) { s.conn.Close() })
	closed := Request{Target: Target{Scheme: "https", HostPort: mute.addr()}}
	for name, req := range map[string]Request{"wrong name": wrongName, "no TLS": notTLS, "closed": closed} {
		var e *Error
		if _, err := c.Do(context.Background(), &req); !errors.As(err, &e) || e.Class != ClassTLS || e.Phase != PhaseTLS {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTLSHandshakeThatHangs(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(s *session) { s.hold() })
	c := testClient(t, timeout(50))
	req := &Request{Target: Target{Scheme: "https", HostPort: srv.addr()}}
	var e *Error
	if _, err := c.Do(context.Background(), req); !errors.As(err, &e) || e.Class != ClassTimeout || e.Phase != PhaseTLS {
		t.Errorf("error %v", err)
	}
}

// A TLS connection cut inside a record did not end by the server's will. (At the border of two records crypto/tls takes the end
// for a close without close_notify, as many sites do it; with a length or chunks the cut is seen all the same.)
func TestTLSCut(t *testing.T) {
	t.Parallel()
	_, c, req := secure(t, func(nc net.Conn) net.Conn { return &gather{Conn: nc} }, func(s *session) {
		s.request()
		s.say(ok200 + "\r\nabc")
		g := s.conn.(*tls.Conn).NetConn().(*gather)
		g.holdBack()
		s.say("def")
		g.buf.Truncate(g.buf.Len() - 1)
		g.flush()
		g.Conn.Close()
	})
	if resp := mustDo(t, c, req); string(resp.Body) != "abc" || resp.Truncated != TruncatedDisconnect {
		t.Errorf("got %q %q", resp.Body, resp.Truncated)
	}
	_, c, req = secure(t, nil, func(s *session) {
		s.request()
		s.say(ok200 + "Content-Length: 5\r\n\r\nabc")
		s.conn.(*tls.Conn).NetConn().Close()
	})
	if resp := mustDo(t, c, req); string(resp.Body) != "abc" || resp.Truncated != TruncatedDisconnect {
		t.Errorf("got %q %q", resp.Body, resp.Truncated)
	}
}

// gather holds writes back until flush, so that two TLS records arrive in one packet.
type gather struct {
	net.Conn
	mu   sync.Mutex // guards hold and buf
	hold bool
	buf  bytes.Buffer
}

func (g *gather) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.hold {
		return g.buf.Write(p)
	}
	return g.Conn.Write(p)
}

func (g *gather) holdBack() {
	g.mu.Lock()
	g.hold = true
	g.mu.Unlock()
}

func (g *gather) flush() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hold = false
	_, _ = g.Conn.Write(g.buf.Bytes())
	g.buf.Reset()
}

// An unasked response in a record of its own is neither at the socket nor decrypted yet when the connection is looked at.
func TestTLSLeftoverRecordIsNeverTheNextPage(t *testing.T) {
	t.Parallel()
	srv, c, req := secure(t, func(nc net.Conn) net.Conn { return &gather{Conn: nc} }, func(s *session) {
		g := s.conn.(*tls.Conn).NetConn().(*gather)
		for s.request() != "" {
			g.holdBack()
			s.say(sized("first"))
			s.say(sized("unasked"))
			g.flush()
		}
	})
	for range 3 {
		if resp := mustDo(t, c, req); string(resp.Body) != "first" {
			t.Fatalf("got %q", resp.Body)
		}
	}
	if n := srv.accepted.Load(); n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
}
