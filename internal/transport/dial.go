package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
)

// dial opens a connection for key: names are resolved, mapped and guarded here, on the address that is really dialled. The caller has
// a place, which the connection takes over or dial gives back; looked is called when the resolver has been asked.
func (c *Client) dial(ctx context.Context, key poolKey, t *Timing, looked func()) (*conn, error) {
	nc, remote, err := c.open(ctx, key, http1, t, looked)
	if err != nil {
		return nil, err
	}
	return newConn(nc, remote, c.cfg.MaxHeader), nil
}

// open is dial before anything is made of the stream. It offers the protocols of alpn inside TLS.
func (c *Client) open(ctx context.Context, key poolKey, alpn []string, t *Timing, looked func()) (nc net.Conn, remote string, err error) {
	placed := false
	defer func() {
		if !placed {
			give(c.pool.places.taken)
		}
	}()
	start := time.Now()
	addrs, mapped, err := c.passed(ctx, key)
	looked()
	t.DNS = time.Since(start)
	if err != nil {
		return nil, "", err
	}
	start = time.Now()
	nc, remote, err = c.connect(ctx, key, addrs, mapped)
	t.Connect = time.Since(start)
	if err != nil {
		if starved(err) {
			c.pool.evict() // for the next one
		}
		return nil, "", err
	}
	placed = c.pool.hand(nc)
	if key.scheme != "https" {
		return nc, remote, nil
	}
	start = time.Now()
	secure, err := c.handshake(ctx, nc, key, alpn)
	t.TLS = time.Since(start)
	if err != nil {
		nc.Close()
		return nil, "", fail(ctx, PhaseTLS, key.hostport, err)
	}
	return secure, remote, nil
}

// passed resolves key and has the guard judge what comes of it: one refused address refuses them all, since which one is dialled is not
// for the name's owner to choose. There are none with a Unix socket.
func (c *Client) passed(ctx context.Context, key poolKey) (addrs []netip.AddrPort, mapped bool, err error) {
	if c.cfg.UnixSocket != "" {
		return nil, false, nil
	}
	vetted, err := c.vet(ctx, key)
	if err != nil {
		return nil, false, fail(ctx, PhaseDNS, key.hostport, err)
	}
	addrs = make([]netip.AddrPort, 0, len(vetted))
	for _, v := range vetted {
		if v.Err != nil {
			return nil, false, fail(ctx, PhaseGuard, key.hostport, v.Err)
		}
		addrs, mapped = append(addrs, v.Addr), v.Mapped
	}
	return addrs, mapped, nil
}

// connect opens a stream to one of the addresses, directly or through the proxy. remote is the address that it leads to, "" if only
// the proxy knows.
func (c *Client) connect(ctx context.Context, key poolKey, addrs []netip.AddrPort, mapped bool) (nc net.Conn, remote string, err error) {
	if c.cfg.UnixSocket != "" {
		if nc, err = dialUnix(ctx, c.cfg.UnixSocket); err != nil {
			return nil, "", fail(ctx, PhaseConnect, key.hostport, err)
		}
		return nc, "", nil
	}
	if c.cfg.Proxy != nil && !mapped {
		if nc, remote, err = c.viaProxy(ctx, key, addrs); err != nil {
			return nil, "", fail(ctx, PhaseProxy, key.hostport, err)
		}
		return nc, remote, nil
	}
	direct, err := dialAny(ctx, addrs)
	if err != nil {
		return nil, "", fail(ctx, PhaseConnect, key.hostport, err)
	}
	return direct, direct.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap().String(), nil
}

// dialAny tries the addresses in their order; each gets its share of the time that is left.
func dialAny(ctx context.Context, addrs []netip.AddrPort) (*placedConn, error) {
	var all error
	for i, addr := range addrs {
		nc, err := dialOne(ctx, addr, len(addrs)-i)
		if err == nil {
			return &placedConn{socket: nc}, nil
		}
		err = fmt.Errorf("connect %q: %w", addr.String(), cause(err))
		if all == nil {
			all = err
		} else {
			all = fmt.Errorf("%w; %w", all, err) // on one line
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, all
}

// cause takes off what package net says about an attempt to connect; the caller says it better.
func cause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return err
}

func dialOne(ctx context.Context, addr netip.AddrPort, shares int) (*net.TCPConn, error) {
	ctx, cancel := share(ctx, shares)
	defer cancel()
	// Not DialTCP: that binds, even to no address in particular, and the kernel then looks for a port that is free whatever the
	// connection leads to. After some ten thousand connections it looks for milliseconds each time.
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp", addr.String())
	if err != nil {
		return nil, err
	}
	return nc.(*net.TCPConn), nil
}

// dialUnix opens a stream to a socket in the file system.
func dialUnix(ctx context.Context, path string) (*placedConn, error) {
	var d net.Dialer
	nc, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("connect %q: %w", path, cause(err))
	}
	return &placedConn{socket: nc.(*net.UnixConn)}, nil
}

// http1 is what this package speaks inside TLS.
var http1 = []string{"http/1.1"}

// handshake makes the TLS connection to key's host:port. Config.ServerName is for those that the user named.
func (c *Client) handshake(ctx context.Context, nc net.Conn, key poolKey, alpn []string) (*tls.Conn, error) {
	cfg := c.tlsFor(key.hostport, "")
	cfg.NextProtos = alpn
	if key.named && c.cfg.ServerName != "" {
		cfg.ServerName = c.cfg.ServerName
	}
	t := tls.Client(&wire{Conn: nc}, cfg)
	return t, t.HandshakeContext(ctx)
}

// tlsFor is the configuration of a TLS connection to hostport. Sessions are resumed with the very host:port that gave them, in the
// same role, since they stand for the certificate that was shown: crypto/tls itself would go by the name alone.
func (c *Client) tlsFor(hostport, role string) *tls.Config {
	cfg := c.tls.Clone()
	if cfg.ServerName == "" {
		host, _, _ := net.SplitHostPort(hostport)
		cfg.ServerName = strings.TrimSuffix(host, ".")
	}
	cfg.NextProtos = http1
	cfg.ClientSessionCache = sessions{c.tls.ClientSessionCache, role + normalHostPort(hostport) + " "}
	if cert := c.cfg.Certificate; cert != nil && c.cfg.CertificateFor(hostport) {
		cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }
	}
	return cfg
}

// sessions is a part of a cache of TLS sessions.
type sessions struct {
	cache tls.ClientSessionCache
	whose string
}

func (s sessions) Get(key string) (*tls.ClientSessionState, bool) { return s.cache.Get(s.whose + key) }

func (s sessions) Put(key string, state *tls.ClientSessionState) { s.cache.Put(s.whose+key, state) }

// addresses says what key.hostport means: the listener it is mapped to, itself if it is a literal, loopback for localhost, or
// what the resolver answers.
func (c *Client) addresses(ctx context.Context, key poolKey) (addrs []netip.AddrPort, mapped netip.AddrPort, err error) {
	if to, ok := c.mapped[normalHostPort(key.hostport)]; ok {
		return []netip.AddrPort{to}, to, nil
	}
	host, portText, err := net.SplitHostPort(key.hostport)
	if err != nil {
		return nil, mapped, err
	}
	n, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, mapped, fmt.Errorf("port %q: %w", portText, err)
	}
	ips, err := c.names.lookup(ctx, host)
	if err != nil {
		return nil, mapped, err
	}
	for _, ip := range ips {
		addrs = append(addrs, netip.AddrPortFrom(ip, uint16(n)))
	}
	return addrs, mapped, nil
}
