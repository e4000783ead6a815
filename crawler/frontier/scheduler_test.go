package frontier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// jobs are n jobs of one host, with ids from first.
func jobs(s *scheduler, host string, first, n int) []placed {
	var js []placed
	for i := range n {
		js = append(js, placed{s.intern(host), job{id: uint32(first + i), attempt: 1}})
	}
	return js
}

func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

func turn(t *testing.T, s *scheduler) *flight {
	t.Helper()
	f, err := s.next(t.Context())
	if err != nil {
		t.Fatalf("next: %v", err)
	}
	return f
}

// end finishes a job that brought others.
func end(s *scheduler, f *flight, jobs ...placed) { s.finish(f.id, f.host, false, jobs) }

func TestRateSpacesHandOuts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{rate: 4, concurrency: 100})
		s.push(jobs(s, "a", 0, 9))
		start := time.Now()
		for i := range 9 {
			turn(t, s)
			if got, want := time.Since(start), time.Duration(i)*250*time.Millisecond; got < want || got > want+time.Microsecond {
				t.Errorf("job %d after %v, want %v", i, got, want)
			}
		}
	})
}

func TestIdleTimeIsNotSaved(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{rate: 1, concurrency: 100})
		s.push(jobs(s, "a", 0, 3))
		turn(t, s)
		time.Sleep(time.Minute)
		turn(t, s)
		start := time.Now()
		turn(t, s)
		if got := time.Since(start); got < time.Second {
			t.Errorf("after a long idle time two jobs came %v apart, want 1s", got)
		}
	})
}

func TestSetRate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{rate: 0, concurrency: 100})
		s.push(jobs(s, "a", 0, 10))
		turn(t, s)
		s.setRate("a", 0.5) // counts from the hand-out before
		start := time.Now()
		turn(t, s)
		turn(t, s)
		if got := time.Since(start); got < 4*time.Second || got > 4*time.Second+time.Microsecond {
			t.Errorf("two jobs at 0.5/s took %v, want 4s", got)
		}
		s.setRate("a", 0)
		turn(t, s)
		if got := time.Since(start); got > 4*time.Second+time.Microsecond {
			t.Errorf("no limit, but waited till %v", got)
		}
	})
}

func TestSetRateWakes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{rate: 0.001, concurrency: 100})
		s.push(jobs(s, "a", 0, 2))
		turn(t, s)
		start := time.Now()
		go func() {
			time.Sleep(time.Second)
			s.setRate("a", 0)
		}()
		turn(t, s)
		if got := time.Since(start); got != time.Second {
			t.Errorf("next returned after %v, want 1s", got)
		}
	})
}

func TestPause(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{rate: 0, concurrency: 100})
		s.push(append(jobs(s, "a", 0, 2), jobs(s, "b", 10, 1)...))
		start := time.Now()
		s.pause("a", start.Add(time.Hour))
		s.pause("a", start.Add(time.Minute)) // earlier: no change
		if f := turn(t, s); f.host.name != "b" {
			t.Errorf("host %s is paused", f.host.name)
		}
		turn(t, s)
		if got := time.Since(start); got != time.Hour {
			t.Errorf("paused host after %v, want 1h", got)
		}
	})
}

func TestRetry(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{rate: 0, concurrency: 1})
		s.push(jobs(s, "a", 0, 2))
		start := time.Now()
		f := turn(t, s)
		if err := s.retry(f.id, start.Add(10*time.Second), true); err != nil {
			t.Fatal(err)
		}
		if err := s.retry(f.id, start, true); !errors.Is(err, ErrNotPending) {
			t.Errorf("retry of a pending job: %v", err)
		}
		other := turn(t, s)
		if other.id == f.id || time.Since(start) != 0 {
			t.Errorf("the other job came as %x after %v", other.id, time.Since(start))
		}
		end(s, other)
		again := turn(t, s)
		if again.id != f.id || again.attempt != 2 || time.Since(start) != 10*time.Second {
			t.Errorf("retried job: %x attempt %d after %v", again.id, again.attempt, time.Since(start))
		}
		end(s, again)
		if _, err := s.next(t.Context()); err != io.EOF {
			t.Errorf("next at the end: %v", err)
		}
	})
}

func TestConcurrency(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{rate: 0, concurrency: 2})
		s.push(jobs(s, "a", 0, 3))
		a := turn(t, s)
		turn(t, s)
		got := make(chan *flight, 1)
		go func() {
			f, _ := s.next(t.Context())
			got <- f
		}()
		synctest.Wait()
		if len(got) > 0 {
			t.Fatal("a third job of a host that takes two")
		}
		time.Sleep(time.Second)
		end(s, a)
		<-got
		if w := s.waits(); w[WaitConcurrency] != time.Second || w[WaitLimiter] != 0 || w[WaitEmpty] != 0 {
			t.Errorf("waits %v, want 1s for %s", w, WaitConcurrency)
		}
	})
}

func TestFairness(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{rate: 0, concurrency: 100})
		s.push(append(append(jobs(s, "a", 0, 50), jobs(s, "b", 100, 3)...), jobs(s, "c", 200, 2)...))
		var got []string
		for range 9 {
			got = append(got, turn(t, s).host.name)
		}
		if diff := cmp.Diff([]string{"a", "b", "c", "a", "b", "c", "a", "b", "a"}, got); diff != "" {
			t.Errorf("turns (-want +got):\n%s", diff)
		}
	})
}

