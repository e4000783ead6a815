package transport

import (
	"context"
	"net/http/cookiejar"
	"slices"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
)

// sessionConns is how many connections a session keeps, one for each origin.
const sessionConns = 4

// SessionConfig says what a Session does beside exchanges. The zero value is nothing: redirects are answers, cookies are ignored.
type SessionConfig struct {
	// MaxRedirects is how many redirects are followed for one request; the answer to the last one is the answer, a redirect or not.
	// Defaults to 0.
	MaxRedirects int
	// Cookies sends back what Set-Cookie fields have set (RFC 6265, with the public suffix list), within this session.
	Cookies bool
}

// Session is one caller's own connections, for one request after another at the least cost: one connection for each of the last four
// origins, no pool, no lock on the way. It shares the client's configuration, resolver and limits; Config.MaxIdle,
// MaxConnsPerHost, IdleTimeout and Settle mean nothing to it, and Request.Patience neither. One goroutine may use it. Close it
// before the client.
//
// What Do does, it does as Client.Do: framing, limits, the second attempt. Beyond that it looks at every connection, new ones too,
// in the same breath as it sends; see Response.Unasked. The context of one call after another should be the same one, which is
// then watched once.
type Session struct {
	c       *Client
	cfg     SessionConfig
	base    time.Time // instants are durations since
	scratch Prepared  // of Do
	hop     Prepared  // of follow
	jar     *jar

	ctx   context.Context // that is watched
	limit time.Duration   // its deadline, 0 for none
	until time.Time       // the same
	stop  func() bool

	mu    sync.Mutex // guards round and, against interrupt, conns
	round int        // counts the contexts
	conns []*conn    // the most recently used first
}

// NewSession returns a Session without a connection.
func (c *Client) NewSession(cfg SessionConfig) *Session {
	s := &Session{c: c, cfg: cfg, base: time.Now()}
	if cfg.Cookies {
		list, _ := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}) // it never fails
		s.jar = &jar{list: list, known: make(map[string]struct{})}
	}
	return s
}

// Close closes the connections. The session can be used again.
func (s *Session) Close() error {
	s.watch(context.Background())
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, cn := range s.conns {
		cn.nc.Close()
	}
	s.conns = nil
	return nil
}

// Do is DoPrepared for a request that is rendered anew.
func (s *Session) Do(ctx context.Context, req *Request, resp *Response) error {
	if err := s.c.prepare(&s.scratch, req); err != nil {
		resp.renew(s.c)
		return err
	}
	return s.DoPrepared(ctx, &s.scratch, resp)
}

// DoPrepared performs one exchange, or a chain of them with SessionConfig.MaxRedirects, and puts the answer into resp, which is the caller's and
// may be the same again and again: what it held before is gone. It blocks for at most Config.Timeout altogether, waits for LargeBytes
// and MaxConns aside, or until ctx ends. The error is an *Error; resp then tells of Attempts, Unasked and Timing what there was of
// them. An answer that was cut is no error: look at Response.Truncated.
func (s *Session) DoPrepared(ctx context.Context, p *Prepared, resp *Response) error {
	now := s.now()
	s.watch(ctx)
	resp.renew(s.c)
	resp.Started = s.base.Add(now)
	meant := now + s.c.cfg.Timeout
	if s.limit != 0 {
		meant = min(meant, s.limit)
	}
	if err := ctx.Err(); err != nil {
		return fail(ctx, PhaseConnect, p.key.hostport, err)
	}
	if s.cfg.MaxRedirects > 0 || s.jar != nil {
		return s.follow(p, resp, now, meant)
	}
	return s.attempts(p, resp, now, meant)
}

func (s *Session) now() time.Duration { return time.Since(s.base) }

// watch makes the end of ctx end what waits on the session's connections, until another context is watched.
func (s *Session) watch(ctx context.Context) {
	if s.ctx == ctx {
		return
	}
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
	s.mu.Lock()
	s.round++
	round := s.round
	s.ctx, s.limit, s.until = ctx, 0, time.Time{}
	if until, ok := ctx.Deadline(); ok {
		s.until, s.limit = until, max(until.Sub(s.base), 1)
	}
	for _, cn := range s.conns { // their deadlines may have been moved to the past
		cn.lazy.ctx, cn.lazy.limit, cn.lazy.set = ctx, s.until, 0
	}
	s.mu.Unlock()
	if ctx.Done() != nil {
		s.stop = context.AfterFunc(ctx, func() { s.interrupt(round) })
	}
}

// interrupt ends what waits, if the context that has ended is still the one that counts.
func (s *Session) interrupt(round int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.round != round {
		return
	}
	for _, cn := range s.conns {
		_ = cn.nc.SetDeadline(longAgo()) // a connection that cannot is one that ended
	}
}

// find takes the connection that serves key, or nil.
func (s *Session) find(key *poolKey) *conn {
	for i, cn := range s.conns {
		if cn.host.key == *key {
			if i > 0 {
				s.mu.Lock()
				copy(s.conns[1:i+1], s.conns[:i])
				s.conns[0] = cn
				s.mu.Unlock()
			}
			return cn
		}
	}
	return nil
}

// drop closes cn.
func (s *Session) drop(cn *conn) {
	s.mu.Lock()
	s.conns = slices.DeleteFunc(s.conns, func(other *conn) bool { return other == cn })
	s.mu.Unlock()
	cn.nc.Close()
}

// dial opens a connection for key and keeps it, in place of the one that was unused for longest if there are too many.
func (s *Session) dial(key poolKey, resp *Response, meant time.Duration) (*conn, error) {
	var t Timing
	cn, err := s.c.dialBefore(s.ctx, &host{key: key}, &t, s.base.Add(meant))
	resp.Timing.DNS += t.DNS
	resp.Timing.Connect += t.Connect
	resp.Timing.TLS += t.TLS
	if err != nil {
		return nil, err
	}
	until := cn.deadline.Sub(s.base)
	cn.lazy = &lazy{base: s.base, ctx: s.ctx, limit: s.until, meant: until, set: until}
	cn.takesTurns(s.base)
	if cn.wire != nil {
		cn.wire.lowest().early = cn.early
	}
	s.mu.Lock()
	s.conns = slices.Insert(s.conns, 0, cn)
	s.mu.Unlock()
	if len(s.conns) > sessionConns {
		s.drop(s.conns[sessionConns])
	}
	if s.ctx.Err() != nil { // it may have ended before there was a connection to interrupt
		_ = cn.nc.SetDeadline(longAgo())
	}
	return cn, nil
}

// attempts performs one exchange, a second time on a new connection if a kept one turned out to be dead.
func (s *Session) attempts(p *Prepared, resp *Response, start, meant time.Duration) error {
	cn := s.find(&p.key)
	resp.Reused = cn != nil
	resp.Attempts++
	for {
		if cn == nil {
			var err error
			if cn, err = s.dial(p.key, resp, meant); err != nil {
				return err
			}
			meant = cn.lazy.meant
		} else {
			cn.aim(s.now(), meant)
		}
		before := cn.in
		keep, err := s.exchange(cn, p, resp, start)
		if !keep {
			s.drop(cn)
		}
		switch {
		case err == nil:
			return nil
		case err == errStale && resp.Reused: // nothing was sent
		case resp.Reused && cn.in == before && p.again && dead(err):
			s.c.cfg.Logger.Debug("retry on a new connection", "host", p.key.hostport, "err", err)
			resp.Attempts++
		case err == errStale:
			return s.stale(p, &cn.turn)
		default:
			return err
		}
		resp.Reused, cn = false, nil
	}
}
