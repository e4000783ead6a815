package crawler

import (
	"sync"
	"time"
)

// tally counts what happens in this run. Safe for concurrent use.
type tally struct {
	mu sync.Mutex // guards c and the fields below
	c  counters

	base     time.Duration // elapsed before this start
	start    time.Time     // of this process's part
	reserved int64         // pages being fetched, held against MaxPages
	freed    chan struct{} // closed and replaced when a reservation ends
}

func newTally(c counters, now time.Time) *tally {
	return &tally{c: c, base: c.Elapsed, start: now, freed: make(chan struct{})}
}

// add applies one change to the counters.
func (t *tally) add(change func(*counters)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.c)
}

func (t *tally) skip(reason string, n int64) {
	if n > 0 {
		t.add(func(c *counters) { c.Skipped[reason] += n })
	}
}

func (t *tally) retry() { t.add(func(c *counters) { c.Retries++ }) }

func (t *tally) waited(what string, d time.Duration) {
	t.add(func(c *counters) { c.WaitedNS[what] += int64(d) })
}

// elapsed is the run's duration so far, over all its resumes.
func (t *tally) elapsed(now time.Time) time.Duration { return t.base + now.Sub(t.start) }

// snapshot returns a copy of the counters as of now.
func (t *tally) snapshot(now time.Time) counters {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.c.clone()
	c.Elapsed = t.elapsed(now)
	return c
}

// appendTo appends the snapshot as the frontier keeps it.
func (t *tally) appendTo(b []byte, now time.Time) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.c // its maps are read before the lock is given back
	c.Elapsed = t.elapsed(now)
	return c.appendTo(b)
}

// encode is appendTo as text.
func (t *tally) encode(now time.Time) string { return string(t.appendTo(nil, now)) }
