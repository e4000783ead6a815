package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"testing"
)

// TestGuardAddresses spells addresses in many ways; those that parse must be judged by what they reach.
func TestGuardAddresses(t *testing.T) {
	t.Parallel()
	refused := []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",
		"127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
		"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "0:0:0:0:0:0:0:1", "::1%lo", "::7f00:1", "::127.0.0.1", "::8.8.8.8",
		"::ffff:127.0.0.1", "::ffff:7f00:1", "::FFFF:10.0.0.1", "0:0:0:0:0:ffff:a9fe:a9fe", "::ffff:0:7f00:1", "::ffff:192.168.1.1%eth0",
		"64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "64:ff9b:1:fffe::8.8.8.8", "64:ff9b::10.0.0.1%eth0",
		"2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101:1::1", "2002:a9fe:a9fe::1",
		"2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001::1", "2001:10::1", "2001:20::1", "2001:db8::1", "3fff::1", "5f00::1",
		"100::1", "100:0:0:1::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fdff::1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1",
		"ff02::1", "ff0e::1", "2a00:1450:4001::5efe:10.0.0.1", "2a00:1450:4001::200:5efe:127.0.0.1",
	}
	public := []string{
		"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
		"168.63.129.17", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.167.255.255", "192.169.0.0", "198.17.255.255",
		"198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
		"2001:200::1", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "2a00:1450:4001::5efe:8.8.8.8",
	}
	g := NewGuard(nil, nil)
	check := func(text string, want bool) {
		a := netip.MustParseAddr(text)
		err := g.Check(net.JoinHostPort("name.example", "80"), netip.AddrPortFrom(a, 80))
		if (err == nil) != want || (err != nil && !errors.Is(err, ErrPrivateAddress)) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range refused {
		check(text, false)
	}
	for _, text := range public {
		check(text, true)
	}
	if err := g.Check("name.example:80", netip.AddrPort{}); err == nil {
		t.Error("no address at all is let through")
	}
}

func TestGuardAllowNet(t *testing.T) {
	t.Parallel()
	rows := []struct {
		allow, addr string
		ok          bool
	}{
		{"10.0.0.0/8", "10.1.2.3", true},
		{"10.0.0.7/8", "10.1.2.3", true}, // host bits are ignored
		{"10.0.0.0/8", "11.0.0.1", true},
		{"10.0.0.0/8", "192.168.0.1", false},
		{"10.0.0.0/8", "::ffff:10.1.2.3", true},
		{"10.0.0.0/8", "64:ff9b::10.1.2.3", true},
		{"10.0.0.0/8", "2002:a01:203::1", true},
		{"10.0.0.0/8", "2002:c0a8:1::1", false},
		{"::ffff:10.0.0.0/104", "10.1.2.3", true},
		{"::1/128", "::1", true},
		{"::1/128", "127.0.0.1", false},
		{"127.0.0.0/8", "::1", false},
		{"fe80::/10", "fe80::1%eth0", true},
		{"fd00::/8", "fd12::1", true},
		{"64:ff9b::/96", "64:ff9b::10.0.0.1", true},
	}
	for _, row := range rows {
		g := NewGuard([]netip.Prefix{netip.MustParsePrefix(row.allow)}, nil)
		err := g.Check("h:80", netip.AddrPortFrom(netip.MustParseAddr(row.addr), 80))
		if (err == nil) != row.ok {
			t.Errorf("allow %s, dial %s: %v", row.allow, row.addr, err)
		}
	}
}

