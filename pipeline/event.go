package pipeline

import (
	"context"
	"sync"
)

// Event is a flag that goroutines wait for. It tells many waiters that something is so: "drain", "ready".
//
// The zero value is a cleared event, ready for use. All methods are safe for concurrent use. An Event must not be copied
// after its first use.
type Event struct {
	mu  sync.Mutex // guards the fields below
	set bool
	ch  chan struct{} // closed while set; nil until asked for
}

// Set sets the event and wakes every waiter. Setting it again changes nothing.
func (e *Event) Set() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.set {
		return
	}
	e.set = true
	if e.ch != nil {
		close(e.ch)
	}
}

// Clear makes the event unset; later waiters wait again. Channels that Done returned before stay closed.
func (e *Event) Clear() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.set {
		e.set = false
		e.ch = nil
	}
}

// IsSet reports whether the event is set now.
func (e *Event) IsSet() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.set
}

// Done returns a channel that is closed once the event is set: at once if it is set already. After Clear, ask again.
func (e *Event) Done() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.channel()
}

// Wait blocks until the event is set, or returns the context's error when that ends first. An event that is set wins
// over a context that is over.
func (e *Event) Wait(ctx context.Context) error {
	e.mu.Lock()
	if e.set {
		e.mu.Unlock()
		return nil
	}
	done := e.channel()
	e.mu.Unlock()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// channel returns the current channel. The caller holds mu.
func (e *Event) channel() chan struct{} {
	if e.ch == nil {
		e.ch = make(chan struct{})
		if e.set {
			close(e.ch)
		}
	}
	return e.ch
}
