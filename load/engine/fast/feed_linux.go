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
	if l.now < c.until {
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

// due gives free connections the requests of an open loop that are due.
func (l *loop) due() {
	for !l.free.empty() {
		s, _, ok := l.cursor.Next(l.now)
		if !ok {
			return
		}
		s.Waited = l.freed <= s.Planned
		c := l.free.pop()
		c.free = false
		l.take(c, s)
		l.transmit(c, len(c.flights)-1)
		l.vacant(c)
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
			c.out = append(c.out, l.render.bytes(nil, &c.flights[from+i])...)
		}
		return
	}
	b := l.render.bytes(c.own, &c.flights[from])
	if rest := c.flights[from+1:]; len(rest) > 0 {
		c.own = append(c.own[:0], b...)
		for i := range rest {
			c.own = append(c.own, l.render.bytes(nil, &rest[i])...)
		}
		b = c.own
	}
	l.push(c, b)
}

// push writes b to c's socket, and keeps what the socket does not take. b is c.own or a rendered request.
func (l *loop) push(c *conn, b []byte) {
	for len(b) > 0 {
		n, errno := send(c.fd, b)
		switch errno {
		case 0:
			b = b[n:]
		case syscall.EINTR:
		case syscall.EAGAIN:
			c.out = append([]byte(nil), b...)
			return
		default:
			l.lost(c, transport.PhaseWrite, errno)
			return
		}
	}
	c.out = nil
	for i := len(c.flights) - 1; i >= 0 && !c.flights[i].written; i-- {
		c.flights[i].written = true
	}
}

// redial has c, which has requests and no socket, dialled as soon as may be.
func (l *loop) redial(c *conn) {
	c.state, c.try = waiting, 0
	c.frame.Reset(c.flights[0].head)
	if l.dials < maxDials && len(l.queue) == 0 {
		l.dial(c)
		return
	}
	l.queue = append(l.queue, c)
}
