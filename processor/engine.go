package processor

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

// engine is the executor of a run and what is known of it.
type engine struct {
	pipeline.Executor
	pool    *procpool.Pool // nil unless the workers are processes
	workers int
}

// backlogPerWorker bounds what is in flight, and with it how long a drain takes.
const backlogPerWorker = 8

// newEngine starts an executor of so many workers.
func newEngine(ctx context.Context, cfg *Config, workers int) (*engine, error) {
	set, err := Tasks()
	if err != nil {
		return nil, err
	}
	switch cfg.Executor {
	case Serial:
		return &engine{Executor: pipeline.NewSerial(set), workers: 1}, nil
	case Goroutines:
		return &engine{Executor: pipeline.NewGoroutines(set, workers), workers: workers}, nil
	}
	pool, err := procpool.New(ctx, procpool.Config{
		Tasks: set, Workers: workers, Command: cfg.WorkerCommand, Logger: cfg.Logger,
		Memory: cfg.WorkerMemory.Int64(), ItemTimeout: cfg.ItemTimeout.D(), GracePeriod: time.Second,
		Sandbox: procpool.Sandbox(cfg.Sandbox),
		Backlog: max(16, backlogPerWorker*workers),
	})
	if err != nil {
		return nil, fmt.Errorf("start workers: %w", err)
	}
	return &engine{Executor: pool, pool: pool, workers: workers}, nil
}

// Window passes the executor's own window on, for pipeline.AsCompleted.
func (e *engine) Window() int {
	if w, ok := e.Executor.(pipeline.Windower); ok {
		return w.Window()
	}
	return 1
}

func (c *Config) workers() int {
	switch {
	case c.Executor == Serial:
		return 1
	case c.Workers > 0:
		return c.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// stats are the counts of the engine; zero where it has no processes.
func (e *engine) stats() procpool.Stats {
	if e == nil || e.pool == nil {
		return procpool.Stats{}
	}
	return e.pool.Stats()
}

// limits says what bounds an item, and what does not.
func (c *Config) limits(s procpool.Stats) []string {
	out := []string{fmt.Sprintf("max-pixels %d", c.MaxPixels)}
	if c.Executor != Processes {
		return append(out, "item-timeout, worker-memory and sandbox not applied: only processes can be held to them")
	}
	if c.ItemTimeout > 0 {
		out = append(out, "item-timeout "+c.ItemTimeout.String())
	}
	if len(s.Limits) == 0 && c.WorkerMemory > 0 { // no worker was started
		out = append(out, "worker-memory "+c.WorkerMemory.String())
	}
	return append(out, s.Limits...)
}

// explain turns what ended a call into a failure to be quarantined. An error
// that is not the item's ends the run, and nil, nil means that the call was
// given up because the run ends.
func explain(err error) (*failure, error) {
	var crash *procpool.CrashError
	var panicked *pipeline.PanicError
	var gaveUp *procpool.FailedError
	var failed *pipeline.TaskError
	switch {
	case errors.As(err, &gaveUp), errors.Is(err, pipeline.ErrClosed), errors.Is(err, pipeline.ErrUnknownTask):
		return nil, fmt.Errorf("compute: %w", err)
	case errors.As(err, &crash):
		return &failure{Reason: string(crash.Reason), Signal: crash.Signal, Attempts: crash.Attempts, Detail: crashDetail(crash)}, nil
	case errors.As(err, &panicked):
		return &failure{Reason: reasonCrash, Attempts: 1, Detail: "panic: " + panicked.Value + "\n" + head2k(panicked.Stack)}, nil
	case errors.Is(err, procpool.ErrTooLarge):
		return &failure{Reason: reasonTooLarge, Attempts: 1, Detail: err.Error()}, nil
	case errors.As(err, &failed) && errors.Is(err, context.DeadlineExceeded):
		return &failure{Reason: reasonDeadline, Attempts: 1, Detail: failed.Msg}, nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, pipeline.ErrCancelled):
		return nil, nil
	case errors.As(err, &failed):
		return &failure{Reason: reasonDecode, Attempts: 1, Detail: failed.Msg}, nil
	}
	return nil, fmt.Errorf("compute: %w", err)
}

func crashDetail(c *procpool.CrashError) string {
	text := c.Error()
	if c.Stderr != "" {
		text += "\n" + head2k(c.Stderr)
	}
	return text
}

// head2k is the first part of a long text: a Go crash says first why.
func head2k(s string) string {
	if len(s) > 2048 {
		return s[:2048] + "…"
	}
	return s
}
