// Lesson 03: start and join.
//
// # Question
//
// A program starts three threads, first A, then B, then C. Each of them adds its letter to a list when it ends. What can
// the program rely on?
//
//	a) the list is ABC, because that is the order of the starts
//	b) the list is complete as soon as the last thread was started
//	c) the list is complete after a join, in whatever order
//
// # Answer
//
// c. To start a thread is to say that it may run from now on. To join it is to wait for its end. Only the join says that
// the work is done, and that what the thread wrote can be read. What threads are elsewhere, goroutines are in Go (the
// runtime spreads them over a few threads of the system): WaitGroup.Go starts one, WaitGroup.Wait joins all of them.
//
//	a) The order of the starts says nothing about the order of the ends. Here channels choose that order, so that it is
//	   the same on every run; without them the scheduler and the work choose it. If the order matters, put the results
//	   into places that were fixed at the start, such as a slice: lesson 35.
//	b) Start returns at once. Without a join the program reads what is not there yet; and a Go program that ends
//	   meanwhile ends its goroutines in the middle of their work: lesson 16.
//
// # Common mistake
//
// To put a sleep where the join belongs: too short on a busy machine, too long on every other. And wg.Add(1) as the first
// line of the goroutine, not before it: Wait may come first and find nothing to wait for. WaitGroup.Go does it right.
//
// # Python
//
//	import threading
//	def run(order):
//	    ended, turns = [], [threading.Event() for _ in range(4)]
//	    def work(name):
//	        turn = order.index(name)
//	        turns[turn].wait()
//	        ended.append(name)
//	        turns[turn + 1].set()
//	    threads = [threading.Thread(target=work, args=(name,)) for name in "ABC"]
//	    [t.start() for t in threads]
//	    print("before the join:", "".join(ended) or "nothing", end=", ")
//	    turns[0].set()
//	    [t.join() for t in threads]
//	    print("after the join:", "".join(ended))
//	run("CBA"), run("BAC")
//
// # In production
//
//	crawler/run.go: side.Wait()
//	load/engine/fasthttp/engine.go: workers.Wait()
package main

import (
	"cmp"
	_ "embed"
	"fmt"
	"os"
	"strings"
	"sync"

	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

func run() error {
	for _, order := range []string{"CBA", "BAC"} {
		before, after := startAndJoin(order)
		fmt.Printf("started A, B, C   ended before the join: %-10s after the join: %s\n", cmp.Or(before, "nothing"), after)
		if before != "" || after != order {
			return fmt.Errorf("ended %q before the join and %q after it, want nothing and %q", before, after, order)
		}
	}
	free := leaveAlone()
	fmt.Printf("started A, B, C   nobody gave an order; this time the ends came as %s\n", free)
	if len(free) != 3 || strings.Trim(free, "ABC") != "" {
		return fmt.Errorf("ended %q after the join, want A, B and C", free)
	}
	return nil
}

// list is what the threads add their letters to.
type list struct {
	mu      sync.Mutex // guards letters
	letters string
}

// add adds a letter.
func (l *list) add(letter string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.letters += letter
}

// read returns the letters so far.
func (l *list) read() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.letters
}

// startAndJoin starts A, B and C and makes them end in the given order. It returns who had ended before the join, and
// who after it. The first turn comes after that first look, so nobody has ended before it.
func startAndJoin(order string) (before, after string) {
	var ended list
	turns := make([]chan struct{}, 4) // closed one after the other
	for i := range turns {
		turns[i] = make(chan struct{})
	}
	var threads sync.WaitGroup
	for _, letter := range []string{"A", "B", "C"} {
		threads.Go(func() { // start
			turn := strings.Index(order, letter)
			<-turns[turn]
			ended.add(letter)
			close(turns[turn+1])
		})
	}
	before = ended.read()
	close(turns[0])
	threads.Wait() // join
	return before, ended.read()
}

// leaveAlone starts A, B and C, joins them and returns the order in which they happened to end.
func leaveAlone() string {
	var ended list
	var threads sync.WaitGroup
	for _, letter := range []string{"A", "B", "C"} {
		threads.Go(func() { ended.add(letter) })
	}
	threads.Wait()
	return ended.letters // no lock: the join says that nobody writes any more
}
