package engine_test

import (
	"testing"
	"time"

	"tandem/load/engine"
	"tandem/load/schedule"
)

type arrivals struct{ schedule.Schedule }

func (a arrivals) Walk() engine.Walk {
	c := a.Cursor()
	return &c
}

// What cursors skip because it is too late is counted, each send once, whatever the number of loops.
func TestSkippedSendsAreCounted(t *testing.T) {
	t.Parallel()
	for _, loops := range []int{1, 2, 3, 7} {
		s := arrivals{schedule.Constant(100, 20*time.Second)}
		plan := &engine.Plan{Schedule: s, Length: 20 * time.Second, Total: 2000}
		plan.Begin()
		now, sent := 15*time.Second, int64(0)
		for n := range loops {
			for c := plan.Cursor(n, loops); ; sent++ {
				if _, _, ok := c.Next(now); !ok {
					break
				}
			}
		}
		if due := s.Due(now); plan.Late()+sent != due || plan.Late() != s.Due(now-engine.MaxLate-1) {
			t.Errorf("%d loops: %d skipped and %d sent of %d due", loops, plan.Late(), sent, due)
		}
	}
}
