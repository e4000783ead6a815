package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/proxytest"
)

// publicIP is an address that the guard lets pass and that only a proxy's route leads anywhere.
const publicIP = "198.17.0.1"

// proxied is a client behind a proxy, without any network allowed: every target must be public.
func proxied(t *testing.T, p *proxytest.Proxy, change func(*Config)) *Client {
	t.Helper()
	return testClient(t, func(cfg *Config) {
		cfg.Guard = NewGuard(nil, nil)
		proxy, err := ParseProxy(p.URL())
		if err != nil {
			t.Fatal(err)
		}
		cfg.Proxy = proxy
		resolver(map[string][]string{"site.example": {publicIP}, "two.example": {"198.17.0.9", publicIP}, "mixed.example": {publicIP, "10.0.0.1"},
			"private.example": {"169.254.169.254"}})(cfg)
		if change != nil {
			change(cfg)
		}
	})
}

// Every kind of proxy brings plain and TLS answers, over one tunnel for several requests, and is asked for the address alone.
func TestProxyKinds(t *testing.T) {
	t.Parallel()
	for _, kind := range []proxytest.Options{
		{Scheme: "http"}, {Scheme: "http", User: "bob", Password: "p:w@"}, {Scheme: "https"}, {Scheme: "https", User: "bob", Password: "x"},
		{Scheme: "socks5"}, {Scheme: "socks5", User: "bob", Password: "secret"},
	} {
		for _, scheme := range []string{"http", "https"} {
			t.Run(kind.Scheme+" "+kind.User+" to "+scheme, func(t *testing.T) {
				t.Parallel()
				testProxyKind(t, kind, scheme)
			})
		}
	}
}

func testProxyKind(t *testing.T, kind proxytest.Options, scheme string) {
	siteCert, roots := certificate(t, "site.example")
	proxyCert, _ := certificate(t, "localhost")
	if kind.Scheme == "https" {
		leaf := proxyCert.Leaf
		roots.AddCert(leaf)
		kind.TLS = &tls.Config{Certificates: []tls.Certificate{proxyCert}}
	}
	srv := serve(t, func(s *session) {
		if scheme == "https" {
			s.conn = tls.Server(s.conn, &tls.Config{Certificates: []tls.Certificate{siteCert}})
			s.br.Reset(s.conn)
		}
		answers(sized("page"))(s)
	})
	kind.Route = map[string]string{publicIP + ":444": srv.addr()}
	p := proxytest.Serve(t, kind)
	c := proxied(t, p, func(cfg *Config) {
		cfg.TLS = &tls.Config{RootCAs: roots}
		cfg.Settle = time.Millisecond
		cfg.Proxy.HostPort = "localhost:" + p.HostPort()[strings.LastIndex(p.HostPort(), ":")+1:]
	})
	req := &Request{Target: Target{Scheme: scheme, HostPort: "site.example:444", URI: "/a?b"}}
	for i := range 3 {
		resp := mustDo(t, c, req)
		if string(resp.Body) != "page" || resp.RemoteIP != publicIP || resp.Reused != (i > 0) {
			t.Fatalf("request %d: %q from %q, reused %v", i, resp.Body, resp.RemoteIP, resp.Reused)
		}
		if !strings.HasPrefix(string(resp.Request), "GET /a?b HTTP/1.1\r\n") || !strings.Contains(string(resp.Request), "\r\nHost: site.example:444\r\n") || strings.Contains(string(resp.Request), "Proxy-") {
			t.Fatalf("request %q", resp.Request)
		}
		if err := resp.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		resp.Release()
	}
	word := "CONNECT "
	if kind.Scheme == "socks5" {
		word = "SOCKS "
	}
	if got := p.Asked(); !slices.Equal(got, []string{word + publicIP + ":444"}) {
		t.Errorf("the proxy was asked %q", got)
	}
	if n := srv.accepted.Load(); n != 1 {
		t.Errorf("%d connections at the site", n)
	}
}

