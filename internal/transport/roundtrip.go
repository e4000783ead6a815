package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/valyala/fasthttp"
)

// exchange sends p on cn, whose deadline is set, and reads the answer into resp. keep says that cn can serve another one. The error is
// errStale when nothing was sent, else an *Error.
func (s *Session) exchange(cn *conn, p *Prepared, resp *Response, start time.Duration) (keep bool, err error) {
	before := cn.in
	phase, reusable, err := s.roundTrip(cn, p, resp, start)
	resp.BytesIn += cn.in - before
	if err == errStale {
		if cn.turn.saw == waitingBytes {
			resp.Unasked++
		}
		return false, err
	}
	ctx := s.ctx
	if err != nil {
		return false, fail(ctx, phase, p.key.hostport, err)
	}
	if resp.Status == fasthttp.StatusProxyAuthRequired && p.via != nil {
		return false, fail(ctx, PhaseProxy, p.key.hostport, &proxyError{err: fmt.Errorf("hand a request to %v: %w", s.c.cfg.Proxy, refusal(resp.Status, resp.Head))})
	}
	if resp.Truncated == TruncatedTime {
		if cause := ctx.Err(); cause != nil && !errors.Is(cause, context.DeadlineExceeded) {
			return false, fail(ctx, PhaseBody, p.key.hostport, context.Cause(ctx))
		}
	}
	if resp.Truncated == "" && cn.br.Buffered() > 0 {
		resp.Unasked++
	}
	return reusable && !p.closes, nil
}

// stale makes an *Error of errStale on a new connection.
func (s *Session) stale(p *Prepared, t *turn) error {
	err := fmt.Errorf("%w: on a new connection before the request", errUnasked)
	if t.saw != waitingBytes {
		err = cmp.Or(t.err, io.EOF)
	}
	return fail(s.ctx, PhaseWrite, p.key.hostport, err)
}

// roundTrip is the exchange itself; phase says how far it came.
func (s *Session) roundTrip(cn *conn, p *Prepared, resp *Response, start time.Duration) (phase Phase, reusable bool, err error) {
	resp.Request, resp.RemoteIP = p.Head(), cn.remote
	sent, err := s.ask(cn, p, resp.Reused)
	if err != nil {
		if sent == 0 {
			return PhaseWrite, false, err
		}
		return PhaseHead, false, err
	}
	first := s.now()
	resp.Timing.FirstByte = first - sent
	in := cn.in
	fr, err := s.readHead(cn, resp)
	if err != nil {
		return PhaseHead, false, err
	}
	resp.Status, resp.HeadLen = fr.status, len(resp.buf)
	if err := s.readBody(cn, p, resp, &fr); err != nil {
		return PhaseBody, false, err
	}
	s.c.finish(resp, fr.chunked)
	end := first
	if cn.in != in || fr.close { // else all of it came at once
		end = s.now()
	}
	resp.Timing.Body, resp.Timing.Total = end-first, end-start
	return PhaseBody, !fr.close && resp.Truncated == "" && cn.br.Buffered() == 0, nil
}

// ask sends p and waits for the first byte of the answer. sent is when all of p was out, 0 if it never was.
func (s *Session) ask(cn *conn, p *Prepared, reused bool) (sent time.Duration, err error) {
	if cn.turn.raw != nil && p.rest == nil {
		cn.turn.begin(p.bytes)
		_, err = cn.br.Peek(1)
		return cn.turn.sent, err
	}
	cn.turn.begin(nil)
	cn.turn.stage, cn.turn.saw = stageNone, cn.glance()
	switch saw := cn.turn.saw; {
	case saw == waitingBytes, saw == waitingEnd, saw == waitingUnknown && reused:
		return 0, errStale
	}
	if err := cn.write(p.bytes); err != nil {
		return 0, err
	}
	if len(p.rest) > 0 {
		if err := cn.write(p.rest); err != nil {
			// A server that does not want the body may say so and close before it has read it (RFC 9112 section 9.6).
			if _, unread := cn.br.Peek(1); unread == nil {
				return s.now(), nil
			}
			return 0, err
		}
	}
	sent = s.now()
	_, err = cn.br.Peek(1)
	return sent, err
}

// glance is look at the cost of one system call: inside TLS an attempt to read looks at the socket already.
func (c *conn) glance() waiting {
	if c.br.Buffered() > 0 {
		return waitingBytes
	}
	if c.secure == nil || c.wire == nil {
		return c.peek.look()
	}
	var one [1]byte
	c.wire.probing = true
	n, err := c.secure.Read(one[:])
	c.wire.probing = false
	return found(n, err)
}

// readHead reads the head into resp, at once if it is plain and there.
func (s *Session) readHead(cn *conn, resp *Response) (framing, error) {
	b, _ := cn.br.Peek(cn.br.Buffered())
	if fr, n, ok := quickHead(b); ok && n <= s.c.cfg.MaxHeader {
		resp.buf = append(resp.buf[:0], b[:n]...)
		_, _ = cn.br.Discard(n) // it is there
		return fr, nil
	}
	var fr framing
	var err error
	resp.buf, fr, err = cn.readHead(resp.buf[:0], s.c.cfg.MaxHeader)
	return fr, err
}

// readBody is Client.readBody, at once if the body is not wanted and there.
func (s *Session) readBody(cn *conn, p *Prepared, resp *Response, fr *framing) error {
	if s.c.cfg.Discard && !fr.chunked && fr.length >= 0 && fr.length <= int64(cn.br.Buffered()) && fr.length <= s.c.cfg.MaxBody &&
		p.req.MaxBody == 0 && !fr.bodiless(p.req.method()) {
		resp.BodyLen = fr.length
		_, err := cn.br.Discard(int(fr.length))
		return err
	}
	return s.c.readBody(s.ctx, cn, p.req, resp, fr)
}
