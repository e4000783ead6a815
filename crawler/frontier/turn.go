package frontier

import (
	"context"
	"time"
)

// next waits for a job.
func (s *scheduler) next(ctx context.Context) (*flight, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	now := s.lock()
	if s.waiters.Len() == 0 {
		f, err, ok := s.turn(now)
		if ok {
			s.unlock(now)
			return f, err
		}
	}
	w := &waiter{settled: make(chan struct{})}
	w.element = s.waiters.PushBack(w)
	s.unlock(now)

	select {
	case <-w.settled:
		return w.flight, w.err
	case <-ctx.Done():
	}
	return s.abandon(ctx, w)
}

// abandon leaves the queue of waiters, unless a job has arrived meanwhile: that one is the caller's.
func (s *scheduler) abandon(ctx context.Context, w *waiter) (*flight, error) {
	now := s.lock()
	defer s.unlock(now)
	select {
	case <-w.settled:
		return w.flight, w.err
	default:
	}
	s.waiters.Remove(w.element)
	return nil, context.Cause(ctx)
}

// settle hands out what there is to hand out, and sets the timer for the rest. The lock is held.
func (s *scheduler) settle(now time.Time) {
	for s.waiters.Len() > 0 {
		f, err, ok := s.turn(now)
		if !ok {
			break
		}
		w := s.waiters.Remove(s.waiters.Front()).(*waiter)
		w.flight, w.err = f, err
		close(w.settled)
	}
	s.arm(now)
}

// turn is the answer for one caller of Next; ok is false if it has to wait.
func (s *scheduler) turn(now time.Time) (f *flight, err error, ok bool) {
	if err := s.verdict(); err != nil {
		return nil, err, true
	}
	for len(s.waiting) > 0 && !s.waiting[0].at.After(now) {
		if a := s.waiting[0]; a.host != nil {
			s.put(a.host, now)
		} else {
			s.rouse(a.addr, now)
		}
	}
	for s.ready.head != nil {
		if f := s.handOut(s.ready.head, now); f != nil {
			return f, nil, true
		}
	}
	return nil, nil, false
}

// handOut gives the first host its turn and puts it behind the others; nil if it has to wait after all.
func (s *scheduler) handOut(h *host, now time.Time) *flight {
	if to, _, _ := s.belongs(h, now); to != ready { // paused since, or the clock was rounded
		s.put(h, now)
		return nil
	}
	s.take(h)
	if !s.admits(h, now) {
		return nil
	}
	j := h.pop(now)
	if len(s.gone) > 0 {
		if _, gone := s.gone[j.id]; gone {
			delete(s.gone, j.id)
			s.put(h, now)
			s.rouseAt(h.addr, now)
			return nil
		}
	}
	h.take(now)
	f := &flight{job: j, host: h, addr: h.addr}
	if f.addr != nil {
		f.addr.take(now)
		s.rouse(f.addr, now)
	}
	s.pending--
	s.flights[j.id] = f
	s.put(h, now)
	return f
}

// arm sets the timer to the moment the next host becomes ready, if somebody waits for it.
func (s *scheduler) arm(now time.Time) {
	if s.waiters.Len() == 0 || len(s.waiting) == 0 {
		s.disarm()
		return
	}
	at := s.waiting[0].at
	if s.timer != nil && s.timerAt.Equal(at) {
		return
	}
	s.disarm()
	s.timers.Add(1)
	s.timerAt = at
	var t *time.Timer
	t = time.AfterFunc(at.Sub(now), func() {
		defer s.timers.Done()
		now := s.lock()
		if s.timer == t {
			s.timer = nil
		}
		s.unlock(now)
	})
	s.timer = t
}

func (s *scheduler) disarm() {
	if s.timer != nil && s.timer.Stop() {
		s.timers.Done()
	}
	s.timer = nil
}
