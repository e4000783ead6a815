package transport

import (
	"context"
	"time"
)

// lazy is the deadline of a connection that serves one exchange after another, set seldom. The one that is set is never later than
// the one that is meant. It is moved when less than half of an exchange's time is left, and when it passes too early. Instants
// are durations since base.
type lazy struct {
	base  time.Time
	meant time.Duration
	set   time.Duration
	ctx   context.Context
	limit time.Time // of ctx, zero for none
}

// aim makes meant the deadline of what follows.
func (c *conn) aim(now, meant time.Duration) {
	l := c.lazy
	l.meant = meant
	if l.set > meant || l.set-now < (meant-now)/2 {
		c.move()
	}
}

// move sets the deadline that is meant. A cancellation still has the last word.
func (c *conn) move() {
	l := c.lazy
	l.set = l.meant
	_ = c.nc.SetDeadline(l.base.Add(l.meant)) // a connection that cannot is one that ended
	if l.ctx.Err() != nil {
		_ = c.nc.SetDeadline(longAgo())
	}
}

// early reports that the deadline that has passed was not the one that is meant, which is set now.
func (c *conn) early() bool {
	l := c.lazy
	if l == nil || l.set >= l.meant || l.ctx.Err() != nil {
		return false
	}
	c.move()
	return true
}

// postpone moves the deadline by d, up to that of the context.
func (c *conn) postpone(d time.Duration) {
	l := c.lazy
	l.meant += d
	if !l.limit.IsZero() {
		l.meant = min(l.meant, l.limit.Sub(l.base))
	}
	c.move()
}

// write writes all of b.
func (c *conn) write(b []byte) error {
	for {
		n, err := c.nc.Write(b)
		if err == nil || c.secure != nil || !isTimeout(err) || !c.early() { // under TLS the wire has been asked
			return err
		}
		b = b[n:]
	}
}
