package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"tandem/internal/usage"
	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

// The executors that are compared.
const (
	goSerial    = "go-serial"
	goOne       = "go-goroutines-one-core"
	goAll       = "go-goroutines"
	goProcesses = "go-processes"
	pySerial    = "python-serial"
	pyThreads   = "python-threads"
	pyProcesses = "python-processes"
)

// executor names one of them.
type executor struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Base string `json:"base"` // ID of the serial executor that it is compared with
	Lane string `json:"-"`    // what runs its items
}

// executors returns all that can run here.
func executors(python bool) []executor {
	all := []executor{
		{goSerial, "Go, serial", goSerial, "goroutine"},
		{goOne, "Go, goroutines on one core", goSerial, "goroutine"},
		{goAll, "Go, goroutines on all cores", goSerial, "goroutine"},
		{goProcesses, "Go, worker processes", goSerial, "process"},
	}
	if python {
		all = append(all,
			executor{pySerial, "CPython, serial", pySerial, "thread"},
			executor{pyThreads, "CPython, threads", pySerial, "thread"},
			executor{pyProcesses, "CPython, processes", pySerial, "process"})
	}
	return all
}

// opening is what the start of worker processes took, which is in none of the other figures.
type opening struct {
	Executor string        `json:"executor"`
	Workers  int           `json:"workers"`
	Took     time.Duration `json:"took_ns"`
	Memory   int64         `json:"memory"` // bytes that the largest worker held at most; 0 if unknown
}

// runner runs jobs on Go's executors. It keeps the pools of processes, which are opened before anything is timed.
type runner struct {
	work  pipeline.Task[item, outcome]
	set   *pipeline.TaskSet
	procs int // GOMAXPROCS of all cells but one
	pools map[int]*pool
}

type pool struct {
	*procpool.Pool
	took time.Duration
}

// newRunner returns a runner without pools.
func newRunner() (*runner, error) {
	work, set, err := tasks()
	return &runner{work: work, set: set, procs: runtime.GOMAXPROCS(0), pools: make(map[int]*pool)}, err
}

// open returns the pool of that many processes.
func (r *runner) open(ctx context.Context, workers int) (*pool, error) {
	if p := r.pools[workers]; p != nil {
		return p, nil
	}
	began := time.Now()
	p, err := procpool.New(ctx, procpool.Config{Tasks: r.set, Workers: workers})
	if err != nil {
		return nil, fmt.Errorf("open %d worker processes: %w", workers, err)
	}
	r.pools[workers] = &pool{p, time.Since(began)}
	return r.pools[workers], nil
}

// close ends the worker processes.
func (r *runner) close() error {
	var errs []error
	for _, p := range r.pools {
		errs = append(errs, p.Close(context.Background()))
	}
	return errors.Join(errs...)
}

// opening returns what starting the pool of that many processes took.
func (r *runner) opening(workers int) opening {
	p := r.pools[workers]
	return opening{Executor: goProcesses, Workers: workers, Took: p.took, Memory: p.Stats().MaxWorkerRSS}
}

// run runs the items on the executor of that ID and tells what it used. The garbage of earlier runs is collected before.
func (r *runner) run(ctx context.Context, id string, width int, items []item) (sample, []outcome, error) {
	var ex pipeline.Executor
	spent := func() time.Duration { cpu, _ := usage.Self(); return cpu }
	switch id {
	case goSerial:
		ex = pipeline.NewSerial(r.set)
	case goOne:
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		ex = pipeline.NewGoroutines(r.set, width)
	case goAll:
		ex = pipeline.NewGoroutines(r.set, width)
	case goProcesses:
		p, err := r.open(ctx, width)
		if err != nil {
			return sample{}, nil, err
		}
		own := spent
		spent = func() time.Duration { return own() + p.Stats().CPU }
		ex = lasting{p}
	default:
		return sample{}, nil, fmt.Errorf("run %q: no such executor", id)
	}
	runtime.GC()
	cpu, began := spent(), time.Now()
	outcomes, err := collect(ctx, ex, r.work, items)
	s := sample{Wall: time.Since(began), CPU: spent() - cpu}
	return s, outcomes, errors.Join(err, ex.Close(ctx))
}

// lasting is a pool that outlives the runs it is used for.
type lasting struct{ *pool }

// Close does nothing: the runner closes the pool.
func (lasting) Close(context.Context) error { return nil }

// collect runs the items and returns their outcomes in order. The first error ends it.
func collect(ctx context.Context, ex pipeline.Executor, work pipeline.Task[item, outcome], items []item) ([]outcome, error) {
	outcomes := make([]outcome, 0, len(items))
	for out, err := range pipeline.Map(ctx, ex, work, slices.Values(items)) {
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, out)
	}
	return outcomes, ctx.Err()
}