// What is not public is refused before the proxy hears of anything.
func TestProxyNeverHearsOfPrivateTargets(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"http", "socks5"} {
		for _, forward := range []bool{false, scheme == "http"} {
			p := proxytest.Serve(t, proxytest.Options{Scheme: scheme})
			c := proxied(t, p, func(cfg *Config) { cfg.Proxy.Forward = forward })
			for _, host := range []string{"private.example:80", "mixed.example:80", "10.1.2.3:80", "[::1]:80", "localhost:80", p.HostPort()} {
				_, err := c.Do(t.Context(), get(host, "/"))
				var refused *RefusedError
				if classOf(err) != ClassPrivateAddress || !errors.As(err, &refused) {
					t.Errorf("%s: %v", host, err)
				}
			}
			if _, err := c.Do(t.Context(), get("unknown.example:80", "/")); classOf(err) != ClassDNS {
				t.Errorf("unknown name: %v", err)
			}
			if n := p.Accepted(); n != 0 || p.Seen() != "" {
				t.Errorf("%s: %d connections, %q", scheme, n, p.Seen())
			}
		}
	}
}

// A name that is public when it is checked and private when it is used leads to the address that was checked.
func TestProxyRebinding(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("public")))
	p := proxytest.Serve(t, proxytest.Options{Scheme: "http", Route: map[string]string{publicIP + ":80": srv.addr()}})
	asked := 0
	c := proxied(t, p, func(cfg *Config) {
		cfg.ResolveTTL = -1
		cfg.Resolve = func(context.Context, string) ([]netip.Addr, error) {
			if asked++; asked > 1 {
				return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
			}
			return []netip.Addr{netip.MustParseAddr(publicIP)}, nil
		}
	})
	if resp := mustDo(t, c, get("rebind.example:80", "/")); string(resp.Body) != "public" || asked != 1 {
		t.Errorf("%q after %d look-ups", resp.Body, asked)
	}
}

// The next address is asked for when the proxy cannot reach the first.
func TestProxyTriesAddresses(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("page")))
	for _, scheme := range []string{"http", "socks5"} {
		p := proxytest.Serve(t, proxytest.Options{Scheme: scheme, Route: map[string]string{"198.17.0.9:80": "127.0.0.1:1", publicIP + ":80": srv.addr()}})
		resp := mustDo(t, proxied(t, p, nil), get("two.example:80", "/"))
		if got := p.Asked(); len(got) != 2 || resp.RemoteIP != publicIP || string(resp.Body) != "page" {
			t.Errorf("%s: asked %q, %q from %s", scheme, got, resp.Body, resp.RemoteIP)
		}
	}
}

// What each address has of the time is for the way to it: TLS beyond it has all that is left.
func TestProxyLeavesTLSItsTime(t *testing.T) {
	t.Parallel()
	cert, roots := certificate(t, "two.example")
	const timeout = 2 * time.Second
	srv := serve(t, func(s *session) {
		select {
		case <-time.After(timeout * 6 / 10): // longer than half of it
		case <-t.Context().Done():
		}
		s.conn = tls.Server(s.conn, &tls.Config{Certificates: []tls.Certificate{cert}})
		s.br.Reset(s.conn)
		answers(sized("page"))(s)
	})
	for _, scheme := range []string{"http", "socks5"} {
		p := proxytest.Serve(t, proxytest.Options{Scheme: scheme, Route: map[string]string{"198.17.0.9:443": srv.addr()}})
		c := proxied(t, p, func(cfg *Config) { cfg.TLS, cfg.Timeout = &tls.Config{RootCAs: roots}, timeout })
		resp, err := c.Do(t.Context(), &Request{Target: Target{Scheme: "https", HostPort: "two.example:443"}})
		if err != nil {
			t.Errorf("%s: %v", scheme, err)
			continue
		}
		resp.Release()
	}
}

