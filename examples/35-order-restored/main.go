// Lesson 35: the order restored.
//
// # Question
//
// Two workers compute the results of twelve inputs. Input 1 takes much longer than all others, which end one after the
// other meanwhile. The program wants the results in the order of the inputs, and loops over pipeline.Map. When does the
// loop get its first result, and whose is it?
//
//	a) the result of input 2, as soon as it is there; the loop puts them in order at the end
//	b) the result of input 1, when it is there; results that are ready wait for it until then
//	c) the result of input 1, when all twelve are there
//
// # Answer
//
// b. Map keeps the results in a row as the inputs came, and hands out the first of the row when it is there. What is
// ready sooner waits; so the row needs a bound, the window. When the window is full, no more inputs are pulled until the
// loop takes a result. Ten thousand inputs need no more room than twelve; the price is that one slow input holds up all
// that comes after its window. Where the order does not matter, AsCompleted hands out each result at once.
//
//	a) is what AsCompleted does, without the putting in order.
//	c) would need room for all of them, and the loop could not begin before the end.
//
// # Common mistake
//
// To append to one list from all workers: a data race, and an order that only looks right while all inputs take the same
// time. Or to keep everything and sort at the end. Or a window without a bound: the first slow input fills the memory.
//
// # Python
//
//	import threading
//	from concurrent.futures import ThreadPoolExecutor, as_completed
//	rest = threading.Semaphore(0)  # counts the inputs that are done, but for the first
//	def work(n):
//	    if n == 1:
//	        [rest.acquire() for _ in range(11)]
//	    else:
//	        rest.release()
//	    return n
//	with ThreadPoolExecutor(2) as pool:
//	    print("map:         ", *pool.map(work, range(1, 13)))  # in order, but without a window
//	    futures = [pool.submit(work, n) for n in range(1, 13)]
//	    print("as_completed:", *(f.result() for f in as_completed(futures)))  # 1 is late
//
// # In production
//
//	pipeline/map.go: under.len() == size
//	pipeline/ascompleted.go: slots chan struct{}
//	processor/compute.go: pipeline.AsCompleted
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"sync/atomic"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

// run loops over the results as they are ready, then in the order of the inputs.
func run() error {
	ctx := context.Background()
	ready, err := asCompleted(ctx, 12)
	if err != nil {
		return fmt.Errorf("loop as completed: %w", err)
	}
	fmt.Println("as completed: ", ready)

	got, first, most, err := inOrder(ctx, 12)
	if err != nil {
		return fmt.Errorf("loop in order: %w", err)
	}
	fmt.Println("in order:     ", got)
	fmt.Printf("               when result 1 came, %d others were ready and waited; %d inputs had been pulled\n", first-1, first)
	many, _, mostOfMany, err := inOrder(ctx, 10_000)
	if err != nil {
		return fmt.Errorf("loop in order: %w", err)
	}
	fmt.Printf("10000 in order: never more than %d held, as with 12 inputs: that is the window\n", mostOfMany)

	if ready[0] != 2 || ready[11] != 1 || !slices.IsSorted(got) || !slices.IsSorted(many) || first != 8 || most != mostOfMany {
		return fmt.Errorf("%v as completed, %v in order, %d at first, %d and %d at most", ready, got, first, most, mostOfMany)
	}
	return nil
}

// asCompleted loops over results as they are ready. Input 1 takes as long as all others together.
func asCompleted(ctx context.Context, inputs int) (got []int, err error) {
	slow := make(chan struct{})
	t := same(slow, func() {})
	err = onTwo(ctx, t, func(ex pipeline.Executor) error {
		for c := range pipeline.AsCompleted(ctx, ex, t, upTo(inputs, func() {})) {
			if c.Err != nil {
				return c.Err
			}
			if got = append(got, c.Out); len(got) == inputs-1 {
				close(slow)
			}
		}
		return nil
	})
	return got, err
}

// inOrder loops over results in the order of the inputs. Input 1 takes as long as all others that Map has room for. It
// returns how many inputs had been pulled when the first result came, and how many were held at most: pulled, and their
// result not taken yet.
func inOrder(ctx context.Context, inputs int) (got []int, first, most int, err error) {
	slow := make(chan struct{})
	var ended atomic.Int64
	pulled, room := 0, 0
	t := same(slow, func() {
		if ended.Add(1) == int64(room-1) {
			close(slow)
		}
	})
	err = onTwo(ctx, t, func(ex pipeline.Executor) error {
		room = ex.(pipeline.Windower).Window()
		results := pipeline.Map(ctx, ex, t, upTo(inputs, func() { pulled++; most = max(most, pulled-len(got)) }))
		for out, err := range results {
			if err != nil {
				return err
			}
			if got = append(got, out); len(got) == 1 {
				first = pulled
			}
		}
		return nil
	})
	return got, first, most, err
}

// same returns a task whose result is its input. Input 1 ends when slow is closed; the others call ended.
func same(slow <-chan struct{}, ended func()) pipeline.Task[int, int] {
	return pipeline.Task[int, int]{Name: "same", Version: 1, In: pipeline.JSON[int](), Out: pipeline.JSON[int](),
		Do: func(ctx context.Context, n int, _ *pipeline.Ref) (int, error) {
			if n != 1 {
				ended()
				return n, nil
			}
			select {
			case <-slow:
				return n, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}}
}

// onTwo gives loop an executor of two goroutines, and waits for their end.
func onTwo(ctx context.Context, t pipeline.Runnable, loop func(pipeline.Executor) error) error {
	set, err := pipeline.NewTaskSet(t)
	if err != nil {
		return err
	}
	ex := pipeline.NewGoroutines(set, 2)
	return errors.Join(loop(ex), ex.Close(ctx))
}

// upTo yields 1 to n, and calls pulled each time.
func upTo(n int, pulled func()) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 1; i <= n; i++ {
			if pulled(); !yield(i) {
				return
			}
		}
	}
}
