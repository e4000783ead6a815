// Lesson 07: an event tells; it does not lock.
//
// # Question
//
// An Event is a flag that goroutines can wait for. Two goroutines use one as a lock. It is set, which means "free". Each
// of them waits until it is set, clears it, works on the shared data and sets it again. Can both work on the data at the
// same time?
//
//	a) no: Wait lets only one through
//	b) yes: Wait lets both through, before either clears the event
//	c) no: the second one finds the event cleared, and both wait for ever
//
// # Answer
//
// b. Set tells everybody at once that something is so, and Wait returns to all of them. To wait and to clear are two
// steps, and the second goroutine can pass Wait between the two. A lock makes them one: it lets one in, in the same
// instant. Use an event for news, such as "ready" or "stop", and a lock for data.
//
//	a) is what a lock does. An event lets through everyone who waits, and also everyone who comes while it is set.
//	c) would need an event that nobody sets again. If the first has cleared it before the second looks, the second waits
//	   until the first is done: that looks like a lock, and is luck. Here a barrier brings about the other order, so that
//	   it happens on every run.
//
// # Common mistake
//
// "if !busy.IsSet() { busy.Set(); work() }": to look and to set are two steps. Also to wait for an event in a loop and
// to forget Clear: it stays set, and the loop spins.
//
// # Python
//
//	import threading
//	free, barrier, at_work, seen = threading.Event(), threading.Barrier(2), [], []
//	def work(name):
//	    free.wait()
//	    barrier.wait()  # the other one has passed wait, too
//	    free.clear()
//	    at_work.append(name)
//	    barrier.wait()
//	    seen.append(len(at_work))
//	    free.set()
//	free.set()
//	threads = [threading.Thread(target=work, args=(name,)) for name in "AB"]
//	[t.start() for t in threads], [t.join() for t in threads]
//	print(max(seen), "at work at the same time")
//
// # In production
//
//	internal/cli/signals.go: drain.Set
//	crawler/run.go: r.cfg.Drain.Wait(ctx)
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

func run() error {
	woken, late, cleared := signal(5)
	fmt.Printf("five wait, one Set: %d go on\n", woken)
	fmt.Printf("one comes late:     goes on at once: %v\n", late == nil)
	fmt.Printf("after Clear:        waits until its context ends: %v\n", cleared)
	if woken != 5 || late != nil || !errors.Is(cleared, context.DeadlineExceeded) {
		return fmt.Errorf("signal event: %d of 5 go on, then %v, then %v", woken, late, cleared)
	}
	event, mutex := eventAsLock(), mutexAsLock()
	fmt.Println()
	fmt.Printf("an Event as a lock: %d at work on the data at the same time\n", event)
	fmt.Printf("a Mutex:            %d\n", mutex)
	if event != 2 || mutex != 1 {
		return fmt.Errorf("at work at the same time: %d with an event and %d with a mutex, want 2 and 1", event, mutex)
	}
	return nil
}

// signal has that many goroutines wait for an event and sets it. It returns how many went on, what Wait says while the
// event stays set, and what it says after Clear.
func signal(waiters int) (woken int64, late, cleared error) {
	ctx := context.Background()
	var ready pipeline.Event
	var count atomic.Int64
	var waiting, done sync.WaitGroup
	waiting.Add(waiters)
	for range waiters {
		done.Go(func() {
			isSet := ready.Done() // Wait in two steps: from here on it waits,
			waiting.Done()
			<-isSet // until the event is set
			count.Add(1)
		})
	}
	waiting.Wait()
	ready.Set()
	done.Wait()
	late = ready.Wait(ctx)
	ready.Clear()
	soon, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	return count.Load(), late, ready.Wait(soon)
}

// eventAsLock lets two goroutines use an event as a lock.
func eventAsLock() int64 {
	var free pipeline.Event
	free.Set()
	passed, inside := barrier(2), barrier(2)
	lock := func() {
		_ = free.Wait(context.Background()) // a context that never ends
		passed()                            // the other one has passed Wait, too
		free.Clear()
	}
	return together(lock, inside, free.Set)
}

// mutexAsLock lets two goroutines use a lock as a lock.
func mutexAsLock() int64 {
	var mu sync.Mutex
	return together(mu.Lock, func() {}, mu.Unlock)
}

// together has two goroutines lock, work and unlock, and returns how many were at work at the same time.
func together(lock, work, unlock func()) int64 {
	var atWork atomic.Int64
	seen := make(chan int64, 2)
	var done sync.WaitGroup
	for range 2 {
		done.Go(func() {
			lock()
			seen <- atWork.Add(1)
			work()
			atWork.Add(-1)
			unlock()
		})
	}
	done.Wait()
	return max(<-seen, <-seen)
}

// barrier returns a function that holds up its callers until n have called it.
func barrier(n int) func() {
	var all sync.WaitGroup
	all.Add(n)
	return func() {
		all.Done()
		all.Wait()
	}
}
