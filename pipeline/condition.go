package pipeline

import (
	"container/list"
	"context"
	"sync"
)

// Condition lets goroutines wait until something that a lock guards has become so: "there is room", "my turn". Whoever
// makes it so calls Signal or Broadcast.
//
// It is sync.Cond with a context. A goroutine in sync.Cond's Wait can be woken by Signal and Broadcast alone: it cannot
// give up at a deadline, and a cancelled context finds it asleep. To wake them all from an AfterFunc of each context is
// the usual way round that, and costs a Broadcast for every one that gives up.
//
// All methods are safe for concurrent use. A Condition must not be copied after its first use.
type Condition struct {
	// L guards what is waited for. It is held by those who call Wait and WaitFor, and by those who change what these
	// look at. Not to be changed.
	L sync.Locker

	mu      sync.Mutex // guards waiters; taken after L if both are
	waiters list.List  // of chan struct{}, oldest first; closed when signalled
}

// NewCondition returns a condition of what l guards.
func NewCondition(l sync.Locker) *Condition { return &Condition{L: l} }

// Wait unlocks L, waits to be signalled, and locks L again. The caller holds L before and, whatever Wait returns, after.
//
// It returns nil when it was signalled, and the context's error when that was over first. No signal is lost to a context
// that ends meanwhile: a waiter that Signal chose returns nil, and one that returns an error has left the line before.
//
// Nil says that somebody signalled, not that it is so: another goroutine may have held L in between. Wait in a loop that
// looks again, as WaitFor does.
func (c *Condition) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	signalled := make(chan struct{})
	c.mu.Lock()
	elem := c.waiters.PushBack(signalled)
	c.mu.Unlock()

	c.L.Unlock()
	defer c.L.Lock()
	select {
	case <-signalled:
		return nil
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock() // before L is locked
	select {
	case <-signalled: // at the last moment; nobody else was woken by it
		return nil
	default:
	}
	c.waiters.Remove(elem)
	return ctx.Err()
}

// WaitFor waits until so returns true. The caller holds L, and so is called with L held; it is called first at once, and
// again after each signal. WaitFor returns nil as soon as so is true, also when the context is over, and the context's
// error when that is over first. The caller holds L again in every case.
func (c *Condition) WaitFor(ctx context.Context, so func() bool) error {
	for !so() {
		if err := c.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Signal wakes the goroutine that has waited longest, if one waits. The caller may hold L. Signal is enough where every
// waiter waits for the same thing and one of them can go on; use Broadcast otherwise.
func (c *Condition) Signal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.waiters.Front(); e != nil {
		close(c.waiters.Remove(e).(chan struct{}))
	}
}

// Broadcast wakes every goroutine that waits. The caller may hold L.
func (c *Condition) Broadcast() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for e := c.waiters.Front(); e != nil; e = e.Next() {
		close(e.Value.(chan struct{}))
	}
	c.waiters.Init()
}
