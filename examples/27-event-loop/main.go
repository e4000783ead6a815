// Lesson 27: an event loop.
//
// # Question
//
// One loop on one thread runs many tasks: it calls the one whose time has come, which returns when it has to wait again. One task
// calls a function that takes 200 ms and does not return to the loop in the meantime. Three others are due 20 ms after the
// start. What happens to them?
//
//	a) they run on time: they only waited, and that needs no thread
//	b) the loop interrupts the long call, so that all get their share
//	c) they run late: nothing runs before the long call returns
//
// # Answer
//
// c. The loop calls a function, and while that runs nobody looks at the clock. As long as every task comes back at once,
// one thread serves thousands: waiting costs an entry in a list. Between two waits a task needs no lock either, since no
// other runs in the middle of it. The price: one call that blocks or computes holds up all. In Go you write code that
// blocks, in goroutines, and the runtime has such a loop underneath (the netpoller, and timers): it puts another goroutine
// on the thread meanwhile, and interrupts one that computes for long.
//
//	a) is right about waiting, and wrong about the moment after it: to go on needs the thread.
//	b) is what the operating system does with threads, and Go with goroutines. A loop that calls functions cannot.
//
// # Common mistake
//
// In Python: time.sleep, a database call or a long computation inside async def, without await. It works, alone. Hand it
// to a thread (asyncio.to_thread), or to a process if it computes.
//
// # Python
//
//	import asyncio, time
//	async def greet():
//	    print("Hello")
//	    await asyncio.sleep(0.05)
//	    print("World")
//	async def on_time(began):
//	    await asyncio.sleep(0.02)
//	    print(f"due after 20 ms, ran after {1000 * (time.perf_counter() - began):.0f} ms")
//	async def block():
//	    time.sleep(0.2)  # no await: the loop stands still
//	async def main():
//	    await asyncio.gather(*(asyncio.sleep(0.05) for _ in range(1000)))
//	    await greet()
//	    await asyncio.gather(on_time(time.perf_counter()), block())
//	asyncio.run(main())
//
// # In production
//
//	crawler/frontier/turn.go: arm sets the timer
//	crawler/frontier/clock.go: a moment that a host or an address waits for
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sort"
	"sync"
	"time"

	"tandem/examples/internal/lanes"
	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

// loop is an event loop. One goroutine uses all of it, so it needs no lock.
type loop struct {
	ready  []func() // to be called now
	timers []timer  // to be called later, soonest first
}

type timer struct {
	due  time.Time
	call func()
}

// after has call called in that time. It does not wait.
func (l *loop) after(d time.Duration, call func()) {
	due := time.Now().Add(d)
	i := sort.Search(len(l.timers), func(i int) bool { return l.timers[i].due.After(due) })
	l.timers = slices.Insert(l.timers, i, timer{due, call})
}

// run calls what is due until nothing is left to wait for.
func (l *loop) run() {
	for len(l.ready)+len(l.timers) > 0 {
		if len(l.ready) == 0 {
			time.Sleep(time.Until(l.timers[0].due)) // a real loop waits here for sockets as well
		}
		for len(l.timers) > 0 && !l.timers[0].due.After(time.Now()) {
			l.ready = append(l.ready, l.timers[0].call)
			l.timers = l.timers[1:]
		}
		batch := l.ready
		l.ready = nil
		for _, call := range batch {
			call() // nothing else happens until it returns
		}
	}
}

// run lets one loop greet, then wait a thousand times at once, then stand still.
func run() error {
	var l loop
	const pause = 50 * time.Millisecond
	began := time.Now()
	greet := func() {
		fmt.Println("Hello")
		l.after(pause, func() { fmt.Println("World,", time.Since(began).Round(time.Millisecond), "later") })
	}
	l.after(0, greet)
	l.run()

	began = time.Now()
	woken, goroutines := 0, runtime.NumGoroutine()
	for range 1000 {
		l.after(pause, func() { woken++ })
	}
	l.run()
	together := time.Since(began)
	fmt.Printf("%d waits of %v: %v together, on %d goroutine\n", woken, pause, together.Round(time.Millisecond), goroutines)

	fmt.Println("\nOne blocks for 200 ms, three are due after 20 ms. '.' is late. In the loop:")
	inLoop, err := lateness(l.after, l.run)
	if err != nil {
		return err
	}
	fmt.Println("In goroutines:")
	var g sync.WaitGroup
	inGoroutines, err := lateness(func(d time.Duration, call func()) {
		g.Go(func() {
			time.Sleep(d)
			call()
		})
	}, g.Wait)
	if err != nil {
		return err
	}
	fmt.Printf("Late by %v in the loop, by %v in goroutines\n",
		inLoop.Round(time.Millisecond), inGoroutines.Round(time.Millisecond))
	if woken != 1000 || together > 1000*pause/10 || inLoop < 180*time.Millisecond || inGoroutines > inLoop {
		return errors.New("something else happened")
	}
	return nil
}

// lateness has one task block and three others follow, draws who ran when, and returns the largest delay.
func lateness(after func(time.Duration, func()), run func()) (time.Duration, error) {
	chart := lanes.New("blocks", "task 1", "task 2", "task 3")
	began := time.Now()
	var late [3]time.Duration
	for i := range late {
		due := time.Since(began) + 20*time.Millisecond
		after(20*time.Millisecond, func() {
			ran := time.Since(began)
			late[i] = ran - due
			chart.Add(fmt.Sprint("task ", i+1), '.', due, ran)
			chart.Add(fmt.Sprint("task ", i+1), 'x', ran, ran)
		})
	}
	after(0, func() {
		defer chart.Begin("blocks", 'B')()
		time.Sleep(200 * time.Millisecond) // does not return to the loop
	})
	run()
	return slices.Max(late[:]), chart.Draw(os.Stdout, 50)
}
