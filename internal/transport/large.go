package transport

import (
	"context"
	"os"
	"runtime"
	"sync"
	"time"

	"tandem/pipeline"
)

// smallBody is the size in bytes up to which a body counts for nothing. keepSmall keeps buffers up to this size.
const smallBody = 1 << 20

// stepBody is the size in bytes up to which a body stays in the first part of the budget.
const stepBody = 4 << 20

// maxSlab is the size of the largest buffers that are kept for the next large body.
const maxSlab = 64 << 20

// large bounds the memory of all large bodies together. It has two parts: three eighths for bodies of up to stepBody, the rest for larger
// ones. A body begins in the first and moves on when it has become larger, whatever it announced. Who has a place in the second waits
// for nothing, so that they cannot wait for each other in a circle.
type large struct {
	first, second budget
	sizes         [2]int // of the buffers for bodies of unknown length; 0 where none are kept

	mu    sync.Mutex // guards slabs
	slabs [2][][]byte
}

// newLarge divides n bytes. Where three eighths are no room for a few bodies, all of it is the second part.
func newLarge(n, maxBody int64, maxHeader int) *large {
	l := &large{second: newBudget(n)}
	if n/16 >= stepBody && maxBody > stepBody {
		first := n / 8 * 3
		l.first, l.second = newBudget(first), newBudget(n-first)
		l.sizes[0] = maxHeader + withFraming(stepBody)
	}
	if maxBody <= maxSlab {
		l.sizes[1] = maxHeader + withFraming(maxBody)
	}
	return l
}

// withFraming is what a body of n bytes takes together with the framing that is kept beside it: a sixteenth more, and a bit.
func withFraming(n int64) int {
	const far = 1 << 40
	n = min(n, far)
	return int(n + n/16 + freeFraming)
}

// slab returns an empty buffer of the size for the part, one that was used before if there is one.
func (l *large) slab(part int) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.slabs[part]); n > 0 {
		b := l.slabs[part][n-1]
		l.slabs[part] = l.slabs[part][:n-1]
		return b
	}
	return make([]byte, 0, l.sizes[part])
}

// keep takes a buffer back, if it is one that slab gave.
func (l *large) keep(b []byte) {
	for part, size := range l.sizes {
		if size > 0 && cap(b) == size {
			l.mu.Lock()
			l.slabs[part] = append(l.slabs[part], b[:0])
			l.mu.Unlock()
			return
		}
	}
}

// drop forgets the idle buffers of a part, whose bytes somebody else has taken.
func (l *large) drop(part int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.slabs[part])
	l.slabs[part] = l.slabs[part][:0]
}

// budget is a number of bytes that can be taken and given back.
type budget struct {
	all *pipeline.Semaphore
	max int64
}

func newBudget(n int64) budget { return budget{pipeline.NewSemaphore(n), n} }

// lease is a part of the budget. It ends with its response, released or garbage.
type lease struct {
	from    budget
	part    int // 0 or 1
	n       int64
	cleanup runtime.Cleanup
}

// take reserves n bytes, or everything if that is less, and waits for it in turn. waited says for how long.
func (b budget) take(ctx context.Context, resp *Response, part int, n int64) (l *lease, waited time.Duration, err error) {
	l = &lease{from: b, part: part, n: min(n, b.max)}
	if !b.all.TryAcquire(l.n) {
		start := time.Now()
		if err := b.all.Acquire(ctx, l.n); err != nil {
			return nil, 0, err
		}
		waited = time.Since(start)
	}
	l.cleanup = runtime.AddCleanup(resp, func(l *lease) { l.shrink(0) }, l)
	return l, waited, nil
}

// shrink gives back what goes beyond n bytes.
func (l *lease) shrink(n int64) {
	if n < l.n {
		l.from.all.Release(l.n - n)
		l.n = n
	}
}

func (l *lease) end() {
	l.cleanup.Stop()
	l.shrink(0)
}

// room makes room for size more bytes in resp.buf. When the body becomes a large one it waits here for the right to.
func (b *body) room(size int) error {
	buf := b.resp.buf
	need := len(buf) + size
	if need <= cap(buf) {
		return nil
	}
	if small := b.resp.HeadLen + smallBody; need <= small {
		b.resp.buf = append(make([]byte, 0, min(max(need, 2*cap(buf)), small)), buf...)
		return nil
	}
	return b.enlarge(need)
}

// enlarge gives the body the buffer in which it may come to its end, or the last but one. It returns errLimit if the framing around the
// payload fills it.
func (b *body) enlarge(need int) error {
	l, old := b.large, b.resp.lease
	if old != nil && old.part == 1 {
		return b.stretch(need)
	}
	part, most, from := 1, b.most, l.second
	if old == nil && l.first.max > 0 {
		part, most, from = 0, min(b.most, stepBody), l.first
	}
	size := b.resp.HeadLen + int(min(most, 1<<40))
	if b.record {
		size = b.resp.HeadLen + withFraming(most)
	}
	slab := !b.announced && l.sizes[part] >= size
	if slab {
		size = l.sizes[part]
	}
	fresh, waited, err := from.take(b.ctx, b.resp, part, int64(size))
	if err != nil {
		return os.ErrDeadlineExceeded // in time or not: the context knows better, and is asked
	}
	b.resp.lease = fresh
	b.move(slab, part, size)
	if old != nil {
		old.end()
	}
	if waited > 0 {
		if err := b.c.extend(b.ctx, waited); err != nil {
			return err
		}
	}
	return b.room(need - len(b.resp.buf))
}

// move takes what was received to a new buffer. One beyond maxSlab grows with what it gets.
func (b *body) move(slab bool, part, size int) {
	before := b.resp.buf
	if slab {
		b.resp.buf = append(b.large.slab(part), before...)
	} else {
		b.large.drop(part)
		b.resp.buf = append(make([]byte, 0, min(size, maxSlab)), before...)
	}
	b.large.keep(before)
}

// stretch is for bodies beyond maxSlab, a quarter at a time, and tells those with too much framing that they are full.
func (b *body) stretch(need int) error {
	size := b.resp.HeadLen + int(min(b.most, 1<<40))
	if b.record {
		size = b.resp.HeadLen + withFraming(b.most)
	}
	if need > size {
		return errLimit
	}
	b.resp.buf = append(make([]byte, 0, max(need, min(need+need/4, size))), b.resp.buf...)
	return nil
}

// extend moves the deadline of an exchange, which ctx may still cut short.
func (c *conn) extend(ctx context.Context, d time.Duration) error {
	if c.lazy != nil {
		c.postpone(d)
		return nil
	}
	c.deadline = c.deadline.Add(d)
	if limit, ok := ctx.Deadline(); ok && limit.Before(c.deadline) {
		c.deadline = limit
	}
	if err := c.nc.SetDeadline(c.deadline); err != nil {
		return err
	}
	if ctx.Err() != nil { // the cancellation may have been overwritten
		return c.nc.SetDeadline(longAgo())
	}
	return nil
}
