package load

import (
	"cmp"
	"math"
	"slices"
)

// search decides which rate is tried next, to find the highest one that holds. It knows nothing of load: it is a pure function of what
// the trials before gave, which belongs to one goroutine.
//
//	from the start, in steps     up while it holds, down while it does not, until one rate holds and a higher one does not
//	bisection                    the geometric mean of the two, until they are as near as the precision wants
//	confirmation                 the upper one must fail twice and the lower one hold twice; when two trials of a rate disagree, a
//	                             third one decides, and the search goes on from there
//
// The rates above the lowest one that fails do not count: what a system does beyond its limit is no capacity.
type search struct {
	precision       float64 // the gap that is left, as a fraction
	lowest, highest float64 // rates that may be tried
	start, step     float64 // the first rate, and the first factor up or down
	most            int     // trials
	tried           []tally // in the order of their rates
	trials          int
}

// tally is how the trials at one rate came out.
type tally struct {
	rate      float64
	good, bad int
	limited   int // of bad: the client was the limit
}

// outcome is that of one trial.
type outcome int

const (
	held    outcome = iota // the conditions were met
	failed                 // they were not
	limited                // nobody can say: the client was the limit
)

// Factors of the steps. Down it goes faster: a rate that is far too high tells nothing of how far.
const (
	stepUp   = 2
	stepDown = 4
	enough   = 2 // trials that agree
)

// note takes the outcome of a trial in.
func (s *search) note(rate float64, o outcome) {
	s.trials++
	i, known := slices.BinarySearchFunc(s.tried, rate, func(t tally, r float64) int { return cmp.Compare(t.rate, r) })
	if !known {
		s.tried = slices.Insert(s.tried, i, tally{rate: rate})
	}
	t := &s.tried[i]
	switch o {
	case held:
		t.good++
	case limited:
		t.limited++
		t.bad++
	default:
		t.bad++
	}
}

// bounds returns the lowest rate that fails and the highest below it that holds, nil for none.
func (s *search) bounds() (holds, fails *tally) {
	for i := range s.tried {
		t := &s.tried[i]
		if t.bad > t.good {
			return holds, t
		}
		if t.good > t.bad {
			holds = t
		}
	}
	return holds, nil
}

// next returns the rate to try. more is false when the search is over.
func (s *search) next() (rate float64, more bool) {
	if s.trials >= s.most {
		return 0, false
	}
	if s.trials == 0 {
		return s.start, true
	}
	for _, t := range s.tried {
		if t.good == t.bad {
			return t.rate, true
		}
	}
	holds, fails := s.bounds()
	switch {
	case fails == nil && holds.rate >= s.highest:
		return holds.rate, holds.good < enough
	case fails == nil:
		return min(s.round(holds.rate*s.factor(holds, stepUp)), s.highest), true
	case holds == nil && fails.rate <= s.lowest:
		return fails.rate, fails.bad < enough
	case holds == nil:
		return max(s.round(fails.rate/s.factor(fails, stepDown)), s.lowest), true
	case !s.near(holds, fails):
		return s.between(holds.rate, fails.rate), true
	case fails.bad < enough:
		return fails.rate, true
	case holds.good < enough:
		return holds.rate, true
	}
	return 0, false
}

// factor is that of a step from a rate: near the start it is the search's own.
func (s *search) factor(from *tally, usual float64) float64 {
	if math.Abs(math.Log(from.rate/s.start)) < 1.5*math.Log(s.step) {
		return s.step
	}
	return usual
}

// near reports whether the two are as near as the precision wants.
func (s *search) near(holds, fails *tally) bool {
	return fails.rate <= holds.rate*(1+s.precision)*(1+1e-9)
}

// between is a rate in the middle, a round one if there is one.
func (s *search) between(low, high float64) float64 {
	middle := math.Sqrt(low * high)
	if r := s.round(middle); r > low && r < high {
		return r
	}
	return middle
}

// round keeps three digits, for people.
func (s *search) round(rate float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(rate))-2)
	return math.Round(rate/unit) * unit
}

// closed reports whether the search has found what it looked for: nothing more would change the result.
func (s *search) closed() bool {
	holds, fails := s.bounds()
	switch {
	case holds == nil:
		return fails != nil && fails.rate <= s.lowest && fails.bad >= enough
	case fails == nil:
		return holds.rate >= s.highest && holds.good >= enough
	}
	return s.near(holds, fails) && fails.bad >= enough && holds.good >= enough
}
