package http2

import (
	"errors"

	"tandem/internal/transport"
	"tandem/load/engine"
)

const classUnasked = transport.ClassUnasked

var errMore = errors.New("the server sent more on a stream that it had ended")

// partial is a header block that is not there whole.
type partial struct {
	stream uint32 // 0: none
	end    bool   // END_STREAM
	large  bool   // it is longer than maxHeader, and not kept
	pieces int
	size   int
	block  []byte
}

func (c *conn) onHeaders(f *frame) *broken {
	p := f.payload
	if f.has(flagPadded) {
		if len(p) == 0 || int(p[0]) >= len(p) {
			return protocol(codeProtocol, "HEADERS is shorter than its padding")
		}
		p = p[1 : len(p)-int(p[0])]
	}
	if f.has(flagPriority) {
		if len(p) < 5 {
			return protocol(codeFrameSize, "HEADERS is too short for its priority")
		}
		p = p[5:]
	}
	e, at, b := c.lookup(f)
	if b != nil {
		return b
	}
	if e != nil {
		e.sample.Bytes += int64(f.size)
		if e.sample.First == 0 {
			e.sample.First = c.lastRead
		}
	}
	if f.has(flagEndHeaders) {
		return c.headers(e, at, f.stream, p, f.has(flagEndStream))
	}
	c.partial = partial{stream: f.stream, end: f.has(flagEndStream), size: len(p), block: append(c.partial.block[:0], p...)}
	return nil
}

func (c *conn) onContinuation(f *frame) *broken {
	p := &c.partial
	if p.stream == 0 {
		return protocol(codeProtocol, "CONTINUATION without HEADERS")
	}
	p.pieces++
	p.size += len(f.payload)
	if p.pieces > maxPieces || p.size > 16*maxHeader {
		return protocol(codeCalm, "a header block without end")
	}
	p.large = p.large || p.size > maxHeader
	if !p.large {
		p.block = append(p.block, f.payload...)
	}
	e, at := c.find(f.stream)
	if e != nil {
		e.sample.Bytes += int64(f.size)
	}
	if !f.has(flagEndHeaders) {
		return nil
	}
	p.stream = 0
	if !p.large {
		return c.headers(e, at, f.stream, p.block, p.end)
	}
	c.ended(f.stream, p.end)
	if e != nil {
		c.abandon(at, errLarge)
	}
	return nil
}

var errLarge = &broken{code: codeCancel, class: transport.ClassLargeHeader, err: errors.New("a header block is larger than 64 KiB")}

// ended notes that the server has ended a stream that we had reset.
func (c *conn) ended(stream uint32, end bool) {
	if end && len(c.forgotten) > 0 {
		delete(c.forgotten, stream)
	}
}

// headers takes a whole header block.
func (c *conn) headers(e *exchange, at int, stream uint32, block []byte, end bool) *broken {
	h := &c.fields
	if e == nil { // there is no dynamic table that it could have changed
		c.ended(stream, end)
		return nil
	}
	run := c.slot.group.run
	h.reset(run.needsHead && !e.stream.final)
	if b := h.parse(block); b != nil {
		return b
	}
	if b := e.heard(h, end); b != nil {
		c.abandon(at, b)
		return nil
	}
	if h.status >= 200 && h.want {
		e.stream.head = append(append(e.stream.head[:0], h.text...), "\r\n"...)
	}
	c.useless = 0
	if end {
		c.complete(e, at)
	}
	return nil
}

// heard takes what a header block says: an interim answer, the answer's own fields, or trailers.
func (e *exchange) heard(h *head, end bool) *broken {
	s := &e.stream
	switch {
	case h.bad != nil:
		return h.bad
	case s.final && h.status != 0:
		return protocol(codeProtocol, "a second answer on a stream")
	case s.final && !end:
		return protocol(codeProtocol, "trailers that do not end the stream")
	case s.final:
		return nil
	case h.status == 0:
		return protocol(codeProtocol, "an answer without a status")
	case h.status < 200:
		if s.interim++; end || h.status == 101 || s.interim > maxInterim {
			return protocol(codeProtocol, "interim answers that end the stream, switch the protocol or have no end")
		}
		return nil
	}
	s.final, e.sample.Status, s.length = true, h.status, h.length
	if e.bodiless() {
		s.length = 0
	}
	return nil
}

