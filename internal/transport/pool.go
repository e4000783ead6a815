package transport

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
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
	open  chan struct{} // bounds these and the connections that settle; nil without a bound or without settling
	delay atomic.Int64  // smoothed time to the first byte, nanoseconds
}

// pool keeps idle connections, the most recently used first per host, and closes those that are old or too many. It does so
// whenever it is used, and needs no goroutine for it.
type pool struct {
	maxPerHost, maxIdle int
	idleTimeout         time.Duration
	settles             bool
	places              *places

	mu     sync.Mutex // guards what follows
	hosts  map[poolKey]*host
	newest *conn // list of all idle connections by idleSince
	oldest *conn
	nIdle  int
	closed bool
	users  sync.WaitGroup

	settling   map[*conn]struct{}  // held by responses that nobody has settled yet
	distrusted map[string]struct{} // host:ports that sent something unasked
	suspected  map[string]struct{} // host:ports that once ended a connection too early
}

func newPool(cfg Config) *pool {
	return &pool{
		maxPerHost: cfg.MaxConnsPerHost, maxIdle: cfg.MaxIdle, idleTimeout: cfg.IdleTimeout, settles: cfg.Settle > 0, places: newPlaces(cfg.MaxConns),
		hosts: make(map[poolKey]*host), settling: make(map[*conn]struct{}), distrusted: make(map[string]struct{}), suspected: make(map[string]struct{}),
	}
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
		h = p.newHost(key)
		p.hosts[key] = h
	}
	h.users++
	p.users.Add(1)
	p.mu.Unlock()
	if err := take(ctx, h.slots); err != nil {
		p.forget(h)
		return nil, err
	}
	if err := take(ctx, h.open); err != nil {
		give(h.slots)
		p.forget(h)
		return nil, err
	}
	return h, nil
}

func (p *pool) newHost(key poolKey) *host {
	h := &host{key: key}
	if p.maxPerHost > 0 {
		h.slots = make(chan struct{}, p.maxPerHost)
		if p.settles {
			h.open = make(chan struct{}, openPerSlot*p.maxPerHost)
		}
	}
	return h
}

// take waits for a place in slots, which may be nil.
func take(ctx context.Context, slots chan struct{}) error {
	if slots == nil {
		return nil
	}
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func give(slots chan struct{}) {
	if slots != nil {
		<-slots
	}
}

// leave undoes enter. settling says that the user's connection stays open to settle: release gives its place back.
func (p *pool) leave(h *host, settling bool) {
	give(h.slots)
	if !settling {
		give(h.open)
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

// put keeps c for later, unless the pool is closed, its host not trusted or its place wanted.
func (p *pool) put(c *conn, now time.Time) {
	p.mu.Lock()
	if _, bad := p.distrusted[c.host.key.hostport]; bad || p.closed || p.places.wanted.Load() > 0 {
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
		p.dropOldest(c)
		c.older = list
		list = c
	}
	return list
}

// dropOldest takes out c, which has been idle for longest. p.mu is held.
func (p *pool) dropOldest(c *conn) {
	p.unlink(c)
	h := c.host // within a host the order is the same: its oldest stands first
	copy(h.idle, h.idle[1:])
	h.idle[len(h.idle)-1] = nil
	h.idle = h.idle[:len(h.idle)-1]
	p.drop(h)
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

// close refuses new users, closes what idles or has not begun to settle, and waits for the users there are.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	p.maxIdle = -1
	old := p.expire(time.Time{})
	unsettled := slices.Collect(maps.Keys(p.settling))
	p.mu.Unlock()
	closeAll(old)
	for _, c := range unsettled {
		p.abandon(c)
	}
	p.users.Wait()
}
