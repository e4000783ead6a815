package procpool

import (
	"context"
	"fmt"
	"time"

	"tandem/pipeline"
)

// Close implements pipeline.Executor. It drains; when ctx is over first, it aborts and returns an error. Workers end at
// the end of their requests, after GracePeriod by SIGTERM, after another by SIGKILL; none is left when Close returns.
// It returns the *FailedError of a pool that gave up.
func (p *Pool) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closing = true
	p.refuseWaiting(pipeline.ErrClosed)
	p.checkDrained()
	p.mu.Unlock()
	var err error
	select {
	case <-p.drained.Done():
	case <-ctx.Done():
		select {
		case <-p.drained.Done(): // as well
		default:
			err = fmt.Errorf("close worker pool: %w", ctx.Err())
			p.abort()
		}
	}
	p.mu.Lock()
	p.stop()
	if p.failed != nil {
		err = p.failed
	}
	p.mu.Unlock()
	p.seats.Wait()
	p.launcher.close()
	return err
}

// abort ends what waits and cancels what runs; what goes on after GracePeriod is killed.
func (p *Pool) abort() {
	p.mu.Lock()
	ended := p.dropBacklog(pipeline.ErrClosed)
	for w := range p.workers {
		for _, j := range w.inflight {
			w.abortJob(j, pipeline.ErrClosed)
		}
	}
	p.mu.Unlock()
	p.finish(ended)
	grace := time.NewTimer(p.cfg.GracePeriod)
	defer grace.Stop()
	select {
	case <-p.drained.Done():
	case <-grace.C:
		p.mu.Lock()
		p.killAll()
		p.mu.Unlock()
		<-p.drained.Done()
	}
}

// fail gives up: everything ends with err. The caller does not hold mu.
func (p *Pool) fail(err error) {
	p.mu.Lock()
	if p.failed != nil {
		p.mu.Unlock()
		return
	}
	p.failed = err
	p.cfg.Logger.Error("worker pool gave up", "err", err)
	p.refuseWaiting(err)
	ended := p.dropBacklog(err)
	for w := range p.workers {
		for _, j := range w.inflight {
			j.abort = err
		}
	}
	p.killAll()
	p.stop()
	p.mu.Unlock()
	p.finish(ended)
}

// stop tells the workers to end and starts no more. The caller holds mu.
func (p *Pool) stop() {
	if p.stopped.IsSet() {
		return
	}
	p.stopped.Set()
	p.unstart()
	for w := range p.workers {
		w.dismiss()
	}
}

func (p *Pool) killAll() {
	for w := range p.workers {
		w.kill(verdict{})
	}
}

func (p *Pool) refuseWaiting(err error) {
	for e := p.waiting.Front(); e != nil; e = e.Next() {
		e.Value.(*submission).ready <- err
	}
	p.waiting.Init()
}

// dropBacklog takes every job that is not in flight and returns it ended with err. The caller holds mu.
func (p *Pool) dropBacklog(err error) []outcome {
	var ended []outcome
	for p.backlog.len() > 0 {
		ended = append(ended, outcome{job: p.backlog.popFront(), err: err})
	}
	for _, s := range p.chairs {
		if s.suspect != nil {
			ended = append(ended, outcome{job: s.suspect, err: err})
			s.suspect = nil
		}
	}
	return ended
}
