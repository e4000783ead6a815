package load

import (
	"math"
	"time"
)

// pacer is a schedule: a pure function of the time since the start, with no memory of what was sent. Its rate is in requests
// per second and positive.
type pacer struct {
	rate float64
}

// at returns when request i (the first is 0) is planned, to the nanosecond.
func (p pacer) at(i int64) time.Duration {
	return time.Duration(math.Round(float64(i) / p.rate * float64(time.Second)))
}

// due returns how many requests are planned up to and with elapsed: exactly those whose at is not later.
func (p pacer) due(elapsed time.Duration) int64 {
	if elapsed < 0 {
		return 0
	}
	n := int64(elapsed.Seconds() * p.rate) // right but for rounding
	for p.at(n) <= elapsed {
		n++
	}
	for n > 0 && p.at(n-1) > elapsed {
		n--
	}
	return n
}

// before returns how many requests are planned before d, which is what a run of length d holds.
func (p pacer) before(d time.Duration) int64 { return p.due(d - 1) }