func TestGuardNamed(t *testing.T) {
	t.Parallel()
	rows := []struct {
		named, hostport, mapped, addr string
		ok                            bool
	}{
		{"127.0.0.1:8080", "127.0.0.1:8080", "", "127.0.0.1:8080", true},
		{"127.0.0.1:8080", "127.0.0.1:8081", "", "127.0.0.1:8081", false},
		{"127.0.0.1:8080", "127.0.0.2:8080", "", "127.0.0.2:8080", false},
		{"127.0.0.1:8080", "localhost:8080", "", "127.0.0.1:8080", false},
		{"127.0.0.1:8080", "name.example:8080", "", "127.0.0.1:8080", false},
		{"127.0.0.1:8080", "[::ffff:127.0.0.1]:8080", "", "[::ffff:127.0.0.1]:8080", false},
		{"[::1]:80", "[0:0:0:0:0:0:0:1]:80", "", "[::1]:80", true},
		{"[::ffff:7f00:1]:80", "[::ffff:127.0.0.1]:80", "", "[::ffff:127.0.0.1]:80", true},
		{"10.0.0.5:80", "10.0.0.5:80", "", "10.0.0.5:80", true},
		{"LocalHost.:80", "localhost:80", "", "127.0.0.1:80", true},
		{"localhost:80", "localhost:80", "", "[::1]:80", true},
		{"localhost:80", "localhost:80", "", "[::ffff:127.0.0.1]:80", true},
		{"localhost:80", "localhost:80", "", "10.0.0.1:80", false}, // a resolver that lies
		{"a.localhost:80", "a.localhost:80", "", "127.0.0.1:80", true},
		{"a.localhost:80", "b.localhost:80", "", "127.0.0.1:80", false},
		{"notlocalhost:80", "notlocalhost:80", "", "127.0.0.1:80", false},
		{"name.example:80", "name.example:80", "", "127.0.0.1:80", false}, // named, but resolves privately
		{"name.example:80", "name.example:80", "", "10.0.0.1:80", false},
		{"go.localhost:80", "go.localhost:80", "127.0.0.1:4000", "127.0.0.1:4000", true},
		{"go.localhost:80", "go.localhost:80", "127.0.0.1:4000", "127.0.0.1:4001", false},
		{"go.localhost:80", "go.localhost:80", "127.0.0.1:4000", "127.0.0.1:80", false},
		{"go.localhost:80", "go.localhost:81", "", "127.0.0.1:81", false},
		{"go.localhost:80", "127.0.0.1:4000", "", "127.0.0.1:4000", false}, // the listener itself was not named
		{"other:80", "go.localhost:80", "127.0.0.1:4000", "127.0.0.1:4000", false},
		{"name.example:80", "name.example:80", "10.0.0.1:4000", "10.0.0.1:4000", true},
	}
	for _, row := range rows {
		g := NewGuard(nil, []string{row.named})
		var mapped netip.AddrPort
		if row.mapped != "" {
			mapped = netip.MustParseAddrPort(row.mapped)
		}
		err := g.check(row.hostport, g.Names(row.hostport), mapped, netip.MustParseAddrPort(row.addr))
		if (err == nil) != row.ok {
			t.Errorf("%+v: %v", row, err)
		}
	}
}

// resolver answers from a table.
func resolver(table map[string][]string) func(*Config) {
	return func(cfg *Config) {
		cfg.Resolve = func(_ context.Context, host string) ([]netip.Addr, error) {
			texts, ok := table[host]
			if !ok {
				return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
			}
			var addrs []netip.Addr
			for _, text := range texts {
				addrs = append(addrs, netip.MustParseAddr(text))
			}
			return addrs, nil
		}
	}
}

// TestDialIsGuarded asks with a listening loopback server: every refused row would otherwise be answered.
func TestDialIsGuarded(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("x")))
	_, port, _ := net.SplitHostPort(srv.addr())
	rows := []struct {
		name, host string
		guard      *Guard
		mapping    map[string]string
		named      bool
		class      string
	}{
		{name: "literal", host: "127.0.0.1", class: ClassPrivateAddress},
		{name: "literal named", host: "127.0.0.1", named: true},
		{name: "literal named in the guard", host: "127.0.0.1", guard: NewGuard(nil, []string{srv.addr()})},
		{name: "IPv4 in IPv6", host: "::ffff:127.0.0.1", class: ClassPrivateAddress},
		{name: "unspecified", host: "0.0.0.0", class: ClassPrivateAddress},
		{name: "localhost", host: "localhost", class: ClassPrivateAddress},
		{name: "localhost named", host: "localhost", named: true},
		{name: "below localhost named", host: "a.localhost", named: true},
		{name: "name that resolves privately", host: "private.example", class: ClassPrivateAddress},
		{name: "named name that resolves privately", host: "private.example", named: true, class: ClassPrivateAddress},
		{name: "allowed name", host: "private.example", guard: NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, nil)},
		{name: "mixed answers", host: "mixed.example", class: ClassPrivateAddress},
		{name: "mixed answers, the allowed one first", host: "mixed2.example", guard: NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, nil), class: ClassPrivateAddress},
		{name: "mapped", host: "go.localhost", mapping: map[string]string{"go.localhost:" + port: srv.addr()}, class: ClassPrivateAddress},
		{name: "mapped and named", host: "go.localhost", mapping: map[string]string{"GO.localhost:" + port: srv.addr()}, named: true},
		{name: "odd spelling is a name", host: "127.1", named: true, class: ClassDNS},
		{name: "number is a name", host: "2130706433", named: true, class: ClassDNS},
		{name: "hexadecimal is a name", host: "0x7f.0.0.1", named: true, class: ClassDNS},
		{name: "octal is a name", host: "0177.0.0.1", named: true, class: ClassDNS},
		{name: "unknown name", host: "nowhere.example", class: ClassDNS},
		{name: "empty answer", host: "empty.example", class: ClassDNS},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := testClient(t, func(cfg *Config) {
				cfg.Guard, cfg.Map = row.guard, row.mapping
				resolver(map[string][]string{
					"private.example": {"127.0.0.1"}, "empty.example": {},
					"mixed.example": {"8.8.8.8", "127.0.0.1"}, "mixed2.example": {"127.0.0.1", "10.0.0.1"},
				})(cfg)
			})
			req := get(net.JoinHostPort(row.host, port), "/")
			req.Named = row.named
			resp, err := c.Do(context.Background(), req)
			if classOf(err) != row.class {
				t.Fatalf("error %v, answer %v, want class %q", err, resp, row.class)
			}
			if (row.class == ClassPrivateAddress) != errors.Is(err, ErrPrivateAddress) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// A connection that was dialled for a named host:port must not serve one that was not.
