package pipeline

import (
	"context"
	"iter"
)

// Map runs the task on every input and yields the results in the order of the inputs.
//
// It is lazy: it pulls inputs as the loop goes on and never holds more than one window of the executor (see Windower),
// which bounds its memory. An error belongs to its one input; the loop goes on. When ctx is over no more inputs are
// pulled, and those under way end with their result or the context's error. Leaving the loop early cancels what is under
// way. Map starts no goroutine; inputs are pulled by the goroutine that loops, so a sequence that waits for its next
// input holds up results that are ready: use AsCompleted there.
func Map[In, Out any](ctx context.Context, ex Executor, t Task[In, Out], seq iter.Seq[In]) iter.Seq2[Out, error] {
	return func(yield func(Out, error) bool) {
		wait := context.WithoutCancel(ctx) // results are waited for even when the calls are cancelled
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		var under ring[started]
		size := window(ex)
		for in := range inputs(ctx, seq) {
			under.push(start(ctx, ex, t, in))
			if under.len() == size && !yield(finish(wait, t, under.pop())) {
				return
			}
		}
		for under.len() > 0 {
			if !yield(finish(wait, t, under.pop())) {
				return
			}
		}
	}
}

// inputs is seq until ctx is over; it does not pull one more than that.
func inputs[In any](ctx context.Context, seq iter.Seq[In]) iter.Seq[In] {
	return func(yield func(In) bool) {
		if ctx.Err() != nil {
			return
		}
		for in := range seq {
			if !yield(in) || ctx.Err() != nil {
				return
			}
		}
	}
}

// started is a call under way, or the error that kept it from being one.
type started struct {
	future *Future
	err    error
}

func start[In, Out any](ctx context.Context, ex Executor, t Task[In, Out], in In) started {
	c, err := t.Call(in)
	if err != nil {
		return started{err: err}
	}
	return started{future: ex.Submit(ctx, c)}
}

func finish[In, Out any](ctx context.Context, t Task[In, Out], s started) (Out, error) {
	if s.err != nil {
		var none Out
		return none, s.err
	}
	return t.Result(ctx, s.future)
}
