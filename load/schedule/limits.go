package schedule

import (
	"fmt"
	"math"
	"time"

	"tandem/internal/units"
)

// What a schedule may be. MaxRate is where the nanoseconds of a schedule begin to matter; MaxLength keeps each time exact in floating
// point (2^53 ns are 104 days).
const (
	MaxRate   = 10_000_000           // sends per second
	MinRate   = 1e-6                 // sends per second, but for 0, which is a pause
	MaxLength = 100 * 24 * time.Hour // of a schedule that ends
)

const wantRate = `1e-6/s to 10,000,000/s`

// refused is the shape of a schedule whose arguments were wrong. It holds no send.
type refused struct{ err error }

func (refused) at(int64) time.Duration     { return Never }
func (refused) due(time.Duration) int64    { return 0 }
func (refused) rate(time.Duration) float64 { return 0 }
func (r refused) String() string           { return "no schedule: " + r.err.Error() }

// checkRate says what is wrong with a rate that is to send something.
func checkRate(rate float64) error {
	if rate == 0 {
		return fmt.Errorf("rate 0: it sends nothing; want %s", wantRate)
	}
	return checkRateOrPause(rate)
}

// checkRateOrPause is checkRate where 0 is accepted.
func checkRateOrPause(rate float64) error {
	wrong := ""
	switch {
	case math.IsNaN(rate):
		wrong = "it is no number"
	case rate < 0:
		wrong = "it is negative"
	case rate > MaxRate:
		wrong = "it is too high"
	case rate > 0 && rate < MinRate:
		wrong = "it is too low"
	default:
		return nil
	}
	return fmt.Errorf("rate %g/s: %s; want %s", rate, wrong, wantRate)
}

// checkLength says what is wrong with the length of a whole schedule.
func checkLength(length time.Duration) error {
	switch {
	case length < 0:
		return fmt.Errorf("length %v: it is negative; want 0 (without end) to %v", length, units.Duration(MaxLength))
	case length > MaxLength:
		return fmt.Errorf("length %v: it is too long; want 0 (without end) to %v", units.Duration(length), units.Duration(MaxLength))
	}
	return nil
}
