// Lesson 04: the lost update.
//
// # Question
//
// Goroutines share memory. Two of them add 1 to the same counter, which is 0. Each reads it, adds 1 to what it read, and
// writes that back; here both have read before either writes. What does the counter hold then?
//
//	a) 2: both added 1
//	b) 1: one addition is lost
//	c) nothing useful: the program stops with an error
//
// # Answer
//
// b. Adding is three steps: read, add, write. Both read 0, so both write 1, and one update is lost without a trace. A
// Mutex makes the three steps one: nobody reads between another's read and write. The program orders the steps itself,
// so that the loss happens on every run; without that it happens rarely, which is worse.
//
//	a) would need each read to come after the other's write; nothing here says so.
//	c) is what one would wish, but neither the compiler nor the running program looks. The race detector does:
//	   go run -race ./examples/04-lost-update prints WARNING: DATA RACE and both places.
//
// # Common mistake
//
// "It is only counter++, that is one step." It is one line, and three steps; so is a += in Python, with or without its
// global lock. And a test that passes a thousand times shows nothing: run it with -race.
//
// # Python
//
//	import threading
//	counter, both_read, lock = 0, threading.Barrier(2), threading.Lock()
//	def add(locked):
//	    global counter
//	    if locked:
//	        with lock:
//	            counter += 1
//	    else:
//	        seen = counter
//	        both_read.wait()
//	        counter = seen + 1
//	for locked in (False, True):
//	    counter, ts = 0, [threading.Thread(target=add, args=(locked,)) for _ in range(2)]
//	    [t.start() for t in ts], [t.join() for t in ts]
//	    print("with" if locked else "without", "a lock:", counter)
//
// # In production
//
//	crawler/tally.go: sync.Mutex
//	pipeline/queue.go: sync.Mutex
package main

import (
	_ "embed"
	"fmt"
	"os"
	"sync"

	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

func run() error {
	lost, kept := unlocked(), locked()
	fmt.Printf("without a lock: %d\n", lost)
	fmt.Printf("with a lock:    %d\n", kept)
	if lost != 1 || kept != 2 {
		return fmt.Errorf("counters %d and %d, want 1 and 2", lost, kept)
	}
	return nil
}

// unlocked adds 1 twice. The barrier puts the steps into the order that loses one.
func unlocked() int {
	counter := 0
	var bothRead, done sync.WaitGroup
	bothRead.Add(2)
	for range 2 {
		done.Go(func() {
			seen := counter // read
			bothRead.Done()
			bothRead.Wait() // the other one has read, too
			counter = seen + 1
		})
	}
	done.Wait()
	return counter
}

// locked adds 1 twice; the lock keeps the steps of one addition together.
func locked() int {
	counter := 0
	var mu sync.Mutex // guards counter
	var done sync.WaitGroup
	for range 2 {
		done.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			counter++
		})
	}
	done.Wait()
	return counter
}
