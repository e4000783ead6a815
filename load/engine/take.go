package engine

import (
	"math"
	"time"
)

const noTotal = math.MaxInt64

// Take waits for the next send of the whole plan; ok is false when there is none. timer is the caller's own, for waiting.
func (p *Plan) Take(timer *time.Timer) (s Send, ok bool) {
	for {
		s = p.number()
		if s.Index >= p.Total || p.over.Load() {
			return s, false
		}
		s.Taken = p.Now()
		if p.Schedule == nil {
			s.Planned = s.Taken
		}
		switch late := s.Taken - s.Planned; {
		case late < 0:
			if !p.Sleep(timer, -late) {
				return s, false
			}
			if p.over.Load() {
				return s, false
			}
			s.Taken, s.Waited = p.Now(), true
		case p.tooLate(s.Taken):
			return s, false
		case late > MaxLate:
			p.late.Add(1) // dropped: nobody sends this one
			continue
		}
		return s, true
	}
}

// number gives the next send out.
func (p *Plan) number() (s Send) {
	if p.Schedule == nil {
		return Send{Index: p.next.Add(1) - 1}
	}
	p.taking.Lock()
	defer p.taking.Unlock()
	if p.taken < p.Total {
		s = Send{Index: p.taken, Planned: p.walk.At(p.taken)}
		p.taken++
		return s
	}
	return Send{Index: p.Total}
}

// Sleep waits for d at least, or returns false when the plan is stopped.
func (p *Plan) Sleep(timer *time.Timer, d time.Duration) bool {
	timer.Reset(d)
	select {
	case <-timer.C:
		return true
	case <-p.stopped:
		return false
	}
}