// A listener of the job's own is reached directly.
func TestProxyIsNotAskedForMappedHosts(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("mine")))
	p := proxytest.Serve(t, proxytest.Options{Scheme: "http"})
	c := proxied(t, p, func(cfg *Config) {
		cfg.Guard, cfg.Map, cfg.Proxy.Forward = NewGuard(nil, []string{"my.localhost:80"}), map[string]string{"my.localhost:80": srv.addr()}, true
	})
	if resp := mustDo(t, c, get("my.localhost:80", "/x")); string(resp.Body) != "mine" || p.Accepted() != 0 || !strings.HasPrefix(string(resp.Request), "GET /x ") {
		t.Errorf("%q, %d connections at the proxy, request %q", resp.Body, p.Accepted(), resp.Request)
	}
}

// An unasked response through TLS in TLS, decrypted by neither yet, is no answer to the next request.
func TestProxyLeftoverInTLSInTLS(t *testing.T) {
	t.Parallel()
	siteCert, roots := certificate(t, "site.example")
	proxyCert, _ := certificate(t, "localhost")
	roots.AddCert(proxyCert.Leaf)
	srv := serve(t, func(s *session) {
		g := &gather{Conn: s.conn}
		s.conn = tls.Server(g, &tls.Config{Certificates: []tls.Certificate{siteCert}})
		s.br.Reset(s.conn)
		for s.request() != "" {
			g.holdBack()
			s.say(sized("first"))
			s.say(sized("unasked"))
			g.flush()
		}
	})
	p := proxytest.Serve(t, proxytest.Options{
		Scheme: "https", TLS: &tls.Config{Certificates: []tls.Certificate{proxyCert}}, Route: map[string]string{publicIP + ":443": srv.addr()},
	})
	c := proxied(t, p, func(cfg *Config) {
		cfg.TLS = &tls.Config{RootCAs: roots}
		cfg.Proxy.HostPort = "localhost:" + p.HostPort()[strings.LastIndex(p.HostPort(), ":")+1:]
	})
	for range 3 {
		if resp := mustDo(t, c, &Request{Target: Target{Scheme: "https", HostPort: "site.example:443"}}); string(resp.Body) != "first" || resp.Reused {
			t.Fatalf("got %q, reused %v", resp.Body, resp.Reused)
		}
	}
}

// In absolute form the proxy gets the name and its own password, and the site sees the Host header.
func TestProxyForward(t *testing.T) {
	t.Parallel()
	var host string
	srv := serve(t, func(s *session) {
		host = s.request()
		s.say(sized("page"))
	})
	p := proxytest.Serve(t, proxytest.Options{Scheme: "http", User: "bob", Password: "pw", Route: map[string]string{"site.example:80": srv.addr()}})
	c := proxied(t, p, func(cfg *Config) { cfg.Proxy.Forward = true })
	resp := mustDo(t, c, get("site.example:80", "/a"))
	if string(resp.Body) != "page" || resp.RemoteIP != "" || !strings.Contains(host, "\r\nHost: site.example\r\n") || strings.Contains(host, "Proxy-") {
		t.Errorf("%q from %q, request %q", resp.Body, resp.RemoteIP, host)
	}
	if again := mustDo(t, c, get("site.example:80", "/b")); !again.Reused {
		t.Error("the connection to the proxy was not used again")
	}
	if got := p.Asked(); !slices.Equal(got, []string{"GET http://site.example/a", "GET http://site.example/b"}) {
		t.Errorf("asked %q", got)
	}
	wrong := proxied(t, p, func(cfg *Config) { cfg.Proxy.Forward, cfg.Proxy.Password = true, "hunter2" })
	_, err := wrong.Do(t.Context(), get("site.example:80", "/"))
	if classOf(err) != ClassProxy || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("wrong password: %v", err)
	}
}

