// Lesson 15: when it is not worth it.
//
// # Question
//
// Ten thousand items take less than a microsecond each. A plain loop computes them one after the other; a pool of two
// worker processes, started already, computes them on two free cores, each item as a call of its own. Which is faster?
//
//	a) the loop, by far
//	b) the processes, about twice
//	c) they are about equal: two cores make up for the cost of the pool
//
// # Answer
//
// a. Handing over one item costs some microseconds: encode, queue, pipe, decode, and the same on the way back. Where the
// item itself takes a fraction of that, a second core cannot make up for it. Either the items are made larger, by
// handing over chunks of a thousand, or the work stays in the loop. The break-even is where the work of an item outweighs
// the handing over; it is measured here, and it exists only where a second core is free.
//
//	b) counts the cores and forgets the way there and back.
//	c) happens at the break-even, with items that take as long as the handing over; these take far less.
//
// # Common mistake
//
// To make everything parallel because it can be. And to start a pool for work that is over before the pool has started:
// a worker process takes milliseconds to start. The plain loop is the right answer more often than one thinks, and
// always the one to compare with.
//
// # Python
//
//	import time
//	from concurrent.futures import ProcessPoolExecutor
//	def square(n):
//	    return n * n
//	if __name__ == "__main__":
//	    with ProcessPoolExecutor(2) as pool:
//	        list(pool.map(square, range(2)))  # by now workers have started
//	        for how, run in (("plain loop", lambda: list(map(square, range(5000)))),
//	                         ("processes", lambda: list(pool.map(square, range(5000)))),
//	                         ("in chunks of 1000", lambda: list(pool.map(square, range(5000), chunksize=1000)))):
//	            began = time.perf_counter()
//	            run()
//	            print(f"{how:20}{(time.perf_counter() - began) / 5000 * 1e6:8.2f} microseconds per item")
//
// # In production
//
//	pipeline/procpool/doc.go: Small calls travel in batches
//	pipeline/procpool/batch.go: type batchWriter struct
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime"
	"slices"
	"time"

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

// chunk is the input of the task: so many items, of so many steps each. A chunk of one is an item by itself.
type chunk struct{ Items, Steps int }

// compute computes the items of a chunk and returns how many it has computed.
func compute(c chunk) (done int) {
	for range c.Items {
		n := 0
		for range c.Steps {
			n = n*1664525 + 1013904223
		}
		done += n&1 + (n+1)&1 // one of n and n+1 is odd: this is 1, and n is needed for it
	}
	return done
}

func task() pipeline.Task[chunk, int] {
	return pipeline.Task[chunk, int]{Name: "compute", Version: 1, In: pipeline.JSON[chunk](), Out: pipeline.JSON[int](),
		Do: func(_ context.Context, c chunk, _ *pipeline.Ref) (int, error) { return compute(c), nil }}
}

func tasks() *pipeline.TaskSet {
	set, err := pipeline.NewTaskSet(task())
	if err != nil {
		panic(err) // one task, with a name
	}
	return set
}

func run() (err error) {
	ctx := context.Background()
	pool, err := procpool.New(ctx, procpool.Config{Tasks: tasks(), Workers: 2})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close(ctx)) }()
	goroutines := pipeline.NewGoroutines(tasks(), 2)
	defer func() { err = errors.Join(err, goroutines.Close(ctx)) }()

	fmt.Printf("microseconds per item, median of three, cores: %d\n", runtime.GOMAXPROCS(0))
	fmt.Printf("%12s %14s %14s   %s\n", "plain loop", "2 goroutines", "2 processes", "faster by a fifth")
	var tiny []float64 // the first row
	even := 0.0        // the plain loop's time in the row from which on a pool wins; 0 for none
	for _, all := range []chunk{{10_000, 100}, {4000, 1000}, {2000, 4000}, {800, 16_000}, {300, 64_000}, {80, 256_000}} {
		t, err := measure(ctx, all, 1, nil, goroutines, pool)
		if err != nil {
			return err
		}
		if tiny == nil {
			tiny = t
		}
		faster := "no pool"
		if min(t[1], t[2]) >= 0.8*t[0] {
			even = 0
		} else {
			faster = "goroutines"
			if t[2] < t[1] {
				faster = "processes"
			}
			if even == 0 {
				even = t[0]
			}
		}
		fmt.Printf("%12.2f %14.2f %14.2f   %s\n", t[0], t[1], t[2], faster)
	}
	t, err := measure(ctx, chunk{10_000, 100}, 1000, nil, goroutines, pool)
	if err != nil {
		return err
	}
	fmt.Printf("%12.2f %14.2f %14.2f   the first row again, in chunks of 1000\n\n", t[0], t[1], t[2])
	if even > 0 {
		fmt.Printf("break-even on this machine, now: below %.0f microseconds of work per item\n", even)
	} else {
		fmt.Println("no break-even on this machine, now: no second core was free, or not for long enough")
	}
	if tiny[1] < 2*tiny[0] || tiny[2] < 2*tiny[0] || tiny[2] < 2*t[2] {
		return fmt.Errorf("tiny items took %v, in chunks %v", tiny, t)
	}
	return nil
}

// measure computes all items on each executor, in turns, in chunks of the given size; nil is the plain loop. It returns
// the microseconds per item.
func measure(ctx context.Context, all chunk, size int, on ...pipeline.Executor) (medians []float64, err error) {
	took := make([][]float64, len(on))
	for range 3 {
		for i, ex := range on {
			began, sum := time.Now(), 0
			if ex == nil {
				sum = compute(all)
			} else {
				for part, err := range pipeline.Map(ctx, ex, task(), chunks(all, size)) {
					if err != nil {
						return nil, err
					}
					sum += part
				}
			}
			if sum != all.Items {
				return nil, fmt.Errorf("compute %d items: got %d", all.Items, sum)
			}
			took[i] = append(took[i], float64(time.Since(began).Nanoseconds())/1000/float64(all.Items))
		}
	}
	for _, t := range took {
		slices.Sort(t)
		medians = append(medians, t[1])
	}
	return medians, nil
}

// chunks yields the items in chunks of the given size.
func chunks(all chunk, size int) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		for i := 0; i < all.Items && yield(chunk{size, all.Steps}); i += size {
		}
	}
}
