package frontier

import (
	"container/heap"
	"container/list"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"tandem/crawler/weburl"
)

// scheduler is the half of the frontier that lives in memory: whose turn is it? It touches no file, so nothing is slow under its lock.
//
// Every change ends in settle, which hands jobs to waiting callers one by one, so each of them is woken once, with its job or its
// error in hand. Nobody is woken to look and wait again.
type scheduler struct {
	rate        float64 // of a host without its own
	concurrency int     // of a host
	timers      sync.WaitGroup

	mu       sync.Mutex // guards all below
	hosts    map[string]*host
	ready    ring
	waiting  hostHeap
	busy     int // hosts in position busy
	waiters  list.List
	pending  int64
	done     int64
	flights  map[weburl.Key]*flight
	gone     map[weburl.Key]struct{} // in a host's queue, but not pending any more
	end      error                   // what Next returns from now on
	timer    *time.Timer
	timerAt  time.Time
	waitTime waitTimes
}

// flight is a job that was handed out.
type flight struct {
	job
	host *host
	rec  *record // guarded by scheduler.mu; nil until it is read
	away bool    // released: it no longer counts for its host
}

// waiter is a caller of Next. It is in the list until it is settled.
type waiter struct {
	settled chan struct{}
	flight  *flight
	err     error
	element *list.Element
}

func newScheduler(rate float64, concurrency int) *scheduler {
	return &scheduler{
		rate: rate, concurrency: concurrency,
		hosts:   make(map[string]*host),
		flights: make(map[weburl.Key]*flight),
		gone:    make(map[weburl.Key]struct{}),
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
		h = &host{name: name, rate: s.rate}
		s.hosts[name] = h
	}
	return h
}

// placed is a job and the host it belongs to.
type placed struct {
	host string
	job
}

// push makes jobs pending.
func (s *scheduler) push(jobs []placed) {
	now := s.lock()
	s.pushLocked(jobs, now)
	s.unlock(now)
}

func (s *scheduler) pushLocked(jobs []placed, now time.Time) {
	s.pending += int64(len(jobs))
	for i := range jobs {
		h := s.host(jobs[i].host)
		h.push(jobs[i].job)
		if h.where == idle || h.where == waiting {
			s.put(h, now)
		}
	}
}

// put moves a host to where it belongs. A ready one that stays ready keeps its turn.
func (s *scheduler) put(h *host, now time.Time) {
	to, at, backOff := s.belongs(h, now)
	if h.where == to && to != waiting {
		return
	}
	s.take(h)
	h.where = to
	switch to {
	case ready:
		s.ready.pushBack(h)
	case waiting:
		h.readyAt, h.backOff = at, backOff
		heap.Push(&s.waiting, h)
	case busy:
		s.busy++
	case idle:
	}
}

func (s *scheduler) belongs(h *host, now time.Time) (to position, at time.Time, backOff bool) {
	switch {
	case h.empty():
		return idle, now, false
	case h.inflight >= s.concurrency:
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
		heap.Remove(&s.waiting, h.heapIndex)
	case busy:
		s.busy--
	case idle:
	}
	h.where = idle
}

// finish counts key as done, ends its flight and makes jobs pending, as one step: the count cannot touch zero between the two.
func (s *scheduler) finish(key weburl.Key, jobs []placed) {
	now := s.lock()
	s.done++
	if f := s.flights[key]; f != nil {
		s.land(f, now)
	}
	s.pushLocked(jobs, now)
	s.unlock(now)
}

func (s *scheduler) land(f *flight, now time.Time) {
	delete(s.flights, f.key)
	if !f.away {
		f.host.inflight--
	}
	s.put(f.host, now)
}

// release lets another job of the host be handed out while this one, whose exchange is over, is still outstanding.
func (s *scheduler) release(key weburl.Key) {
	now := s.lock()
	defer s.unlock(now)
	f := s.flights[key]
	if f == nil || f.away {
		return
	}
	f.away = true
	f.host.inflight--
	s.put(f.host, now)
}

// retry ends the flight of key by making it pending again, as its next attempt or, if it was not tried, as the same.
func (s *scheduler) retry(key weburl.Key, notBefore time.Time, tried bool) error {
	now := s.lock()
	defer s.unlock(now)
	f := s.flights[key]
	if f == nil {
		return ErrNotPending
	}
	j := f.job
	if tried && j.attempt < 1<<16-1 {
		j.attempt++
	}
	heap.Push(&f.host.delayed, delay{at: notBefore, job: j})
	s.pending++
	s.land(f, now)
	return nil
}

// withdraw takes a pending job out of its queue without handing it out.
func (s *scheduler) withdraw(key weburl.Key) {
	now := s.lock()
	s.pending--
	s.gone[key] = struct{}{}
	s.unlock(now)
}

// flight is what was handed out for key: its record, once the caller of Next has been given it.
func (s *scheduler) flight(key weburl.Key) (rec *record, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.flights[key]
	if f == nil {
		return nil, false
	}
	return f.rec, true
}

// attach keeps the record of a flight for its end.
func (s *scheduler) attach(f *flight, rec *record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.rec = rec
}

// reset forgets all jobs and starts over with these; the hosts' clocks stay. Nothing may be in flight.
func (s *scheduler) reset(hosts []string, jobs []placed, done int64) error {
	now := s.lock()
	defer s.unlock(now)
	if len(s.flights) > 0 {
		return ErrInFlight
	}
	for _, h := range s.hosts {
		s.take(h)
		h.front, h.levels, h.delayed = fifo{}, nil, nil
	}
	for _, name := range hosts {
		s.host(name)
	}
	s.pending, s.done = 0, done
	clear(s.gone)
	s.pushLocked(jobs, now)
	return nil
}

func (s *scheduler) setRate(name string, r float64) {
	now := s.lock()
	h := s.host(name)
	h.setRate(max(r, 0), now)
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