// What a proxy does wrong is an error of its own, and its words do not hold the password.
func TestProxyFailures(t *testing.T) {
	t.Parallel()
	refusing := func(opt proxytest.Options) string { return proxytest.Serve(t, opt).URL() }
	raw := func(scheme string, script func(*session)) string {
		return scheme + "://bob:hunter2@" + serve(t, script).addr()
	}
	gone := serve(t, func(*session) {})
	gone.ln.Close()
	for name, row := range map[string]struct {
		proxy     string
		temporary bool
		says      string
	}{
		"forbidden":       {refusing(proxytest.Options{Scheme: "http", Refuse: "403 No"}), false, "--proxy-http forward"},
		"bad gateway":     {refusing(proxytest.Options{Scheme: "http", Refuse: "502 No"}), true, "502"},
		"socks rules":     {refusing(proxytest.Options{Scheme: "socks5", RefuseSOCKS: 2}), false, "rules"},
		"socks refused":   {refusing(proxytest.Options{Scheme: "socks5", RefuseSOCKS: 5}), true, "connection refused"},
		"wrong password":  {strings.Replace(refusing(proxytest.Options{Scheme: "http", User: "bob", Password: "x"}), ":x@", ":hunter2@", 1), false, "407"},
		"socks password":  {strings.Replace(refusing(proxytest.Options{Scheme: "socks5", User: "bob", Password: "x"}), ":x@", ":hunter2@", 1), false, "password"},
		"nobody there":    {"http://bob:hunter2@" + gone.addr(), true, "refused"},
		"no HTTP":         {raw("http", func(s *session) { s.request(); s.say("SSH-2.0-x\r\n\r\n") }), false, "HTTP"},
		"no SOCKS":        {raw("socks5", func(s *session) { s.say("HTTP/1.1 400 Bad\r\n\r\n") }), false, "SOCKS"},
		"closes":          {raw("socks5", func(s *session) {}), true, ""},
		"says too much":   {raw("http", func(s *session) { s.request(); s.say("HTTP/1.1 200 OK\r\n\r\n" + sized("forged")) }), false, "more than its answer"},
		"endless head":    {raw("http", func(s *session) { s.request(); s.say("HTTP/1.1 200 OK\r\nA: " + strings.Repeat("x", maxProxyHead)) }), false, "large"},
		"endless interim": {raw("http", func(s *session) { s.request(); s.say(strings.Repeat("HTTP/1.1 100 Go\r\n\r\n", 20)) }), false, "interim"},
		"silent":          {raw("http", func(s *session) { s.hold() }), true, ""},
		"silent SOCKS":    {raw("socks5", func(s *session) { s.hold() }), true, ""},
		"silent TLS":      {raw("https", func(s *session) { s.hold() }), true, ""},
		"not TLS":         {raw("https", func(s *session) { s.say("HTTP/1.1 400 Bad\r\n\r\n") }), false, "tls"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := ParseProxy(row.proxy)
			if err != nil {
				t.Fatal(err)
			}
			c := testClient(t, func(cfg *Config) {
				cfg.Proxy, cfg.Timeout = p, 300*time.Millisecond
				resolver(map[string][]string{"site.example": {publicIP}})(cfg)
			})
			_, err = c.Do(t.Context(), get("site.example:80", "/"))
			var e *Error
			if !errors.As(err, &e) || e.Class != ClassProxy || e.Phase != PhaseProxy || e.Temporary != row.temporary || e.HostPort != "site.example:80" {
				t.Fatalf("error %#v: %v", e, err)
			}
			if gone := name == "nobody there" || name == "silent TLS"; e.ProxyGone() != gone {
				t.Errorf("the proxy is gone: %v, want %v", e.ProxyGone(), gone)
			}
			if !strings.Contains(err.Error(), row.says) || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), p.HostPort) {
				t.Errorf("it says: %v", err)
			}
		})
	}
}

