// Lesson 20: a semaphore.
//
// # Question
//
// There is memory for 100 MB. Four pictures, of 60, 60, 40 and 40 MB, are each worked on by a goroutine. Two fit on the
// average, so a semaphore of 2 lets two work at once. How much memory do they take at most?
//
//	a) 100 MB, as intended
//	b) 120 MB
//	c) 200 MB: all four goroutines are there
//
// # Answer
//
// b. A semaphore of 2 counts: two at once, whatever they need, and here the two large ones come first. What is to be
// bounded is not their number but their size, so the semaphore gets 100, and each takes as many as it has MB: a weighted
// semaphore. A Mutex is a semaphore of 1; it keeps within the memory by wasting it. A pool of 2 workers bounds the number,
// too, with two goroutines that last; choose it when a worker is costly to make or keeps something between two jobs.
//
//	a) takes the average for the worst. Bounds are for the worst.
//	c) is what happens without a bound. Whoever waits for the semaphore has not loaded a picture yet.
//
// # Common mistake
//
// A channel with 100 tokens, of which everybody takes its 60 one by one: two have 50 each, wait for 10 more, and neither
// gives one back. A weighted semaphore gives all at once or nothing. It serves in the order of asking, so that many small
// ones do not keep a large one waiting for ever.
//
// # Python
//
//	import threading
//	two, lock, both, mb, most, ts = threading.Semaphore(2), threading.Lock(), threading.Barrier(2), 0, 0, []
//	def work(size):
//	    global mb, most
//	    with lock:
//	        mb += size
//	        most = max(most, mb)
//	    both.wait()  # two are at work
//	    with lock:
//	        mb -= size
//	    two.release()
//	for size in 60, 60, 40, 40:
//	    two.acquire(), ts.append(threading.Thread(target=work, args=(size,))), ts[-1].start()
//	[t.join() for t in ts]
//	print("at most", most, "MB")  # threading has no weighted semaphore
//
// # In production
//
//	internal/transport/large.go: pipeline.Semaphore
//	internal/transport/pool.go: h.slots = make(chan struct{}, p.maxPerHost)
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

// run works on the pictures with five bounds.
func run() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	one := func(int64) int64 { return 1 }
	bySize := func(mb int64) int64 { return mb }
	pictures := []int64{60, 60, 40, 40}
	fmt.Println("bound                      pictures   MB   (most at once)")
	for _, c := range []struct {
		bound      string
		work       func() (*usage, error)
		number, mb int64
	}{
		{"none", func() (*usage, error) { return bounded(ctx, 4, one, pictures) }, 4, 200},
		{"Mutex, a semaphore of 1", func() (*usage, error) { return bounded(ctx, 1, one, pictures) }, 1, 60},
		{"semaphore of 2", func() (*usage, error) { return bounded(ctx, 2, one, pictures) }, 2, 120},
		{"pool of 2 workers", func() (*usage, error) { return pool(ctx, 2, pictures) }, 2, 120},
		{"semaphore of 100, by size", func() (*usage, error) { return bounded(ctx, 100, bySize, pictures) }, 2, 100},
	} {
		u, err := c.work()
		if err != nil {
			return fmt.Errorf("work with bound %q: %w", c.bound, err)
		}
		fmt.Printf("%-26s %8d %4d\n", c.bound, u.mostNumber, u.mostMB)
		if u.mostNumber != c.number || u.mostMB != c.mb {
			return fmt.Errorf("bound %q: want %d pictures and %d MB", c.bound, c.number, c.mb)
		}
	}
	return nil
}

// bounded works on each picture in a goroutine of its own, started when the semaphore has let the picture in. All stay at
// work until no more is let in: so the most is reached on every run.
func bounded(ctx context.Context, n int64, weight func(mb int64) int64, pictures []int64) (*usage, error) {
	var u usage
	var full pipeline.Event
	var all errgroup.Group
	sem := pipeline.NewSemaphore(n)
	for _, mb := range pictures {
		if !sem.TryAcquire(weight(mb)) {
			full.Set()
			if err := sem.Acquire(ctx, weight(mb)); err != nil { // waits for a Release
				return nil, errors.Join(err, all.Wait())
			}
			full.Clear()
		}
		u.enter(mb)
		all.Go(func() error {
			defer sem.Release(weight(mb))
			defer u.leave(mb)
			return full.Wait(ctx)
		})
	}
	full.Set()
	return &u, all.Wait()
}

// pool works on the pictures with a fixed number of goroutines, which take one after the other.
func pool(ctx context.Context, workers int, pictures []int64) (*usage, error) {
	var u usage
	var full pipeline.Event
	var all errgroup.Group
	jobs := make(chan int64, len(pictures))
	for _, mb := range pictures {
		jobs <- mb
	}
	close(jobs)
	for range workers {
		all.Go(func() error {
			for mb := range jobs {
				if u.enter(mb) == int64(workers) {
					full.Set()
				}
				err := full.Wait(ctx)
				u.leave(mb)
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	return &u, all.Wait()
}

// usage counts what is at work, and remembers the most.
type usage struct {
	mu                 sync.Mutex // guards the fields below
	number, mostNumber int64
	mb, mostMB         int64
}

// enter counts a picture in and returns how many are at work now.
func (u *usage) enter(mb int64) (number int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.number++
	u.mb += mb
	u.mostNumber, u.mostMB = max(u.mostNumber, u.number), max(u.mostMB, u.mb)
	return u.number
}

// leave counts a picture out.
func (u *usage) leave(mb int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.number--
	u.mb -= mb
}
