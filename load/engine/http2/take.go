package http2

import "encoding/binary"

// take handles a frame. What it returns is the end of the connection.
func (c *conn) take(f *frame) *broken {
	if c.partial.stream != 0 && (f.kind != kindContinuation || f.stream != c.partial.stream) {
		return protocol(codeProtocol, "a frame in the middle of a header block")
	}
	if !c.greeted && (f.kind != kindSettings || f.has(flagAck)) {
		return protocol(codeProtocol, "the server's first frame is not SETTINGS")
	}
	if c.useless++; c.useless > maxUseless {
		return protocol(codeCalm, "a flood of frames that bring no request further")
	}
	switch f.kind {
	case kindData:
		return c.onData(f)
	case kindHeaders:
		return c.onHeaders(f)
	case kindContinuation:
		return c.onContinuation(f)
	case kindReset:
		return c.onReset(f)
	case kindWindow:
		return c.onWindow(f)
	case kindSettings:
		return c.onSettings(f)
	case kindPing:
		return c.onPing(f)
	case kindGoAway:
		return c.onGoAway(f)
	case kindPush:
		return protocol(codeProtocol, "a push, which was forbidden")
	case kindPriority:
		if f.stream == 0 {
			return protocol(codeProtocol, "PRIORITY on stream 0")
		}
	}
	return nil // unknown frames are ignored (section 4.1)
}

func (c *conn) onSettings(f *frame) *broken {
	p := f.payload
	switch {
	case f.stream != 0:
		return protocol(codeProtocol, "SETTINGS on a stream")
	case f.has(flagAck) && len(p) != 0, len(p)%6 != 0:
		return protocol(codeFrameSize, "SETTINGS of a wrong size")
	case f.has(flagAck):
		return nil
	}
	for ; len(p) > 0; p = p[6:] {
		if b := c.set(binary.BigEndian.Uint16(p), binary.BigEndian.Uint32(p[2:])); b != nil {
			return b
		}
	}
	c.greeted = true
	c.put(appendFrame(c.out, kindSettings, flagAck, 0, 0))
	return nil
}

func (c *conn) set(id uint16, value uint32) *broken {
	switch id {
	case 0x2: // ENABLE_PUSH
		if value != 0 {
			return protocol(codeProtocol, "a server that enables pushes")
		}
	case 0x3: // MAX_CONCURRENT_STREAMS
		c.maxStreams = int(min(value, maxStream))
	case 0x4: // INITIAL_WINDOW_SIZE
		if value > maxWindow {
			return protocol(codeFlow, "SETTINGS_INITIAL_WINDOW_SIZE is too large")
		}
		change := int64(value) - c.grant
		c.grant = int64(value)
		for _, e := range c.active {
			if e.stream.window += change; e.stream.window > maxWindow {
				return protocol(codeFlow, "SETTINGS_INITIAL_WINDOW_SIZE makes a window too large")
			}
		}
	case 0x5: // MAX_FRAME_SIZE
		if value < maxFrame || value > 1<<24-1 {
			return protocol(codeProtocol, "SETTINGS_MAX_FRAME_SIZE is out of range")
		}
		c.maxFrame = int(min(value, flushSize))
	}
	return nil
}

func (c *conn) onPing(f *frame) *broken {
	switch {
	case f.stream != 0:
		return protocol(codeProtocol, "PING on a stream")
	case len(f.payload) != 8:
		return protocol(codeFrameSize, "PING of a wrong size")
	case !f.has(flagAck):
		c.put(append(appendFrame(c.out, kindPing, flagAck, 0, 8), f.payload...))
	}
	return nil
}

// onGoAway lets what the server has looked at finish, and has the rest sent again elsewhere.
func (c *conn) onGoAway(f *frame) *broken {
	switch {
	case f.stream != 0:
		return protocol(codeProtocol, "GOAWAY on a stream")
	case len(f.payload) < 8:
		return protocol(codeFrameSize, "GOAWAY of a wrong size")
	}
	last := binary.BigEndian.Uint32(f.payload) & maxStream
	c.draining = true
	for at := 0; at < len(c.active); {
		e := c.active[at]
		if e.stream.id <= last {
			at++
			continue
		}
		c.drop(at)
		c.slot.unprocessed(e, errDrained, c.sent(e))
	}
	return nil
}

func (c *conn) onReset(f *frame) *broken {
	if len(f.payload) != 4 {
		return protocol(codeFrameSize, "RST_STREAM of a wrong size")
	}
	e, at, b := c.lookup(f)
	if e == nil {
		delete(c.forgotten, f.stream)
		return b
	}
	code := errorCode(binary.BigEndian.Uint32(f.payload))
	e.sample.Bytes += int64(f.size)
	c.drop(at)
	if code == codeRefused {
		c.slot.unprocessed(e, errRefused, c.sent(e))
		return nil
	}
	c.slot.failed(e, resetBy(code), c.sent(e))
	return nil
}

func (c *conn) onWindow(f *frame) *broken {
	if len(f.payload) != 4 {
		return protocol(codeFrameSize, "WINDOW_UPDATE of a wrong size")
	}
	n := int64(binary.BigEndian.Uint32(f.payload) & maxWindow)
	if f.stream == 0 {
		if c.window += n; n == 0 || c.window > maxWindow {
			return protocol(codeFlow, "WINDOW_UPDATE of 0 or beyond the largest window")
		}
		return nil
	}
	if f.stream >= c.nextID || f.stream%2 == 0 {
		return errIdle
	}
	e, at := c.find(f.stream)
	if e == nil {
		return nil // the stream may just have ended
	}
	if e.stream.window += n; n == 0 || e.stream.window > maxWindow {
		c.abandon(at, protocol(codeFlow, "WINDOW_UPDATE of 0 or beyond the largest window"))
	}
	return nil
}

var (
	errIdle  = protocol(codeProtocol, "a frame on a stream that was never opened")
	errTwice = &broken{code: codeClosed, class: classUnasked, err: errMore, unasked: true}
)

// lookup finds the exchange that a frame is about. Without one, b says whether that ends the connection.
func (c *conn) lookup(f *frame) (e *exchange, at int, b *broken) {
	if f.stream >= c.nextID || f.stream%2 == 0 {
		return nil, -1, errIdle
	}
	if e, at = c.find(f.stream); e != nil {
		return e, at, nil
	}
	if _, ours := c.forgotten[f.stream]; ours || f.kind == kindReset {
		return nil, -1, nil
	}
	return nil, -1, errTwice
}
