package load

import (
	"errors"
	"time"

	"tandem/load/engine"
	"tandem/load/schedule"
)

// arrivals is an open loop's schedule.
type arrivals struct{ schedule.Schedule }

// Walk returns a cursor.
func (a arrivals) Walk() engine.Walk {
	c := a.Cursor()
	return &c
}

// Arrivals of a constant rate.
const (
	ArrivalsConstant = "constant" // evenly spaced
	ArrivalsPoisson  = "poisson"  // of many users who know nothing of each other
)

// schedule makes the schedule of an open loop; open is false for a closed one.
func (c *Config) schedule() (a arrivals, open bool, err error) {
	ways := 0
	for _, given := range []bool{c.Rate > 0, len(c.Stages) > 0, c.Bursts.Size > 0} {
		if given {
			ways++
		}
	}
	switch {
	case ways > 1:
		return a, true, errors.New("rate, stages and bursts: give one of them")
	case ways == 0 && c.Arrivals == ArrivalsPoisson:
		return a, true, errors.New("arrivals poisson: it needs a rate")
	case ways == 0:
		return a, false, nil
	case c.Rate > 0:
		a = c.constant(c.Rate.PerSecond(), c.Duration.D())
	case c.Bursts.Size > 0:
		a.Schedule = c.Bursts.Schedule(c.Duration.D())
	default:
		a.Schedule, err = c.Stages.Schedule()
	}
	if err != nil {
		return a, true, err
	}
	return a, true, a.Check()
}

// constant is a schedule of that many sends a second.
func (c *Config) constant(rate float64, length time.Duration) arrivals {
	if c.Arrivals == ArrivalsPoisson {
		return arrivals{schedule.Poisson(rate, length, c.Seed)}
	}
	return arrivals{schedule.Constant(rate, length)}
}
