package fast

import (
	"syscall"

	"tandem/internal/transport"
	"tandem/load/engine"
)

// vacant has c take requests, now in a closed loop, or when one is due.
func (l *loop) vacant(c *conn) {
	if !l.job.Plan.Open() {
		l.feed(c)
		return
	}
	if c.free || len(c.flights) >= l.depth {
		return
	}
	if l.free.empty() {
		l.freed = l.now
	}
	c.free = true
	l.free.push(c)
}

// feed gives c as many requests of a closed loop as it can take.
func (l *loop) feed(c *conn) {
	if c.resting {
		return
	}
	if l.now < c.until && !l.cursor.Over() {
		c.resting = true
		l.resting = append(l.resting, c)
		return
	}
	had := len(c.flights)
	for len(c.flights) < l.depth {
		s, _, ok := l.cursor.Next(l.now)
		if !ok {
			break
		}
		l.take(c, s)
	}
	l.transmit(c, had)
}

// due gives free connections the requests of an open loop that are due, up to dueTurn of them.
func (l *loop) due() {
	for turn := 0; turn < dueTurn && !l.free.empty(); turn++ {
		l.look()
		s, _, ok := l.cursor.Next(l.now)
		if !ok {
			return
		}
		freed := l.freed
		s.Waited = freed <= s.Planned
		c := l.free.pop()
		c.free = false
		l.take(c, s)
		had := len(c.flights)
		l.transmit(c, had-1)
		if l.vacant(c); len(c.flights) == had && had < l.depth {
			l.freed = freed // c could take more all the time
		}
	}
}

// take puts a send in c's hands.
func (l *loop) take(c *conn, s engine.Send) {
	t := l.job.Source.Pick(s.Index)
	f := flight{send: s, target: int32(t), head: l.bodiless[t], repeats: l.repeats[t]}
	if len(c.flights) == 0 {
		c.frame.Reset(f.head)
	}
	c.flights = append(c.flights, f)
	l.flying++
}

// transmit sends the flights of c from number from on, or sees to a connection first.
func (l *loop) transmit(c *conn, from int) {
	switch {
	case from == len(c.flights):
	case c.state == open:
		l.write(c, from)
	case c.state == closed:
		l.redial(c)
	}
}

// write sends the flights of c from number from on.
func (l *loop) write(c *conn, from int) {
	if len(c.out) > 0 { // behind what waits
		for i := range c.flights[from:] {
			c.out = append(c.out, l.render.bytes(&c.flights[from+i])...)
		}
		return
	}
	b := l.render.bytes(&c.flights[from])
	if rest := c.flights[from+1:]; len(rest) > 0 {
		l.several = append(l.several[:0], b...)
		for i := range rest {
			l.several = append(l.several, l.render.bytes(&rest[i])...)
		}
		b = l.several
	}
	if rest := l.push(c, b); len(rest) > 0 {
		c.out = append([]byte(nil), rest...)
	}
	if cap(l.several) > readBuffer {
		l.several = nil
	}
}

// push writes b to c's socket and returns what the socket does not take now.
func (l *loop) push(c *conn, b []byte) (rest []byte) {
	for len(b) > 0 {
		n, errno := send(c.fd, b)
		switch errno {
		case 0:
			b = b[n:]
		case syscall.EINTR:
		case syscall.EAGAIN:
			return b
		default:
			l.unwritable(c, errno)
			return nil
		}
	}
	for i := len(c.flights) - 1; i >= 0 && !c.flights[i].written; i-- {
		c.flights[i].written = true
	}
	return nil
}

// unwritable deals with a connection that takes nothing more. The answer may be there: a server that does not want a request may say so
// and close before it has read it (RFC 9112 section 9.6).
func (l *loop) unwritable(c *conn, errno syscall.Errno) {
	gen := c.gen
	c.out, c.broken = nil, errno
	l.read(c, true)
	if c.gen == gen && !c.again {
		l.lost(c, transport.PhaseWrite, errno)
	}
}

// redial has c, which has requests and no socket, dialled as soon as may be.
func (l *loop) redial(c *conn) {
	c.state, c.try, c.dns, c.connect = waiting, 0, 0, 0
	c.frame.Reset(c.flights[0].head)
	if l.dials < maxDials && len(l.queue) == 0 {
		l.dial(c)
		return
	}
	l.queue = append(l.queue, c)
}
