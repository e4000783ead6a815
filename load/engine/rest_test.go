package engine

import (
	"testing"
	"time"
)

// A connection rests for 1 ms after the first attempt that failed, and never for longer than 100 ms.
func TestRest(t *testing.T) {
	t.Parallel()
	const most = 100 * time.Millisecond
	for failures, want := range map[int]time.Duration{1: time.Millisecond, 2: 2 * time.Millisecond, 7: 64 * time.Millisecond, 8: most, 1000: most} {
		if got := Rest(failures); got != want {
			t.Errorf("%d failed: %v, want %v", failures, got, want)
		}
	}
}
