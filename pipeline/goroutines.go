package pipeline

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"
)

const (
	queuedBytes = 64 << 20        // payload bytes that wait in a goroutine executor
	abortGrace  = 3 * time.Second // that Close gives cancelled calls to return
)

// goroutines runs calls on a fixed number of goroutines.
type goroutines struct {
	set     *TaskSet
	workers int
	queue   *Queue[queuedCall]
	done    chan struct{} // closed when every worker has returned

	mu      sync.Mutex // guards the fields below
	alive   int        // workers that have not returned
	aborted bool
	running map[*Promise]context.CancelCauseFunc
}

type queuedCall struct {
	promise *Promise
	call    Call
}

// NewGoroutines returns an executor that runs calls on that many goroutines of this process; fewer than one means
// runtime.GOMAXPROCS(0). At most twice as many calls and 64 MiB of payload wait in its queue; Submit blocks beyond that.
//
// It uses every core as well as processes do, and contains less: a task that exits, eats all memory or loops for ever
// takes the program with it. Close cannot stop a task that ignores its context: after three seconds it returns an
// error that says so.
func NewGoroutines(set *TaskSet, workers int) Executor {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	queue, err := NewQueue(QueueConfig[queuedCall]{
		MaxItems: 2 * workers,
		MaxBytes: queuedBytes,
		Size:     func(q queuedCall) int64 { return int64(len(q.call.Payload)) },
	})
	if err != nil {
		panic(err) // the bounds above are valid
	}
	g := &goroutines{set: set, workers: workers, queue: queue, alive: workers, done: make(chan struct{}),
		running: make(map[*Promise]context.CancelCauseFunc)}
	for range workers {
		go g.work() // waited for by Close
	}
	return g
}

// Window implements Windower.
func (g *goroutines) Window() int { return 4 * g.workers }

func (g *goroutines) Submit(ctx context.Context, c Call) *Future {
	p := NewPromise(ctx)
	if err := g.set.Check(c); err != nil {
		p.Finish(nil, err)
	} else if err := g.queue.Put(ctx, queuedCall{p, c}); err != nil {
		p.Finish(nil, err)
	}
	return p.Future()
}

// work runs calls until the queue is closed and empty. A task that calls runtime.Goexit ends this goroutine; another
// takes its place.
func (g *goroutines) work() {
	drained := false
	defer func() {
		if !drained {
			go g.work() // in place of this one
			return
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.alive--; g.alive == 0 {
			close(g.done)
		}
	}()
	for {
		q, err := g.queue.get(nil, nil)
		if err != nil {
			drained = true
			return
		}
		g.run(q)
	}
}

func (g *goroutines) run(q queuedCall) {
	ctx, cancel := context.WithCancelCause(q.promise.Context())
	defer cancel(nil)
	g.mu.Lock()
	aborted := g.aborted
	g.running[q.promise] = cancel
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		delete(g.running, q.promise)
		g.mu.Unlock()
	}()
	if aborted {
		q.promise.Finish(nil, ErrClosed)
		return
	}
	q.promise.OnAbort(func() { cancel(ErrCancelled) })
	if q.promise.Start() {
		runPromise(ctx, g.set, q.promise, q.call)
	}
}

func (g *goroutines) Close(ctx context.Context) error {
	g.queue.Close()
	select {
	case <-g.done:
		return nil
	case <-ctx.Done():
	}
	g.abort()
	grace := time.NewTimer(abortGrace)
	defer grace.Stop()
	select {
	case <-g.done:
		return fmt.Errorf("close executor: %w", ctx.Err())
	case <-grace.C:
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return fmt.Errorf("close executor: %d calls ignore their context and go on: %w", len(g.running), ctx.Err())
}

// abort cancels the calls that run; those that wait end as the workers reach them.
func (g *goroutines) abort() {
	g.mu.Lock()
	g.aborted = true
	for _, cancel := range g.running {
		cancel(ErrClosed)
	}
	g.mu.Unlock()
	for q, ok := g.queue.TryGet(); ok; q, ok = g.queue.TryGet() {
		q.promise.Finish(nil, ErrClosed)
	}
}
