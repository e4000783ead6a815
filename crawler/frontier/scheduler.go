package frontier

import (
	"container/heap"
	"container/list"
	"errors"
	"io"
	"strings"
	"sync"
	"time"
)

// scheduler is the half of the frontier that lives in memory: whose turn is it? It touches no file, so nothing is slow under its lock.
//
// Every change ends in settle, which hands jobs to waiting callers one by one, so each of them is woken once, with its job or its
// error in hand. Nobody is woken to look and wait again.
type scheduler struct {
	polite politeness
	timers sync.WaitGroup

	mu        sync.Mutex // guards all below
	hosts     map[string]*host
	addresses map[string]*address
	ready     ring
	waiting   alarms
	busy      int // hosts in position busy
	parked    int // hosts in position parked
	waiters   list.List
	pending   int64
	done      int64
	spent     int64
	flights   map[uint32]*flight
	gone      map[uint32]struct{} // in a host's queue, but not pending any more
	end       error               // what Next returns from now on
	timer     *time.Timer
	timerAt   time.Time
	waitTime  waitTimes
}

// politeness is what hosts and addresses without settings of their own may be asked; 0 is no limit.
type politeness struct {
	rate               float64 // of a host
	concurrency        int     // of a host
	addressRate        float64
	addressConcurrency int
	pages              int64 // of a host
}

// flight is a job that was handed out.
type flight struct {
	job
	host *host
	addr *address // that it was handed out under; nil if that was not known
	was  *result  // what there was before; guarded by scheduler.mu; nil if nothing or not read yet
	away bool     // released: it no longer counts for its host
}

// waiter is a caller of Next. It is in the list until it is settled.
type waiter struct {
	settled chan struct{}
	flight  *flight
	err     error
	element *list.Element
}

func newScheduler(p politeness) *scheduler {
	return &scheduler{
		polite:    p,
		hosts:     make(map[string]*host),
		addresses: make(map[string]*address),
		flights:   make(map[uint32]*flight),
		gone:      make(map[uint32]struct{}),
	}
}

// lock takes the lock and books the waiting time since the last change.
func (s *scheduler) lock() (now time.Time) {
	s.mu.Lock()
	now = time.Now()
	s.waitTime.book(now, s.waiters.Len())
	return now
}

// unlock settles what can be settled and gives the lock back.
func (s *scheduler) unlock(now time.Time) {
	s.settle(now)
	s.waitTime.reason = s.reason()
	s.mu.Unlock()
}

func (s *scheduler) host(name string) *host {
	h := s.hosts[name]
	if h == nil {
		name = strings.Clone(name) // it is a part of a URL that need not stay
		h = &host{name: name, clock: clock{rate: s.polite.rate}}
		s.hosts[name] = h
	}
	return h
}

// intern makes a host known.
func (s *scheduler) intern(name string) *host {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.host(name)
}

// placed is a job and the host it belongs to.
type placed struct {
	host *host
	job
}

// push makes jobs pending.
func (s *scheduler) push(jobs []placed) {
	now := s.lock()
	s.pushLocked(jobs, now)
	s.unlock(now)
}

func (s *scheduler) pushLocked(jobs []placed, now time.Time) {
	for i := range jobs {
		h := jobs[i].host
		s.pend(h, jobs[i].job)
		if h.where != ready && h.where != parked {
			s.put(h, now)
		}
	}
}

// put moves a host to where it belongs. A ready one that stays ready keeps its turn, and a parked one its place. One that is ready no
// more leaves its turn to those parked at its address: it may be the one that they were left for.
func (s *scheduler) put(h *host, now time.Time) {
	to, at, backOff := s.belongs(h, now)
	if h.where == to && to != waiting || h.where == parked && to == ready {
		return
	}
	was := h.where
	s.take(h)
	h.where = to
	if was == ready {
		defer s.rouseAt(h.addr, now)
	}
	switch to {
	case ready:
		s.ready.pushBack(h)
	case waiting:
		h.alarm.host, h.backOff = h, backOff
		s.waiting.set(&h.alarm, at)
	case busy:
		s.busy++
	case idle, parked:
	}
}

func (s *scheduler) belongs(h *host, now time.Time) (to position, at time.Time, backOff bool) {
	switch {
	case h.empty():
		return idle, now, false
	case h.crowded(s.polite.concurrency), h.out > 0 && s.tight(h):
		return busy, now, false
	}
	if at, backOff := h.ready(now); at.After(now) {
		return waiting, at, backOff
	}
	return ready, now, false
}

// take removes a host from wherever it is.
func (s *scheduler) take(h *host) {
	switch h.where {
	case ready:
		s.ready.remove(h)
	case waiting:
		s.waiting.remove(&h.alarm)
	case busy:
		s.busy--
	case parked:
		s.parked--
		h.addr.parked.remove(h)
	case idle:
	}
	h.where = idle
}

