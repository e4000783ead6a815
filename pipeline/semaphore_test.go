package pipeline_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tandem/pipeline"
)

func TestSemaphoreTry(t *testing.T) {
	t.Parallel()
	s := pipeline.NewSemaphore(10)
	for _, step := range []struct {
		try, release int64
		want         bool
	}{
		{try: 0, want: true},
		{try: 11, want: false},
		{try: 6, want: true},
		{try: 5, want: false},
		{try: 4, want: true},
		{try: 1, want: false},
		{try: 0, want: true},
		{release: 3, try: 4, want: false},
		{try: 3, want: true},
		{release: 10, try: 10, want: true}, // what several took, at once
	} {
		s.Release(step.release)
		if got := s.TryAcquire(step.try); got != step.want {
			t.Errorf("%+v: got %v", step, got)
		}
	}
}

func TestSemaphoreAcquireErrors(t *testing.T) {
	t.Parallel()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		n    int64
		want error
	}{
		{"all of it", t.Context(), 3, nil},
		{"nothing", t.Context(), 0, nil},
		{"more than the whole", t.Context(), 4, pipeline.ErrTooLarge},
		{"far more", t.Context(), 1<<63 - 1, pipeline.ErrTooLarge},
		{"free, but the context is over", over, 1, context.Canceled},
	} {
		s := pipeline.NewSemaphore(3)
		if err := s.Acquire(c.ctx, c.n); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		free := int64(3)
		if c.want == nil {
			free -= c.n
		}
		if !s.TryAcquire(free) || s.TryAcquire(1) {
			t.Errorf("%s: not %d free afterwards", c.name, free)
		}
	}
	if s := pipeline.NewSemaphore(0); s.TryAcquire(1) || !s.TryAcquire(0) {
		t.Error("an empty semaphore has something to give, or not even nothing")
	}
}

func TestSemaphorePanics(t *testing.T) {
	t.Parallel()
	s := pipeline.NewSemaphore(2)
	s.TryAcquire(1)
	for name, misuse := range map[string]func(){
		"new":     func() { pipeline.NewSemaphore(-1) },
		"acquire": func() { _ = s.Acquire(t.Context(), -1) },
		"try":     func() { s.TryAcquire(-1) },
		"release": func() { s.Release(-1) },
		"more":    func() { s.Release(2) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			misuse()
		}()
	}
	if !s.TryAcquire(1) || s.TryAcquire(1) {
		t.Error("a misuse changed what is held")
	}
}

// A large request at the head of the line holds up small ones that would fit; so it gets its turn.
func TestSemaphoreLargeDoesNotStarve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := pipeline.NewSemaphore(4)
		s.TryAcquire(2)
		var got []int64
		var wg sync.WaitGroup
		for _, n := range []int64{4, 1, 2, 1} {
			wg.Go(func() {
				if err := s.Acquire(t.Context(), n); err != nil {
					t.Error(err)
				}
				got = append(got, n) // one at a time: see Wait below
			})
			synctest.Wait() // n is in line now
		}
		if len(got) > 0 || s.TryAcquire(1) {
			t.Errorf("%v passed the large request", got)
		}
		s.Release(2)
		synctest.Wait()
		if want := []int64{4}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		for range 4 {
			s.Release(1)
			synctest.Wait()
		}
		wg.Wait()
		if want := []int64{4, 1, 2, 1}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// When the large request at the head of the line gives up, those behind it are let in.
func TestSemaphoreGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := pipeline.NewSemaphore(4)
		s.TryAcquire(2)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		large, small := make(chan error, 1), make(chan error, 1)
		go func() { large <- s.Acquire(ctx, 3) }()
		synctest.Wait()
		go func() { small <- s.Acquire(t.Context(), 2) }()
		if err := <-large; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want context.DeadlineExceeded", err)
		}
		if err := <-small; err != nil || s.TryAcquire(1) {
			t.Errorf("got %v; want the two that were free", err)
		}
	})
}

// A release and the end of a context at the same moment: either the waiter got its turn, or the one behind it did.
func TestSemaphoreReleaseMeetsCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := pipeline.NewSemaphore(1)
		var granted, passed int
		for i := range 2000 {
			s.TryAcquire(1)
			ctx, cancel := context.WithCancel(t.Context())
			first, second := make(chan error, 1), make(chan error, 1)
			go func() { first <- s.Acquire(ctx, 1) }()
			synctest.Wait()
			go func() { second <- s.Acquire(t.Context(), 1) }()
			synctest.Wait()
			meet(i, cancel, func() { s.Release(1) })
			if err := <-first; err == nil {
				granted++
				s.Release(1)
			} else {
				passed++
			}
			if err := <-second; err != nil {
				t.Fatal(err)
			}
			s.Release(1)
		}
		if granted == 0 || passed == 0 {
			t.Errorf("%d were granted, %d passed on: one of the two was not tested", granted, passed)
		}
	})
}

// Whatever many goroutines do, some of which give up, no more is held than there is, nobody waits for ever, and at the
// end everything is free.
func TestSemaphoreMany(t *testing.T) {
	t.Parallel()
	const size = 7
	s := pipeline.NewSemaphore(size)
	var held, acquired, gaveUp atomic.Int64
	var wg sync.WaitGroup
	for g := range uint64(12) {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(g, 1))
			for range 1500 {
				ctx, cancel := t.Context(), context.CancelFunc(func() {})
				if rng.IntN(3) == 0 {
					ctx, cancel = context.WithTimeout(ctx, time.Duration(rng.IntN(60))*time.Microsecond)
				}
				n := rng.Int64N(size + 1)
				err := s.Acquire(ctx, n)
				cancel()
				if err != nil {
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Error(err)
					}
					gaveUp.Add(1)
					continue
				}
				acquired.Add(1)
				if now := held.Add(n); now > size {
					t.Errorf("%d of %d held", now, size)
				}
				held.Add(-n)
				part := rng.Int64N(n + 1)
				s.Release(part)
				s.Release(n - part)
			}
		})
	}
	wg.Wait()
	if !s.TryAcquire(size) {
		t.Error("not all is free at the end")
	}
	if acquired.Load() == 0 || gaveUp.Load() == 0 {
		t.Errorf("%d acquired, %d gave up: nothing was tested", acquired.Load(), gaveUp.Load())
	}
}
