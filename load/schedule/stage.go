package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"tandem/internal/units"
)

// MaxStages is how many stages a schedule may have.
const MaxStages = 1000

// Stage is a part of a schedule. Rates are in sends per second; the rate goes from From to To in a straight line, or is held if they
// are the same. Two zeros are a pause.
type Stage struct {
	Length   time.Duration
	From, To float64
}

// String prints the stage as ParseStages reads it: "10s:0..500/s", "1m:30/m".
func (s Stage) String() string {
	from, to := perSecond(s.From), perSecond(s.To)
	if s.From == s.To {
		return units.Duration(s.Length).String() + ":" + to
	}
	if strings.HasSuffix(to, "/s") {
		from = strings.TrimSuffix(from, "/s")
	}
	return units.Duration(s.Length).String() + ":" + from + ".." + to
}

// Stages plans one stage after the other. Send i is planned where the integral of the rate reaches i, so a fraction of a send is carried
// into the next stage; what falls on the border of two stages belongs to the later one, and if that is a pause to the one after it. The
// error names the first stage that is wrong. The schedule does not keep the slice.
func Stages(stages []Stage) (Schedule, error) {
	if err := checkStages(stages); err != nil {
		return Schedule{}, err
	}
	s := newStaged(stages)
	return until(s, s.length), nil
}

func checkStages(stages []Stage) error {
	if len(stages) == 0 {
		return errors.New("stages: there are none; want at least one")
	}
	if len(stages) > MaxStages {
		return fmt.Errorf("stages: there are %d; want at most %d", len(stages), MaxStages)
	}
	var length time.Duration
	sends := false
	for i, s := range stages {
		if err := checkStage(s); err != nil {
			return atStage(i, s.String(), err)
		}
		if length += s.Length; length > MaxLength { // each is at most that, so the sum cannot overflow
			return atStage(i, s.String(), fmt.Errorf("with it the stages are too long; want at most %v together", units.Duration(MaxLength)))
		}
		sends = sends || s.From > 0 || s.To > 0
	}
	if !sends {
		return errors.New("stages: all rates are 0, so nothing is sent; want a rate of more than 0")
	}
	return nil
}

func checkStage(s Stage) error {
	switch {
	case s.Length < 0:
		return errors.New("its length is negative; want more than 0")
	case s.Length == 0:
		return errors.New("it has no length; want more than 0")
	case s.Length > MaxLength:
		return fmt.Errorf("it is too long; want at most %v", units.Duration(MaxLength))
	}
	for _, rate := range []float64{s.From, s.To} {
		if err := checkRateOrPause(rate); err != nil {
			return fmt.Errorf("%w, or 0 for a pause", err)
		}
	}
	return nil
}

// atStage says which stage (the first is 0) an error is about.
func atStage(i int, text string, err error) error {
	return fmt.Errorf("stage %d, %s: %w", i+1, quoted(text), err)
}

// quoted quotes text that came from outside, cut where it gets long.
func quoted(text string) string {
	const shown = 64
	if len(text) > shown {
		text = text[:shown] + "…"
	}
	return fmt.Sprintf("%q", text)
}
