package procpool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

const (
	maxStartFailures = 5 // in a row of one seat, without one call answered in between, before the pool gives up
	keptCauses       = 5

	firstPause = 50 * time.Millisecond // after a worker that did not start; doubles
	lastPause  = 2 * time.Second
)

// seat is a place for one worker at a time: when one dies or leaves, the next one takes its place.
type seat struct {
	pool *Pool

	// The fields below are guarded by pool.mu.
	suspect *job // its worker died with this job in hand; it goes alone to the next one
	taken   bool // it has had a worker
}

// run looks after workers until the pool stops. The first has its place already.
func (s *seat) run(ctx context.Context, w *worker) {
	p := s.pool
	defer p.seats.Done()
	for w != nil {
		sent := make(chan struct{})
		go func() { // waited for below
			defer close(sent)
			w.send()
		}()
		s.bury(w, w.receive(), sent)
		w = s.successor(ctx)
	}
}

// seatWorker gives the worker its place, unless the pool stops.
func (s *seat) seatWorker(w *worker) bool {
	p := s.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped.IsSet() {
		return false
	}
	if w.seat = s; s.taken {
		p.counts.restarts++
	}
	s.taken = true
	p.workers[w] = struct{}{}
	p.counts.limits = w.limits
	if p.cfg.ItemTimeout > 0 {
		w.guard()
	}
	if p.cfg.Memory > 0 {
		w.weigh()
	}
	return true
}

// successor starts the next worker; nil when the pool stops.
func (s *seat) successor(ctx context.Context) *worker {
	p := s.pool
	answered := -1
	var causes []error
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		select {
		case <-p.stopped.Done():
			return nil
		default:
		}
		var err error
		w := p.takeSpare()
		if w == nil {
			w, err = p.start(ctx)
		}
		if err == nil && !s.seatWorker(w) {
			p.retire(w)
			return nil
		}
		if err == nil {
			return w
		}
		if killed := (*killedError)(nil); errors.As(err, &killed) { // as good as dead after its start
			pause = firstPause
			p.mu.Lock()
			gaveUp := p.mourn(err)
			p.mu.Unlock()
			if gaveUp != nil {
				p.fail(gaveUp)
				return nil
			}
		} else {
			p.cfg.Logger.Warn("worker did not start", "err", err)
			if n := p.answers(); n != answered { // the others work: it is not the end yet
				answered, causes = n, nil
			}
			if causes = append(causes, err); len(causes) == maxStartFailures {
				p.fail(&FailedError{Causes: causes})
				return nil
			}
		}
		s.handOver()
		if !p.sleep(pause) {
			return nil
		}
	}
}

// handOver gives the suspect of a seat that gets no worker to one that has one: it goes alone there too.
func (s *seat) handOver() {
	p := s.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.workers {
		if s.suspect != nil && w.seat.suspect == nil && !w.leaving && !w.buried {
			w.seat.suspect, s.suspect = s.suspect, nil
			w.rouse()
		}
	}
}

// bury reaps a worker whose results have ended, and settles whose fault it was.
func (s *seat) bury(w *worker, end error, sent <-chan struct{}) {
	p := s.pool
	if isEnd(end) {
		if w.isDead() {
			end = nil // it died, perhaps while it was writing
		} else {
			end = fmt.Errorf("%w: it closed its results", errFrame)
		}
	}
	if end != nil {
		p.mu.Lock()
		if !w.leaving || len(w.inflight) > 0 {
			w.killBroken(end)
		}
		p.mu.Unlock()
	}
	state := w.reap()
	w.requests.Close() // ends a write that goes on because a process that escaped holds the other end
	<-sent
	defer w.unmap()

	p.mu.Lock()
	delete(p.workers, w)
	p.counts.bury(w, state)
	expected := w.leaving && len(w.inflight) == 0 || w.killed != nil && w.killed.reason == ""
	ended, back := s.judge(w, state)
	p.requeue(back)
	var gaveUp error
	if !expected {
		gaveUp = p.mourn(fmt.Errorf("worker %d: %v%s", w.pid, state, w.lastWord()))
	}
	p.mu.Unlock()
	p.finish(ended)
	if gaveUp != nil {
		p.fail(gaveUp)
	}
}

// isEnd reports whether the results ended, be it within a frame.
func isEnd(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// isDead reports whether a worker whose results have ended is dead: a process closes its files a moment before that.
func (w *worker) isDead() bool {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 100 {
		if hasExited(w.pid) {
			return true
		}
		<-tick.C
	}
	return false
}

// killBroken kills a worker that broke the protocol. The caller holds pool.mu.
func (w *worker) killBroken(end error) {
	w.kill(verdict{reason: Crash, id: w.culprit(), detail: end.Error()})
}

// judge gives the job in hand its strike and returns jobs that are over and jobs to be sent again. The caller holds
// pool.mu.
func (s *seat) judge(w *worker, state *os.ProcessState) (ended []outcome, back []*job) {
	d := w.autopsy(state)
	hand, _ := w.mark.inHand()
	if !d.stray {
		hand = w.culprit()
	}
	blame := hand != 0 && (w.killed == nil || w.killed.id == hand)
	for _, j := range w.inflight {
		w.pool.unwatch(j)
		j.worker = nil
		switch {
		case j.abort != nil:
			ended = append(ended, outcome{job: j, err: j.abort})
		case !blame || j.id != hand:
			back = append(back, j)
		case j.strike(d):
			w.pool.counts.quarantined++
			ended = append(ended, outcome{job: j, err: d.crash(j)})
		default:
			if s.suspect != nil { // handed over to this seat, and not sent yet
				back = append(back, s.suspect)
			}
			s.suspect = j
		}
	}
	clear(w.inflight)
	return ended, back
}

// mourn counts an unexpected death, and returns an error when it was one too many. The caller holds mu.
func (p *Pool) mourn(cause error) error {
	p.counts.crashes++
	p.cfg.Logger.Warn("worker died", "err", cause)
	if len(p.causes) == keptCauses {
		p.causes = append(p.causes[:0], p.causes[1:]...)
	}
	p.causes = append(p.causes, cause)
	if p.streak++; p.streak <= p.cfg.RestartBudget || p.failed != nil {
		return nil
	}
	return &FailedError{Causes: append([]error(nil), p.causes...)}
}

// reap ends the worker's process group, waits for the process and for what it printed.
func (w *worker) reap() *os.ProcessState {
	p := w.pool
	p.mu.Lock()
	w.signal(syscall.SIGKILL) // it is ending: this is for what its tasks started
	w.buried = true
	w.wake.Broadcast()
	for _, t := range w.timers {
		t.Stop()
	}
	p.mu.Unlock()
	state, err := w.proc.Wait()
	if err != nil {
		p.cfg.Logger.Error("worker not reaped", "worker", w.pid, "err", err)
	}
	w.printed.finish()
	w.results.Close()
	return state
}

// discard ends a worker that never got a seat.
func (w *worker) discard() *os.ProcessState {
	w.requests.Close()
	defer w.unmap()
	return w.reap()
}

func (w *worker) unmap() {
	if err := w.mark.unmap(); err != nil {
		w.pool.cfg.Logger.Error("worker mark not unmapped", "err", err)
	}
}
