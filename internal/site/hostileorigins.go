package site

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"strings"
	"time"
)

// addOrigins opens the origins that are hostile as a whole. Each has one page, which is what its name says is to be met.
func (h *Hostile) addOrigins() error {
	for _, add := range []func() error{h.addRobots, h.addSockets, h.addTLS} {
		if err := add(); err != nil {
			return err
		}
	}
	return nil
}

// addRobots opens origins whose robots.txt is the trouble.
func (h *Hostile) addRobots() error {
	const rules = "User-agent: *\nDisallow: /private/\n"
	text := func(body string) func(*call) bool { return say(true, reply(200, "text/plain", body)) }
	to := func(location string) func(*call) bool {
		return say(true, head(302, "Location: "+location, "Content-Length: 0"))
	}
	everything := func(string) bool { return true }
	private := func(path string) bool { return strings.HasPrefix(path, "/private/") }
	unreachable := skipped("robots_unreachable")
	for _, o := range []struct {
		name      string
		do        func(*call) bool
		want      []Outcome
		forbidden func(string) bool
	}{
		{"robots-500", say(true, reply(500, "text/plain", "down")), unreachable, everything},
		{"robots-503", say(true, head(503, "Retry-After: 1", "Content-Length: 0")), unreachable, everything},
		{"robots-slow", func(c *call) bool {
			return c.write(head(200, "Content-Type: text/plain"), rules) && c.drip(strings.Repeat("#", 100_000), h.opt.Drip)
		}, unreachable, everything},
		{"robots-cut", say(false, head(200, "Content-Type: text/plain", "Content-Length: 500"), rules), unreachable, everything},
		{"robots-trap", to("http://127.0.0.1:" + h.trapped + "/inside/robots"), unreachable, everything},
		{"robots-broken", say(false, head(200, "Content-Length: -1"), rules), failed("malformed"), everything},
		{"robots-silent", (*call).silence, failed("timeout"), everything},
		{"robots-endless", flood(head(200, "Content-Type: text/plain")+rules, "# and so on\n"), nil, private},
		{"robots-loop", to("/robots.txt"), nil, nil},
		{"robots-html", say(true, reply(200, "text/html", "<html>"+strings.Repeat("<p>User-agent</p>\n", 1000))), nil, nil},
		{"robots-bomb", say(true, head(200, "Content-Encoding: gzip", length(bombs()["gzip"])), bombs()["gzip"]), nil, nil},
		{"robots-many", text("\xef\xbb\xbf" + rules + strings.Repeat("Disallow: /*a*b*c*d*e*f*g*h$\n", 15_000) + "Disallow: /late/\n"), nil, private},
		{"robots-controls", text("\x00\x01\rUser-agent: *\rDisallow: /private/\r\x00"), nil, private},
		{"robots-none", say(true, reply(403, "text/plain", "no")), nil, nil},
	} {
		origin, err := h.newOrigin(o.name, nil)
		if err != nil {
			return err
		}
		origin.robots.do = o.do
		if o.forbidden != nil {
			origin.forbidden = o.forbidden
		}
		body := marked("/page", `<a href="/private/x">x</a>`)
		d := honestDeed("/page", body, 0)
		if d.honest = o.want == nil; !d.honest {
			d.want = o.want
		}
		origin.add(d)
	}
	return nil
}

// addSockets opens origins that are trouble before anything is asked.
func (h *Hostile) addSockets() error {
	early := reply(200, "text/html", "<title>POISON</title>POISON")
	for _, o := range []struct {
		name string
		raw  func(*call) net.Conn
		want []Outcome
	}{
		{"socket-silent", func(c *call) net.Conn { c.silence(); return nil }, failed("timeout")},
		{"socket-closed", func(*call) net.Conn { return nil }, failed("closed", "reset")},
		{"socket-reset", func(c *call) net.Conn { c.reset(); return nil }, failed("closed", "reset")},
		{"socket-banner", func(c *call) net.Conn { c.write("220 mail.example ESMTP\r\n"); return c.conn }, failed("malformed", "unasked_response", "reset")},
		{"socket-early", func(c *call) net.Conn { c.write(early); return c.conn }, failed("unasked_response")},
		{"socket-late-early", func(c *call) net.Conn {
			if !c.pause(h.opt.Drip/10) || !c.write(early) {
				return nil
			}
			return c.conn
		}, failed("unasked_response")},
	} {
		origin, err := h.newOrigin(o.name, o.raw)
		if err != nil {
			return err
		}
		d := honestDeed("/page", marked("/page", ""), 0)
		d.honest, d.want = false, append(o.want, d.want...)
		origin.add(d)
	}
	return nil
}

// addTLS opens origins whose TLS fails in one way each.
func (h *Hostile) addTLS() error {
	secure := func(cert tls.Certificate, newest uint16) func(*call) net.Conn {
		cfg := &tls.Config{Certificates: []tls.Certificate{cert}, MaxVersion: newest}
		return func(c *call) net.Conn {
			t := tls.Server(c.conn, cfg)
			if t.HandshakeContext(h.ctx) != nil {
				return nil
			}
			return t
		}
	}
	now := time.Now()
	good, err := certificate(now.Add(time.Hour), net.IPv4(127, 0, 0, 1))
	if err != nil {
		return err
	}
	old, err := certificate(now.Add(-time.Hour), net.IPv4(127, 0, 0, 1))
	if err != nil {
		return err
	}
	other, err := certificate(now.Add(time.Hour), net.IPv4(192, 0, 2, 1))
	if err != nil {
		return err
	}
	for _, o := range []struct {
		name string
		raw  func(*call) net.Conn
		want string
	}{
		{"tls-untrusted", secure(good, tls.VersionTLS13), "tls"},
		{"tls-expired", secure(old, tls.VersionTLS13), "tls"},
		{"tls-name", secure(other, tls.VersionTLS13), "tls"},
		{"tls-old", secure(good, tls.VersionTLS11), "tls"},
		{"tls-plain", func(c *call) net.Conn { c.write(reply(400, "text/plain", "this is not TLS")); c.silence(); return nil }, "tls"},
		{"tls-noise", func(c *call) net.Conn { flood("\x16\x03\x03\x40\x00", "\xff\x00noise")(c); return nil }, "tls"},
		{"tls-closed", func(*call) net.Conn { return nil }, "tls"},
		{"tls-silent", func(c *call) net.Conn { c.silence(); return nil }, "timeout"},
		{"tls-slow", func(c *call) net.Conn {
			c.drip("\x16\x03\x03\x40\x00"+strings.Repeat("\x02", 1<<14), h.opt.Drip)
			return nil
		}, "timeout"},
	} {
		origin, err := h.newOrigin(o.name, o.raw)
		if err != nil {
			return err
		}
		origin.scheme = "https"
		d := honestDeed("/page", marked("/page", ""), 0)
		d.honest, d.want = false, failed(o.want)
		origin.add(d)
	}
	return nil
}

// certificate makes one that signs itself.
func certificate(until time.Time, ip net.IP) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make key: %w", err)
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "hostile"}, IPAddresses: []net.IP{ip},
		NotBefore: until.Add(-48 * time.Hour), NotAfter: until, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
