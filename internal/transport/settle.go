package transport

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	openPerSlot   = 4       // open connections for each exchange that may be in flight, when connections settle
	delayFactor   = 3       // a connection settles for that many times the usual time to the first byte
	earlySettles  = 5       // a connection to who is not trusted is watched for that many times Config.Settle before it is used
	maxSettles    = 20      // and at most for that many times Config.Settle
	maxDistrusted = 1 << 16 // host:ports that are remembered as not to be trusted
)

// Settle waits until the answer can be trusted, and then lets its connection be used again.
//
// A server may send a response that nobody asked for after an answer. If it arrives after the next request was sent, nothing tells
// it from that request's answer; but then the true answer follows, within the time that the server takes for its answers. So
// Settle waits until the connection has been quiet since the answer for three times that host:port's usual time to the first byte,
// at least Config.Settle and at most twenty times that. A connection that ends meanwhile is as good as a quiet one,
// unless it had served another request before and nothing had told that it would end: then the true answer may be what is missing.
//
// If anything arrives, or the connection ends so, Settle closes the connection and returns an *Error of class ClassUnasked, which is temporary: r may be the
// answer to another request and is not to be used, and the request is to be repeated. From then on (from the second such end on)
// the client uses each connection to that host:port for one request alone and says so ("Connection: close").
//
// Settle returns nil at once without Config.Settle, and for an answer whose connection brings no other. An answer that was cut
// cannot be settled: Settle returns nil for it, too. The wait counts neither to Config.Timeout nor to
// Timing. When ctx ends it first, or the client was closed (ErrClosed), r is not trusted and its connection closed. A second call
// returns what the first one did.
func (r *Response) Settle(ctx context.Context) error {
	if r.settling == nil {
		return r.untrusted
	}
	cn := r.settling
	r.settling = nil
	p := r.client.pool
	if !p.claim(cn) {
		r.untrusted = ErrClosed
		return r.untrusted
	}
	defer p.release(cn)
	if r.untrusted = r.client.settle(ctx, cn, r.received, r.single, r.Reused && r.reusable); r.untrusted != nil || !r.reusable {
		cn.nc.Close()
	} else {
		p.put(cn, time.Now())
	}
	return r.untrusted
}

// settle waits until cn has been quiet for long enough since the last byte of an answer. lasting says that it is to go on after it.
func (c *Client) settle(ctx context.Context, cn *conn, since time.Time, single, lasting bool) error {
	host := cn.host.key.hostport
	wait := min(max(delayFactor*time.Duration(cn.host.delay.Load()), c.cfg.Settle), maxSettles*c.cfg.Settle)
	wait = max(wait, delayedAck)
	cn.peek.acknowledge()
	saw, first, err := cn.settle(ctx, since.Add(wait))
	switch {
	case err != nil:
		return fail(ctx, PhaseSettle, host, fmt.Errorf("wait for a quiet connection: %w", err))
	case single && saw == waitingBytes && first != 'H': // an answer too long for its Content-Length, and no other
	case saw == waitingBytes:
		c.distrust(cn.host)
		return fail(ctx, PhaseSettle, host, fmt.Errorf("%w: after an answer", errUnasked))
	case saw == waitingEnd && lasting:
		if c.pool.suspect(host) { // once is a server that ends, or a balancer between
			c.distrust(cn.host)
		}
		return fail(ctx, PhaseSettle, host, fmt.Errorf("%w: the connection ended after an answer, perhaps before the true one", errUnasked))
	}
	return nil
}

// settle reads until the time is up, and wants to find nothing. Else first is the first byte that it has found. Being interrupted is an
// error.
func (c *conn) settle(ctx context.Context, until time.Time) (saw waiting, first byte, err error) {
	if err := ctx.Err(); err != nil {
		return waitingUnknown, 0, err
	}
	if b, _ := c.br.Peek(min(c.br.Buffered(), 1)); len(b) > 0 {
		return waitingBytes, b[0], nil
	}
	now := time.Now()
	if until.Before(now) { // the time is up already: a look is enough
		if c.nc.SetReadDeadline(now.Add(time.Minute)) != nil {
			return waitingEnd, 0, nil
		}
		if saw = c.look(); saw != waitingBytes || c.secure != nil {
			return saw, 'H', nil // under TLS the look has taken the byte: it may have been this one
		}
		until = now.Add(time.Minute) // it is there
	}
	if c.nc.SetReadDeadline(until) != nil {
		return waitingEnd, 0, nil
	}
	stop := context.AfterFunc(ctx, func() { _ = c.nc.SetReadDeadline(longAgo()) })
	var one [1]byte
	saw = found(c.nc.Read(one[:]))
	if !stop() && saw == waitingNothing {
		return saw, 0, ctx.Err()
	}
	if saw == waitingNothing && time.Now().Before(until) {
		return saw, 0, errInterrupted
	}
	return saw, one[0], nil
}

