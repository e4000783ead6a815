package transport

import (
	"context"
	"sync"
	"time"
)

// poolKey names connections that can stand in for each other. A connection that was dialled under the guard's exception serves
// only requests that have it.
type poolKey struct {
	scheme, hostport string
	named            bool
}

// host is one entry of the pool. It lives as long as somebody uses it or a connection idles in it.
type host struct {
	key   poolKey
	users int
	idle  []*conn       // the most recently used last
	slots chan struct{} // bounds the users that hold or dial a connection; nil without a bound
}

// pool keeps idle connections, the most recently used first per host, and closes those that are old or too many. It does so
// whenever it is used, and needs no goroutine for it.
type pool struct {
	maxPerHost, maxIdle int
	idleTimeout         time.Duration

	mu     sync.Mutex // guards what follows
	hosts  map[poolKey]*host
	newest *conn // list of all idle connections by idleSince
	oldest *conn
	nIdle  int
	closed bool
	users  sync.WaitGroup
}

func newPool(cfg Config) *pool {
	return &pool{maxPerHost: cfg.MaxConnsPerHost, maxIdle: cfg.MaxIdle, idleTimeout: cfg.IdleTimeout, hosts: make(map[poolKey]*host)}
}

// enter registers a user of key and waits for a slot. leave must follow.
func (p *pool) enter(ctx context.Context, key poolKey) (*host, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	h := p.hosts[key]
	if h == nil {
		h = &host{key: key}
		if p.maxPerHost > 0 {
			h.slots = make(chan struct{}, p.maxPerHost)
		}
		p.hosts[key] = h
	}
	h.users++
	p.users.Add(1)
	p.mu.Unlock()
	if h.slots == nil {
		return h, nil
	}
	select {
	case h.slots <- struct{}{}:
		return h, nil
	case <-ctx.Done():
		p.forget(h)
		return nil, context.Cause(ctx)
	}
}

// leave undoes enter.
func (p *pool) leave(h *host) {
	if h.slots != nil {
		<-h.slots
	}
	p.forget(h)
}

func (p *pool) forget(h *host) {
	p.mu.Lock()
	h.users--
	p.drop(h)
	p.mu.Unlock()
	p.users.Done()
}

// drop removes an entry that nobody needs. p.mu is held.
func (p *pool) drop(h *host) {
	if h.users == 0 && len(h.idle) == 0 {
		delete(p.hosts, h.key)
	}
}

// get takes the most recently used idle connection of h, or nil.
func (p *pool) get(h *host, now time.Time) *conn {
	p.mu.Lock()
	old := p.expire(now)
	var c *conn
	if n := len(h.idle); n > 0 {
		c = h.idle[n-1]
		h.idle = h.idle[:n-1]
		p.unlink(c)
	}
	p.mu.Unlock()
	closeAll(old)
	return c
}

// put keeps c for later, unless the pool is closed.
func (p *pool) put(c *conn, now time.Time) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		c.nc.Close()
		return
	}
	c.idleSince = now
	c.host.idle = append(c.host.idle, c)
	p.link(c)
	old := p.expire(now)
	p.mu.Unlock()
	closeAll(old)
}

// expire takes out the idle connections that are too old or too many, and returns them as a list. p.mu is held.
func (p *pool) expire(now time.Time) *conn {
	var list *conn
	for c := p.oldest; c != nil && (p.nIdle > p.maxIdle || now.Sub(c.idleSince) >= p.idleTimeout); c = p.oldest {
		p.unlink(c)
		// Within a host the order is the same: its oldest stands first.
		h := c.host
		copy(h.idle, h.idle[1:])
		h.idle[len(h.idle)-1] = nil
		h.idle = h.idle[:len(h.idle)-1]
		p.drop(h)
		c.older = list
		list = c
	}
	return list
}

func closeAll(list *conn) {
	for c := list; c != nil; c = c.older {
		c.nc.Close()
	}
}

func (p *pool) link(c *conn) {
	c.older, c.newer = p.newest, nil
	if p.newest != nil {
		p.newest.newer = c
	} else {
		p.oldest = c
	}
	p.newest = c
	p.nIdle++
}

func (p *pool) unlink(c *conn) {
	if c.newer != nil {
		c.newer.older = c.older
	} else {
		p.newest = c.older
	}
	if c.older != nil {
		c.older.newer = c.newer
	} else {
		p.oldest = c.newer
	}
	c.newer, c.older = nil, nil
	p.nIdle--
}

// close refuses new users, closes what idles and waits for the users there are.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	p.maxIdle = -1
	old := p.expire(time.Time{})
	p.mu.Unlock()
	closeAll(old)
	p.users.Wait()
}
