package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
)

// Client performs HTTP/1.1 exchanges over its own connection pool. It is safe for concurrent use. Close it when done.
type Client struct {
	cfg       Config
	mapped    map[string]netip.AddrPort
	tls       *tls.Config
	names     names
	pool      *pool
	large     *large
	responses sync.Pool // *Response
	requests  sync.Pool // *fasthttp.RequestHeader
}

// New returns a Client that behaves as cfg says.
func New(cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("configure transport: %w", err)
	}
	cfg = cfg.withDefaults()
	mapped, err := parseMap(cfg.Map)
	if err != nil {
		return nil, fmt.Errorf("configure transport: %w", err)
	}
	c := &Client{cfg: cfg, mapped: mapped, tls: cfg.TLS.Clone(), pool: newPool(cfg), large: newLarge(cfg.LargeBytes, cfg.MaxBody, cfg.MaxHeader)}
	if c.tls.ClientSessionCache == nil {
		c.tls.ClientSessionCache = tls.NewLRUClientSessionCache(tlsSessions)
	}
	c.names = names{resolve: cfg.Resolve, ttl: cfg.ResolveTTL, known: make(map[string]answer)}
	c.responses.New = func() any { return new(Response) }
	c.requests.New = func() any { return new(fasthttp.RequestHeader) }
	return c, nil
}

// Close closes the idle connections and waits until the exchanges in flight have ended; their contexts and timeouts end them.
// Do returns ErrClosed from now on.
func (c *Client) Close() error {
	c.pool.close()
	return nil
}

// Do performs one exchange and returns the answer, whatever its status. It blocks for at most Config.Timeout, waits that
// Config leaves out of it aside, or until ctx ends.
// The error is an *Error, or ErrClosed. An answer that was cut is no error: look at Response.Truncated.
func (c *Client) Do(ctx context.Context, req *Request) (*Response, error) {
	start := time.Now()
	if err := req.Validate(); err != nil {
		return nil, &Error{Phase: PhaseRequest, Class: ClassBadRequest, HostPort: req.Target.HostPort, Err: err}
	}
	deadline := start.Add(c.cfg.Timeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	resp := c.newResponse(req, start)
	if err := c.attempts(ctx, req, resp, deadline); err != nil {
		resp.Release()
		return nil, err
	}
	resp.Timing.Total = time.Since(start)
	return resp, nil
}

func (c *Client) newResponse(req *Request, start time.Time) *Response {
	resp := c.responses.Get().(*Response)
	resp.client, resp.Started = c, start
	c.render(req, resp, c.cfg.NoKeepAlive)
	return resp
}

// render writes the request's head into resp.
func (c *Client) render(req *Request, resp *Response, once bool) {
	h := c.newHeader()
	resp.reqBuf = req.appendTo(resp.reqBuf[:0], h, heading{userAgent: c.cfg.UserAgent, once: once, via: c.forwarder(req)})
	c.requests.Put(h)
	resp.Request, resp.once = resp.reqBuf, once
}

func (c *Client) newHeader() *fasthttp.RequestHeader {
	return c.requests.Get().(*fasthttp.RequestHeader)
}

// attempts performs the exchange, a second time on a new connection if a kept-alive one turned out to be dead.
func (c *Client) attempts(ctx context.Context, req *Request, resp *Response, deadline time.Time) error {
	key := poolKey{req.Target.Scheme, req.Target.HostPort, req.Named || c.cfg.Guard.Names(req.Target.HostPort)}
	h, err := c.enter(ctx, key, deadline)
	if err != nil {
		return err
	}
	defer func() { c.pool.leave(h, resp.settling != nil) }()
	cn := c.idle(h, deadline)
	resp.Reused = cn != nil
	if cn == nil && c.pool.distrusts(h) {
		c.render(req, resp, true)
	}
	for {
		resp.Attempts++
		if cn == nil {
			until := deadline
			if d := time.Now().Add(req.Patience); req.Patience > 0 && d.Before(until) {
				until = d
			}
			if cn, err = c.dialBefore(ctx, h, &resp.Timing, until); err != nil {
				return err
			}
			if until != deadline && ctx.Err() == nil {
				cn.deadline = deadline
				_ = cn.nc.SetDeadline(deadline)
			}
			if err := c.early(ctx, cn, resp.once); err != nil {
				return err
			}
		}
		before := cn.in
		err := c.exchange(ctx, cn, req, resp)
		if err == nil || !resp.Reused || cn.in != before || c.cfg.NoRetry || !req.idempotent() || !dead(err) {
			return err
		}
		c.cfg.Logger.Debug("retry on a new connection", "host", key.hostport, "err", err)
		resp.Reused, cn = false, nil
	}
}

func (c *Client) enter(ctx context.Context, key poolKey, deadline time.Time) (*host, error) {
	if c.cfg.MaxConnsPerHost > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	h, err := c.pool.enter(ctx, key)
	if errors.Is(err, ErrClosed) || err == nil {
		return h, err
	}
	return nil, fail(ctx, PhaseConnect, key.hostport, fmt.Errorf("wait for a connection: %w", err))
}

func (c *Client) dialBefore(ctx context.Context, h *host, t *Timing, deadline time.Time) (*conn, error) {
	looked, waited, err := c.room(ctx, h.key)
	if err != nil {
		return nil, fail(ctx, PhaseConnect, h.key.hostport, fmt.Errorf("wait for a connection: %w", err))
	}
	deadline = deadline.Add(waited)
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	cn, err := c.dial(ctx, h.key, t, looked)
	if err != nil {
		return nil, err
	}
	cn.host, cn.deadline = h, deadline
	if err := cn.nc.SetDeadline(deadline); err != nil {
		cn.nc.Close()
		return nil, fail(ctx, PhaseConnect, h.key.hostport, err)
	}
	return cn, nil
}

// early refuses a new connection on which something waits before anything was asked. A server that is not to be trusted gets some time
// to give itself away: its one answer on this connection will be taken for true.
func (c *Client) early(ctx context.Context, cn *conn, distrusted bool) error {
	if c.cfg.Settle == 0 {
		return nil
	}
	saw := cn.look()
	if distrusted && saw == waitingNothing {
		var err error
		until := time.Now().Add(earlySettles * c.cfg.Settle)
		if until.After(cn.deadline) {
			until = cn.deadline
		}
		if saw, _, err = cn.settle(ctx, until); err == nil {
			err = cn.nc.SetDeadline(cn.deadline)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			cn.nc.Close()
			return fail(ctx, PhaseWrite, cn.host.key.hostport, err)
		}
	}
	if saw != waitingBytes {
		return nil
	}
	cn.nc.Close()
	c.distrust(cn.host)
	return fail(ctx, PhaseWrite, cn.host.key.hostport, fmt.Errorf("%w: on a new connection before the request", errUnasked))
}

// idle takes idle connections of h until one is quiet. Its deadline is set.
func (c *Client) idle(h *host, deadline time.Time) *conn {
	for {
		cn := c.pool.get(h, time.Now())
		if cn == nil {
			return nil
		}
		saw := cn.ready(deadline)
		if saw == waitingNothing {
			return cn
		}
		if saw == waitingBytes && c.cfg.Settle > 0 {
			c.distrust(h)
		}
		c.cfg.Logger.Debug("drop connection with unread bytes or a closed end", "host", h.key.hostport)
		cn.nc.Close()
	}
}

// dead reports whether err is what a connection says that the other side gave up while it idled.
func dead(err error) bool {
	class, _ := classify(PhaseHead, err)
	return class == ClassReset || class == ClassClosed || errors.Is(err, syscall.ENOTCONN)
}