// errInterrupted is why a wait ended that was neither cancelled here nor had come to its end.
var errInterrupted = errors.New("exchange was cancelled")

// distrust makes every connection to h's host:port serve one exchange alone from now on.
func (c *Client) distrust(h *host) {
	if c.pool.distrust(h.key.hostport) {
		c.cfg.Logger.Info("server sends responses unasked: each connection is used once", "host", h.key.hostport)
	}
}

// holdToSettle leaves cn, which has just brought resp, in the hands of resp if there is a doubt that settling can clear.
func (c *Client) holdToSettle(cn *conn, resp *Response, reusable bool) bool {
	cn.host.sample(resp.Timing.FirstByte)
	if resp.once || resp.Truncated != "" {
		return false
	}
	resp.single = !reusable && !resp.Reused && cn.br.Buffered() == 0
	if !c.pool.hold(cn) {
		resp.untrusted = ErrClosed
		return false
	}
	resp.settling, resp.reusable, resp.received = cn, reusable, time.Now()
	return true
}

// sample takes d into the smoothed time to the first byte.
func (h *host) sample(d time.Duration) {
	old := h.delay.Load()
	next := int64(d)
	if old > 0 {
		next = old + (next-old)/8
	}
	h.delay.Store(max(next, 1)) // a sample that is lost to a race is no loss
}

// hold registers a connection that will settle, whose user has not left yet. It answers false if the pool is closed.
func (p *pool) hold(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.settling[c] = struct{}{}
	c.host.users++
	return true
}

// claim takes a connection that was held, to settle it: release must follow. It answers false if the pool is closed, and c with it.
func (p *pool) claim(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.settling[c]; !ok || p.closed {
		return false
	}
	delete(p.settling, c)
	p.users.Add(1)
	return true
}

// release ends what claim began. c is closed or idle.
func (p *pool) release(c *conn) {
	give(c.host.open)
	p.forget(c.host)
}

// abandon closes a connection that was held, unless somebody else did.
func (p *pool) abandon(c *conn) {
	p.mu.Lock()
	_, ok := p.settling[c]
	if ok {
		delete(p.settling, c)
		c.host.users--
		p.drop(c.host)
	}
	p.mu.Unlock()
	if ok {
		c.nc.Close()
		give(c.host.open)
	}
}

// distrust closes the idle connections to hostport and keeps none from now on. It answers false if it was known.
func (p *pool) distrust(hostport string) bool {
	p.mu.Lock()
	if _, known := p.distrusted[hostport]; known {
		p.mu.Unlock()
		return false
	}
	if len(p.distrusted) >= maxDistrusted {
		clear(p.distrusted) // they will be found out again
	}
	p.distrusted[hostport] = struct{}{}
	var list *conn
	for _, scheme := range [...]string{"http", "https"} {
		for _, named := range [...]bool{false, true} {
			if h := p.hosts[poolKey{scheme, hostport, named}]; h != nil {
				list = p.empty(h, list)
			}
		}
	}
	p.mu.Unlock()
	closeAll(list)
	return true
}

// empty takes the idle connections of h out and puts them before list. p.mu is held.
func (p *pool) empty(h *host, list *conn) *conn {
	for _, c := range h.idle {
		p.unlink(c)
		c.older = list
		list = c
	}
	h.idle = nil
	p.drop(h)
	return list
}

// suspect notes that a connection to hostport ended where it was to go on, and reports whether one did before.
func (p *pool) suspect(hostport string) (again bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, again = p.suspected[hostport]; again {
		return true
	}
	if len(p.suspected) >= maxDistrusted {
		clear(p.suspected)
	}
	p.suspected[hostport] = struct{}{}
	return false
}

// distrusts reports whether h's host:port has sent something unasked.
func (p *pool) distrusts(h *host) bool {
	if !p.settles {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, bad := p.distrusted[h.key.hostport]
	return bad
}
