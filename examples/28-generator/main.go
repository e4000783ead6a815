// Lesson 28: generators and stages.
//
// # Question
//
// A generator makes the numbers 1, 2, 3 and so on, without an end. A second stage keeps the even ones and squares them.
// A loop ranges over the second stage and breaks after ten squares. What happens?
//
//	a) nothing comes: the generator has no end, so the second stage never begins
//	b) ten squares come; the generator has made 20 numbers then, and has ended
//	c) ten squares come; the generator goes on making numbers in the background
//
// # Answer
//
// b. A sequence in Go (iter.Seq) is a function that calls the body of the loop, as a generator in Python is a function
// that pauses at yield. Each number passes through all stages before the next one is made: the stages are lazy. Break
// makes yield return false, stage after stage, so that every stage returns, and runs what it deferred.
//
//	a) would be so if each stage filled a list before the next stage began.
//	c) is near to what happens when each stage is a goroutine that sends into a channel. Such a stage runs on its own,
//	   beside the others, and that is its use. When the loop leaves, it does not work on: it waits to send, for ever. Both
//	   goroutines hang. The mending is a context that the one who leaves cancels.
//
// # Common mistake
//
// A goroutine with a plain out <- n. It is right as long as somebody takes every number; the first early return or error
// of the consumer leaks the goroutine and all it holds. The garbage collector takes no goroutine away. The same goes
// for iter.Pull without a call of its stop function. Where stages need not run at the same time, start no goroutine.
//
// # Python
//
//	from itertools import count, islice
//	made = 0
//	def numbers():
//	    global made
//	    try:
//	        for made in count(1):
//	            yield made
//	    finally:
//	        print("the generator made", made, "numbers and ends")
//	generator = numbers()
//	squares = (n * n for n in generator if n % 2 == 0)
//	print(*islice(squares, 10))
//	generator.close()  # leaving a loop does not do this: the generator stays where it paused
//
// # In production
//
//	processor/text/words.go: iter.Seq2[int, word]
//	processor/archive.go: iter.Pull2
//	pipeline/map.go: It is lazy
package main

import (
	"context"
	_ "embed"
	"fmt"
	"iter"
	"os"
	"sync"
	"sync/atomic"

	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

// run takes ten squares out of stages that are functions, then out of stages that are goroutines.
func run() error {
	made := 0 // set when the generator ends
	fmt.Println("each stage a function")
	squares := firstTen(evenSquares(numbers(func(n int) { made = n })))
	fmt.Println(" ", squares)
	fmt.Printf("  when the loop has left: the generator made %d numbers and has ended\n", made)

	ctx, leave := context.WithCancel(context.Background())
	defer leave()
	var l line
	fmt.Println("each stage a goroutine with a channel")
	all := l.send(ctx, numbers(func(int) {}))
	even := l.send(ctx, evenSquares(receive(all)))
	again := firstTen(receive(even))
	fmt.Println(" ", again)
	hang := l.running.Load()
	fmt.Printf("  when the loop has left: %d goroutines hang, each with a number that nobody takes\n", hang)
	leave()
	l.stages.Wait()
	left := l.running.Load()
	fmt.Printf("  when the context is cancelled, too: %d goroutines\n", left)

	if made != 20 || hang != 2 || left != 0 || fmt.Sprint(squares) != fmt.Sprint(again) {
		return fmt.Errorf("made %d numbers, %d goroutines hang, %d are left; want 20, 2 and 0", made, hang, left)
	}
	return nil
}

// numbers yields 1, 2, 3 and so on for as long as it is asked. It calls ended with the last one.
func numbers(ended func(int)) iter.Seq[int] {
	return func(yield func(int) bool) {
		n := 1
		defer func() { ended(n) }()
		for yield(n) {
			n++
		}
	}
}

// evenSquares is a stage: it yields the squares of the even numbers of in.
func evenSquares(in iter.Seq[int]) iter.Seq[int] {
	return func(yield func(int) bool) {
		for n := range in {
			if n%2 == 0 && !yield(n*n) {
				return
			}
		}
	}
}

// firstTen takes ten numbers out of in and leaves.
func firstTen(in iter.Seq[int]) (taken []int) {
	for n := range in {
		if taken = append(taken, n); len(taken) == 10 {
			break
		}
	}
	return taken
}

// line counts the stages that run as goroutines.
type line struct {
	stages  sync.WaitGroup
	running atomic.Int64
}

// send makes a stage a goroutine that sends what in yields, until nothing is left or ctx is over. With a plain out <- n
// instead of the select, cancelling would not help.
func (l *line) send(ctx context.Context, in iter.Seq[int]) <-chan int {
	out := make(chan int)
	l.running.Add(1)
	l.stages.Go(func() {
		defer l.running.Add(-1)
		defer close(out)
		for n := range in {
			select {
			case out <- n:
			case <-ctx.Done():
				return
			}
		}
	})
	return out
}

// receive yields what comes out of a channel.
func receive(in <-chan int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for n := range in {
			if !yield(n) {
				return
			}
		}
	}
}
