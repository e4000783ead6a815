package transport

import (
	"context"
	"time"
)

// enoughBytes a second are no stall; see Request.Patience.
const enoughBytes = 4 << 10

// hurried is an exchange with Request.Patience. The zero value is one without.
type hurried struct {
	ctx      context.Context
	patience time.Duration
	until    time.Time // the read deadline that is set
	mark     int64     // conn.in when it was
}

// hurry begins to watch what comes in.
func (c *conn) hurry(ctx context.Context, patience time.Duration) {
	c.hurried = hurried{ctx: ctx, patience: patience}
	c.watch(time.Now())
}

// watch gives the other side another while. A cancellation still has the last word: it sets its deadline after ctx has ended.
func (c *conn) watch(now time.Time) {
	h := &c.hurried
	h.mark, h.until = c.in, now.Add(h.patience)
	if c.deadline.Before(h.until) {
		h.until = c.deadline
	}
	_ = c.nc.SetReadDeadline(h.until)
	if h.ctx.Err() != nil {
		_ = c.nc.SetReadDeadline(longAgo())
	}
}

// goesOn is asked when a read has timed out: whether enough has come in to wait on.
func (c *conn) goesOn() bool {
	h, now := &c.hurried, time.Now()
	if h.patience == 0 {
		return false
	}
	if now.Before(h.until) || !now.Before(c.deadline) || float64(c.in-h.mark) < enoughBytes*h.patience.Seconds() {
		return false
	}
	c.watch(now)
	return true
}