func TestNamedConnectionsAreKeptApart(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("x")))
	c := testClient(t, func(cfg *Config) { cfg.Guard = nil })
	named := get(srv.addr(), "/")
	named.Named = true
	mustDo(t, c, named)
	if _, err := c.Do(context.Background(), get(srv.addr(), "/")); classOf(err) != ClassPrivateAddress {
		t.Errorf("error %v", err)
	}
}

// The guard looks at every dial: a name that changes its mind is refused, remembered or not.
func TestRebinding(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(s *session) { once(sized("x"))(s) })
	_, port, _ := net.SplitHostPort(srv.addr())
	answer := "127.0.0.1"
	c := testClient(t, func(cfg *Config) {
		cfg.ResolveTTL = -1
		cfg.Resolve = func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr(answer)}, nil
		}
	})
	req := get("name.example:"+port, "/")
	mustDo(t, c, req)
	c.pool.mu.Lock()
	old := c.pool.expire(c.pool.newestSince().Add(c.cfg.IdleTimeout))
	c.pool.mu.Unlock()
	closeAll(old)
	answer = "10.0.0.1"
	if _, err := c.Do(context.Background(), req); classOf(err) != ClassPrivateAddress {
		t.Errorf("error %v", err)
	}
}

func TestNextAddressIfOneRefuses(t *testing.T) {
	t.Parallel()
	srv := serve(t, answers(sized("x")))
	_, port, _ := net.SplitHostPort(srv.addr())
	c := testClient(t, func(cfg *Config) {
		cfg.Guard = NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, nil)
		resolver(map[string][]string{"two.example": {"::1", "127.0.0.1"}})(cfg)
	})
	if resp := mustDo(t, c, get("two.example:"+port, "/")); resp.RemoteIP != "127.0.0.1" {
		t.Errorf("answered by %s", resp.RemoteIP)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	c := testClient(t, nil)
	var e *Error
	if _, err := c.Do(context.Background(), get(addr, "/")); !errors.As(err, &e) || e.Class != ClassRefused || e.Phase != PhaseConnect || !e.Temporary {
		t.Errorf("error %v", err)
	}
}

func TestNamesAreRemembered(t *testing.T) {
	t.Parallel()
	asked := 0
	srv := serve(t, func(s *session) { once(ok200 + "Connection: close\r\nContent-Length: 0\r\n\r\n")(s) })
	_, port, _ := net.SplitHostPort(srv.addr())
	c := testClient(t, func(cfg *Config) {
		cfg.Resolve = func(context.Context, string) ([]netip.Addr, error) {
			asked++
			return []netip.Addr{netip.MustParseAddr("::ffff:127.0.0.1")}, nil
		}
	})
	for range 3 {
		mustDo(t, c, get("Name.example:"+port, "/"))
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestParseTarget(t *testing.T) {
	t.Parallel()
	rows := []struct {
		raw  string
		want Target
		bad  bool
	}{
		{raw: "http://Example.com", want: Target{Scheme: "http", HostPort: "example.com:80", URI: "/"}},
		{raw: "HTTPS://example.com/a?b=c#d", want: Target{Scheme: "https", HostPort: "example.com:443", URI: "/a?b=c"}},
		{raw: "http://[::1]:8080/x", want: Target{Scheme: "http", HostPort: "[::1]:8080", URI: "/x"}},
		{raw: "ftp://h/", bad: true},
		{raw: "http:///x", bad: true},
		{raw: "http://u:p@h/", bad: true},
		{raw: "http://h:99999/", bad: true},
		{raw: "http://h:x/", bad: true},
		{raw: "h", bad: true},
		{raw: "http://h/\n", bad: true},
	}
	for _, row := range rows {
		got, err := ParseTarget(row.raw)
		if (err != nil) != row.bad || (!row.bad && got != row.want) {
			t.Errorf("%q: %+v, %v", row.raw, got, err)
		}
	}
}

func TestValidateReportsEverything(t *testing.T) {
	t.Parallel()
	cfg := Config{Timeout: -1, MaxBody: -1, UserAgent: "a\nb", Map: map[string]string{"h:" + strconv.Itoa(80): "name:80"}, Record: true, Discard: true}
	err := cfg.Validate()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 5 {
		t.Errorf("got %v", err)
	}
}
