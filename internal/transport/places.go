package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// places bounds the open connections over all hosts, so that they leave descriptors for everything else. The zero value
// bounds nothing. Safe for concurrent use.
type places struct {
	taken   chan struct{} // one for each connection, from before its dial until it is closed
	lookups chan struct{} // one for each question to the resolver: it opens sockets of its own
	wanted  atomic.Int64  // dials that wait for a place
}

func newPlaces(n int) *places {
	if n <= 0 {
		return &places{}
	}
	return &places{taken: make(chan struct{}, n), lookups: make(chan struct{}, max(n/4, 1))}
}

// place waits until one more connection may be open. The longest idle one is closed for it. Only ctx bounds the wait: whose turn it is
// says nothing about the server.
func (p *pool) place(ctx context.Context) error {
	if p.places.taken == nil {
		return nil
	}
	if p.places.wanted.Load() == 0 { // else those who wait come first
		select {
		case p.places.taken <- struct{}{}:
			return nil
		default:
		}
	}
	p.places.wanted.Add(1) // from here on, what would become idle is closed instead
	defer p.places.wanted.Add(-1)
	p.evict()
	return take(ctx, p.places.taken)
}

// evict closes the connection that has been idle for longest, if there is one.
func (p *pool) evict() {
	p.mu.Lock()
	c := p.oldest
	if c != nil {
		p.dropOldest(c)
	}
	p.mu.Unlock()
	if c != nil {
		c.nc.Close()
	}
}

// socket is a TCP or Unix connection.
type socket interface {
	net.Conn
	syscall.Conn
}

// placedConn is a connection that gives the place which it was handed back when it is closed.
type placedConn struct {
	socket
	once   sync.Once
	places *places // nil until it was handed one
}

// Close closes the connection; a second call changes nothing.
func (c *placedConn) Close() error {
	err := c.socket.Close()
	if c.places != nil {
		c.once.Do(func() { give(c.places.taken) })
	}
	return err
}

// hand gives the place that a dial has taken to the connection which came of it, whatever it is wrapped in. Nobody else has nc yet.
func (p *pool) hand(nc net.Conn) bool {
	for {
		switch c := nc.(type) {
		case *placedConn:
			c.places = p.places
			return true
		case *tls.Conn:
			nc = c.NetConn()
		case *wire:
			nc = c.Conn
		default:
			return false
		}
	}
}

// room waits for what a dial needs beside the server: a place, and a turn to ask the resolver. It tells how long that took.
// looked ends the turn.
func (c *Client) room(ctx context.Context, key poolKey) (looked func(), waited time.Duration, err error) {
	start := time.Now()
	if err := c.pool.place(ctx); err != nil {
		return nil, 0, err
	}
	turn := c.pool.places.lookups
	if !c.asks(key.hostport) {
		turn = nil
	}
	if err := take(ctx, turn); err != nil {
		give(c.pool.places.taken)
		return nil, 0, err
	}
	return func() { give(turn) }, time.Since(start), nil
}

// asks reports whether the resolver will be asked for hostport's addresses.
func (c *Client) asks(hostport string) bool {
	if c.cfg.UnixSocket != "" {
		return false
	}
	hostport = normalHostPort(hostport)
	if _, ok := c.mapped[hostport]; ok {
		return false
	}
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		return false
	}
	if _, err := netip.ParseAddr(host); err == nil || isLocalhost(host) {
		return false
	}
	_, known := c.names.remembered(host)
	return !known
}

// Starved reports whether this process, or the system, had no file descriptor left for the exchange: it says nothing about the server,
// and passes.
func (e *Error) Starved() bool { return starved(e.Err) }

// starved reports whether err came of a lack of descriptors. The resolver keeps only the text of such an error.
func starved(err error) bool {
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return true
	}
	var dns *net.DNSError
	return errors.As(err, &dns) && (strings.HasSuffix(dns.Err, syscall.EMFILE.Error()) || strings.HasSuffix(dns.Err, syscall.ENFILE.Error()))
}
