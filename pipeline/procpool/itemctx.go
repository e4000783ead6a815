package procpool

import (
	"context"
	"sync"
	"time"
)

// itemContext is the context of one call in a worker. Most tasks never ask for Done, and a timer costs as much as a small
// call: it makes the real context only when somebody asks.
type itemContext struct {
	parent   context.Context
	deadline time.Time // zero for none

	mu        sync.Mutex // guards the fields below
	real      context.Context
	cancel    context.CancelFunc
	cancelled bool
}

func (c *itemContext) Deadline() (time.Time, bool) {
	if c.deadline.IsZero() {
		return c.parent.Deadline()
	}
	return c.deadline, true
}

func (c *itemContext) Done() <-chan struct{} { return c.get().Done() }
func (c *itemContext) Err() error            { return c.get().Err() }
func (c *itemContext) Value(key any) any     { return c.get().Value(key) }

func (c *itemContext) get() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.real == nil {
		if c.deadline.IsZero() {
			c.real, c.cancel = context.WithCancel(c.parent)
		} else {
			c.real, c.cancel = context.WithDeadline(c.parent, c.deadline)
		}
		if c.cancelled {
			c.cancel()
		}
	}
	return c.real
}

// cancelCall ends the context because the pool says so. It leaves a deadline that is there anyway to itself, so that the
// error is the one that it would be without the pool.
func (c *itemContext) cancelCall() {
	if c.deadline.IsZero() || time.Until(c.deadline) > 10*time.Millisecond {
		c.stop()
	}
}

// stop ends the context.
func (c *itemContext) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancelled = true
	if c.cancel != nil {
		c.cancel()
	}
}
