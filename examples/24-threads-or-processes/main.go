// Lesson 24: threads or processes.
//
// # Question
//
// A Go program computes on all cores with goroutines, which run on threads that share one memory. What do worker
// processes in their place add?
//
//	a) containment: what brings a worker down costs the item it had in hand, and a worker can be limited and killed
//	b) speed: each process has a runtime of its own, so together they compute faster
//	c) economy: each process loads only what it needs, and nothing has to be locked or shared
//
// # Answer
//
// a. And it costs: milliseconds to start instead of microseconds, megabytes instead of kilobytes, and data that must be
// encoded and copied through a pipe instead of pointed to. So in Go, goroutines are the rule; processes are for work that
// cannot be trusted, such as decoding images from strangers or calling C code, for memory and time limits that hold, and
// for what must survive a crash beside it. What they do not share, they cannot spoil for each other either.
//
//	b) is true of CPython with its GIL (lesson 11), where processes are how pure Python gets more than one core. Go
//	   has no GIL: the last row shows the same work on both. Where they differ much, something else is busy, too.
//	c) has it the wrong way round: every process brings its own runtime and its own copy of whatever the program
//	   loads; only the program's code is held once. And goroutines that talk through a queue need few locks, too.
//
// # Common mistake
//
// To bring the rule from one language into the other: "threads for waiting, processes for computing" is the rule of
// Python with its GIL. In Go goroutines do both, and the question is which work one dares to run in one's own process.
//
// # Python
//
//	import multiprocessing, threading, time
//	changes = []
//	def work():
//	    changes.append(1)
//	if __name__ == "__main__":
//	    for kind in (threading.Thread, multiprocessing.Process):
//	        took = []
//	        changes.clear()
//	        for _ in range(20):
//	            began = time.perf_counter()
//	            worker = kind(target=work)
//	            worker.start(), worker.join()
//	            took.append(time.perf_counter() - began)
//	        best = f"{min(took) * 1e6:.0f} microseconds to start and join one"
//	        print(f"{kind.__name__}: {best}, {len(changes)} of 20 changes seen")
//
// # In production
//
//	processor/config.go: Executor is what computes
//	pipeline/doc.go: processes add is containment
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

//go:embed main.go
var source string

func main() {
	if procpool.IsWorker() {
		os.Exit(procpool.Main(context.Background(), tasks(new(bool))))
	}
	os.Exit(lesson.Run(source, run))
}

// tasks are what both kinds are told to do: look at data, change a variable, compute for some milliseconds, bring down the
// process.
func tasks(variable *bool) *pipeline.TaskSet {
	task := func(name string, do func()) pipeline.Task[[]byte, []byte] {
		return pipeline.Task[[]byte, []byte]{Name: name, Version: 1, In: pipeline.Bytes(), Out: pipeline.Bytes(),
			Do: func(context.Context, []byte, *pipeline.Ref) ([]byte, error) { do(); return nil, nil }}
	}
	set, err := pipeline.NewTaskSet(task("look", func() {}), task("change", func() { *variable = true }),
		task("compute", compute), task("exit", func() { os.Exit(1) }))
	if err != nil {
		panic(err) // four names
	}
	return set
}

// compute keeps a core busy for some milliseconds.
func compute() {
	n := 0
	for range 5_000_000 {
		n = n*1664525 + 1013904223
	}
	runtime.KeepAlive(n)
}

// figures are what is measured of each kind.
type figures struct {
	start, pass, compute time.Duration
	memory               int64 // bytes
	seen                 bool  // the parent sees a variable that was changed
	lost                 int   // items, of ten
}

// run measures both kinds and prints what they cost.
func run() (err error) {
	ctx := context.Background()
	var changed bool
	goroutines := pipeline.NewGoroutines(tasks(&changed), 2)
	defer func() { err = errors.Join(err, goroutines.Close(ctx)) }()
	began := time.Now()
	pool, err := procpool.New(ctx, procpool.Config{Tasks: tasks(&changed), Workers: 2})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close(ctx)) }()
	var g, p figures
	p.start, p.memory = time.Since(began)/2, pool.Stats().MaxWorkerRSS
	g.start, g.memory = park(10_000)

	megabyte := make([]byte, 1_000_000)
	eight := slices.Repeat([]string{"compute"}, 8)
	for range 5 { // by turns: whatever else the machine does meets both
		best(&g.pass, func() { point(megabyte) })
		best(&p.pass, func() { p.lost += call(ctx, pool, megabyte, "look") })
		best(&g.compute, func() { g.lost += call(ctx, goroutines, nil, eight...) })
		best(&p.compute, func() { p.lost += call(ctx, pool, nil, eight...) })
	}
	p.lost += call(ctx, pool, nil, "change")
	p.seen = changed
	g.lost += call(ctx, goroutines, nil, "change")
	g.seen = changed
	p.lost += call(ctx, pool, nil, "look", "look", "look", "exit", "look", "look", "look", "look", "look", "look")

	row := func(what string, goroutine, process any) { fmt.Printf("%-40s %16v %12v\n", what, goroutine, process) }
	row(fmt.Sprintf("measured now, with %d core(s)", runtime.GOMAXPROCS(0)), "goroutine", "process")
	row("start one", g.start, p.start.Round(time.Microsecond))
	row("memory of one at its start, in KiB", g.memory>>10, p.memory>>10)
	row("pass it 1 MB, best of five", g.pass, p.pass)
	row("what it changes is seen by its parent", g.seen, p.seen)
	row("items that a crash costs, of ten", "all (lesson 12)", p.lost)
	row("compute 8 items, 2 at once, best of five", g.compute, p.compute)
	if p.start < 10*g.start || p.memory < 10*g.memory || p.pass < 3*g.pass || !g.seen || p.seen || p.lost != 1 || g.lost != 0 {
		return fmt.Errorf("measure: goroutine %+v, process %+v", g, p)
	}
	return nil
}

// park starts so many goroutines that wait, and returns the time and the memory that one took.
func park(n int) (start time.Duration, bytes int64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	release, began := make(chan struct{}), time.Now()
	var started, done sync.WaitGroup
	started.Add(n)
	for range n {
		done.Go(func() { started.Done(); <-release })
	}
	started.Wait()
	start = time.Since(began) / time.Duration(n)
	runtime.ReadMemStats(&after)
	close(release)
	done.Wait()
	return start, int64(after.StackInuse+after.HeapAlloc-before.StackInuse-before.HeapAlloc) / int64(n)
}

// point passes data to a goroutine and waits for its answer.
func point(data []byte) {
	in, out := make(chan []byte), make(chan int)
	go func() { out <- len(<-in) }()
	in <- data
	<-out
}

// call runs calls of the named tasks with the same input, and returns how many of them were lost.
func call(ctx context.Context, ex pipeline.Executor, data []byte, names ...string) (lost int) {
	var futures []*pipeline.Future
	for _, name := range names {
		futures = append(futures, ex.Submit(ctx, pipeline.Call{Task: name, Payload: data}))
	}
	for _, f := range futures {
		if _, err := f.Wait(ctx); err != nil {
			lost++
		}
	}
	return lost
}

// best takes the time of a run, and keeps it if it is the first or the shortest.
func best(shortest *time.Duration, run func()) {
	began := time.Now()
	run()
	if took := time.Since(began).Round(time.Microsecond); *shortest == 0 || took < *shortest {
		*shortest = took
	}
}
