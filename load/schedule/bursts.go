package schedule

import (
	"fmt"
	"math"
	"time"

	"tandem/internal/units"
)

// Bursts plans size sends at once, the first of them at the start, and again each every; length 0 is without end. What Check would refuse
// makes a schedule that holds no send: a size below 1, an interval or a length that is not up to MaxLength, more than MaxRate on average.
func Bursts(size int64, every, length time.Duration) Schedule {
	for _, err := range []error{checkBurst(size, every), checkLength(length)} {
		if err != nil {
			return Schedule{shape: refused{err}}
		}
	}
	return until(bursts{size, every}, length)
}

func checkBurst(size int64, every time.Duration) error {
	switch {
	case size < 1:
		return fmt.Errorf("bursts of %d: they send nothing; want at least 1", size)
	case every <= 0:
		return fmt.Errorf("bursts each %v: want an interval of more than 0", every)
	case every > MaxLength:
		return fmt.Errorf("bursts each %v: want an interval of at most %v", units.Duration(every), units.Duration(MaxLength))
	case float64(size)/every.Seconds() > MaxRate:
		return fmt.Errorf("bursts of %d each %v: they are more than %s/s on average", size, units.Duration(every), units.FormatCount(MaxRate))
	}
	return nil
}

type bursts struct {
	size  int64
	every time.Duration
}

func (b bursts) at(i int64) time.Duration {
	n := i / b.size
	if n > math.MaxInt64/int64(b.every) {
		return Never
	}
	return time.Duration(n) * b.every
}

// due cannot overflow: MaxRate over all of time.Duration is less than 2^63.
func (b bursts) due(t time.Duration) int64 { return (int64(t/b.every) + 1) * b.size }

func (b bursts) rate(time.Duration) float64 { return float64(b.size) / b.every.Seconds() }

func (b bursts) String() string {
	return fmt.Sprintf("bursts of %s each %v", units.FormatCount(b.size), units.Duration(b.every))
}
