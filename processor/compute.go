package processor

import (
	"context"
	"errors"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/pipeline"
)

// compute lists a batch and computes what is missing, at the same time. list
// runs in a goroutine of its own that has ended when compute returns.
func (p *Processor) compute(ctx context.Context, l *lister, list func(context.Context) error) error {
	begin := p.cfg.Now()
	g, gctx := errgroup.WithContext(ctx)
	var cut atomic.Bool // by a drain, which is no error here: it would abort what is in hand
	unlessDrained := func(err error) error {
		if errors.Is(err, errDrained) {
			cut.Store(true)
			return nil
		}
		return err
	}
	g.Go(func() error {
		defer l.close()
		return unlessDrained(list(gctx))
	})
	intake, work, release := p.contexts(gctx)
	defer release()
	for _, name := range []string{TextTask, ImagesTask} {
		g.Go(func() error { return unlessDrained(p.computeQueue(intake, work, name, l.queue[name])) })
	}
	err := g.Wait()
	if p.hasStarted() {
		p.tally.computed(p.cfg.Now().Sub(begin))
	}
	if err == nil && cut.Load() {
		return errDrained
	}
	return err
}

// contexts returns the context of taking new items, which ends when Drain is
// set, and that of items in hand, which ends DrainGrace later, so that a drain
// does not wait for a slow item. release ends both and what watches over them.
func (p *Processor) contexts(ctx context.Context) (intake, work context.Context, release func()) {
	work, abort := context.WithCancelCause(ctx)
	intake, stop := context.WithCancelCause(work)
	var wait sync.WaitGroup
	wait.Go(func() {
		if p.cfg.Drain.Wait(work) != nil {
			return
		}
		stop(errDrained)
		t := time.NewTimer(p.cfg.DrainGrace)
		defer t.Stop()
		select {
		case <-t.C:
			abort(errDrained)
		case <-work.Done():
		}
	})
	return intake, work, func() { stop(nil); abort(nil); wait.Wait() }
}

// computeQueue computes the jobs of one task as they come.
func (p *Processor) computeQueue(intake, work context.Context, name string, q *pipeline.Queue[job]) error {
	first, ok := next(intake, q)
	if !ok {
		return context.Cause(intake)
	}
	e, err := p.start(work) // only now: a run without work starts no worker
	if err != nil {
		return err
	}
	for c := range pipeline.AsCompleted(work, e, newTask(name), jobs(intake, first, q)) {
		if err := p.settleJob(c); err != nil {
			return err
		}
	}
	return context.Cause(intake)
}

// next waits for a job. It is not ok when there are no more, or ctx is over.
func next(ctx context.Context, q *pipeline.Queue[job]) (job, bool) {
	if ctx.Err() != nil {
		return job{}, false
	}
	j, err := q.Get(ctx)
	return j, err == nil
}

// jobs is first and then what comes out of the queue.
func jobs(ctx context.Context, first job, q *pipeline.Queue[job]) iter.Seq[job] {
	return func(yield func(job) bool) {
		for j, ok := first, true; ok && yield(j); {
			j, ok = next(ctx, q)
		}
	}
}

// settleJob stores what became of a job.
func (p *Processor) settleJob(c pipeline.Completed[job, outcome]) error {
	o := c.Out
	if c.Err != nil {
		failed, err := explain(c.Err)
		if err != nil || failed == nil {
			return err
		}
		o = outcome{Failed: failed}
	}
	if err := p.thumbs.write(c.In, o); err != nil {
		return err
	}
	if err := p.parts.add(c.In, o); err != nil {
		return err
	}
	p.tally.finish(o.Failed != nil)
	return nil
}

// finished reports whether a job's result is there, whole.
func (p *Processor) finished(j job) bool {
	at, ok := p.parts.find(j.Key)
	switch {
	case !ok, at.bad && p.cfg.RetryQuarantined:
		return false
	case at.bad || j.Task != ImagesTask:
		return true
	}
	return p.thumbs.present(j.Digest)
}

// stopping reports an error that only says that the run was asked to end.
func stopping(err error) bool { return errors.Is(err, errDrained) }
