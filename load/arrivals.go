package load

import (
	"errors"
	"fmt"
	"time"

	"tandem/internal/units"
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

// length is how long the run takes, 0 without a limit. Stages bring their own.
func (c *Config) length() time.Duration {
	if len(c.Stages) > 0 {
		return 0
	}
	return c.Duration.D()
}

// schedule makes the schedule of an open loop of that length, 0 for no end; open is false for a closed one.
func (c *Config) schedule(length time.Duration) (a arrivals, open bool, err error) {
	ways := 0
	for _, given := range []bool{c.Rate > 0, len(c.Stages) > 0, c.Bursts.Size > 0} {
		if given {
			ways++
		}
	}
	switch {
	case ways > 1:
		return a, true, errors.New("rate, stages and bursts: give one of them")
	case c.Arrivals == ArrivalsPoisson && c.Rate <= 0 && len(c.FindMax) == 0:
		return a, true, errors.New("arrivals poisson: it needs a rate")
	case ways == 0:
		return a, false, nil
	case c.Rate > 0:
		a = c.constant(c.Rate.PerSecond(), length)
	case c.Bursts.Size > 0:
		a.Schedule = c.Bursts.Schedule(length)
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

// checkWarmup refuses a warm-up that the same load cannot fill.
func (c *Config) checkWarmup() error {
	switch {
	case c.Warmup < 0:
		return fmt.Errorf("warmup %v: want 0 or more", c.Warmup)
	case c.Warmup.D() > schedule.MaxLength:
		return fmt.Errorf("warmup %v: it is too long; want at most %v", c.Warmup, units.Duration(schedule.MaxLength))
	case len(c.Stages) > 0:
		s, err := c.Stages.Schedule()
		if err == nil && c.Warmup.D() > s.Length() {
			return fmt.Errorf("warmup %v: it runs the first of the stages, which take %v: give a shorter one, or a first stage more", c.Warmup, units.Duration(s.Length()))
		}
	}
	return nil
}
