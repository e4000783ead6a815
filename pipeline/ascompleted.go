package pipeline

import (
	"context"
	"iter"
	"sync/atomic"
)

// Completed is an input together with its result or error.
type Completed[In, Out any] struct {
	In  In
	Out Out
	Err error
}

// AsCompleted runs the task on every input and yields each result as soon as it is there, in no particular order.
//
// It is lazy and bounded as Map is: one window of the executor at most has been pulled and not yet been yielded. One
// goroutine pulls the inputs, so a sequence that waits does not hold up results; the loop waits for that goroutine when it
// ends, so let the sequence end soon after ctx does. A panic of the sequence is raised again in the loop.
func AsCompleted[In, Out any](ctx context.Context, ex Executor, t Task[In, Out], seq iter.Seq[In]) iter.Seq[Completed[In, Out]] {
	return func(yield func(Completed[In, Out]) bool) {
		wait := context.WithoutCancel(ctx)
		ctx, cancel := context.WithCancel(ctx)
		s := &scatter[In, Out]{ex: ex, task: t, fed: make(chan struct{}),
			slots: make(chan struct{}, window(ex)), landed: make(chan flight[In], window(ex))}
		go s.feed(ctx, seq) // waited for by the deferred function
		defer func() {
			cancel()
			<-s.fed
			if s.panicked != nil {
				panic(s.panicked)
			}
		}()
		s.collect(wait, yield)
	}
}

// scatter is the state of one AsCompleted loop.
type scatter[In, Out any] struct {
	ex    Executor
	task  Task[In, Out]
	slots chan struct{} // one token per input pulled and not yielded
	// landed takes every call that has ended. It has room for a whole window: whoever ends a call never blocks.
	landed   chan flight[In]
	launched atomic.Int64
	fed      chan struct{} // closed when the sequence is at its end
	panicked any           // what the sequence panicked with; read after fed
}

type flight[In any] struct {
	in   In
	call started
}

// feed submits inputs while there are free slots.
func (s *scatter[In, Out]) feed(ctx context.Context, seq iter.Seq[In]) {
	defer close(s.fed)
	defer func() { s.panicked = recover() }()
	if !s.slot(ctx) {
		return
	}
	for in := range seq {
		f := flight[In]{in, start(ctx, s.ex, s.task, in)} // may panic: the input is counted when that is over
		s.launched.Add(1)
		if f.call.err != nil {
			s.landed <- f
		} else {
			f.call.future.onEnd(func() { s.landed <- f })
		}
		if !s.slot(ctx) { // before the next input is pulled: none is pulled in vain
			return
		}
	}
}

// slot waits for room for one more input and reports whether there is to be one.
func (s *scatter[In, Out]) slot(ctx context.Context) bool {
	select {
	case s.slots <- struct{}{}:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// collect yields calls as they end until all have been.
func (s *scatter[In, Out]) collect(ctx context.Context, yield func(Completed[In, Out]) bool) {
	fed := s.fed
	for delivered := int64(0); fed != nil || delivered < s.launched.Load(); {
		select {
		case f := <-s.landed:
			out, err := finish(ctx, s.task, f.call)
			<-s.slots
			delivered++
			if !yield(Completed[In, Out]{f.in, out, err}) {
				return
			}
		case <-fed:
			fed = nil
		}
	}
}
