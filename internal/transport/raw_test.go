package transport

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"testing"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	c := testClient(t, func(cfg *Config) {
		cfg.Map = map[string]string{"mapped.example:80": "127.0.0.1:8123"}
		resolver(map[string][]string{"two.example": {"127.0.0.1", "127.0.0.2"}, "mixed.example": {"127.0.0.1", "10.0.0.1"}})(cfg)
	})
	for _, row := range []struct {
		hostport string
		named    bool
		want     []string
		class    string
		phase    Phase
	}{
		{hostport: "two.example:81", want: []string{"127.0.0.1:81", "127.0.0.2:81"}},
		{hostport: "127.0.0.1:9", want: []string{"127.0.0.1:9"}},
		{hostport: "mapped.example:80", want: []string{"127.0.0.1:8123"}},
		{hostport: "10.0.0.1:80", named: true, want: []string{"10.0.0.1:80"}},
		{hostport: "10.0.0.1:80", class: ClassPrivateAddress, phase: PhaseGuard},
		{hostport: "mixed.example:80", class: ClassPrivateAddress, phase: PhaseGuard},
		{hostport: "mixed.example:80", named: true, class: ClassPrivateAddress, phase: PhaseGuard},
		{hostport: "nobody.example:80", class: ClassDNS, phase: PhaseDNS},
		{hostport: "no port", class: ClassBadRequest, phase: PhaseRequest},
	} {
		got, err := c.Addresses(context.Background(), Target{Scheme: "http", HostPort: row.hostport}, row.named)
		var texts []string
		for _, a := range got {
			texts = append(texts, a.String())
		}
		var e *Error
		if errors.As(err, &e); (e != nil) != (row.class != "") || e != nil && (e.Class != row.class || e.Phase != row.phase) {
			t.Errorf("%s: %v", row.hostport, err)
		}
		if !slices.Equal(texts, row.want) {
			t.Errorf("%s: %v, want %v", row.hostport, texts, row.want)
		}
	}
}

func TestDialTargetPlain(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("x")))
	c := testClient(t, nil)
	var timing Timing
	nc, protocol, err := c.DialTarget(context.Background(), Target{Scheme: "http", HostPort: srv.addr()}, false, []string{"h2"}, &timing)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if protocol != "" || timing.Connect <= 0 {
		t.Errorf("protocol %q, %+v", protocol, timing)
	}
	if _, err := io.WriteString(nc, "GET / HTTP/1.1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(nc).ReadString('\n'); line != ok200 {
		t.Errorf("%q, %v", line, err)
	}
	guarded, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer guarded.Close()
	if _, _, err := guarded.DialTarget(context.Background(), Target{Scheme: "http", HostPort: srv.addr()}, false, nil, nil); classOf(err) != ClassPrivateAddress {
		t.Errorf("not named: %v", err)
	}
}

func TestDialTargetAgreesOnAProtocol(t *testing.T) {
	t.Parallel()
	cert, roots := certificate(t, "site.example")
	for _, row := range []struct {
		speaks, offers []string
		want           string
	}{
		{[]string{"h2", "http/1.1"}, []string{"h2", "http/1.1"}, "h2"},
		{[]string{"http/1.1"}, []string{"h2", "http/1.1"}, "http/1.1"},
		{nil, []string{"h2"}, ""},
	} {
		srv := serve(t, func(s *session) {
			secure := tls.Server(s.conn, &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: row.speaks})
			_ = secure.Handshake()
			_, _ = io.Copy(io.Discard, secure)
		})
		c := testClient(t, func(cfg *Config) {
			cfg.TLS = &tls.Config{RootCAs: roots}
			resolver(map[string][]string{"site.example": {"127.0.0.1"}})(cfg)
		})
		_, port, _ := net.SplitHostPort(srv.addr())
		nc, protocol, err := c.DialTarget(context.Background(), Target{Scheme: "https", HostPort: "site.example:" + port}, false, row.offers, nil)
		if err != nil || protocol != row.want {
			t.Errorf("%v: %q, %v", row, protocol, err)
			continue
		}
		nc.Close()
	}
}

// Places taken by DialTarget come back with Close.
func TestDialTargetCountsToMaxConns(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(s *session) { s.hold() })
	c := testClient(t, func(cfg *Config) { cfg.MaxConns = 1 })
	target := Target{Scheme: "http", HostPort: srv.addr()}
	for range 3 {
		nc, _, err := c.DialTarget(context.Background(), target, false, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 0)
		if _, _, err := c.DialTarget(ctx, target, false, nil, nil); classOf(err) != ClassTimeout {
			t.Errorf("beyond the bound: %v", err)
		}
		cancel()
		nc.Close()
	}
}

