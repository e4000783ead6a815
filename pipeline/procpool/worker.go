package procpool

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	maxDepth      = 512                   // calls in flight per worker at most
	inflightBytes = 8 << 20               // of input in flight per worker, one larger input excepted
	workAhead     = 10 * time.Millisecond // of work to have in flight per worker
	slowItem      = 20 * time.Millisecond // a call this slow gets no other queued behind it
	killedResults = time.Second           // to read what a killed worker wrote: a process that escaped may hold it open
)

// worker is one process, seen from the pool.
type worker struct {
	pool      *Pool
	proc      *os.Process
	pid       int
	born      time.Time
	inherited int64 // peak memory of this process when it started the worker: the kernel counts it as the worker's
	mark      *mark
	limits    []string
	requests  *os.File
	results   *os.File
	frames    *frameReader
	printed   *tail
	gone      chan struct{} // closed when a spare worker has died, or is no longer watched; nil if it was never spare

	// The fields below are guarded by pool.mu.
	seat     *seat
	wake     sync.Cond // the sender waits for it
	waiting  bool      // the sender does
	inflight map[uint64]*job
	bytes    int64 // of input in flight
	depth    int   // how many calls to have in flight
	control  []byte
	solo     bool // a suspect is in flight: nothing else
	leaving  bool // gets no more calls
	recalled bool // has been asked to give calls back
	buried   bool // is being reaped: its pid is no longer ours to signal
	sent     int
	done     int
	killed   *verdict // why the pool killed it
	sampled  int64    // peak memory as last seen
	last     time.Time
	pace     time.Duration // of one call, smoothed
	timers   []*time.Timer
	idle     *time.Timer // asks others for calls; made when first needed
}

// verdict is why the pool kills a worker.
type verdict struct {
	reason Reason // empty when that is nobody's fault: the pool aborts
	id     uint64 // the call that it is about, 0 if none
	detail string
}

// hasRoom reports whether the worker may get one more call. The caller holds pool.mu.
func (w *worker) hasRoom() bool {
	return !w.leaving && !w.solo && w.seat.suspect == nil && len(w.inflight) < w.depth
}

// culprit returns the call that the worker's death is about, 0 if none: the one in hand, or a large one that it has alone,
// as large ones are, which may be too much even to read. The caller holds pool.mu.
func (w *worker) culprit() uint64 {
	hand, _ := w.mark.inHand()
	if w.inflight[hand] == nil && len(w.inflight) == 1 {
		for id, j := range w.inflight {
			if j.size() > inflightBytes {
				return id
			}
		}
	}
	return hand
}

// runsLow reports whether the worker is to be sent more calls now: many at once cost little more than one. The caller
// holds pool.mu.
func (w *worker) runsLow() bool {
	return w.hasRoom() && len(w.inflight) <= w.depth/2
}

// rouse wakes the sender. The caller holds pool.mu.
func (w *worker) rouse() {
	w.waiting = false
	w.wake.Signal()
}

// send feeds the worker until it has to go, then closes its requests.
func (w *worker) send() {
	defer w.requests.Close()
	var out writer
	out.w = w.requests
	for {
		control, jobs, ok := w.next()
		if !ok {
			return
		}
		out.buf = append(out.buf[:0], control...)
		for _, j := range jobs {
			out.call(j)
		}
		if err := out.flush(); err != nil {
			w.pool.mu.Lock()
			w.signal(syscall.SIGKILL) // it is dead already, most likely: by its own fault, so this is no verdict
			w.pool.mu.Unlock()
			return
		}
	}
}

// next waits for something to send.
func (w *worker) next() (control []byte, jobs []sending, ok bool) {
	p := w.pool
	p.mu.Lock()
	for {
		if w.buried {
			p.passOn()
			p.mu.Unlock()
			return nil, nil, false
		}
		var over []outcome
		control, w.control = w.control, nil
		jobs, over = w.take()
		if len(over) > 0 {
			p.mu.Unlock()
			p.finish(over)
			p.mu.Lock()
		}
		if len(control) > 0 || len(jobs) > 0 {
			p.mu.Unlock()
			return control, jobs, true
		}
		if len(over) > 0 {
			continue
		}
		if w.leaving && len(w.inflight) == 0 {
			w.seeOff()
			p.passOn()
			p.mu.Unlock()
			return nil, nil, false
		}
		w.waiting = true
		w.hunger()
		w.wake.Wait()
		w.waiting = false
	}
}

// take takes jobs from the backlog while there is room, and returns those that were over before they started. The caller
// holds pool.mu.
func (w *worker) take() (jobs []sending, over []outcome) {
	p := w.pool
	if s := w.seat; s.suspect != nil && len(w.inflight) == 0 && !w.leaving {
		j := s.suspect
		s.suspect = nil
		if err := j.over(); err != nil {
			return nil, []outcome{{job: j, err: err}}
		}
		w.solo = true
		return []sending{w.board(j)}, nil
	}
	share := max(1, p.outstanding/max(1, len(p.workers))) // of few calls, each worker is to have one
	for p.backlog.len() > 0 && w.hasRoom() && len(w.inflight) < share {
		j := p.backlog.front()
		if len(w.inflight) > 0 && w.bytes+j.size() > inflightBytes {
			break
		}
		p.backlog.popFront()
		switch {
		case j.started && j.over() != nil:
			over = append(over, outcome{job: j, err: j.over()})
			continue
		case !j.started && !j.promise.Start():
			over = append(over, outcome{job: j}) // it has ended; only to be counted
			continue
		}
		jobs = append(jobs, w.board(j))
	}
	p.admit()
	return jobs, over
}

