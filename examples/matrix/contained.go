package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

// ordeal is a run of small items of which one goes wrong.
type ordeal struct {
	Executor    string        `json:"executor"`
	Kind        string        `json:"kind"` // of the item that goes wrong
	Items       int           `json:"items"`
	Bad         int           `json:"bad"`  // number of that item
	Size        int           `json:"size"` // of the others
	Width       int           `json:"width"`
	Memory      int64         `json:"memory"`          // bytes that the process that runs items may take
	ItemTimeout time.Duration `json:"item_timeout_ns"` // where an item loops; elsewhere it has long
	Patience    time.Duration `json:"patience_ns"`     // with a run that no longer delivers
}

// newOrdeal returns the run that all executors go through.
func newOrdeal(quick bool, width int) ordeal {
	o := ordeal{Items: 40, Bad: 9, Size: 40_000, Width: min(width, 4),
		Memory: 256 << 20, ItemTimeout: 500 * time.Millisecond, Patience: 1500 * time.Millisecond}
	if quick {
		o.Items, o.Size, o.Patience, o.ItemTimeout = 24, 15_000, 800*time.Millisecond, 400*time.Millisecond
	}
	return o
}

// all returns the inputs.
func (o ordeal) all() []item {
	all := items(kindCPU, o.Items, o.Size)
	all[o.Bad].Kind = o.Kind
	return all
}

// cpuSeconds ends whatever an ordeal leaves behind when nobody else can.
const cpuSeconds = 30

// contained runs an ordeal in this process, which may not survive it, and prints a line for everything that happens:
// ready, done N, lost N why, more or broken, alive.
func contained(ctx context.Context, o ordeal) error {
	work, set, err := tasks()
	if err != nil {
		return err
	}
	limits := []error{limitCPU(cpuSeconds)}
	if o.Executor != goProcesses {
		limits = append(limits, limitMemory(o.Memory)) // worker processes have it from their pool
	}
	if err := errors.Join(limits...); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	ex, err := o.open(ctx, set)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for c := range pipeline.AsCompleted(ctx, ex, work, slices.Values(o.all())) {
		if c.Err != nil {
			fmt.Printf("lost %d %q\n", c.In.N, c.Err)
			continue
		}
		fmt.Println("done", c.In.N)
	}
	if _, err := collect(ctx, ex, work, items(kindCPU, 1, o.Size)); err != nil {
		fmt.Printf("broken %v\n", err)
	} else {
		fmt.Println("more")
	}
	if err := ex.Close(ctx); err != nil {
		return err
	}
	fmt.Println("alive")
	return nil
}

// open returns the ordeal's executor.
func (o ordeal) open(ctx context.Context, set *pipeline.TaskSet) (pipeline.Executor, error) {
	switch o.Executor {
	case goSerial:
		return pipeline.NewSerial(set), nil
	case goAll:
		return pipeline.NewGoroutines(set, o.Width), nil
	case goProcesses:
		return procpool.New(ctx, procpool.Config{Tasks: set, Workers: o.Width, Memory: o.Memory, ItemTimeout: o.itemTimeout()})
	}
	return nil, fmt.Errorf("open %q: no such executor", o.Executor)
}

// itemTimeout returns how long a worker process may take for an item. Where memory is to run out first, that is to happen
// on a busy machine, too.
func (o ordeal) itemTimeout() time.Duration {
	if o.Kind == kindLoop {
		return o.ItemTimeout
	}
	return 20 * time.Second
}
