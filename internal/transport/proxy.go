package transport

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"tandem/internal/units"
)

// Proxy is the one proxy that a client's connections go through, all but those to listeners that Config.Map names. It is asked for
// addresses that the guard has checked, never for names, so that no name can lead elsewhere between the check and the use; TLS
// still checks the name. Its own address is exempt from the guard.
type Proxy struct {
	Scheme   string // "http", "https" (TLS as far as the proxy) or "socks5"
	HostPort string
	User     string
	Password string
	// Forward hands requests for http URLs to an http or https proxy instead of asking it for a tunnel (RFC 9112 section 3.2.2).
	// The proxy resolves the name itself then: the guard has checked what it was here, and no more.
	Forward bool
}

// ParseProxy takes a proxy's URL apart: http, https or socks5, with a port, perhaps with a user and a password. Errors do not
// hold the password.
func ParseProxy(raw string) (*Proxy, error) {
	u, err := url.Parse(raw)
	if err != nil { // its text holds the URL
		return nil, errors.New("want http://, https:// or socks5://, [user:password@]host:port; in a password, write / ? # @ : % and spaces as %XX")
	}
	p := &Proxy{Scheme: strings.ToLower(u.Scheme)}
	switch p.Scheme {
	case "http", "https", "socks5":
	case "socks5h", "socks4", "socks4a", "socks":
		return nil, fmt.Errorf("%s:// is not spoken: want socks5://, and names are resolved here, since every address is checked", p.Scheme)
	default:
		return nil, fmt.Errorf("scheme %q: want http://, https:// or socks5://", u.Scheme)
	}
	if u.Hostname() == "" || u.Port() == "" || !validPort(u.Port()) {
		return nil, fmt.Errorf("%s://%s: want host:port", p.Scheme, u.Host)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		// Not u.Host: what follows may be the rest of a password, and the port its beginning.
		return nil, fmt.Errorf("%s://: nothing may follow the port; in a password, write / ? # as %%XX", p.Scheme)
	}
	p.HostPort = net.JoinHostPort(strings.ToLower(u.Hostname()), u.Port())
	p.User = u.User.Username()
	p.Password, _ = u.User.Password()
	return p, p.check()
}

// check reports what could not be sent.
func (p *Proxy) check() error {
	switch {
	case !printable(p.HostPort):
		return errors.New("the host has spaces or control bytes")
	case p.Password == units.Masked:
		return fmt.Errorf("%v: the password was masked when the job was written; give it again, or the whole as env:NAME or file:PATH", p)
	case p.User == "" && p.Password != "":
		return fmt.Errorf("%v: a password without a user name", p)
	case p.Scheme == "socks5" && (len(p.User) > 255 || len(p.Password) > 255):
		return fmt.Errorf("%v: user name and password may have 255 bytes each (RFC 1929)", p)
	case p.Scheme != "socks5" && strings.Contains(p.User, ":"):
		return fmt.Errorf("%v: a user name has no colon (RFC 7617)", p)
	case p.Scheme == "socks5" && p.Forward:
		return fmt.Errorf("%v: socks5 tunnels everything", p)
	}
	return nil
}

// String is the proxy's URL without the password.
func (p *Proxy) String() string {
	u := url.URL{Scheme: p.Scheme, Host: p.HostPort}
	if p.User != "" {
		u.User = url.User(p.User)
	}
	return u.String()
}

// authorization is the value of Proxy-Authorization, "" for none.
func (p *Proxy) authorization() string {
	if p.User == "" {
		return ""
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(p.User+":"+p.Password))
}

// proxyError is what came of asking the proxy. Nothing of it is the target's doing, as far as anybody can tell.
type proxyError struct {
	temporary bool
	gone      bool // it was not even reached
	err       error
}

func (e *proxyError) Error() string { return e.err.Error() }
func (e *proxyError) Unwrap() error { return e.err }

// forwards reports whether requests for key are handed to the proxy in absolute form.
func (c *Client) forwards(key poolKey) bool {
	if c.cfg.Proxy == nil || !c.cfg.Proxy.Forward || key.scheme != "http" {
		return false
	}
	_, mapped := c.mapped[normalHostPort(key.hostport)]
	return !mapped
}

// forwarder is the proxy that req is handed to in absolute form, or nil.
func (c *Client) forwarder(req *Request) *Proxy {
	if !c.forwards(poolKey{scheme: req.Target.Scheme, hostport: req.Target.HostPort}) {
		return nil
	}
	return c.cfg.Proxy
}