// over says why a job that came back is not to be sent again; nil if it is. The caller holds pool.mu.
func (j *job) over() error {
	if j.abort != nil {
		return j.abort
	}
	return j.promise.Context().Err()
}

// board puts a job in flight. The caller holds pool.mu.
func (w *worker) board(j *job) sending {
	p := w.pool
	if len(w.inflight) == 0 {
		w.last = time.Now()
	}
	p.nextID++
	j.id, j.started, j.worker = p.nextID, true, w
	w.inflight[j.id] = j
	w.bytes += j.size()
	w.sent++
	if p.cfg.MaxItemsPerWorker > 0 && w.sent >= p.cfg.MaxItemsPerWorker {
		w.leaving = true
	}
	p.watch(j)
	return newSending(j)
}

// receive takes answers until the worker's results end, and returns why they do: io.EOF, or what is wrong with them.
func (w *worker) receive() error {
	var batch []frame
	for {
		f, err := w.frames.next()
		if err != nil {
			return err
		}
		batch = append(batch[:0], f)
		for len(batch) < maxDepth && w.frames.ready() {
			if f, err = w.frames.next(); err != nil {
				break
			}
			batch = append(batch, f)
		}
		ended, bad := w.settle(batch)
		w.pool.finish(ended)
		clear(batch)
		if err := errors.Join(bad, err); err != nil {
			return err
		}
	}
}

// settle takes answered jobs out of flight.
func (w *worker) settle(batch []frame) (ended []outcome, bad error) {
	p := w.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	ended = make([]outcome, 0, len(batch))
	var back []*job
	defer func() { // also when the rest of the batch is bad
		w.progress(len(ended))
		p.requeue(back)
		if w.waiting && (len(w.inflight) == 0 || p.backlog.len() > 0 && w.runsLow()) {
			w.rouse()
		}
	}()
	for _, f := range batch {
		if f.kind == frameRecycle {
			w.leaving = true
			p.cfg.Logger.Debug("worker recycled for its memory", "worker", w.pid)
			continue
		}
		j := w.inflight[f.id]
		if j == nil {
			return ended, fmt.Errorf("%w: answer to a call that is not in flight: %d", errFrame, f.id)
		}
		if f.kind == frameDropped {
			w.land(j)
			if j.abort != nil {
				ended = append(ended, outcome{job: j, err: j.abort})
			} else {
				back = append(back, j)
			}
			continue
		}
		value, err, bad := parseAnswer(f, j.call.Task, p.cfg.MaxResult)
		if bad != nil {
			return ended, bad
		}
		w.land(j)
		ended = append(ended, outcome{j, value, err})
	}
	return ended, nil
}

// land takes a job out of flight. The caller holds pool.mu.
func (w *worker) land(j *job) {
	delete(w.inflight, j.id)
	j.worker = nil
	w.bytes -= j.size()
	w.solo = false
	w.pool.unwatch(j)
}

// progress counts n answered calls and adapts the depth to their pace. The caller holds pool.mu.
func (w *worker) progress(n int) {
	if n == 0 {
		return
	}
	p := w.pool
	p.answered.Set()
	p.streak = 0
	w.done += n
	p.counts.done += n
	now := time.Now()
	pace := now.Sub(w.last) / time.Duration(n)
	w.last = now
	w.recalled = false
	if w.pace == 0 {
		w.pace = pace
	}
	w.pace += (pace - w.pace) / 4
	want := 1
	if w.pace < slowItem {
		want = 2 + int(workAhead/max(w.pace, time.Nanosecond))
	}
	w.depth = min(want, 2*w.depth, maxDepth)
}

// requeue puts jobs back to the front of the backlog, in the order they were sent. The caller holds mu.
func (p *Pool) requeue(jobs []*job) {
	slices.SortFunc(jobs, func(a, b *job) int { return cmp.Compare(b.id, a.id) })
	for _, j := range jobs {
		p.backlog.pushFront(j)
	}
	for range min(len(jobs), len(p.workers)) {
		p.rouse()
	}
}

// signal sends a signal to the worker's process group. The caller holds pool.mu.
func (w *worker) signal(sig syscall.Signal) {
	if !w.buried {
		_ = syscall.Kill(-w.pid, sig) // it may be dead already
	}
}

// kill kills the worker's process group. The caller holds pool.mu.
func (w *worker) kill(v verdict) {
	if w.killed == nil && !w.buried {
		w.sampled = max(w.sampled, peakMemory(w.pid))
		w.killed = &v
		w.signal(syscall.SIGKILL)
		_ = w.results.SetReadDeadline(time.Now().Add(killedResults))
	}
}

// dismiss has the worker end once nothing is in flight, and makes sure of it. The caller holds pool.mu.
func (w *worker) dismiss() {
	w.leaving = true
	w.rouse()
	w.seeOff()
}

// seeOff makes sure that a worker whose requests end does so too. The caller holds pool.mu.
func (w *worker) seeOff() {
	grace := w.pool.cfg.GracePeriod
	w.after(grace, func() { w.signal(syscall.SIGTERM) })
	w.after(2*grace, func() { w.kill(verdict{}) })
}

// after has fn called with pool.mu held unless the worker is gone by then. The caller holds pool.mu.
func (w *worker) after(d time.Duration, fn func()) {
	w.timers = append(w.timers, time.AfterFunc(d, func() {
		w.pool.mu.Lock()
		defer w.pool.mu.Unlock()
		if !w.buried {
			fn()
		}
	}))
}
