package pipeline

import (
	"context"
	"fmt"
	"sync"
)

// serial runs every call in the goroutine that submits it.
type serial struct {
	set  *TaskSet
	turn chan struct{} // holds a token while no call runs

	mu     sync.Mutex // guards the fields below
	closed bool
	abort  context.CancelCauseFunc // of the running call
}

// NewSerial returns an executor that runs each call inside Submit, one at a time: the plainest one, for tests,
// comparisons and debuggers. It starts no goroutine. Map computes lazily on it, one input per result.
func NewSerial(set *TaskSet) Executor {
	s := &serial{set: set, turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	return s
}

// Window implements Windower.
func (s *serial) Window() int { return 1 }

func (s *serial) Submit(ctx context.Context, c Call) *Future {
	p := NewPromise(ctx)
	if err := s.set.Check(c); err != nil {
		p.Finish(nil, err)
		return p.Future()
	}
	select {
	case <-s.turn:
		s.run(p, c)
	case <-ctx.Done():
		p.Finish(nil, ctx.Err())
	}
	return p.Future()
}

// run runs the call whose turn it is.
func (s *serial) run(p *Promise, c Call) {
	defer func() { s.turn <- struct{}{} }()
	ctx, cancel := context.WithCancelCause(p.Context())
	defer cancel(nil)
	s.mu.Lock()
	closed := s.closed
	s.abort = cancel
	s.mu.Unlock()
	if closed {
		p.Finish(nil, ErrClosed)
		return
	}
	if p.Start() {
		runPromise(ctx, s.set, p, c)
	}
}

// runPromise runs a started call and ends its Future, also when the task leaves by runtime.Goexit.
func runPromise(ctx context.Context, set *TaskSet, p *Promise, c Call) {
	defer p.Finish(nil, &PanicError{Task: c.Task, Value: "runtime.Goexit called by the task"})
	p.Finish(set.Run(ctx, c))
}

func (s *serial) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	select {
	case <-s.turn:
		s.turn <- struct{}{}
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.abort != nil {
		s.abort(ErrClosed)
	}
	return fmt.Errorf("close serial executor: %w", ctx.Err())
}