// bodiless reports whether the answer has no body, whatever length it announces (RFC 9110 section 6.4.1).
func (e *exchange) bodiless() bool {
	return e.block.head || e.sample.Status == 204 || e.sample.Status == 304
}

func (c *conn) onData(f *frame) *broken {
	if b := c.account(f); b != nil {
		return b
	}
	e, at, b := c.lookup(f)
	if e == nil {
		c.ended(f.stream, f.last && f.has(flagEndStream))
		return b
	}
	s := &e.stream
	n := int64(len(f.payload))
	s.got += n
	e.sample.Bytes += int64(f.size)
	switch {
	case !s.final:
		c.abandon(at, protocol(codeProtocol, "DATA before the answer's fields"))
		return nil
	case s.length >= 0 && s.got > s.length:
		c.abandon(at, protocol(codeProtocol, "DATA beyond the announced length"))
		return nil
	case c.slot.group.run.needsBody && s.got > engine.MaxKept:
		c.abandon(at, errLong)
		return nil
	}
	if n > 0 {
		c.useless = 0
		if c.slot.group.run.needsBody {
			s.body = append(s.body, f.payload...)
		}
	}
	if f.last && f.has(flagEndStream) {
		c.complete(e, at)
		return nil
	}
	return c.grantMore(e, at, f)
}

var errLong = &broken{code: codeCancel, class: transport.TruncatedLength, err: errors.New("a body that is to be checked is larger than 32 MiB")}

// account holds DATA against the connection's window, and grants more when half of it is used up.
func (c *conn) account(f *frame) *broken {
	if f.stream == 0 {
		return protocol(codeProtocol, "DATA on stream 0")
	}
	if c.received += int64(f.flow); c.received > ourWindow {
		return protocol(codeFlow, "DATA beyond the connection's window")
	}
	if c.received >= ourWindow/2 {
		c.put(appendWindow(c.out, 0, uint32(c.received)))
		c.received = 0
	}
	return nil
}

func (c *conn) grantMore(e *exchange, at int, f *frame) *broken {
	s := &e.stream
	if s.received += int64(f.flow); s.received > ourWindow {
		c.abandon(at, protocol(codeFlow, "DATA beyond the stream's window"))
		return nil
	}
	if s.received >= ourWindow/2 {
		c.put(appendWindow(c.out, s.id, uint32(s.received)))
		s.received = 0
	}
	return nil
}

// complete takes a whole answer.
func (c *conn) complete(e *exchange, at int) {
	s := &e.stream
	if len(s.rest) > 0 { // answered before all was sent
		c.put(appendReset(c.out, s.id, codeCancel))
		s.mark = c.written // what the server wanted of it went out
	}
	c.drop(at)
	if s.length >= 0 && s.got != s.length {
		c.slot.failed(e, errShort, c.sent(e))
		return
	}
	c.slot.answered(e, c.sent(e))
}

var errShort = protocol(codeProtocol, "an answer shorter than its announced length")

// upload queues what the windows allow of the bodies that are on their way, up to flushSize.
func (c *conn) upload() {
	for at := 0; at < len(c.uploads) && c.window > 0 && len(c.out) < flushSize; {
		e := c.uploads[at]
		s := &e.stream
		n := int(min(int64(min(len(s.rest), c.maxFrame)), s.window, c.window))
		if n <= 0 {
			at++
			continue
		}
		flags := byte(0)
		if n == len(s.rest) {
			flags = flagEndStream
		}
		c.put(append(appendFrame(c.out, kindData, flags, s.id, n), s.rest[:n]...))
		s.rest = s.rest[n:]
		s.window -= int64(n)
		c.window -= int64(n)
		c.useless = 0
		if len(s.rest) == 0 {
			s.mark = c.queued
			c.unload(e)
		}
	}
}