// viaProxy opens a stream to one of the addresses, which the guard has let pass, by way of the proxy; of a request that is
// forwarded, a stream to the proxy. remote is the address that the proxy was asked for, if it was.
func (c *Client) viaProxy(ctx context.Context, key poolKey, addrs []netip.AddrPort) (nc net.Conn, remote string, err error) {
	if c.forwards(key) {
		nc, err = c.dialProxy(ctx)
		return nc, "", err
	}
	var all error
	for i, addr := range addrs {
		nc, err = c.tunnel(ctx, addr, len(addrs)-i)
		if err == nil {
			return nc, addr.Addr().Unmap().String(), nil
		}
		if all == nil {
			all = err
		} else {
			all = fmt.Errorf("%w; %w", all, err)
		}
		refused, ok := errors.AsType[*proxyRefusal](err)
		if ctx.Err() != nil || !(ok && refused.other) && !isTimeout(err) {
			break
		}
	}
	return nil, "", all
}

// tunnel asks the proxy for a stream to addr.
func (c *Client) tunnel(ctx context.Context, addr netip.AddrPort, shares int) (net.Conn, error) {
	ctx, cancel := share(ctx, shares)
	defer cancel()
	nc, err := c.dialProxy(ctx)
	if err != nil {
		return nil, err
	}
	stop := bound(ctx, nc)
	if c.cfg.Proxy.Scheme == "socks5" {
		err = socksConnect(nc, c.cfg.Proxy, addr)
	} else {
		err = httpConnect(nc, c.cfg.Proxy, c.cfg.UserAgent, addr)
	}
	switch {
	case !stop() && err == nil:
		err = context.Cause(ctx)
	case err == nil:
		err = nc.SetDeadline(time.Time{}) // ctx was this address's part of the time
	}
	if err != nil {
		nc.Close()
		return nil, c.proxyFailure(fmt.Sprintf("ask %v for %v", c.cfg.Proxy, addr), err)
	}
	return nc, nil
}

// dialProxy opens a stream to the proxy itself, whose addresses the guard is not asked about.
func (c *Client) dialProxy(ctx context.Context) (net.Conn, error) {
	addrs, _, err := c.addresses(ctx, poolKey{hostport: c.cfg.Proxy.HostPort})
	if err != nil {
		return nil, c.proxyGone("find", err)
	}
	nc, err := dialAny(ctx, addrs)
	if err != nil {
		return nil, c.proxyGone("reach", err)
	}
	if c.cfg.Proxy.Scheme != "https" {
		return nc, nil
	}
	secure, err := c.greetProxy(ctx, nc)
	if err != nil {
		nc.Close()
		return nil, c.proxyGone("reach", err)
	}
	return secure, nil
}

// greetProxy makes the TLS connection to an https proxy. Its certificate is always checked, and it gets none of ours.
func (c *Client) greetProxy(ctx context.Context, nc net.Conn) (*tls.Conn, error) {
	cfg := c.tlsFor(c.cfg.Proxy.HostPort, "proxy ")
	cfg.InsecureSkipVerify = false
	cfg.GetClientCertificate = nil
	t := tls.Client(&wire{Conn: nc}, cfg)
	return t, t.HandshakeContext(ctx)
}

// proxyFailure wraps what came of an attempt.
func (c *Client) proxyFailure(attempt string, err error) *proxyError {
	_, temporary := classify(PhaseConnect, err)
	if errors.As(err, new(*net.DNSError)) {
		temporary = true // the proxy is there, says the job
	}
	return &proxyError{temporary: temporary, err: fmt.Errorf("%s: %w", attempt, err)}
}

// proxyGone wraps what came of an attempt to reach the proxy itself.
func (c *Client) proxyGone(attempt string, err error) error {
	e := c.proxyFailure(fmt.Sprintf("%s %v", attempt, c.cfg.Proxy), err)
	e.gone = e.temporary
	return e
}

// ProxyGone reports whether the proxy could not be reached: it says nothing about the server, and may pass.
func (e *Error) ProxyGone() bool {
	p, ok := errors.AsType[*proxyError](e.Err)
	return ok && p.gone
}

// share gives one of several attempts its part of the time that is left.
func share(ctx context.Context, shares int) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok && shares > 1 {
		return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(shares))
	}
	return ctx, func() {}
}

// bound makes ctx end what waits on nc. stop, which must be called, reports whether it had no need to.
func bound(ctx context.Context, nc net.Conn) (stop func() bool) {
	if deadline, ok := ctx.Deadline(); ok {
		_ = nc.SetDeadline(deadline) // a connection that cannot is one that ended
	}
	return context.AfterFunc(ctx, func() { _ = nc.SetDeadline(longAgo()) })
}
