package schedule

import (
	"math"
	"time"

	"tandem/internal/units"
)

// Constant plans rate sends per second, evenly, the first at once; length 0 is without end. What Check would refuse (a rate that is
// not MinRate to MaxRate, a length that is not 0 to MaxLength) makes a schedule that holds no send.
func Constant(rate float64, length time.Duration) Schedule {
	for _, err := range []error{checkRate(rate), checkLength(length)} {
		if err != nil {
			return Schedule{shape: refused{err}}
		}
	}
	return until(constant{periodOf(rate), rate}, length)
}

type constant struct {
	period    period
	perSecond float64
}

func (c constant) at(i int64) time.Duration { return c.period.after(uint64(i), fixed{}) }

func (c constant) due(t time.Duration) int64 {
	return settle(c, int64(t.Seconds()*c.perSecond), 0, math.MaxInt64, t)
}

func (c constant) rate(time.Duration) float64 { return c.perSecond }

func (c constant) String() string { return "open loop at " + perSecond(c.perSecond) }

// perSecond prints a rate for people and for the parsers.
func perSecond(rate float64) string { return units.Rate(rate).String() }
