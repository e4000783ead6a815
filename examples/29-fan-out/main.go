// Lesson 29: fan out, fan in.
//
// # Question
//
// Nine jobs wait in one channel. Three workers range over it (fan out) and send their results into another channel, which
// the program reads to its end (fan in). Each worker closes the channel of results when it finds no more jobs. What
// happens?
//
//	a) all is well: the channel ends when the last worker has closed it, as a pipe does
//	b) all is well: closing a channel that is closed already changes nothing
//	c) it goes wrong: a worker sends on a closed channel, or closes it once more, and panics
//
// # Answer
//
// c. A channel is closed once, for all. The first worker without work closes it while the others still send. The one that
// has a result left panics when it sends, the next one when it closes, and a panic in a goroutine ends the whole
// program; or the program is done first, because it read the channel to its end, and results are missing. Close says
// that nothing more will come. Only the senders know that: here it is so when all three have returned. A WaitGroup counts
// them, and one goroutine waits for it and closes.
//
//	a) would need the channel to count its senders, as the kernel does for a pipe. It does not; a WaitGroup does.
//	b) holds for the cancel function of a context: calling it again does nothing. Closing a channel again panics.
//
// # Common mistake
//
// To let the receiver close, "because it has all it wants": the senders then panic. A receiver that wants no more says
// so with a context. Another one: to call senders.Wait before the results are read. The workers wait for a receiver, the
// receiver waits for the workers, and nobody moves; so the waiting and closing gets a goroutine of its own.
//
// # Python
//
//	import queue, threading
//	jobs, results = queue.Queue(), queue.Queue()
//	def work():
//	    while (n := jobs.get()) is not None:
//	        results.put(n * n)
//	workers = [threading.Thread(target=work) for _ in range(3)]
//	[t.start() for t in workers]
//	for n in list(range(1, 10)) + [None] * 3:  # a queue has no close: one end mark for each worker
//	    jobs.put(n)
//	[t.join() for t in workers]  # all senders have returned: only now one end mark for the receiver
//	results.put(None)
//	got = list(iter(results.get, None))
//	print(len(got), "results, sum", sum(got))
//
// # In production
//
//	load/engine/fasthttp/engine.go: workers.Wait()
//	pipeline/goroutines.go: g.alive == 0
//	pipeline/ascompleted.go: make(chan flight[In], window(ex))
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

// run has workers close the channel each for itself, then has it closed when all have returned.
func run() error {
	fmt.Println("each worker closes:")
	said := eachCloses()
	for i, text := range said {
		fmt.Printf("  worker %d %s\n", i+1, text)
	}

	fmt.Println("one closes when all have returned:")
	jobs := make(chan int)
	go func() { // ends when the workers have taken all
		defer close(jobs) // the only sender
		for n := 1; n <= 9; n++ {
			jobs <- n
		}
	}()
	count, sum := 0, 0
	for square := range fanOut(jobs, 3) {
		count++
		sum += square
	}
	fmt.Printf("  9 jobs, 3 workers: %d results, their sum is %d\n", count, sum)
	if count != 9 || sum != 285 {
		return fmt.Errorf("%d results with the sum %d, want 9 and 285: each job goes to one worker", count, sum)
	}
	want := []string{"closes the channel", "panics: send on closed channel", "panics: close of closed channel"}
	if fmt.Sprint(said) != fmt.Sprint(want) {
		return fmt.Errorf("workers %q, want %q", said, want)
	}
	return nil
}

// fanOut starts the workers and returns the channel of their results, which is closed after the last result.
func fanOut(jobs <-chan int, workers int) <-chan int {
	results := make(chan int)
	var senders sync.WaitGroup
	for range workers {
		senders.Go(func() {
			for n := range jobs { // each job comes out of the channel once
				results <- n * n
			}
		})
	}
	go func() { // ends when the workers have; the close tells the receiver that they have
		senders.Wait()
		close(results)
	}()
	return results
}

// eachCloses lets three workers end, one after the other, and returns what became of each. The first one is without
// work while the second one still has a result to send.
func eachCloses() (said []string) {
	results := make(chan int)
	for _, end := range []func() string{
		func() string { close(results); return "closes the channel" },
		func() string { results <- 81; return "sends its result" },
		func() string { close(results); return "closes the channel, too" },
	} {
		worker := make(chan string)
		go func() { // waited for below
			defer func() { // without it, the panic would end the program
				if p := recover(); p != nil {
					worker <- fmt.Sprint("panics: ", p)
				}
			}()
			worker <- end()
		}()
		said = append(said, <-worker)
	}
	return said
}