// finish counts a URL of h as done, ends its flight and makes jobs pending, as one step: the count cannot touch zero between the two.
func (s *scheduler) finish(id uint32, h *host, page bool, jobs []placed) {
	now := s.lock()
	s.done++
	if page {
		h.pages++
		s.leaveOut(h)
	}
	if f := s.flights[id]; f != nil {
		s.land(f, now)
	} else {
		s.put(h, now)
	}
	s.pushLocked(jobs, now)
	s.unlock(now)
}

func (s *scheduler) land(f *flight, now time.Time) {
	delete(s.flights, f.id)
	f.host.out--
	s.leave(f, now)
}

// leave ends what f counts for its host and its address.
func (s *scheduler) leave(f *flight, now time.Time) {
	if !f.away {
		f.away = true
		f.host.inflight--
		if f.addr != nil {
			f.addr.inflight--
			s.rouse(f.addr, now)
		}
	}
	s.put(f.host, now)
}

// release lets another job of the host be handed out while this one, whose exchange is over, is still outstanding.
func (s *scheduler) release(id uint32) {
	now := s.lock()
	defer s.unlock(now)
	if f := s.flights[id]; f != nil {
		s.leave(f, now)
	}
}

// retry ends the flight of a job by making it pending again, as its next attempt or, if it was not tried, as the same.
func (s *scheduler) retry(id uint32, notBefore time.Time, tried bool) error {
	now := s.lock()
	defer s.unlock(now)
	f := s.flights[id]
	if f == nil {
		return ErrNotPending
	}
	j := f.job
	if tried && j.attempt < 1<<16-1 {
		j.attempt++
	}
	if !j.requisite && s.exhausted(f.host) {
		s.spent++
	} else {
		heap.Push(&f.host.delayed, delay{at: notBefore, job: j})
		s.pending++
	}
	s.land(f, now)
	return nil
}

// withdraw takes a pending job of h out of its queue without handing it out, or out of what was left out. One that has been handed out
// meanwhile stays in flight.
func (s *scheduler) withdraw(id uint32, h *host, requisite bool) {
	now := s.lock()
	defer s.unlock(now)
	if s.flights[id] != nil {
		return
	}
	if !requisite && s.exhausted(h) {
		s.spent--
		return
	}
	s.pending--
	s.gone[id] = struct{}{}
}

// flight is what was handed out under an id; nil if nothing is.
func (s *scheduler) flight(id uint32) *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.flights[id]
}

// attach keeps the earlier result of a flight for its end.
func (s *scheduler) attach(f *flight, was *result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.was = was
}

// reset forgets all jobs and starts over with those that fill gives: done ones first count for their hosts. The hosts' clocks stay.
// Nothing may be in flight. The lock is held meanwhile.
func (s *scheduler) reset(fill func(pend func(h *host, j job), done func(h *host, page bool)) error) error {
	now := s.lock()
	defer s.unlock(now)
	if len(s.flights) > 0 {
		return ErrInFlight
	}
	for _, h := range s.hosts {
		s.take(h)
		h.front, h.levels, h.delayed = fifo{}, nil, nil
		h.pages, h.out = 0, 0
	}
	s.pending, s.done, s.spent = 0, 0, 0
	clear(s.gone)
	err := fill(s.pend, func(h *host, page bool) {
		s.done++
		if page {
			h.pages++
			s.leaveOut(h)
		}
	})
	for _, h := range s.hosts {
		s.put(h, now)
	}
	return err
}

func (s *scheduler) setRate(name string, r float64) {
	now := s.lock()
	h := s.host(name)
	h.setRate(max(r, 0))
	s.put(h, now)
	s.unlock(now)
}

func (s *scheduler) pause(name string, until time.Time) {
	now := s.lock()
	h := s.host(name)
	if until.After(h.paused) {
		h.paused = until
		s.put(h, now)
	}
	s.unlock(now)
}

func (s *scheduler) setGap(name string, gap time.Duration) {
	now := s.lock()
	h := s.host(name)
	h.gap = max(gap, 0)
	s.put(h, now)
	s.unlock(now)
}

// halt makes Next return err from now on. Draining gives way to anything, a failure to nothing.
func (s *scheduler) halt(err error) {
	now := s.lock()
	if s.end == nil || errors.Is(s.end, ErrDrained) {
		s.end = err
	}
	s.unlock(now)
}

// verdict is the error that Next owes its callers now, if any.
func (s *scheduler) verdict() error {
	if s.end != nil && !errors.Is(s.end, ErrDrained) {
		return s.end
	}
	if s.pending == 0 && len(s.flights) == 0 {
		return io.EOF
	}
	return s.end
}

// stop waits for the timer's callback. Nothing may be pushed afterwards.
func (s *scheduler) stop() {
	s.mu.Lock()
	s.disarm()
	s.mu.Unlock()
	s.timers.Wait()
}