// unixServer serves script at a socket in a directory of the test's.
func unixServer(t *testing.T, script func(*session)) (*rawServer, string) {
	t.Helper()
	path := t.TempDir() + "/s"
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, ln, script), path
}

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	heads := make(chan string, 3)
	srv, path := unixServer(t, func(s *session) {
		for head := s.request(); head != ""; head = s.request() {
			heads <- head
			s.say(sized("x"))
		}
	})
	c, err := New(Config{UnixSocket: path, UserAgent: "u"}) // its guard lets nothing of loopback pass
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range 2 {
		resp := mustDo(t, c, get("nowhere.invalid:80", "/a"))
		if string(resp.Body) != "x" || resp.Reused != (i > 0) || resp.RemoteIP != "" {
			t.Errorf("%q, reused %v, remote %q", resp.Body, resp.Reused, resp.RemoteIP)
		}
		if head := <-heads; head != "GET /a HTTP/1.1\r\nUser-Agent: u\r\nHost: nowhere.invalid\r\nAccept-Encoding: gzip, br, zstd\r\n\r\n" {
			t.Errorf("%q", head)
		}
	}
	if n := srv.accepted.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
	if _, err := c.Addresses(context.Background(), Target{Scheme: "http", HostPort: "h:80"}, true); classOf(err) != ClassBadRequest {
		t.Errorf("addresses: %v", err)
	}
}

func TestUnixSocketMissing(t *testing.T) {
	t.Parallel()
	c := testClient(t, func(cfg *Config) { cfg.UnixSocket = t.TempDir() + "/none" })
	var e *Error
	if _, err := c.Do(context.Background(), get("h:80", "/")); !errors.As(err, &e) || e.Phase != PhaseConnect {
		t.Errorf("%v", err)
	}
}

func TestUnixSocketExcludes(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{
		{UnixSocket: "/s", Proxy: &Proxy{Scheme: "http", HostPort: "127.0.0.1:1"}},
		{UnixSocket: "/s", Map: map[string]string{"h:80": "127.0.0.1:1"}},
		{ServerName: "a b"},
	} {
		if err := cfg.Validate(); err == nil {
			t.Errorf("%+v is valid", cfg)
		}
	}
}

// The name that the user gives is what the server is asked for and what its certificate must hold, for what the user named alone.
func TestServerName(t *testing.T) {
	t.Parallel()
	cert, roots := certificate(t, "site.example")
	names := make(chan string, 4)
	script := func(s *session) {
		s.conn = tls.Server(s.conn, &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			names <- hello.ServerName
			return &cert, nil
		}})
		s.br.Reset(s.conn)
		answers(sized("x"))(s)
	}
	tcp := serve(t, script)
	_, path := unixServer(t, script)
	loopback := NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, nil)
	for _, row := range []struct {
		name, hostport, socket string
		named                  bool
		sni, class             string
	}{
		{"named", tcp.addr(), "", true, "site.example", ""},
		{"not named", "localhost:" + portOf(tcp.addr()), "", false, "localhost", ClassTLS},
		{"over a Unix socket", "h:443", path, true, "site.example", ""},
	} {
		c, err := New(Config{ServerName: "site.example", UnixSocket: row.socket, TLS: &tls.Config{RootCAs: roots}, Guard: loopback})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Do(context.Background(), &Request{Target: Target{Scheme: "https", HostPort: row.hostport}, Named: row.named})
		select {
		case sni := <-names:
			if sni != row.sni || classOf(err) != row.class {
				t.Errorf("%s: asked for %q, %v", row.name, sni, err)
			}
		default: // Do has returned: whoever was asked was asked before
			t.Errorf("%s: nobody was asked for a name, %v", row.name, err)
		}
		c.Close()
	}
}

func TestNoKeepAlive(t *testing.T) {
	t.Parallel()
	heads := make(chan string, 3)
	srv := serve(t, func(s *session) {
		for head := s.request(); head != ""; head = s.request() {
			heads <- head
			s.say(sized("x"))
		}
	})
	c := testClient(t, func(cfg *Config) { cfg.NoKeepAlive, cfg.UserAgent = true, "u" })
	for range 3 {
		if resp := mustDo(t, c, get(srv.addr(), "/")); resp.Reused {
			t.Error("reused")
		}
		if head := <-heads; head != "GET / HTTP/1.1\r\nUser-Agent: u\r\nHost: "+srv.addr()+"\r\nAccept-Encoding: gzip, br, zstd\r\nConnection: close\r\n\r\n" {
			t.Errorf("%q", head)
		}
	}
	if n := srv.accepted.Load(); n != 3 {
		t.Errorf("%d connections", n)
	}
}

func portOf(hostport string) string {
	_, port, _ := net.SplitHostPort(hostport)
	return port
}
