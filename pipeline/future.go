package pipeline

import (
	"context"
	"sync"
)

// Future is the result-to-be of one call. All methods are safe for concurrent use.
type Future struct {
	ctx context.Context // of Submit: ends the call while it has not started

	mu       sync.Mutex // guards the fields below
	state    futureState
	value    []byte
	err      error
	done     chan struct{} // closed at the end; made when first asked for
	unhook   func() bool   // stops watching ctx
	notify   func()        // called once, at the end
	abort    func()        // of the executor: stops the running call
	unwanted bool          // Abort was called
}

type futureState uint8

const (
	pending futureState = iota
	running
	ended
)

// Wait returns the call's result or error, or ctx's error when ctx is over first (the call goes on then). The bytes belong
// to the caller; do not change them if others wait for the same Future.
func (f *Future) Wait(ctx context.Context) ([]byte, error) {
	f.mu.Lock()
	if f.state == ended {
		defer f.mu.Unlock()
		return f.value, f.err
	}
	done := f.channel()
	f.mu.Unlock()
	select {
	case <-done:
		return f.value, f.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-f.ctx.Done():
		f.expire()
	}
	select {
	case <-done:
		return f.value, f.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Done returns a channel that is closed when the call has ended, one way or another.
func (f *Future) Done() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	done := f.channel()
	if f.state == pending && f.unhook == nil && f.ctx.Done() != nil {
		f.unhook = context.AfterFunc(f.ctx, f.expire)
	}
	return done
}

// Cancel ends the call with ErrCancelled if it has not started and reports whether it did. A call that was handed to a
// worker process counts as started. To stop one that runs, use Abort, or cancel the context that it was submitted with.
func (f *Future) Cancel() bool { return f.endIf(pending, nil, ErrCancelled) }

// Abort stops this one call, whether it has started or not, and returns at once: use Wait or Done to see it end. A call
// that has not started ends with ErrCancelled. One that runs has its context cancelled and ends with what the task makes
// of that; a worker process that goes on after its grace period is killed, and the call ends with ErrCancelled. Calls
// around it are not touched. A call that has ended stays as it is.
func (f *Future) Abort() {
	if f.Cancel() {
		return
	}
	f.mu.Lock()
	f.unwanted = true
	abort := f.abort
	f.mu.Unlock()
	if abort != nil {
		abort()
	}
}

// expire ends a call that has not started because its context is over.
func (f *Future) expire() { f.endIf(pending, nil, f.ctx.Err()) }

// endIf ends the call if it has not got beyond the given state.
func (f *Future) endIf(latest futureState, value []byte, err error) bool {
	f.mu.Lock()
	if f.state > latest {
		f.mu.Unlock()
		return false
	}
	f.state, f.value, f.err = ended, value, err
	if f.done != nil {
		close(f.done)
	}
	unhook, notify := f.unhook, f.notify
	f.unhook, f.notify, f.abort = nil, nil, nil
	f.mu.Unlock()
	if unhook != nil {
		unhook()
	}
	if notify != nil {
		notify()
	}
	return true
}

// onEnd has fn called once when the call ends: by whoever ends it, or at once if it has ended. One fn at most.
func (f *Future) onEnd(fn func()) {
	f.mu.Lock()
	if f.state != ended {
		f.notify = fn
		f.mu.Unlock()
		return
	}
	f.mu.Unlock()
	fn()
}

// channel returns the done channel. The caller holds mu.
func (f *Future) channel() chan struct{} {
	if f.done == nil {
		f.done = make(chan struct{})
		if f.state == ended {
			close(f.done)
		}
	}
	return f.done
}

// Promise is the other end of a Future: what an executor holds. It is for those who write executors.
type Promise struct{ future Future }

// NewPromise returns the promise of a call submitted with ctx, not started.
func NewPromise(ctx context.Context) *Promise {
	return &Promise{Future{ctx: ctx}}
}

// Future returns the end that the submitter gets.
func (p *Promise) Future() *Future { return &p.future }

// Context returns the context of Submit.
func (p *Promise) Context() context.Context { return p.future.ctx }

// OnAbort says how to stop the call once it has started: fn is called when its submitter calls Future.Abort, by the
// submitter's goroutine or, if that was before, by this one; more than once if Abort is. It must not wait for the call.
func (p *Promise) OnAbort(fn func()) {
	f := &p.future
	f.mu.Lock()
	if f.state == ended {
		f.mu.Unlock()
		return
	}
	f.abort = fn
	late := f.unwanted
	f.mu.Unlock()
	if late {
		fn()
	}
}

// Start marks the call as started; it can no longer be cancelled. It returns false when the call is over already: it
// was cancelled, or its context is over, and the executor drops it.
func (p *Promise) Start() bool {
	f := &p.future
	if f.ctx.Err() != nil {
		f.expire()
	}
	f.mu.Lock()
	if f.state == ended {
		f.mu.Unlock()
		return false
	}
	f.state = running
	unhook := f.unhook
	f.unhook = nil
	f.mu.Unlock()
	if unhook != nil {
		unhook()
	}
	return true
}

// Finish ends the call, started or not, and reports whether it was the first to do so. Later ones change nothing.
func (p *Promise) Finish(value []byte, err error) bool { return p.future.endIf(running, value, err) }
