package frontier

import "time"

// waitTimes sums the time that callers of Next wait, by what they wait for. What that is only changes when the scheduler does, so
// booking the time since the last change at every change is exact, and costs nothing a caller.
type waitTimes struct {
	since  time.Time
	reason reason
	sums   [4]time.Duration
}

type reason uint8

const (
	forClock reason = iota
	forConcurrency
	forLinks
	forRetry
)

// book adds the time since the last call for each of n waiting callers.
func (w *waitTimes) book(now time.Time, n int) {
	if n > 0 {
		w.sums[w.reason] += now.Sub(w.since) * time.Duration(n)
	}
	w.since = now
}

// reason is what callers of Next wait for from here on.
func (s *scheduler) reason() reason {
	switch {
	case len(s.waiting) > 0 && s.waiting[0].host != nil && s.waiting[0].host.backOff:
		return forRetry
	case s.parked > 0 && (len(s.waiting) == 0 || s.waiting[0].addr == nil): // an address has enough in flight
		return forConcurrency
	case len(s.waiting) > 0:
		return forClock
	case s.busy+s.parked > 0:
		return forConcurrency
	}
	return forLinks
}

func (s *scheduler) waits() map[string]time.Duration {
	now := s.lock()
	defer s.unlock(now)
	return map[string]time.Duration{
		WaitLimiter:     s.waitTime.sums[forClock],
		WaitRetry:       s.waitTime.sums[forRetry],
		WaitConcurrency: s.waitTime.sums[forConcurrency],
		WaitEmpty:       s.waitTime.sums[forLinks],
	}
}
