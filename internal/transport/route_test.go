package transport

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// pemFiles writes a certificate and its key, as people have them.
func pemFiles(t *testing.T, cert tls.Certificate) (certFile, keyFile string) {
	t.Helper()
	key, err := x509.MarshalECPrivateKey(cert.PrivateKey.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	writePEM(t, certFile, "CERTIFICATE", cert.Certificate[0])
	writePEM(t, keyFile, "EC PRIVATE KEY", key)
	return certFile, keyFile
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// routed is a client made as a job makes it.
func routed(t *testing.T, r Route, own func(string) bool) *Client {
	t.Helper()
	return testClient(t, func(cfg *Config) {
		if err := r.Apply(cfg, own); err != nil {
			t.Fatal(err)
		}
		resolver(map[string][]string{"site.example": {"127.0.0.1"}})(cfg)
	})
}

// The server name is that of the URL, the file's roots are believed, and what they do not sign only with tls-insecure.
func TestTLSRoots(t *testing.T) {
	t.Parallel()
	cert, _ := certificate(t, "site.example")
	var name atomic.Value
	srv := serve(t, func(s *session) {
		s.conn = tls.Server(s.conn, &tls.Config{Certificates: []tls.Certificate{cert}, MaxVersion: tls.VersionTLS12,
			GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) { name.Store(h.ServerName); return nil, nil }})
		s.br.Reset(s.conn)
		answers(sized("x"))(s)
	})
	ca, _ := pemFiles(t, cert)
	_, port, _ := net.SplitHostPort(srv.addr())
	req := &Request{Target: Target{Scheme: "https", HostPort: "site.example:" + port}}
	for route, want := range map[Route]string{
		{}: ClassTLS, {TLSCA: ca}: "", {TLSInsecure: true}: "", {TLSCA: ca, TLSMin: "1.2"}: "", {TLSCA: ca, TLSMin: "1.3"}: ClassTLS,
	} {
		if _, err := routed(t, route, nil).Do(t.Context(), req); classOf(err) != want || name.Load() != "site.example" {
			t.Errorf("%+v: %v, server name %q", route, err, name.Load())
		}
	}
}

// The client certificate is shown to the host:port that it is for, and to no other of the same name, also not by resuming.
func TestClientCertificateStaysAtItsOrigin(t *testing.T) {
	t.Parallel()
	mine, pool := certificate(t, "me")
	cert, _ := certificate(t, "site.example")
	// One server, two ports, the same session tickets: as a host with two services has it.
	cfg := &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: pool}
	cfg.SetSessionTicketKeys([][32]byte{{1}})
	script := func(s *session) {
		tc := tls.Server(s.conn, cfg)
		s.conn = tc
		s.br.Reset(s.conn)
		for s.request() != "" {
			who := "nobody"
			if state := tc.ConnectionState(); len(state.PeerCertificates) > 0 {
				who = state.PeerCertificates[0].DNSNames[0]
			}
			s.say(strings.Replace(sized(who), "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1))
			return
		}
	}
	own, other := serve(t, script), serve(t, script)
	certFile, keyFile := pemFiles(t, mine)
	ca, _ := pemFiles(t, cert)
	at := func(r *rawServer) string {
		_, port, _ := net.SplitHostPort(r.addr())
		return "site.example:" + port
	}
	c := routed(t, Route{TLSCA: ca, TLSCert: certFile, TLSKey: keyFile}, func(hostport string) bool { return hostport == at(own) })
	for range 2 {
		for r, want := range map[*rawServer]string{own: "me", other: "nobody"} {
			resp := mustDo(t, c, &Request{Target: Target{Scheme: "https", HostPort: at(r)}})
			if string(resp.Body) != want {
				t.Errorf("%s saw %q, want %q", at(r), resp.Body, want)
			}
		}
	}
}

// A server that demands a certificate of somebody else ends in a TLS error.
func TestClientCertificateRefused(t *testing.T) {
	t.Parallel()
	cert, _ := certificate(t, "site.example")
	_, pool := certificate(t, "somebody")
	mine, _ := certificate(t, "me")
	srv := serve(t, func(s *session) {
		s.conn = tls.Server(s.conn, &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool})
		s.br.Reset(s.conn)
		s.request()
	})
	ca, _ := pemFiles(t, cert)
	certFile, keyFile := pemFiles(t, mine)
	_, port, _ := net.SplitHostPort(srv.addr())
	req := &Request{Target: Target{Scheme: "https", HostPort: "site.example:" + port}}
	for _, r := range []Route{{TLSCA: ca, TLSCert: certFile, TLSKey: keyFile}, {TLSCA: ca}} {
		if _, err := routed(t, r, func(string) bool { return true }).Do(t.Context(), req); classOf(err) != ClassTLS {
			t.Errorf("%v", err)
		}
	}
}

// What is wrong is told with its key and file, all at once, and without secrets.
func TestRouteProblems(t *testing.T) {
	t.Setenv("TRANSPORT_PROXY", "http://bob:hunter2@p:99999")
	cert, _ := certificate(t, "me")
	other, _ := certificate(t, "you")
	certFile, keyFile := pemFiles(t, cert)
	_, otherKey := pemFiles(t, other)
	empty := filepath.Join(t.TempDir(), "empty.pem")
	garbage := filepath.Join(t.TempDir(), "garbage.pem")
	writePEM(t, garbage, "CERTIFICATE", []byte("no certificate"))
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		r    Route
		says []string
	}{
		{Route{TLSCA: "none.pem", TLSCert: certFile, TLSKey: otherKey, Proxy: "env:TRANSPORT_PROXY"}, []string{"tls-ca: open none.pem", "tls-cert: ", "does not match", "proxy: "}},
		{Route{TLSCA: empty}, []string{"tls-ca: ", "empty.pem", "no PEM certificate"}},
		{Route{TLSCA: garbage}, []string{"certificate 1"}},
		{Route{TLSCA: keyFile}, []string{"EC PRIVATE KEY"}},
		{Route{TLSCA: t.TempDir()}, []string{"directory"}},
		{Route{TLSCert: certFile}, []string{"tls-key"}},
		{Route{TLSCert: certFile, TLSKey: "none.pem"}, []string{"tls-key: open none.pem"}},
		{Route{TLSMin: "1.1", ProxyHTTP: "never"}, []string{"tls-min", "proxy-http"}},
		{Route{ProxyHTTP: ProxyForward}, []string{"there is no proxy"}},
		{Route{Proxy: "env:TRANSPORT_NOT_SET"}, []string{"proxy: ", "not set"}},
		{Route{Proxy: "socks5://bob:hunter2@p:1", ProxyHTTP: ProxyForward}, []string{"socks5 tunnels everything"}},
	} {
		var cfg Config
		err := row.r.Apply(&cfg, func(string) bool { return false })
		if err == nil {
			t.Errorf("%+v: no error", row.r)
			continue
		}
		for _, want := range row.says {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %v, want %q", row.r, err, want)
			}
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("it tells the password: %v", err)
		}
	}
}

func TestRouteMasked(t *testing.T) {
	t.Parallel()
	for proxy, want := range map[string]string{
		"": "", "env:P": "env:P", "http://p:1": "http://p:1", "http://bob@p:1": "http://bob@p:1", "http://bob:hunter2@p:1": "http://bob:***@p:1",
		"http://bob:hunter2%zz@p:1": "***",
	} {
		if got := (Route{Proxy: proxy}).Masked().Proxy; got != want {
			t.Errorf("%s: %s", proxy, got)
		}
	}
}
