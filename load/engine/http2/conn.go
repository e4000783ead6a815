package http2

import (
	"encoding/binary"
	"math"
	"net"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
)

const (
	maxStream     = 1<<31 - 1
	maxWindow     = 1<<31 - 1
	initialWindow = 65535   // of RFC 9113 section 6.9.2
	ourWindow     = 1 << 30 // that we grant, for each stream and for the connection: we read as fast as we can

	maxInterim   = 8         // answers of 1xx before the answer
	maxHeader    = 64 * 1024 // bytes of a header block
	maxPieces    = 128       // CONTINUATION frames of one
	maxUseless   = 10_000    // frames in a row that bring no request further
	maxForgotten = 1000      // streams that we have reset and that the server has not ended
	flushSize    = 64 * 1024 // what is queued before it is written, while bodies go out
)

// preface opens a connection: the fixed text, our SETTINGS (no header table, no pushes, our window), and the window of the connection.
var preface = func() []byte {
	settings := []struct {
		id    uint16
		value uint32
	}{{0x1, 0}, {0x2, 0}, {0x4, ourWindow}}
	b := appendFrame([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), kindSettings, 0, 0, 6*len(settings))
	for _, s := range settings {
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(b, s.id), s.value)
	}
	return appendWindow(b, 0, ourWindow-initialWindow)
}()

// conn is one connection. It belongs to its slot's goroutine.
type conn struct {
	nc     net.Conn
	key    string // of its origin
	origin int    // in this run
	slot   *slot  // that it belongs to in this run
	tls    bool
	stale  bool // it was kept, and has not been heard of since

	in      reader
	out     []byte // not written yet
	queued  int64  // bytes, out included
	written int64

	active    []*exchange // by rising stream
	uploads   []*exchange // of these, those with something left to send
	forgotten map[uint32]struct{}
	fields    head
	partial   partial

	nextID     uint32
	greeted    bool // the server's SETTINGS came
	named      bool // a header block went out
	draining   bool // no new streams
	maxStreams int
	maxFrame   int
	grant      int64 // for the server's windows of new streams
	window     int64 // that the server grants
	received   int64 // since we last granted more
	useless    int
	lastRead   time.Duration
	barren     int // times in a row that gather found nothing
	skip       int // times that it is not to be tried

	armed, armedWrite time.Duration // deadlines; 0: none is known. Guarded by the group's lock
}

func newConn(nc net.Conn, t *transport.Target) *conn {
	return &conn{
		nc: nc, key: originKey(t), tls: t.Scheme == "https", out: append([]byte(nil), preface...), queued: int64(len(preface)),
		nextID: 1, maxStreams: math.MaxInt32, maxFrame: maxFrame, grant: initialWindow, window: initialWindow,
	}
}

// idle reports whether nothing is in flight.
func (c *conn) idle() bool { return len(c.active) == 0 }

// room is how many more streams may be opened. Before the server has spoken it is one at a time: how many it takes is not known.
func (c *conn) room(most int) int {
	switch {
	case c.draining:
		return 0
	case !c.greeted:
		most = 1
	}
	return max(min(most, c.maxStreams)-len(c.active), 0)
}

// start opens a stream for e and queues its request.
func (c *conn) start(e *exchange) {
	s, b := &e.stream, e.block
	s.id, s.window, s.length, s.rest = c.nextID, c.grant, -1, b.body
	c.nextID += 2
	c.draining = c.draining || c.nextID > maxStream
	flags, prefix := byte(0), byte(0)
	if len(b.body) == 0 {
		flags = flagEndStream
	}
	if !c.named {
		c.named, prefix = true, 0x20 // our encoder has no dynamic table (RFC 7541 section 6.3)
	}
	before := len(c.out)
	c.out = appendHeaders(c.out, s.id, b.fields, prefix, flags)
	c.queued += int64(len(c.out) - before)
	c.active = append(c.active, e)
	if len(b.body) == 0 {
		s.mark = c.queued
		return
	}
	c.uploads = append(c.uploads, e)
}

// find returns the exchange on a stream, and where it is among the active ones.
func (c *conn) find(id uint32) (e *exchange, at int) {
	for at, e := range c.active { // answers come roughly in order
		if e.stream.id == id {
			return e, at
		}
	}
	return nil, -1
}

// drop takes the exchange at a place out.
func (c *conn) drop(at int) {
	e := c.active[at]
	copy(c.active[at:], c.active[at+1:])
	c.active[len(c.active)-1] = nil
	c.active = c.active[:len(c.active)-1]
	if len(e.stream.rest) > 0 {
		c.unload(e)
	}
}

func (c *conn) unload(e *exchange) {
	for i, u := range c.uploads {
		if u == e {
			c.uploads = append(c.uploads[:i], c.uploads[i+1:]...)
			return
		}
	}
}

// sent reports whether all of e's request was written.
func (c *conn) sent(e *exchange) bool { return e.stream.mark > 0 && e.stream.mark <= c.written }

// flush writes what is queued.
func (c *conn) flush() *broken {
	c.upload()
	for len(c.out) > 0 {
		n, err := c.nc.Write(c.out)
		c.written += int64(n)
		if err != nil {
			return unanswered(err)
		}
		c.out = c.out[:0]
		c.upload()
	}
	return nil
}

// put sets out, to which something was appended.
func (c *conn) put(out []byte) {
	c.queued += int64(len(out) - len(c.out))
	c.out = out
}

// receive reads once and handles what came.
func (c *conn) receive() (b *broken, err error) {
	n, err := c.in.fill(c.nc)
	if n > 0 {
		c.lastRead, c.stale = c.slot.clock(), false
		if b := c.handle(); b != nil {
			return b, nil
		}
	}
	return nil, err
}

func (c *conn) handle() *broken {
	var f frame
	for {
		ok, b := c.in.next(&f)
		if !ok || b != nil {
			return b
		}
		if b := c.take(&f); b != nil {
			return b
		}
	}
}

// expiry is when the first of the active exchanges expires.
func (c *conn) expiry() time.Duration {
	first := engine.Never
	for _, e := range c.active {
		first = min(first, e.expiry)
	}
	return first
}

// expire gives up what has expired. A connection that was silent meanwhile gets nothing more.
func (c *conn) expire(now time.Duration) {
	for at := 0; at < len(c.active); {
		e := c.active[at]
		if e.expiry > now {
			at++
			continue
		}
		c.draining = c.draining || e.sample.Sent >= c.lastRead
		c.abandon(at, errTimeout)
	}
}

// abandon ends the stream at a place from our side.
func (c *conn) abandon(at int, why *broken) {
	e := c.active[at]
	c.put(appendReset(c.out, e.stream.id, why.code))
	c.forget(e.stream.id)
	c.drop(at)
	c.slot.failed(e, why, c.sent(e))
}

// forget notes that frames of a stream that we have reset may still come.
func (c *conn) forget(id uint32) {
	if c.forgotten == nil {
		c.forgotten = make(map[uint32]struct{})
	}
	c.forgotten[id] = struct{}{}
	c.draining = c.draining || len(c.forgotten) >= maxForgotten
}

// collapse ends all that is in flight.
func (c *conn) collapse(why *broken) {
	for _, e := range c.active {
		c.slot.failed(e, why, c.sent(e))
	}
	c.active, c.uploads = nil, nil
}
