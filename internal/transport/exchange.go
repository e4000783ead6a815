package transport

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/valyala/fasthttp"
)

// exchange writes the request to cn, whose deadline is set, and reads the answer into resp. Afterwards cn is either back in the pool or closed.
func (c *Client) exchange(ctx context.Context, cn *conn, req *Request, resp *Response) error {
	held, keep := false, false
	defer func() {
		switch {
		case held:
		case keep:
			c.pool.put(cn, time.Now())
		default:
			cn.nc.Close()
		}
	}()
	stop := func() bool { return true }
	if ctx.Done() != nil { // the deadline was set before: the cancellation has the last word
		stop = context.AfterFunc(ctx, func() { _ = cn.nc.SetDeadline(longAgo()) })
	}
	before := cn.in
	if req.Patience > 0 {
		cn.hurry(ctx, req.Patience)
		defer func() { cn.hurried = hurried{} }()
	}
	phase, reusable, err := c.roundTrip(ctx, cn, req, resp)
	resp.BytesIn = cn.in - before
	undisturbed := stop()
	if err != nil {
		e := fail(ctx, phase, req.Target.HostPort, err)
		if c.cfg.Settle > 0 && resp.Reused && cn.in != before {
			e.Temporary = true // what makes no sense may be something unasked, too
		}
		return e
	}
	if resp.Status == fasthttp.StatusProxyAuthRequired && c.forwarder(req) != nil {
		return fail(ctx, PhaseProxy, req.Target.HostPort, &proxyError{err: fmt.Errorf("hand a request to %v: %w", c.cfg.Proxy, refusal(resp.Status, resp.Head))})
	}
	if resp.Truncated == TruncatedTime && ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fail(ctx, PhaseBody, req.Target.HostPort, context.Cause(ctx))
	}
	keep = reusable && undisturbed && !req.closes() && !resp.once
	if c.cfg.Settle > 0 {
		held = c.holdToSettle(cn, resp, keep)
		keep = false
	}
	return nil
}

// roundTrip is the exchange itself; phase says how far it came.
func (c *Client) roundTrip(ctx context.Context, cn *conn, req *Request, resp *Response) (phase Phase, reusable bool, err error) {
	if err := cn.send(resp.reqBuf, req.Body); err != nil {
		return PhaseWrite, false, err
	}
	resp.RemoteIP = cn.remote
	sent := time.Now()
	if _, err := cn.br.Peek(1); err != nil {
		return PhaseHead, false, err
	}
	first := time.Now()
	resp.Timing.FirstByte = first.Sub(sent)
	var fr framing
	if resp.buf, fr, err = cn.readHead(resp.buf[:0], c.cfg.MaxHeader); err != nil {
		return PhaseHead, false, err
	}
	resp.Status, resp.HeadLen = fr.status, len(resp.buf)
	if err := c.readBody(ctx, cn, req, resp, &fr); err != nil {
		return PhaseBody, false, err
	}
	c.finish(resp, fr.chunked)
	resp.Timing.Body = time.Since(first)
	// What is unread now is no answer to anything that was asked.
	return PhaseBody, !fr.close && resp.Truncated == "" && cn.br.Buffered() == 0, nil
}

// send writes head and body, as one piece unless the body is large.
func (c *conn) send(head, body []byte) error {
	if n := len(head); len(body) > 0 && len(body) <= together {
		head, body = append(head[:n:n], body...), nil
	}
	if _, err := c.nc.Write(head); err != nil {
		return err
	}
	if len(body) == 0 {
		return nil
	}
	_, err := c.nc.Write(body)
	return err
}

// readBody reads the body, if there is one; a cut body sets resp.Truncated and is no error.
func (c *Client) readBody(ctx context.Context, cn *conn, req *Request, resp *Response, fr *framing) error {
	if fr.bodiless(req.method()) {
		if fr.status == 204 && (fr.chunked || fr.length > 0) {
			fr.close = true // it announces a body that it must not have, and may send it
		}
		fr.chunked = false
		return nil
	}
	if !fr.chunked && fr.length < 0 {
		fr.close = true
	}
	limit := c.cfg.MaxBody
	if req.MaxBody > 0 {
		limit = req.MaxBody
	}
	b := body{
		c: cn, resp: resp, limit: limit, framing: freeFraming, record: c.cfg.Record && fr.chunked, discard: c.cfg.Discard,
		ctx: ctx, large: c.large,
	}
	err := b.read(fr)
	switch {
	case err == nil:
	case errors.Is(err, errLimit):
		resp.Truncated = TruncatedLength
	case malformed(err):
		return err
	case isTimeout(err):
		resp.Truncated = TruncatedTime
	default:
		resp.Truncated = TruncatedDisconnect
	}
	return nil
}

// finish points the response's slices into its buffers, which do not move any more.
func (c *Client) finish(resp *Response, chunked bool) {
	resp.Head = resp.buf[:resp.HeadLen:resp.HeadLen]
	if c.cfg.Discard {
		return
	}
	resp.Body = resp.buf[resp.HeadLen:]
	if c.cfg.Record {
		resp.Raw = resp.buf
		switch {
		case chunked && resp.lease != nil:
			resp.Body, resp.framed = nil, true
		case chunked:
			resp.payload = dechunk(resp.payload[:0], resp.Body, resp.BodyLen)
			resp.Body = resp.payload
		}
	}
	if resp.lease != nil {
		resp.lease.shrink(int64(cap(resp.buf)))
	}
}
