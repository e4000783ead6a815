package engine

import (
	"math"
	"time"
)

const noTotal = math.MaxInt64

// Take waits for the next send of the whole plan; ok is false when there is none. timer is the caller's own, for waiting.
func (p *Plan) Take(timer *time.Timer) (s Send, ok bool) {
	for {
		s = Send{Index: p.next.Add(1) - 1}
		if s.Index >= p.Total || p.over.Load() {
			return s, false
		}
		s.Taken = p.Now()
		s.Planned = s.Taken
		if p.Schedule != nil {
			s.Planned = p.Schedule.At(s.Index)
		}
		switch late := s.Taken - s.Planned; {
		case late < 0:
			if !p.Sleep(timer, -late) {
				return s, false
			}
			s.Taken, s.Waited = p.Now(), true
		case p.tooLate(s.Taken):
			return s, false
		case late > MaxLate:
			continue // dropped: nobody sends this one
		}
		return s, true
	}
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
