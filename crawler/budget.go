package crawler

import (
	"context"
	"time"
)

// budget stops a crawl that has had enough. Pages are reserved before they are
// fetched, so that the number stored is the number asked for and not that
// number plus whatever was in flight.
type budget struct {
	maxPages int64
	maxBytes int64
	maxTime  time.Duration
	tally    *tally
}

// admit reserves a page. It waits while the pages in flight might still use
// the budget up, and reports false when it is used up or ctx has ended. Each
// true is paired with one release.
func (b *budget) admit(ctx context.Context) bool {
	for {
		ok, wait := b.try()
		if wait == nil {
			return ok
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return false
		}
	}
}

// try reserves a page, or says that there is none left, or returns the channel
// that closes when it is worth asking again.
func (b *budget) try() (ok bool, wait <-chan struct{}) {
	t := b.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	if b.spentLocked(time.Now()) {
		return false, nil
	}
	if b.maxPages > 0 && t.c.Pages+t.reserved >= b.maxPages {
		return false, t.freed
	}
	t.reserved++
	return true, nil
}

// release ends a reservation, after the page was counted or given up.
func (b *budget) release() {
	t := b.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reserved--
	if b.maxPages > 0 { // else nobody waits
		close(t.freed)
		t.freed = make(chan struct{})
	}
}

// spent reports whether the run has used up its pages, bytes or time.
func (b *budget) spent(now time.Time) bool {
	b.tally.mu.Lock()
	defer b.tally.mu.Unlock()
	return b.spentLocked(now)
}

func (b *budget) spentLocked(now time.Time) bool {
	c := &b.tally.c
	return b.maxPages > 0 && c.Pages >= b.maxPages ||
		b.maxBytes > 0 && c.Bytes >= b.maxBytes ||
		b.maxTime > 0 && b.tally.elapsed(now) >= b.maxTime
}