// Many callers and slow hosts: each job wakes one caller, at its time, and none is lost or handed out twice.
func TestManyWaiters(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const hosts, each, callers = 20, 10, 300
		s := newScheduler(politeness{rate: 1, concurrency: 1})
		for h := range hosts {
			s.push(jobs(s, fmt.Sprint(h), h*1000, each))
		}
		var mu sync.Mutex
		seen := map[uint32]int{}
		var wg sync.WaitGroup
		start := time.Now()
		for range callers {
			wg.Go(func() {
				for {
					f, err := s.next(t.Context())
					if err == io.EOF {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					seen[f.id]++
					mu.Unlock()
					time.Sleep(100 * time.Millisecond)
					end(s, f)
				}
			})
		}
		wg.Wait()
		if got, want := time.Since(start), (each-1)*time.Second+100*time.Millisecond; got < want || got > want+time.Millisecond {
			t.Errorf("crawl took %v, want %v", got, want)
		}
		if len(seen) != hosts*each {
			t.Errorf("%d jobs handed out, want %d", len(seen), hosts*each)
		}
		for k, n := range seen {
			if n != 1 {
				t.Errorf("%x handed out %d times", k, n)
			}
		}
	})
}

func TestWaitsEmptyAndLimiter(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{rate: 1, concurrency: 10})
		s.push(jobs(s, "a", 0, 1))
		f := turn(t, s)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { turn(t, s) })
		}
		synctest.Wait()
		time.Sleep(3 * time.Second) // 2 callers, nothing known
		end(s, f, append(jobs(s, "b", 10, 2), jobs(s, "b", 20, 1)...)...)
		wg.Wait() // the second waits 1 s for b's clock
		w := s.waits()
		if w[WaitEmpty] != 6*time.Second || w[WaitLimiter].Round(time.Millisecond) != time.Second {
			t.Errorf("waits %v, want 6s empty and 1s limiter", w)
		}
	})
}

func TestCancelledNext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{rate: 0, concurrency: 1})
		s.push(jobs(s, "a", 0, 2))
		f := turn(t, s)
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		errs := make(chan error)
		go func() {
			_, err := s.next(ctx)
			errs <- err
		}()
		synctest.Wait()
		cancel(cause)
		if err := <-errs; err != cause {
			t.Errorf("next: %v, want the cause", err)
		}
		if _, err := s.next(ctx); err != cause {
			t.Errorf("next with a dead context: %v", err)
		}
		end(s, f)
		turn(t, s) // the job went to nobody in vain
	})
}

func TestDrain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{rate: 0, concurrency: 1})
		s.push(jobs(s, "a", 0, 2))
		f := turn(t, s)
		errs := make(chan error, 3)
		for range 3 {
			go func() {
				_, err := s.next(t.Context())
				errs <- err
			}()
		}
		synctest.Wait()
		s.halt(ErrDrained)
		for range 3 {
			if err := <-errs; err != ErrDrained {
				t.Errorf("next: %v, want ErrDrained", err)
			}
		}
		end(s, f)
		if _, err := s.next(t.Context()); err != ErrDrained {
			t.Errorf("next: %v, want ErrDrained while a job is pending", err)
		}
		s.halt(ErrStopped)
		s.halt(ErrClosed)
		if _, err := s.next(t.Context()); err != ErrStopped {
			t.Errorf("next: %v, want the failure", err)
		}
	})
}

func TestStopWaitsForTimer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{rate: 1, concurrency: 1})
		s.push(jobs(s, "a", 0, 2))
		end(s, turn(t, s))
		go s.next(t.Context())
		synctest.Wait()
		s.halt(ErrClosed)
		s.stop()
		if s.timer != nil {
			t.Error("the timer is still set")
		}
	})
}

func TestIdleHostsAreCheap(t *testing.T) {
	t.Parallel()
	const n = 100_000
	s := newScheduler(politeness{rate: 1, concurrency: 1})
	bytes := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s = newScheduler(politeness{rate: 1, concurrency: 1})
			for i := range n {
				s.push(jobs(s, fmt.Sprint(i), i, 1))
			}
		}
	}).AllocedBytesPerOp() / n
	t.Logf("%d bytes a host, garbage included", bytes)
	if bytes > 1500 {
		t.Errorf("a host costs %d bytes", bytes)
	}
}

// A released job frees its host's place and stays outstanding.
func TestRelease(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{rate: 0, concurrency: 1})
		s.push(jobs(s, "a", 0, 2))
		first := turn(t, s)
		s.release(first.id)
		s.release(first.id) // once is enough
		second := turn(t, s)
		if h := s.hosts["a"]; h.inflight != 1 {
			t.Errorf("%d in flight, want 1", h.inflight)
		}
		end(s, second)
		end(s, first)
		if h := s.hosts["a"]; h.inflight != 0 || len(s.flights) != 0 {
			t.Errorf("%d in flight, %d outstanding, want none", h.inflight, len(s.flights))
		}
	})
}

// What Next gives out while somebody is about to be done with it unasked stays in flight, and is counted once.
func TestWithdrawInFlight(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{concurrency: 2})
		s.push(jobs(s, "a", 0, 2))
		f := turn(t, s)
		s.withdraw(f.id, f.host, false)
		end(s, f)
		end(s, turn(t, s))
		if _, err := s.next(t.Context()); err != io.EOF || s.done != 2 || s.pending != 0 {
			t.Errorf("%v, %d done, %d pending; want the end, 2 and 0", err, s.done, s.pending)
		}
	})
}
