package engine

import "time"

// Cursor hands one loop its part of a plan: every of-th send from shard on. Not safe for concurrent use.
type Cursor struct {
	plan *Plan
	walk Walk
	next int64 // of the plan
	step int64
	at   time.Duration // when next is planned, in an open loop
	over bool
}

// Cursor returns the part of loop number shard of so many.
func (p *Plan) Cursor(shard, of int) *Cursor {
	c := &Cursor{plan: p, next: int64(shard), step: int64(of)}
	if p.Schedule != nil {
		c.walk = p.Schedule.Walk()
	}
	c.look()
	return c
}

func (c *Cursor) look() {
	if c.plan.Schedule == nil {
		return
	}
	if c.next >= c.plan.Total {
		c.over = true
		return
	}
	c.at = c.walk.At(c.next)
}

// Next takes the send that is due at now, the time since the start. ok is false if none is: then at says when to ask again, Never if
// the plan is over.
func (c *Cursor) Next(now time.Duration) (s Send, at time.Duration, ok bool) {
	p := c.plan
	if c.over || p.over.Load() || p.tooLate(now) {
		c.over = true
		return s, Never, false
	}
	if p.Schedule == nil {
		i, ok := c.closed()
		return Send{Index: i, Planned: now, Taken: now}, Never, ok
	}
	if now-c.at > MaxLate {
		c.skip(now)
	}
	switch {
	case c.over:
		return s, Never, false
	case c.at > now:
		return s, c.at, false
	}
	s = Send{Index: c.next, Planned: c.at, Taken: now}
	c.next += c.step
	c.look()
	return s, c.at, true
}

// closed numbers a send of a closed loop.
func (c *Cursor) closed() (i int64, ok bool) {
	if c.plan.Total == noTotal { // nobody else needs to know
		i = c.next
		c.next += c.step
		return i, true
	}
	i = c.plan.next.Add(1) - 1
	if i >= c.plan.Total {
		c.over = true
		return 0, false
	}
	return i, true
}

// skip drops what is too late at now.
func (c *Cursor) skip(now time.Duration) {
	first := c.plan.Schedule.Due(now - MaxLate - 1) // the first that is not too late
	if behind := min(first, c.plan.Total) - c.next; behind > 0 {
		n := (behind + c.step - 1) / c.step
		c.next += n * c.step
		c.plan.late.Add(n)
	}
	c.look()
}

// Over reports whether the cursor has nothing more, now or later.
func (c *Cursor) Over() bool { return c.over }

// Peek is when the next send of an open loop is planned, Never without one.
func (c *Cursor) Peek() time.Duration {
	if c.over || c.plan.Schedule == nil {
		return Never
	}
	return c.at
}
