package transport

import (
	"context"
	"os"
	"runtime"
	"time"

	"golang.org/x/sync/semaphore"
)

// smallBody is the size in bytes up to which a body counts for nothing. keepSmall keeps buffers up to this size.
const smallBody = 1 << 20

// budget bounds the memory of all large bodies together.
type budget struct {
	all *semaphore.Weighted
	max int64
}

func newBudget(n int64) budget { return budget{semaphore.NewWeighted(n), n} }

// lease is a part of the budget. It ends with its response, released or garbage.
type lease struct {
	from    budget
	n       int64
	cleanup runtime.Cleanup
}

// take reserves n bytes, or everything if that is less, and waits for it in turn. waited says for how long.
func (b budget) take(ctx context.Context, resp *Response, n int64) (waited time.Duration, err error) {
	l := &lease{from: b, n: min(n, b.max)}
	if !b.all.TryAcquire(l.n) {
		start := time.Now()
		if err := b.all.Acquire(ctx, l.n); err != nil {
			return 0, err
		}
		waited = time.Since(start)
	}
	l.cleanup = runtime.AddCleanup(resp, func(l *lease) { l.shrink(0) }, l)
	resp.lease = l
	return waited, nil
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
	if b.resp.lease == nil {
		if err := b.reserve(); err != nil {
			return err
		}
	}
	b.resp.buf = append(make([]byte, 0, b.capacity(need)), buf...)
	return nil
}

// capacity is that of a large buffer which must hold need bytes: a quarter more than it has, but no more than it can ever hold,
// which it gets when that is near. What is announced is a claim: no more than as much again as was received is taken on trust.
func (b *body) capacity(need int) int {
	const far = 1 << 40
	most := int(min(int64(b.resp.HeadLen)+min(b.most, far), far))
	if b.record {
		most += freeFraming
	}
	next := need + need/4
	if b.announced && most <= 2*len(b.resp.buf) {
		next = most
	}
	return max(need, min(next, most))
}

// reserve takes what the body may become from the budget, twice if framing and payload are both kept. Waiting for it stops the
// exchange's clock.
func (b *body) reserve() error {
	n := min(b.most, b.large.max)
	if b.record {
		n *= 2
	}
	waited, err := b.large.take(b.ctx, b.resp, n)
	if err != nil {
		return os.ErrDeadlineExceeded // in time or not: the context knows better, and is asked
	}
	if waited == 0 {
		return nil
	}
	return b.c.extend(b.ctx, waited)
}

// extend moves the deadline of an exchange, which ctx may still cut short.
func (c *conn) extend(ctx context.Context, d time.Duration) error {
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
