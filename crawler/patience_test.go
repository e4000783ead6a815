package crawler

import (
	"testing"
	"time"
)

func TestWaitedEnough(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		class   string
		attempt int
		timeout time.Duration
		want    bool
	}{
		{"timeout", 1, 30 * time.Second, false}, {"timeout", 2, 30 * time.Second, true}, {"timeout", 2, 5 * time.Second, false},
		{"cut_time", 1, 30 * time.Second, true}, {"cut_time", 1, 5 * time.Second, false}, {"cut_time", 2, 5 * time.Second, true}, {"cut_time", 2, time.Second, false},
		{"refused", 2, time.Hour, false}, {"cut_disconnect", 2, time.Hour, false},
	} {
		if got := waitedEnough(row.class, row.attempt, row.timeout); got != row.want {
			t.Errorf("%s, try %d of %v: %v", row.class, row.attempt, row.timeout, got)
		}
	}
}
