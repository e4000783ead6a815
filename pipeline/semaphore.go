package pipeline

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrTooLarge is returned by Semaphore.Acquire when more is asked for than there will ever be.
var ErrTooLarge = errors.New("larger than the whole")

// Semaphore bounds how much of something is in use at once: bytes of memory, open connections, slots. Each Acquire takes
// as much as it needs and each Release gives some back.
//
// A channel with room for n does the same where every request weighs 1. Where requests differ it does not: two that each
// hold half of what they need wait for each other for ever. A Semaphore gives a request all of it at once or nothing.
// Package golang.org/x/sync/semaphore does that too; this one needs the standard library alone and refuses at once what
// can never be had.
//
// Requests are served in the order they came: a small one waits behind a large one although it would fit, so the large
// one does not starve. A Semaphore has no owner: what one goroutine acquired another may release. All methods are safe
// for concurrent use.
type Semaphore struct {
	size int64

	mu      sync.Mutex // guards the fields below
	held    int64      // never more than size
	waiters list.List  // of *acquirer, oldest first
}

type acquirer struct {
	n     int64
	ready chan struct{} // closed when n is held
}

// NewSemaphore returns a semaphore of which n can be held at once; nothing is held. It panics when n is negative.
func NewSemaphore(n int64) *Semaphore {
	mustCount("NewSemaphore", n)
	return &Semaphore{size: n}
}

// Acquire takes n, waiting in line while that much is not free. It returns nil when the caller holds n, which is to be
// released, and holds nothing otherwise: it returns an error that wraps ErrTooLarge, at once, when n is larger than the
// whole semaphore, and the context's error when that is over before its turn. It panics when n is negative.
func (s *Semaphore) Acquire(ctx context.Context, n int64) error {
	mustCount("Semaphore.Acquire", n)
	if n > s.size {
		return fmt.Errorf("acquire %d of a semaphore of %d: %w", n, s.size, ErrTooLarge)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	if s.free(n) {
		s.held += n
		s.mu.Unlock()
		return nil
	}
	w := &acquirer{n: n, ready: make(chan struct{})}
	elem := s.waiters.PushBack(w)
	s.mu.Unlock()

	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-w.ready: // its turn came at the last moment
		return nil
	default:
	}
	s.waiters.Remove(elem)
	s.admit() // the next in line may be smaller
	return ctx.Err()
}

// TryAcquire takes n if that much is free and nobody waits in line, and reports whether it did. It panics when n is
// negative.
func (s *Semaphore) TryAcquire(n int64) bool {
	mustCount("Semaphore.TryAcquire", n)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.free(n) {
		return false
	}
	s.held += n
	return true
}

// Release gives n back and wakes those whose turn has come. It may be less than one Acquire took, or what several took.
// It panics when more is released than is held: the count is wrong then, and so is the bound.
func (s *Semaphore) Release(n int64) {
	mustCount("Semaphore.Release", n)
	s.mu.Lock()
	defer s.mu.Unlock()
	if n > s.held {
		panic(fmt.Sprintf("pipeline: Semaphore.Release of %d while %d is held", n, s.held))
	}
	s.held -= n
	s.admit()
}

// free reports whether n can be taken now without passing anybody. The caller holds mu.
func (s *Semaphore) free(n int64) bool { return s.waiters.Len() == 0 && n <= s.size-s.held }

// admit gives those in line what they wait for, oldest first, while it is free. The caller holds mu.
func (s *Semaphore) admit() {
	for e := s.waiters.Front(); e != nil; e = s.waiters.Front() {
		w := e.Value.(*acquirer)
		if w.n > s.size-s.held {
			return
		}
		s.waiters.Remove(e)
		s.held += w.n
		close(w.ready)
	}
}

func mustCount(what string, n int64) {
	if n < 0 {
		panic(fmt.Sprintf("pipeline: %s of %d", what, n))
	}
}
