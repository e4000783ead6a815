package pipeline_test

import (
	"context"
	"fmt"
	"sync"

	"tandem/pipeline"
)

// How do I run calls, on whatever the executor stands for?
func ExampleExecutor() {
	ctx := context.Background()
	for _, ex := range []pipeline.Executor{pipeline.NewSerial(tasks()), pipeline.NewGoroutines(tasks(), 2)} {
		future := ex.Submit(ctx, pipeline.Call{Task: "upper", Payload: []byte("tandem")})
		b, err := future.Wait(ctx)
		fmt.Println(string(b), err, ex.Close(ctx))
	}
	// Output:
	// TANDEM <nil> <nil>
	// TANDEM <nil> <nil>
}

// What is the plainest executor, for a debugger or a comparison?
func ExampleNewSerial() {
	ctx := context.Background()
	ex := pipeline.NewSerial(tasks())
	future := ex.Submit(ctx, pipeline.Call{Task: "upper", Payload: []byte("inside Submit")})
	select {
	case <-future.Done():
		fmt.Println("has ended")
	default:
		fmt.Println("goes on")
	}
	fmt.Println(ex.Close(ctx))
	// Output:
	// has ended
	// <nil>
}

// How do I use every core?
func ExampleNewGoroutines() {
	ctx := context.Background()
	ex := pipeline.NewGoroutines(tasks(), 0) // as many as there are
	var futures []*pipeline.Future
	for _, in := range []string{"one", "two", "three"} {
		futures = append(futures, ex.Submit(ctx, pipeline.Call{Task: "upper", Payload: []byte(in)}))
	}
	fmt.Println(ex.Close(ctx)) // waits for what was submitted
	for _, future := range futures {
		b, err := future.Wait(ctx)
		fmt.Println(string(b), err)
	}
	// Output:
	// <nil>
	// ONE <nil>
	// TWO <nil>
	// THREE <nil>
}

// perCall is an executor of one's own: a goroutine for each call, of which so many run at once. It passes the suite of
// package pipelinetest.
type perCall struct {
	set   *pipeline.TaskSet
	slots *pipeline.Semaphore
	life  context.Context // over when Close aborts
	abort context.CancelFunc

	mu     sync.Mutex // guards closed, and running.Go against running.Wait
	closed bool

	running sync.WaitGroup
}

func newPerCall(set *pipeline.TaskSet, atOnce int64) *perCall {
	life, abort := context.WithCancel(context.Background())
	return &perCall{set: set, slots: pipeline.NewSemaphore(atOnce), life: life, abort: abort}
}

func (e *perCall) Submit(ctx context.Context, c pipeline.Call) *pipeline.Future {
	p := pipeline.NewPromise(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		p.Finish(nil, pipeline.ErrClosed)
	} else if err := e.set.Check(c); err != nil {
		p.Finish(nil, err)
	} else {
		e.running.Go(func() { e.run(p, c) })
	}
	return p.Future()
}

func (e *perCall) run(p *pipeline.Promise, c pipeline.Call) {
	defer p.Finish(nil, &pipeline.PanicError{Task: c.Task, Value: "left by runtime.Goexit"}) // if nothing else did
	ctx, cancel := context.WithCancelCause(p.Context())
	defer cancel(nil)
	defer context.AfterFunc(e.life, func() { cancel(pipeline.ErrClosed) })()
	p.OnAbort(func() { cancel(pipeline.ErrCancelled) })
	if e.slots.Acquire(ctx, 1) != nil {
		p.Finish(nil, context.Cause(ctx))
		return
	}
	defer e.slots.Release(1)
	switch {
	case e.life.Err() != nil: // the slot came of a call that was aborted
		p.Finish(nil, pipeline.ErrClosed)
	case p.Start(): // nobody cancelled it
		p.Finish(e.set.Run(ctx, c))
	}
}

func (e *perCall) Close(ctx context.Context) error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	intime := context.AfterFunc(ctx, e.abort)
	e.running.Wait() // for tasks that heed their context
	if !intime() {
		return fmt.Errorf("close executor: %w", ctx.Err())
	}
	e.abort() // lets go of what life holds
	return nil
}

// How do I write an executor?
func ExamplePromise() {
	ctx := context.Background()
	var ex pipeline.Executor = newPerCall(tasks(), 2)
	for _, in := range []string{"own", ""} {
		b, err := ex.Submit(ctx, pipeline.Call{Task: "upper", Payload: []byte(in)}).Wait(ctx)
		fmt.Printf("%q %v\n", b, err)
	}
	fmt.Println(ex.Close(ctx))
	// Output:
	// "OWN" <nil>
	// "" task "upper": nothing to raise
	// <nil>
}
