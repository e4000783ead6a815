package crawler

import (
	"testing"
	"testing/synctest"
	"time"
)

// A page in flight may use the budget up, so the next one waits for it, and
// goes ahead when it turns out not to be a page.
func TestBudgetWaitsForPagesInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		b := &budget{maxPages: 1, tally: newTally(newCounters(now), now)}
		if !b.admit(t.Context()) {
			t.Fatal("the first page is refused")
		}
		admitted := make(chan bool, 1)
		go func() { admitted <- b.admit(t.Context()) }()
		synctest.Wait()
		select {
		case <-admitted:
			t.Fatal("the second page did not wait")
		default:
		}
		b.release() // the first was no page
		if !<-admitted {
			t.Error("the second page is refused though the first was none")
		}
		b.tally.add(func(c *counters) { c.stored(Stored{Status: 200}) })
		b.release()
		if b.admit(t.Context()) {
			t.Error("a page beyond the budget is admitted")
		}
	})
}

func TestBudgetOfTimeAndBytes(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := newCounters(now)
	c.Elapsed, c.Bytes = time.Hour, 1000
	tally := newTally(c, now)
	for _, b := range []struct {
		budget
		want bool
	}{
		{budget{tally: tally}, false},
		{budget{maxTime: time.Hour, tally: tally}, true},
		{budget{maxTime: 2 * time.Hour, tally: tally}, false},
		{budget{maxBytes: 1000, tally: tally}, true},
		{budget{maxBytes: 1001, tally: tally}, false},
	} {
		if got := b.spent(now); got != b.want {
			t.Errorf("spent(%v, %d) = %v", b.maxTime, b.maxBytes, got)
		}
	}
}
