// Lesson 14: measure first.
//
// # Question
//
// A list of items is to be computed. You run it once serially, which takes 41 ms, and then once on goroutines, which
// takes 38 ms. What do you know?
//
//	a) goroutines are 7 % faster here
//	b) processes would be faster still, as they do not share a memory
//	c) nothing yet
//
// # Answer
//
// c. One run each says nothing about a difference so small: the same code easily differs by as much from run to run.
// Measure in turns (serial, goroutines, processes, serial, …), so that a busy moment of the machine hits all of them;
// take the median of several runs; look at how far they spread. And choose the plainest way unless another is clearly
// faster; here: four of its five runs are 15 % below the fastest run of the plainer one. The choice is made for this
// list on this machine.
//
//	a) takes noise for a result. Run the same pair again and the sign may change.
//	b) is a guess, and in Go mostly a wrong one: goroutines share memory and use all cores without a lock between them.
//
// # Common mistake
//
// To measure on one machine and to believe it of all. With one core, in a container with a CPU limit, or beside a busy
// neighbour, what computes gets no faster by more workers; what waits does, everywhere. Keep the measurement with the
// program, and run it again where the program is to live.
//
// # Python
//
//	import statistics, time
//	from concurrent.futures import ThreadPoolExecutor
//	def measure(executor, task, items=range(16), rounds=5):
//	    took = {"serial": [], "threads": []}
//	    for _ in range(rounds):
//	        for name, run in (("serial", map), ("threads", executor.map)):  # in turns
//	            began = time.perf_counter()
//	            list(run(task, items))
//	            took[name].append(time.perf_counter() - began)
//	    return {name: round(1000 * statistics.median(t), 1) for name, t in took.items()}
//	with ThreadPoolExecutor(8) as executor:
//	    print("waiting, ms:  ", measure(executor, lambda _: time.sleep(0.004)))
//	    print("computing, ms:", measure(executor, lambda _: sum(n * n for n in range(30_000))))
//
// # In production
//
//	docs/benchmarks.md: interleaved, medians
//	processor/config.go: Processes, Goroutines, Serial
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
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

const (
	items  = 16
	rounds = 5
	margin = 0.85 // what is not below this share of a plainer way's time is not clearly faster
	most   = 8    // workers
)

func main() {
	if procpool.IsWorker() {
		os.Exit(procpool.Main(context.Background(), tasks()))
	}
	os.Exit(lesson.Run(source, run))
}

// compute and wait are the two tasks: each takes about 3 ms, one of a core and one of nothing but time.
func compute() pipeline.Task[int, int] {
	return task("compute", func(n int) int {
		for range 3_000_000 {
			n = n*1664525 + 1013904223
		}
		return n
	})
}

func wait() pipeline.Task[int, int] {
	return task("wait", func(n int) int {
		time.Sleep(3 * time.Millisecond) // stands for an answer that is waited for
		return n
	})
}

func task(name string, do func(int) int) pipeline.Task[int, int] {
	return pipeline.Task[int, int]{Name: name, Version: 1, In: pipeline.JSON[int](), Out: pipeline.JSON[int](),
		Do: func(_ context.Context, n int, _ *pipeline.Ref) (int, error) { return do(n), nil }}
}

func tasks() *pipeline.TaskSet {
	set, err := pipeline.NewTaskSet(compute(), wait())
	if err != nil {
		panic(err) // two names
	}
	return set
}

// candidate is a way to run the list.
type candidate struct {
	name     string
	executor pipeline.Executor
}

func run() (err error) {
	ctx := context.Background()
	cores := runtime.GOMAXPROCS(0)
	workers := min(cores, most)
	pool, err := procpool.New(ctx, procpool.Config{Tasks: tasks(), Workers: workers})
	if err != nil {
		return err
	}
	ways := []candidate{ // the plainest first
		{"serial", pipeline.NewSerial(tasks())},
		{fmt.Sprintf("goroutines: %d", most), pipeline.NewGoroutines(tasks(), most)},
		{fmt.Sprintf("processes: %d", workers), pool},
	}
	defer func() {
		for _, w := range ways {
			err = errors.Join(err, w.executor.Close(ctx))
		}
	}()
	fmt.Printf("%d items, cores: %d; in ms, of %d runs in turns the median (fastest … slowest)\n", items, cores, rounds)
	for _, t := range []pipeline.Task[int, int]{wait(), compute()} {
		best, err := choose(ctx, ways, t)
		if err != nil {
			return fmt.Errorf("measure %q: %w", t.Name, err)
		}
		if t.Name == "wait" && best == "serial" {
			return errors.New("waiting eight at a time is not faster than one after the other")
		}
	}
	fmt.Println("\nWaiting needs no core: that choice holds on any machine.\nComputing does: that one is for this machine, now.")
	return nil
}

// choose measures all ways in turns, prints a row for each, and returns the choice: the plainest that nothing beats
// clearly, which is with all runs but its slowest.
func choose(ctx context.Context, ways []candidate, t pipeline.Task[int, int]) (best string, err error) {
	took := make([][]float64, len(ways))
	for range rounds {
		for i, w := range ways {
			began := time.Now()
			for _, err := range pipeline.Map(ctx, w.executor, t, slices.Values(make([]int, items))) {
				if err != nil {
					return "", err
				}
			}
			took[i] = append(took[i], float64(time.Since(began).Microseconds())/1000)
		}
	}
	var fastest float64 // run of the choice so far
	for i, w := range ways {
		slices.Sort(took[i])
		fmt.Printf("  %-8s %-14s %6.1f  (%.1f … %.1f)\n", t.Name, w.name, took[i][rounds/2], took[i][0], took[i][rounds-1])
		if i == 0 || took[i][rounds-2] < margin*fastest {
			best, fastest = w.name, took[i][0]
		}
	}
	fmt.Printf("  %-8s choice: %s\n", t.Name, best)
	return best, nil
}
