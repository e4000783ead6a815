package framing

import "math"

// The bounds of one response.
const (
	maxHead     = 64 << 10 // bytes of all heads
	maxLines    = 1000     // lines of one head
	maxInterim  = 64       // interim responses
	maxLine     = 4 << 10  // bytes of one line between chunks, its end included
	maxTrailers = 64 << 10 // bytes of trailers
	freeFraming = 64 << 10 // bytes of chunk framing that need no payload
)

// state is where in a response the next byte stands.
type state uint8

const (
	inHead     state = iota
	inBody           // of a known length
	inRest           // of a body that the connection's end delimits
	inSize           // in the digits of a chunk's size
	inSpace          // in white space behind them
	inExt            // in a chunk extension
	inSizeEnd        // before the LF of a size line
	inChunk          // in a chunk's payload
	inChunkEnd       // before the line end behind it
	inChunkLF        // in that line end
	inTrailers
	finished
	failed
)

// Framer finds where one response after another ends (RFC 9112 section 6). The zero value is ready for a first response to a
// request other than HEAD. It keeps nothing of what it is fed but the beginning of a head that did not come in one piece, and the
// head if KeepHead is set. Not safe for concurrent use.
type Framer struct {
	// KeepHead has the final head copied, for Head. It is set before the first byte of a response.
	KeepHead bool
	// Memo, if it is set, spares f the reading of a head that came before, and changes nothing else.
	Memo *Memo

	state    state
	bodiless bool // whatever the fields say
	began    bool
	close    bool
	cr       bool // the last byte was a CR, in trailers
	digits   uint8
	interim  uint8
	status   uint16
	line     uint16 // bytes of the line between chunks
	headUsed int32  // bytes of interim heads
	trailers int32  // bytes of trailers
	left     int64  // bytes that remain of the body or the chunk
	body     int64
	framing  int64 // bytes of chunk framing
	carry    *carry
}

// Reset prepares f for the next response. bodiless says that the request was HEAD: the response has no body whatever its fields say.
func (f *Framer) Reset(bodiless bool) {
	c := f.carry
	if c != nil {
		c = c.reset(f.KeepHead)
	}
	*f = Framer{KeepHead: f.KeepHead, Memo: f.Memo, bodiless: bodiless, carry: c}
}

// Feed takes the next bytes of the connection, at most up to the response's last byte: b[n:] belongs to the next response. Without
// done or an error n is len(b), and Feed wants to be called again. It does not keep b. After an error n means nothing.
func (f *Framer) Feed(b []byte) (n int, done bool, err error) {
	if f.state == inHead && len(b) > 0 {
		f.began = true
		if n, err = f.heads(b); err != nil {
			f.state = failed
			return n, false, err
		}
	}
	switch f.state {
	case inHead, finished:
	case inBody:
		k := min(f.left, int64(len(b)-n))
		n += int(k)
		f.body += k
		if f.left -= k; f.left == 0 {
			f.state = finished
		}
	case inRest:
		f.body += int64(len(b) - n)
		n = len(b)
	case failed:
		return 0, false, errAgain
	default:
		k, err := f.chunks(b[n:])
		n += k
		if err != nil {
			f.state = failed
			return n, false, err
		}
	}
	return n, f.state == finished, nil
}

// End says what it means that the connection ended here, in order: nil if the response is whole, which a body that the end delimits
// is from now on; ErrNothing if no byte of it came; ErrCut in its middle. A connection that was reset cuts any response.
func (f *Framer) End() error {
	f.close = true
	switch {
	case f.state == finished:
		return nil
	case f.state == inRest:
		f.state = finished
		return nil
	case f.state == failed:
		return errAgain
	case !f.began:
		return ErrNothing
	}
	return ErrCut
}

// Status returns the status of the final response, 100 to 999, and 0 before its head is whole.
func (f *Framer) Status() int { return int(f.status) }

// Close reports whether the connection must not be used after this response: the server said so, the end delimits the body, the head
// was not written as RFC 9112 wants it, or the response is not whole.
func (f *Framer) Close() bool { return f.close || f.state != finished }

// Began reports whether a byte of the response came, be it of an interim one.
func (f *Framer) Began() bool { return f.began }

// Body returns how many bytes of payload came, chunk framing left out.
func (f *Framer) Body() int64 { return f.body }

// Skip returns how many bytes from here on are payload for certain: the rest of the body or of the chunk, math.MaxInt64 if the
// connection's end delimits the body, 0 elsewhere. The caller may throw so many away unread, and says so with Skipped.
func (f *Framer) Skip() int64 {
	switch f.state {
	case inBody, inChunk:
		return f.left
	case inRest:
		return math.MaxInt64
	}
	return 0
}

// Skipped counts n bytes of payload that the caller took off the connection and threw away; n is at most Skip. It reports whether
// the response ended with them, as Feed does.
func (f *Framer) Skipped(n int64) (done bool) {
	n = min(max(n, 0), f.Skip())
	f.body += n
	if f.state == inBody || f.state == inChunk {
		f.left -= n
		f.payloadEnd()
	}
	return f.state == finished
}

// payloadEnd goes on behind the body or the chunk, if it is whole.
func (f *Framer) payloadEnd() {
	switch {
	case f.left > 0:
	case f.state == inBody:
		f.state = finished
	case f.state == inChunk:
		f.state = inChunkEnd
	}
}

// Head returns the final head as it was received, up to and with the empty line, if KeepHead is set; nil before it is whole. It is
// f's own and valid until the next Reset.
func (f *Framer) Head() []byte {
	if !f.KeepHead || f.status == 0 || f.carry == nil {
		return nil
	}
	return f.carry.buf
}
