// Lesson 26: a Monte Carlo estimate in parallel.
//
// # Question
//
// Pi is estimated by throwing random points at a square and counting those inside the circle. The points are thrown in 16
// chunks, which any worker may take in any order. When does the estimate come out the same, to the last digit, on one
// worker and on four, on goroutines and in processes?
//
//	a) when each worker has a random generator of its own, with a fixed seed
//	b) when each chunk has a random generator of its own, seeded with the chunk's number
//	c) never: that is what random means
//
// # Answer
//
// b. A generator with a seed is a fixed row of numbers. If the seed depends on the chunk alone, so do its points, whoever
// throws them and when; and a sum of whole numbers does not depend on the order. So the result can be tested, repeated,
// and compared between executors, and each chunk is a pure function: the kind of work that divides best.
//
//	a) makes the points depend on which chunks a worker gets: on the number of workers, and on who is faster.
//	c) is true of a generator seeded by the system, such as the package functions of math/rand/v2. These also are safe
//	   for many goroutines at once, which a *rand.Rand is not.
//
// # Common mistake
//
// To seed all chunks alike, or to fork processes that go on with copies of one generator (in Python, a random.Random or
// NumPy's): then all of them throw the same points. The estimate looks fine and repeats itself, but it has the error of a
// single chunk; the last row shows it.
//
// # Python
//
//	import random
//	from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
//	POINTS = 20_000
//	def throw(chunk):
//	    rng = random.Random(chunk)  # of the chunk, not of the worker
//	    return sum(rng.random() ** 2 + rng.random() ** 2 < 1 for _ in range(POINTS))
//	if __name__ == "__main__":
//	    for kind in (ThreadPoolExecutor, ProcessPoolExecutor):
//	        for workers in (1, 3):
//	            with kind(workers) as executor:
//	                hits = sum(executor.map(throw, range(16)))
//	            print(kind.__name__, workers, 4 * hits / (16 * POINTS))
//
// # In production
//
//	processor/config.go: processes, goroutines or serial. Rows are the
//	pipeline/task.go: Task is a named pure function of its input
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

//go:embed main.go
var source string

const (
	chunks = 16
	points = 100_000 // of one chunk
)

func main() {
	if procpool.IsWorker() {
		os.Exit(procpool.Main(context.Background(), tasks()))
	}
	os.Exit(lesson.Run(source, run))
}

// throw is the task: it throws the points of the chunk with this seed and returns how many hit the circle.
func throw() pipeline.Task[uint64, int] {
	return pipeline.Task[uint64, int]{Name: "throw", Version: 1, In: pipeline.JSON[uint64](), Out: pipeline.JSON[int](),
		Do: func(_ context.Context, seed uint64, _ *pipeline.Ref) (int, error) {
			return throwChunk(rand.New(rand.NewPCG(seed, 0))), nil
		}}
}

// throwChunk throws the points of one chunk.
func throwChunk(rng *rand.Rand) (hits int) {
	for range points {
		if x, y := rng.Float64(), rng.Float64(); x*x+y*y < 1 {
			hits++
		}
	}
	return hits
}

// tasks is what the program and its workers both know.
func tasks() *pipeline.TaskSet {
	set, err := pipeline.NewTaskSet(throw())
	if err != nil {
		panic(err) // one task, with a name
	}
	return set
}

// run estimates pi with a seed per chunk on every executor, then with seeds that are shared in other ways.
func run() error {
	ctx := context.Background()
	fmt.Printf("%d points in %d chunks\n", chunks*points, chunks)
	var numbers []uint64 // a seed for each chunk: its number
	for chunk := range uint64(chunks) {
		numbers = append(numbers, chunk)
	}
	byChunk := make(map[int]bool) // the results: how many points hit
	for _, w := range []struct {
		name  string
		start func() (pipeline.Executor, error)
	}{
		{"serial", func() (pipeline.Executor, error) { return pipeline.NewSerial(tasks()), nil }},
		{"1 goroutine", func() (pipeline.Executor, error) { return pipeline.NewGoroutines(tasks(), 1), nil }},
		{"4 goroutines", func() (pipeline.Executor, error) { return pipeline.NewGoroutines(tasks(), 4), nil }},
		{"1 process", func() (pipeline.Executor, error) { return processes(ctx, 1) }},
		{"2 processes", func() (pipeline.Executor, error) { return processes(ctx, 2) }},
	} {
		ex, err := w.start()
		if err != nil {
			return err
		}
		hits, err := count(ctx, ex, numbers)
		if err != nil {
			return fmt.Errorf("estimate on %q: %w", w.name, err)
		}
		show("a seed per chunk", w.name, hits)
		byChunk[hits] = true
	}
	one, two := perWorker(1), perWorker(2)
	show("a seed per worker", "1 goroutine", one)
	show("a seed per worker", "2 goroutines", two)
	alike, err := count(ctx, pipeline.NewSerial(tasks()), slices.Repeat([]uint64{7}, chunks))
	if err != nil {
		return err
	}
	show("one seed for all", "serial", alike)
	if len(byChunk) != 1 || one == two || alike%chunks != 0 {
		return fmt.Errorf("estimate: by chunk %v, by worker %d and %d, alike %d", byChunk, one, two, alike)
	}
	return nil
}

// processes starts worker processes.
func processes(ctx context.Context, workers int) (pipeline.Executor, error) {
	return procpool.New(ctx, procpool.Config{Tasks: tasks(), Workers: workers})
}

// show prints an estimate, and how far off it is.
func show(seeds, workers string, hits int) {
	pi := 4 * float64(hits) / (chunks * points)
	fmt.Printf("%-18s %-13s %9d hits   pi is %.6f   off by %.6f\n", seeds, workers, hits, pi, math.Abs(pi-math.Pi))
}

// count throws the chunks with these seeds, adds up what hit as it comes in, and closes the executor.
func count(ctx context.Context, ex pipeline.Executor, seeds []uint64) (hits int, err error) {
	defer func() { err = errors.Join(err, ex.Close(ctx)) }()
	for c := range pipeline.AsCompleted(ctx, ex, throw(), slices.Values(seeds)) {
		if c.Err != nil {
			return 0, c.Err
		}
		hits += c.Out
	}
	return hits, nil
}

// perWorker throws the chunks on so many goroutines, each of which has one generator for all its chunks.
func perWorker(workers int) int {
	var hits atomic.Int64
	var working sync.WaitGroup
	for w := range workers {
		working.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), 0))
			for range chunks / workers { // dealt out evenly; a queue would deal them out by chance
				hits.Add(int64(throwChunk(rng)))
			}
		})
	}
	working.Wait()
	return int(hits.Load())
}
