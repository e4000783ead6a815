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

// inLine starts goroutines that wait on c one behind the other, and returns the numbers of those that were woken as they
// come.
func inLine(t *testing.T, c *pipeline.Condition, n int) (woken func() []int, wait func()) {
	t.Helper()
	var wg sync.WaitGroup
	var order []int
	for i := range n {
		wg.Go(func() {
			c.L.Lock()
			defer c.L.Unlock()
			if err := c.Wait(t.Context()); err != nil {
				t.Error(err)
			}
			order = append(order, i)
		})
		synctest.Wait() // i is in line now
	}
	return func() []int {
		synctest.Wait()
		c.L.Lock()
		defer c.L.Unlock()
		return slices.Clone(order)
	}, wg.Wait
}

func TestConditionSignalWakesTheOldest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := pipeline.NewCondition(&sync.Mutex{})
		c.Signal() // nobody waits: nothing is kept for later
		woken, wait := inLine(t, c, 5)
		for i := range 5 {
			if got := woken(); len(got) != i {
				t.Errorf("after %d signals %v were woken", i, got)
			}
			c.Signal()
		}
		wait()
		if got, want := woken(), []int{0, 1, 2, 3, 4}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestConditionBroadcast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := pipeline.NewCondition(&sync.Mutex{})
		woken, wait := inLine(t, c, 5)
		c.L.Lock()
		c.Broadcast() // those who wake wait for L
		c.L.Unlock()
		wait()
		if got := woken(); len(got) != 5 {
			t.Errorf("%v were woken, want all five", got)
		}
		c.Broadcast()
		c.Signal()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		c.L.Lock()
		defer c.L.Unlock()
		if err := c.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a wake-up was left over: got %v", err)
		}
	})
}

// One that gives up holds the lock all the same, and leaves the line: the next signal goes to the one behind it.
func TestConditionGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		c := pipeline.NewCondition(&mu)
		ctx, cancel := context.WithCancel(t.Context())
		first, second := make(chan error, 1), make(chan error, 1)
		waitOn := func(ctx context.Context, ended chan<- error) {
			mu.Lock()
			defer mu.Unlock()
			err := c.Wait(ctx)
			if mu.TryLock() {
				t.Error("Wait returned without the lock")
			}
			ended <- err
		}
		go waitOn(ctx, first)
		synctest.Wait()
		go waitOn(t.Context(), second)
		synctest.Wait()
		cancel()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		c.Signal()
		if err := <-second; err != nil {
			t.Errorf("the one behind: %v", err)
		}
		waitOn(ctx, first)
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that is over: got %v, want context.Canceled", err)
		}
	})
}

func TestConditionWaitFor(t *testing.T) {
	t.Parallel()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	var mu sync.RWMutex
	c := pipeline.NewCondition(mu.RLocker()) // any Locker will do
	c.L.Lock()
	defer c.L.Unlock()
	if err := c.WaitFor(over, func() bool { return true }); err != nil {
		t.Errorf("what is so loses to a context that is over: %v", err)
	}
	if err := c.WaitFor(over, func() bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// One signal is given for each token. Were one swallowed by a waiter that gives up at that moment, a token would be left
// while somebody waits for it.
func TestConditionLosesNoSignal(t *testing.T) {
	t.Parallel()
	const tokens, takers = 4000, 8
	var mu sync.Mutex
	free := 0
	c, gone := pipeline.NewCondition(&mu), pipeline.NewCondition(&mu)
	var taken, gaveUp atomic.Int64
	var wg sync.WaitGroup
	for g := range uint64(takers) {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(g, 1))
			for range tokens / takers {
				for got := false; !got; {
					ctx, cancel := t.Context(), context.CancelFunc(func() {})
					if g%2 == 0 { // the others wait for as long as it takes
						ctx, cancel = context.WithTimeout(ctx, time.Duration(rng.IntN(40))*time.Microsecond)
					}
					mu.Lock()
					if err := c.WaitFor(ctx, func() bool { return free > 0 }); err == nil {
						free--
						got = true
						taken.Add(1)
						gone.Signal()
					} else {
						gaveUp.Add(1)
					}
					mu.Unlock()
					cancel()
				}
			}
		})
	}
	for range tokens {
		mu.Lock()
		free++
		c.Signal()
		if err := gone.WaitFor(t.Context(), func() bool { return free < 2 }); err != nil { // so that takers have to wait
			t.Error(err)
		}
		mu.Unlock()
	}
	wg.Wait() // for ever, if a signal is lost
	if taken.Load() != tokens || free != 0 || gaveUp.Load() == 0 {
		t.Errorf("%d of %d taken, %d left, %d gave up", taken.Load(), tokens, free, gaveUp.Load())
	}
}

// A signal and the end of a context at the same moment: either the waiter took the signal and says so, or the one behind
// it did. Were it swallowed, the one behind would wait for ever.
func TestConditionSignalMeetsCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var taken, passed int
		for i := range 2000 {
			c := pipeline.NewCondition(&sync.Mutex{})
			ctx, cancel := context.WithCancel(t.Context())
			first, second := make(chan error, 1), make(chan error, 1)
			wait := func(ctx context.Context, ended chan<- error) {
				c.L.Lock()
				defer c.L.Unlock()
				ended <- c.Wait(ctx)
			}
			go wait(ctx, first)
			synctest.Wait()
			go wait(t.Context(), second)
			synctest.Wait()
			meet(i, cancel, c.Signal)
			if err := <-first; err == nil {
				taken++
				c.Signal() // one more for the second
			} else {
				passed++
			}
			if err := <-second; err != nil {
				t.Fatal(err)
			}
		}
		if taken == 0 || passed == 0 {
			t.Errorf("%d took the signal, %d passed it on: one of the two was not tested", taken, passed)
		}
	})
}

// meet calls two functions at about the same time: one after the other, so close that a goroutine that the first wakes
// does not run before the second, or on two goroutines.
func meet(i int, a, b func()) {
	if i&1 == 0 {
		a, b = b, a
	}
	if i&2 == 0 {
		go a()
	} else {
		a()
	}
	b()
}
