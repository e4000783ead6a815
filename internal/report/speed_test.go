package report

import (
	"testing"
	"time"
)

// A count that begins anew, as after a warm-up, has a rate of its own.
func TestSpeedOfANewCount(t *testing.T) {
	t.Parallel()
	var s speed
	start := time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	for i := range 5 {
		s.add(at(1000*i), int64(1000*i))
	}
	s.add(at(5000), 0)
	if rate, ok := s.rate(); ok {
		t.Errorf("%v/s of a moment", rate)
	}
	s.add(at(6000), 50)
	if rate, ok := s.rate(); !ok || rate != 50 {
		t.Errorf("%v/s, want 50/s", rate)
	}
	s.end()
	if rate, ok := s.rate(); !ok || rate != 50 {
		t.Errorf("%v/s in the end, want 50/s", rate)
	}
}
