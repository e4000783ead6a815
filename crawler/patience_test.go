package crawler

import (
	"testing"
	"time"
)

func TestWaitedEnough(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		class    string
		attempt  int
		timeout  time.Duration
		patience time.Duration
		want     bool
	}{
		{"timeout", 1, 30 * time.Second, 0, false}, {"timeout", 2, 30 * time.Second, 0, true}, {"timeout", 2, 5 * time.Second, 0, false},
		{"cut_time", 1, 30 * time.Second, 0, true}, {"cut_time", 1, 5 * time.Second, 0, false}, {"cut_time", 2, 5 * time.Second, 0, true}, {"cut_time", 2, time.Second, 0, false},
		{"refused", 2, time.Hour, 0, false}, {"cut_disconnect", 2, time.Hour, 0, false},
		{"timeout", 1, 30 * time.Second, 5 * time.Second, false}, {"timeout", 2, 30 * time.Second, 5 * time.Second, true},
		{"cut_time", 1, 30 * time.Second, 5 * time.Second, true}, {"refused", 2, 30 * time.Second, 5 * time.Second, false},
	} {
		if got := waitedEnough(row.class, row.attempt, row.timeout, row.patience); got != row.want {
			t.Errorf("%s, try %d of %v: %v", row.class, row.attempt, row.timeout, got)
		}
	}
}
