package procpool

import (
	"context"
	"os"
	"slices"
	"time"
)

const (
	spareRetry    = time.Second // after a spare worker did not start; doubles
	spareRetryMax = time.Minute

	// sparePatience is how many times as long as a worker took to start the pool is in use before it starts a spare one:
	// a short job is not to pay for it.
	sparePatience = 10
)

// keepSpare keeps one worker ready that has no seat yet, once the pool has been in use for a while: who needs a successor
// takes it instead of waiting for a process to start. It runs until the pool stops.
func (p *Pool) keepSpare(ctx context.Context) {
	defer p.seats.Done()
	select {
	case <-p.answered.Done():
	case <-p.stopped.Done():
		return
	}
	if !p.sleep(sparePatience * p.startTook) {
		return
	}
	for pause := spareRetry; ; {
		w, err := p.start(ctx)
		if err != nil {
			if ctx.Err() == nil {
				p.cfg.Logger.Warn("spare worker did not start", "err", err)
			}
			if !p.sleep(pause) {
				return
			}
			pause = min(2*pause, spareRetryMax)
			continue
		}
		pause = spareRetry
		p.mu.Lock()
		p.ready = append(p.ready, w)
		p.mu.Unlock()
		w.attend()
		select {
		case p.spares <- w:
		case <-w.gone:
			state := p.retire(w)
			p.cfg.Logger.Warn("spare worker died", "worker", w.pid, "state", state)
			if !p.sleep(spareRetry) {
				return
			}
		case <-p.stopped.Done():
			p.retire(w)
			return
		}
	}
}

// sleep waits and returns false when the pool stops first.
func (p *Pool) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.stopped.Done():
		return false
	}
}

// takeSpare returns a spare worker that is ready, nil if there is none.
func (p *Pool) takeSpare() *worker {
	select {
	case w := <-p.spares:
		w.unattend()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.unready(w)
		return w
	default:
		return nil
	}
}

// attend begins to watch over a spare worker: gone is closed when it has died.
func (w *worker) attend() {
	w.gone = make(chan struct{})
	go func() { // waited for by unattend and retire
		defer close(w.gone)
		w.frames.await()
	}()
}

// unattend ends that.
func (w *worker) unattend() {
	_ = w.results.SetReadDeadline(time.Now())
	<-w.gone
	_ = w.results.SetReadDeadline(time.Time{})
}

// retire ends a worker that started and never got a seat, and counts what it used.
func (p *Pool) retire(w *worker) *os.ProcessState {
	defer w.unmap()
	w.requests.Close()
	state := w.reap()
	if w.gone != nil {
		<-w.gone
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unready(w)
	p.counts.bury(w, state)
	return state
}

// unready takes a worker off the list of spare ones. The caller holds mu.
func (p *Pool) unready(w *worker) {
	p.ready = slices.DeleteFunc(p.ready, func(r *worker) bool { return r == w })
}
