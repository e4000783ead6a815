package fast

import (
	"context"
	"errors"
	"sync"

	"tandem/load/engine"
)

// Available tells whether the engine works on this system.
const Available = true

// Run performs the job on one thread for each loop and waits for all of them.
func (e *Engine) Run(ctx context.Context, job *engine.Job) error {
	of := e.Shards(job.Connections)
	if err := e.open(job, of); err != nil {
		return err
	}
	defer hold(of)()
	shared := newShared(e, job)
	var loops sync.WaitGroup
	errs := make([]error, of)
	for i, l := range e.loops { // as many as of
		l.begin(shared, i, of)
		loops.Go(func() { errs[i] = l.run(ctx) })
	}
	over := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() { e.watch(ctx, job.Plan, over) })
	loops.Wait()
	close(over)
	watcher.Wait()
	return errors.Join(errs...)
}

// open makes the loops and divides the connections among them. What an earlier call had beyond is closed.
func (e *Engine) open(job *engine.Job, of int) error {
	for len(e.loops) > of {
		last := len(e.loops) - 1
		e.loops[last].close()
		e.loops = e.loops[:last]
	}
	for len(e.loops) < of {
		l, err := newLoop(e.cfg.Pipeline)
		if err != nil {
			return err
		}
		e.loops = append(e.loops, l)
	}
	for i, l := range e.loops {
		share := job.Connections / of
		if i < job.Connections%of {
			share++
		}
		l.resize(share)
	}
	return nil
}

// watch wakes the loops when the plan is stopped, and when ctx ends.
func (e *Engine) watch(ctx context.Context, plan *engine.Plan, over <-chan struct{}) {
	stopped, cut := plan.Stopped(), ctx.Done()
	for stopped != nil || cut != nil {
		select {
		case <-over:
			return
		case <-stopped:
			stopped = nil
		case <-cut:
			cut = nil
		}
		for _, l := range e.loops {
			l.poll.wake()
		}
	}
}

// Close closes all sockets.
func (e *Engine) Close() error {
	for _, l := range e.loops {
		l.close()
	}
	e.loops = nil
	return nil
}
