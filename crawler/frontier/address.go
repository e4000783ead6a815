package frontier

import "time"

// address is what several hosts are reached at: they share its rate and the number of its items in flight. A host that could be asked
// while its address may not is parked here, and costs nothing until the address lets the next one go.
type address struct {
	clock
	inflight int
	last     time.Time // of the last hand-out
	parked   ring
	waiting  bool // alarm is set
	alarm    alarm
}

// room is how many hand-outs the address allows now; if none, at is when to ask again, zero if that is up to items in flight.
func (a *address) room(p *politeness, now time.Time) (n int, at time.Time) {
	n = 1 << 30
	if p.addressConcurrency > 0 {
		if n = p.addressConcurrency - a.inflight; n <= 0 {
			return 0, time.Time{}
		}
	}
	if a.limiter != nil {
		if at := a.clock.free(now); at.After(now) {
			return 0, at
		}
		n = min(n, max(1, int(a.limiter.TokensAt(now))))
	}
	return n, now
}

func (a *address) take(now time.Time) {
	a.inflight++
	a.last = now
	a.clock.take(now)
}

// admits reports whether h's address allows a hand-out now, and parks h if not.
func (s *scheduler) admits(h *host, now time.Time) bool {
	if h.addr == nil {
		return true
	}
	n, _ := h.addr.room(&s.polite, now)
	if n > 0 {
		return true
	}
	s.take(h)
	h.where = parked
	s.parked++
	h.addr.parked.pushBack(h)
	s.rouse(h.addr, now)
	return false
}

// rouseAt is rouse where there is an address and somebody parked at it.
func (s *scheduler) rouseAt(a *address, now time.Time) {
	if a != nil && a.parked.head != nil {
		s.rouse(a, now)
	}
}

// rouse lets parked hosts of a go on, as many as it has room for, or sets its alarm.
func (s *scheduler) rouse(a *address, now time.Time) {
	n, at := a.room(&s.polite, now)
	for n > 0 && a.parked.head != nil {
		h := a.parked.head
		s.take(h)
		if s.put(h, now); h.where == ready {
			n--
		}
	}
	wants := a.parked.head != nil && !at.IsZero() && at.After(now)
	if a.waiting {
		s.waiting.remove(&a.alarm)
	}
	if a.waiting = wants; wants {
		a.alarm.addr = a
		s.waiting.set(&a.alarm, at)
	}
}

// setAddress moves a host to an address. Its items in flight stay with the address that they were handed out under.
func (s *scheduler) setAddress(name, addr string) {
	now := s.lock()
	defer s.unlock(now)
	a := s.addresses[addr]
	if a == nil {
		a = &address{clock: clock{rate: s.polite.addressRate}}
		s.addresses[addr] = a
	}
	h := s.host(name)
	if h.addr == a {
		return
	}
	s.take(h)
	s.rouseAt(h.addr, now) // its turn there is another's
	h.addr = a
	s.put(h, now)
}