// A caller who gives up is not kept waiting by a proxy, and that is no proxy's failure.
func TestProxyCancelled(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	p := serve(t, func(s *session) {
		s.request()
		close(asked)
		s.hold()
	})
	c := testClient(t, func(cfg *Config) {
		cfg.Proxy = &Proxy{Scheme: "http", HostPort: p.addr()}
		resolver(map[string][]string{"site.example": {publicIP}})(cfg)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	if _, err := c.Do(ctx, get("site.example:80", "/")); classOf(err) != ClassCancelled {
		t.Errorf("error %v", err)
	}
}

// tls-insecure is about sites: a proxy that cannot prove its name gets no password.
func TestProxyCertificateIsAlwaysChecked(t *testing.T) {
	t.Parallel()
	cert, _ := certificate(t, "elsewhere.example")
	p := proxytest.Serve(t, proxytest.Options{Scheme: "https", User: "bob", Password: "pw", TLS: &tls.Config{Certificates: []tls.Certificate{cert}}})
	c := proxied(t, p, func(cfg *Config) { cfg.TLS = &tls.Config{InsecureSkipVerify: true} })
	if _, err := c.Do(t.Context(), get("site.example:80", "/")); classOf(err) != ClassProxy || p.Seen() != "" {
		t.Errorf("error %v, the proxy saw %q", err, p.Seen())
	}
}

func TestParseProxy(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"http://Proxy.Example:3128": "http://proxy.example:3128", "https://p:443/": "https://p:443",
		"socks5://bob:s%40crt@[::1]:1080": "socks5://bob@[::1]:1080",
	} {
		if p, err := ParseProxy(raw); err != nil || p.String() != want {
			t.Errorf("%s: %v, %v", raw, p, err)
		}
	}
	for _, raw := range []string{
		"", "proxy:3128", "ftp://p:1", "http://p", "http://:80", "http://p:0", "http://p:99999", "http://p:80/path", "http://p:80?q", "http://p:80#f",
		"socks5h://p:1", "socks4://p:1", "http://:hunter2@p:1", "http://bob:***@p:1", "http://a%3Ab:hunter2@p:1", "http://bob:hunter2 x@p:1", "http://bob:hunter2/@p:1",
		"http://bob:4711/hunter2@p:1", "http://bob:4711#hunter2@p:1",
		"socks5://bob:" + strings.Repeat("hunter2", 40) + "@p:1", "http://p q:1", "http://p%0d%0a:1", "http://bob:hunter2%zz@p:1",
	} {
		if p, err := ParseProxy(raw); err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "4711") {
			t.Errorf("%s: %v, %v", raw, p, err)
		}
	}
	if s := fmt.Sprint(&Proxy{Scheme: "http", HostPort: "p:1", User: "u", Password: "hunter2"}); strings.Contains(s, "hunter2") {
		t.Error(s)
	}
}

// FuzzProxyAnswer has hostile proxies say anything: no panic, nothing read beyond the cap, and a stream is only what was granted.
func FuzzProxyAnswer(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 Connection established\r\nA: b\r\n\r\n", "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n",
		"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50", "\x05\x02\x01\x00\x05\x00\x00\x03\x03abc\x00\x50",
		"\x05\xff", "\x05\x02\x01\x01", "\x05\x00\x05\x05\x00\x01", "\x05\x00\x05\x00\x00\x09",
	} {
		f.Add([]byte(seed))
	}
	addr := netip.MustParseAddrPort(publicIP + ":80")
	p := &Proxy{Scheme: "socks5", HostPort: "p:1", User: "bob", Password: "hunter2"}
	f.Fuzz(func(t *testing.T, wire []byte) {
		r := &counting{Reader: strings.NewReader(string(wire))}
		err := socksConnect(scriptConn{r: r}, p, addr)
		if err == nil && (len(wire) < 2+4+4+2 || wire[0] != socksVersion || r.n > 2+2+4+1+255+2) {
			t.Fatalf("granted by %q, %d bytes read", wire, r.n)
		}
		r = &counting{Reader: strings.NewReader(string(wire))}
		herr := httpConnect(scriptConn{r: r}, p, "x", addr)
		if herr == nil && (!strings.HasPrefix(string(wire), "HTTP/") || r.n > maxProxyHead+readBuffer) {
			t.Fatalf("granted by %q, %d bytes read", wire, r.n)
		}
		for _, err := range []error{err, herr} {
			if err != nil && strings.Contains(err.Error(), "hunter2") && !strings.Contains(string(wire), "hunter2") {
				t.Fatalf("%v holds the password", err)
			}
		}
	})
}

type counting struct {
	*strings.Reader
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}
