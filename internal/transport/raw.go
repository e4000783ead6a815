package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
)

// errNoAddresses says that a Unix socket has no addresses to give.
var errNoAddresses = errors.New("all connections lead to a Unix socket")

// Addresses says where a connection for t may lead, for callers that dial by themselves: t.HostPort is resolved, mapped and guarded as
// Do would, now. One refused address refuses all. named is Request.Named. There is at least one; the order is that in which
// Do would try them. The error is an *Error. A proxy is no part of it, and with Config.UnixSocket there is nothing to say.
func (c *Client) Addresses(ctx context.Context, t Target, named bool) ([]netip.AddrPort, error) {
	key, err := c.keyOf(t, named)
	if err != nil {
		return nil, err
	}
	if c.cfg.UnixSocket != "" {
		return nil, &Error{Phase: PhaseRequest, Class: ClassBadRequest, HostPort: t.HostPort, Err: errNoAddresses}
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	addrs, _, err := c.passed(ctx, key)
	return addrs, err
}

// DialTarget opens a connection for t as Do would, through the proxy and TLS if need be, for callers that speak by themselves. Inside
// TLS it offers the protocols of alpn; protocol is the one that was agreed on, "" for none and for plain http. named is Request.Named.
// timing, which may be nil, gets DNS, Connect and TLS. It blocks for at most Config.Timeout, waits for Config.MaxConns aside. The
// connection is the caller's, has no deadline and counts to MaxConns until it is closed. The error is an *Error.
func (c *Client) DialTarget(ctx context.Context, t Target, named bool, alpn []string, timing *Timing) (nc net.Conn, protocol string, err error) {
	key, err := c.keyOf(t, named)
	if err != nil {
		return nil, "", err
	}
	if timing == nil {
		timing = new(Timing)
	}
	looked, _, err := c.room(ctx, key)
	if err != nil {
		return nil, "", fail(ctx, PhaseConnect, key.hostport, err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	nc, _, err = c.open(ctx, key, alpn, timing, looked)
	if err != nil {
		return nil, "", err
	}
	if secure, ok := nc.(*tls.Conn); ok && key.scheme == "https" {
		protocol = secure.ConnectionState().NegotiatedProtocol
	}
	return nc, protocol, nil
}

// keyOf names the connections that serve t.
func (c *Client) keyOf(t Target, named bool) (poolKey, error) {
	if err := t.validate(); err != nil {
		return poolKey{}, &Error{Phase: PhaseRequest, Class: ClassBadRequest, HostPort: t.HostPort, Err: err}
	}
	return poolKey{t.Scheme, t.HostPort, named || c.cfg.Guard.Names(t.HostPort)}, nil
}
