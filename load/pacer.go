package load

import (
	"math"
	"time"
)

// pacer is a schedule: a pure function of the time since the start, with no memory of what was sent. Its rate is in requests
// per second and positive.
type pacer struct {
	rate   float64
	length time.Duration
}

// at returns when request i (the first is 0) is planned, to the nanosecond.
func (p pacer) At(i int64) time.Duration {
	return time.Duration(math.Round(float64(i) / p.rate * float64(time.Second)))
}

// due returns how many requests are planned up to and with elapsed: exactly those whose at is not later.
func (p pacer) Due(elapsed time.Duration) int64 {
	if elapsed < 0 {
		return 0
	}
	n := int64(elapsed.Seconds() * p.rate) // right but for rounding
	for p.At(n) <= elapsed {
		n++
	}
	for n > 0 && p.At(n-1) > elapsed {
		n--
	}
	return n
}

// before returns how many requests are planned before d, which is what a run of length d holds.
func (p pacer) before(d time.Duration) int64 { return p.Due(d - 1) }

func (p pacer) Total() int64 {
	if p.length == 0 {
		return math.MaxInt64
	}
	return p.before(p.length)
}
func (p pacer) Length() time.Duration { return p.length }
func (p pacer) String() string        { return "" }

func (c *Config) schedule() (arrivals, error) {
	if c.Rate == 0 {
		return nil, nil
	}
	return pacer{c.Rate.PerSecond(), c.Duration.D()}, nil
}
