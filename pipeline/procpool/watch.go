package procpool

import (
	"context"
	"fmt"
	"time"

	"tandem/pipeline"
)

// watch looks after the context of calls in flight. Calls usually share one, so there is one watch per context.
type watch struct {
	jobs int
	stop func() bool
}

// watch begins to look after a job's context. The caller holds mu.
func (p *Pool) watch(j *job) {
	ctx := j.promise.Context()
	key := ctx.Done()
	if key == nil {
		return
	}
	j.watched = true
	wt := p.watches[key]
	if wt == nil {
		wt = &watch{stop: context.AfterFunc(ctx, func() { p.cancelled(key, ctx) })}
		p.watches[key] = wt
	}
	wt.jobs++
}

// unwatch ends it. The caller holds mu.
func (p *Pool) unwatch(j *job) {
	if j.insist != nil {
		j.insist.Stop()
		j.insist = nil
	}
	if !j.watched {
		return
	}
	j.watched = false
	key := j.promise.Context().Done()
	if wt := p.watches[key]; wt != nil {
		if wt.jobs--; wt.jobs == 0 {
			wt.stop()
			delete(p.watches, key)
		}
	}
}

// cancelled aborts the jobs in flight whose context this is.
func (p *Pool) cancelled(key <-chan struct{}, ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.workers {
		for _, j := range w.inflight {
			if j.promise.Context().Done() == key {
				w.abortJob(j, ctx.Err())
			}
		}
	}
}

// abortCall stops one call that has started, for its submitter.
func (p *Pool) abortCall(j *job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if j.worker != nil {
		j.worker.abortJob(j, pipeline.ErrCancelled)
	} else if j.started && j.abort == nil {
		j.abort = pipeline.ErrCancelled // it came back from a dead worker, and is not to go to another
	}
}

// abortJob cancels a job in flight; if it goes on, its worker is killed and it ends with err. The caller holds pool.mu.
func (w *worker) abortJob(j *job, err error) {
	if j.abort != nil {
		return
	}
	j.abort = err
	w.control = appendFrame(w.control, frame{kind: frameCancel, id: j.id})
	w.rouse()
	grace, since := w.pool.cfg.GracePeriod, time.Now()
	j.insist = time.AfterFunc(grace, func() {
		w.pool.mu.Lock()
		defer w.pool.mu.Unlock()
		if j.worker != w || w.buried {
			return
		}
		if hand, _ := w.mark.inHand(); hand == j.id || time.Since(since)-grace >= stalled {
			w.kill(verdict{id: j.id})
			return
		}
		j.insist.Reset(min(max(grace, 20*time.Millisecond), time.Second)) // on its way, or it has just been dropped
	})
}

// stalled is how long a worker that is to answer may do nothing at all: it has been stopped, or cannot read.
const stalled = 5 * time.Second

// guard kills the worker when its call in hand has run for too long, and when it has calls and does not even begin one.
// The caller holds pool.mu.
func (w *worker) guard() {
	limit := w.pool.cfg.killAfter()
	var doubtful time.Time // last progress, when that was long ago
	var t *time.Timer
	t = time.AfterFunc(limit, func() {
		w.pool.mu.Lock()
		defer w.pool.mu.Unlock()
		if w.buried {
			return
		}
		id, age := w.mark.inHand()
		if id != 0 && age >= limit {
			w.kill(verdict{reason: Deadline, id: id})
			return
		}
		if len(w.inflight) > 0 && time.Since(w.last)-limit >= stalled {
			if doubtful.Equal(w.last) {
				w.kill(verdict{reason: Crash, detail: "it answered nothing and began no call"})
				return
			}
			doubtful = w.last // unless it was this process that has been stopped
			t.Reset(min(limit-age, time.Second))
			return
		}
		t.Reset(limit - age) // no call can be too old before that
	})
	w.timers = append(w.timers, t)
}

const weighEvery = 100 * time.Millisecond

// weigh looks at the worker's memory from outside now and then, and kills it when it holds more than its limit: the
// kernel's limit on data does not count memory shared between processes. The caller holds pool.mu.
func (w *worker) weigh() {
	limit := w.pool.cfg.Memory
	var t *time.Timer
	t = time.AfterFunc(weighEvery, func() {
		w.pool.mu.Lock()
		defer w.pool.mu.Unlock()
		if w.buried {
			return
		}
		held := heldMemory(w.pid)
		w.sampled = max(w.sampled, held)
		if held > limit {
			w.kill(verdict{reason: Memory, id: w.culprit(), detail: fmt.Sprintf("held %d bytes, limit %d", held, limit)})
			return
		}
		t.Reset(weighEvery)
	})
	w.timers = append(w.timers, t)
}

// hungry is how long a call must be in hand before those behind it are given to idle workers.
const hungry = 10 * time.Millisecond

// hunger looks, a little later, whether this idle worker could have the calls that wait behind a slow one elsewhere. The
// caller holds pool.mu.
func (w *worker) hunger() {
	if w.leaving || len(w.inflight) > 0 || !w.pool.crowded() {
		return
	}
	if w.idle == nil {
		w.idle = time.AfterFunc(hungry, w.relieve)
		w.timers = append(w.timers, w.idle)
		return
	}
	w.idle.Reset(hungry)
}

// crowded reports whether calls wait behind others in a worker.
func (p *Pool) crowded() bool {
	for w := range p.workers {
		if len(w.inflight) > 1 {
			return true
		}
	}
	return false
}

// relieve asks every worker with a slow call in hand to give back what waits behind it.
func (w *worker) relieve() {
	p := w.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.buried || !w.waiting || len(w.inflight) > 0 || p.backlog.len() > 0 {
		return
	}
	for v := range p.workers {
		if len(v.inflight) < 2 || v.recalled {
			continue
		}
		if _, age := v.mark.inHand(); age >= hungry {
			v.recalled = true
			v.depth = 1
			v.control = appendFrame(v.control, frame{kind: frameRecall})
			v.rouse()
		}
	}
	w.hunger()
}
