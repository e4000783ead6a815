package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// cell is one kind of work on one executor.
type cell struct {
	Executor executor      `json:"executor"`
	Samples  []sample      `json:"samples"` // one per round
	Time     spread        `json:"seconds"`
	Speedup  spread        `json:"speedup"` // over the serial executor of the same language
	CPU      time.Duration `json:"cpu_ns"`  // per round
}

// row is one kind of work on all executors.
type row struct {
	Job   job    `json:"job"`
	Cells []cell `json:"cells"`
	Equal int    `json:"equal"` // items whose result was the same everywhere: all of them, or measuring fails
}

// cell returns the row's cell of an executor, nil if it has none.
func (r row) cell(id string) *cell {
	for i := range r.Cells {
		if r.Cells[i].Executor.ID == id {
			return &r.Cells[i]
		}
	}
	return nil
}

// bench is everything that measuring needs running.
type bench struct {
	runner *runner
	python *python // nil where there is none
	dir    string  // temporary
	others others
	stop   func() error
}

// openBench starts the server and Python.
func openBench(ctx context.Context, self string, p *plan) (b *bench, err error) {
	b = &bench{}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close())
		}
	}()
	if b.dir, err = os.MkdirTemp("", "matrix-"); err != nil {
		return b, fmt.Errorf("measure: %w", err)
	}
	if b.runner, err = newRunner(); err != nil {
		return b, err
	}
	var url string
	if url, b.stop, err = startServer(ctx, self, p.Delay); err != nil {
		return b, err
	}
	p.aim(url)
	b.python, err = startPython(ctx, b.dir)
	return b, err
}

// close ends all that openBench and the runs have started.
func (b *bench) close() error {
	var errs []error
	if b.runner != nil {
		errs = append(errs, b.runner.close())
	}
	if b.python != nil {
		errs = append(errs, b.python.close())
	}
	if b.stop != nil {
		errs = append(errs, b.stop())
	}
	if b.dir != "" {
		errs = append(errs, os.RemoveAll(b.dir))
	}
	return errors.Join(errs...)
}

// run runs items on any executor.
func (b *bench) run(ctx context.Context, ex executor, width int, items []item) (sample, []outcome, error) {
	var s sample
	var out []outcome
	err := ctx.Err()
	switch {
	case err != nil:
	case ex.Base == pySerial:
		s, out, err = b.python.run(ex.ID, width, items)
	default:
		s, out, err = b.runner.run(ctx, ex.ID, width, items)
	}
	if err != nil {
		return s, out, fmt.Errorf("measure %q: %w", ex.Name, err)
	}
	return s, out, nil
}

// measure fills the matrix, round by round: each round runs every cell once, in turn forwards and backwards, so that a
// machine that is busy for a while is unfair to all. One short pass before opens the pools and warms everything up.
func (b *bench) measure(ctx context.Context, p *plan, progress io.Writer) ([]row, error) {
	rows := make([]row, len(p.Jobs))
	want := make([][]outcome, len(p.Jobs)) // what the first executor found
	for i, j := range p.Jobs {
		rows[i].Job = j
		for _, ex := range executors(b.python != nil) {
			rows[i].Cells = append(rows[i].Cells, cell{Executor: ex})
			if _, _, err := b.run(ctx, ex, j.Width, j.Items[:2]); err != nil {
				return nil, err
			}
		}
	}
	began := time.Now()
	for round := 0; round < p.Rounds; round++ {
		if round == 1 {
			p.Rounds = p.fit(time.Since(began))
		}
		fmt.Fprintf(progress, "matrix: round %d of %d\n", round+1, p.Rounds)
		for i := range rows {
			for k := range rows[i].Cells {
				if round%2 == 1 {
					k = len(rows[i].Cells) - 1 - k
				}
				if err := b.sample(ctx, p.Jobs[i], &rows[i].Cells[k], &want[i]); err != nil {
					return nil, err
				}
			}
		}
	}
	for i := range rows {
		rows[i].Equal = len(want[i])
		rows[i].sum()
	}
	return rows, nil
}

// sample runs one cell once and compares its results.
func (b *bench) sample(ctx context.Context, j job, c *cell, want *[]outcome) error {
	passes := j.Passes
	if c.Executor.Base == pySerial {
		passes = 1
	}
	before, _ := machineCPU()
	s, out, err := b.run(ctx, c.Executor, j.Width, slices.Repeat(j.Items, passes))
	if err != nil {
		return err
	}
	if j.Kind != kindIO { // there, the server works too
		b.others.add(before, s)
	}
	for pass := range slices.Chunk(out, len(j.Items)) {
		if *want == nil {
			*want = pass
		}
		if err := equal(j.Items, *want, pass); err != nil {
			return fmt.Errorf("compare %q: %w", c.Executor.Name, err)
		}
	}
	c.Samples = append(c.Samples, sample{s.Wall / time.Duration(passes), s.CPU / time.Duration(passes)})
	return nil
}

// others counts what programs that are not measured used meanwhile.
type others struct{ used, possible time.Duration }

// add counts one sample, before which the machine had used so much.
func (o *others) add(before time.Duration, s sample) {
	after, cores := machineCPU()
	o.used += after - before - s.CPU
	o.possible += s.Wall * time.Duration(cores)
}

// share returns what others used of all that the machine's cores could give; 0 if unknown.
func (o *others) share() float64 {
	if o.possible <= 0 {
		return 0
	}
	return min(max(o.used.Seconds()/o.possible.Seconds(), 0), 1)
}

// equal returns an error when two executors found different values.
func equal(items []item, want, got []outcome) error {
	if len(got) != len(items) || len(want) != len(items) {
		return fmt.Errorf("%d and %d results of %d items", len(want), len(got), len(items))
	}
	for i, it := range items {
		if want[i].Value != got[i].Value {
			return fmt.Errorf("item %d of kind %q: %d, but the first executor found %d", i, it.Kind, got[i].Value, want[i].Value)
		}
	}
	return nil
}

// sum fills in the figures that follow from the samples.
func (r *row) sum() {
	for i := range r.Cells {
		c := &r.Cells[i]
		c.Time, c.CPU = walls(c.Samples), meanCPU(c.Samples)
		if base := r.cell(c.Executor.Base); base != nil {
			c.Speedup = speedups(base.Samples, c.Samples)
		}
	}
}
