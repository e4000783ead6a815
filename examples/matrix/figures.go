package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"
)

// figures is everything that a run found out. The tables, the words and the page are made of it and of nothing else.
type figures struct {
	Machine   machine    `json:"machine"`
	Quick     bool       `json:"quick"`
	Command   string     `json:"command"`
	Asked     int        `json:"rounds_asked"`
	Rounds    int        `json:"rounds"`
	Rows      []row      `json:"rows"`
	Others    float64    `json:"others"` // share of the machine that other programs used while computing was measured
	Openings  []opening  `json:"openings"`
	Takes     int        `json:"takes"` // of each timeline: the quickest is kept
	Timelines []timeline `json:"timelines"`
	Ordeal    ordeal     `json:"ordeal"`
	Fates     []fate     `json:"fates"`
	Began     time.Time  `json:"began"`
	Took      float64    `json:"took_s"`
}

// machine is what the figures were measured on.
type machine struct {
	System    string       `json:"system"`
	Processor string       `json:"processor,omitempty"`
	Cores     int          `json:"cores"`      // that this program may use
	Procs     int          `json:"gomaxprocs"` // that it was told to use
	Go        string       `json:"go"`
	Python    *interpreter `json:"python"` // nil where there is none
}

// survey looks at the machine. GOMAXPROCS may have been set in the environment: the number of cores is what Go would have
// chosen without.
func survey() machine {
	told := runtime.GOMAXPROCS(0)
	runtime.SetDefaultGOMAXPROCS()
	m := machine{System: runtime.GOOS + "/" + runtime.GOARCH, Processor: processor(),
		Cores: min(runtime.GOMAXPROCS(0), runtime.NumCPU()), Procs: told, Go: runtime.Version()}
	runtime.GOMAXPROCS(told)
	return m
}

// row returns the row of a kind of work; an empty one if it was not measured.
func (f figures) row(kind string) row {
	for _, r := range f.Rows {
		if r.Job.Kind == kind {
			return r
		}
	}
	return row{}
}

// fate returns what a disaster did to an executor, and whether it was tried.
func (f figures) fate(kind, id string) (fate, bool) {
	for _, x := range f.Fates {
		if x.Disaster.Kind == kind && x.Executor.ID == id {
			return x, true
		}
	}
	return fate{}, false
}

// investigate measures everything.
func investigate(ctx context.Context, o options, progress io.Writer) (f figures, err error) {
	self, err := os.Executable()
	if err != nil {
		return f, fmt.Errorf("find this program: %w", err)
	}
	f = figures{Machine: survey(), Quick: o.quick, Command: "go run ./examples/matrix", Began: time.Now()}
	if o.quick {
		f.Command += " -quick"
	}
	p := newPlan(o.quick, f.Machine.Cores)
	if o.rounds > 0 {
		p.Rounds, p.Exact = o.rounds, true
		f.Command += fmt.Sprintf(" -rounds %d", o.rounds)
	}
	f.Asked, f.Ordeal, f.Takes = p.Rounds, p.Contain, p.Takes
	b, err := openBench(ctx, self, &p)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	if b.python != nil {
		f.Machine.Python = &b.python.about
	}
	if f.Rows, err = b.measure(ctx, &p, progress); err != nil {
		return f, err
	}
	f.Rounds, f.Others = p.Rounds, b.others.share()
	f.Openings = b.openings(p)
	fmt.Fprintln(progress, "matrix: who runs when")
	if f.Timelines, err = b.film(ctx, &p); err != nil {
		return f, err
	}
	fmt.Fprintln(progress, "matrix: a crash, a memory bomb, an endless loop")
	f.Fates, err = ordeals(ctx, self, b.python, f.Ordeal)
	f.Took = time.Since(f.Began).Seconds()
	return f, err
}

// openings returns what starting the pools of processes of each width took.
func (b *bench) openings(p plan) []opening {
	var all []opening
	seen := make(map[int]bool)
	for _, j := range p.Jobs {
		if seen[j.Width] {
			continue
		}
		seen[j.Width] = true
		all = append(all, b.runner.opening(j.Width))
		if b.python != nil && b.python.took[j.Width] > 0 {
			all = append(all, opening{Executor: pyProcesses, Workers: j.Width, Took: b.python.took[j.Width]})
		}
	}
	return all
}
