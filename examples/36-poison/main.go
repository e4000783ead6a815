// Lesson 36: the poisoned item.
//
// # Question
//
// Forty items are worked on by two worker processes. Item 13 ends its process, every time. A supervisor starts a new
// worker for each that died, and gives out again what the dead one had not answered. How does the run end?
//
//	a) with 40 results: the new worker makes good what the dead one left
//	b) not at all: item 13 kills one worker after the other, until somebody counts
//	c) with 39 results: the supervisor sees that item 13 is to blame
//
// # Answer
//
// b. To try again helps against an accident, and item 13 is none. It is poison: whoever takes it dies. So one must count
// the deaths for each item, and set it aside after a few (quarantine). For that one must know which item it was, since a
// worker has several items at hand. Package procpool lets the worker mark the item that it works on, in memory that
// outlives it. The marked item gets a strike and is tried again, alone; after the second strike it ends with a CrashError
// that tells why. The items that waited behind it get no strike: other workers deliver them.
//
//	a) would need item 13 to behave the second time. Its code and its input are the same, and so is the end.
//	c) needs the count and the mark. A supervisor that only restarts knows which worker died, not what it died of.
//
// # Common mistake
//
// To retry without a limit, or with one for the whole run instead of each item: the first poisoned item uses it up. Or to
// blame all that the dead worker had: one item poisons its neighbours, and the list of bad items is useless. The
// process pool of Python goes further: the first death breaks the pool, and all that is not finished is lost.
//
// # Python
//
//	import os
//	from concurrent.futures import ProcessPoolExecutor
//	from concurrent.futures.process import BrokenProcessPool
//	def square(n):
//	    if n == 13:
//	        os._exit(3)
//	    return n * n
//	if __name__ == "__main__":
//	    results = []
//	    try:
//	        with ProcessPoolExecutor(2) as pool:
//	            results.extend(pool.map(square, range(1, 41)))
//	    except BrokenProcessPool as e:
//	        print(len(results), "results;", e)
//
// # In production
//
//	pipeline/procpool/seat.go: s.suspect = j
//	pipeline/procpool/mark.go: inHand
//	processor/quarantine.go: writeQuarantine
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

//go:embed main.go
var source string

func main() {
	if procpool.IsWorker() {
		os.Exit(procpool.Main(context.Background(), tasks()))
	}
	os.Exit(lesson.Run(source, run))
}

const (
	items  = 40
	poison = 13
)

// run starts a pool, and shows first what happens without a count.
func run() error {
	ctx := context.Background()
	pool, err := procpool.New(ctx, procpool.Config{Tasks: tasks(), Workers: 2})
	if err != nil {
		return fmt.Errorf("start pool: %w", err)
	}
	return errors.Join(again(ctx, pool), quarantine(ctx, pool), pool.Close(ctx))
}

// quarantine gives the pool all items. Those that end with a CrashError make the list.
func quarantine(ctx context.Context, pool *procpool.Pool) error {
	before := pool.Stats().Crashes
	delivered, list := 0, map[int]*procpool.CrashError{}
	for c := range pipeline.AsCompleted(ctx, pool, square(), upTo(items)) {
		var crash *procpool.CrashError
		switch {
		case c.Err == nil:
			delivered++
		case errors.As(c.Err, &crash):
			list[c.In] = crash
		default:
			return fmt.Errorf("compute item %d: %w", c.In, c.Err)
		}
	}
	deaths := pool.Stats().Crashes - before
	fmt.Printf("\nwith a count: %d of %d items delivered, %d workers died\n\n", delivered, items, deaths)
	fmt.Println("in quarantine  reason  exit status  attempts  its last words")
	for item, crash := range list {
		fmt.Printf("item %-8d  %-6s  %11d  %8d  %s\n", item, crash.Reason, crash.ExitCode, crash.Attempts,
			strings.TrimSpace(crash.Stderr))
	}
	if delivered != items-1 || list[poison] == nil || deaths != 2 {
		return fmt.Errorf("%d delivered, item %d: %v, %d workers died", delivered, poison, list[poison], deaths)
	}
	return nil
}

// again gives out the poisoned item three times; a supervisor without a count would go on for ever. Each time the pool
// itself tries twice.
func again(ctx context.Context, pool *procpool.Pool) error {
	fmt.Println("without a count, item 13 is given out again and again:")
	for range 3 {
		before := pool.Stats().Crashes
		for _, err := range pipeline.Map(ctx, pool, square(), slices.Values([]int{poison})) {
			deaths := pool.Stats().Crashes
			fmt.Printf("  no result, %d workers have died\n", deaths)
			if err == nil || deaths != before+2 {
				return fmt.Errorf("item %d again: %v, %d workers have died", poison, err, deaths)
			}
		}
	}
	return nil
}

// upTo yields 1 to n.
func upTo(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 1; i <= n && yield(i); i++ {
		}
	}
}

// square is the task. One input ends the process that works on it.
func square() pipeline.Task[int, int] {
	return pipeline.Task[int, int]{Name: "square", Version: 1, In: pipeline.JSON[int](), Out: pipeline.JSON[int](),
		Do: func(_ context.Context, n int, _ *pipeline.Ref) (int, error) {
			if n == poison {
				fmt.Fprintln(os.Stderr, "the state is broken, giving up")
				os.Exit(3)
			}
			return n * n, nil
		}}
}

// tasks returns what both sides know: the pool and its workers.
func tasks() *pipeline.TaskSet {
	set, err := pipeline.NewTaskSet(square())
	if err != nil {
		panic(err)
	}
	return set
}
