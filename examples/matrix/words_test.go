package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// speeds are the speed-ups of the executors, in their order.
type speeds [7]float64

// made returns figures as a machine would give them. Serial Go takes 100 ms, serial CPython 1 s.
func made(cores, procs int, python *interpreter, io, cpu, alloc speeds) figures {
	f := figures{Machine: machine{System: "linux/amd64", Cores: cores, Procs: procs, Go: "go1.26", Python: python}, Asked: 5, Rounds: 5, Takes: 3,
		Ordeal: newOrdeal(false, 2), Began: time.Unix(0, 0), Took: 50}
	p := newPlan(false, cores)
	for i, s := range []speeds{io, cpu, alloc} {
		r := row{Job: p.Jobs[i], Equal: len(p.Jobs[i].Items)}
		for k, ex := range executors(python != nil) {
			base := 100 * time.Millisecond
			if ex.Base == pySerial {
				base = time.Second
			}
			wall := time.Duration(float64(base) / s[k])
			r.Cells = append(r.Cells, cell{Executor: ex, Samples: []sample{{wall, base}, {wall, base}}})
		}
		r.sum()
		f.Rows = append(f.Rows, r)
	}
	for _, d := range disasters(f.Ordeal) {
		add := func(id string, delivered, blamed int, said string, after after) {
			for _, ex := range executors(python != nil) {
				if ex.ID == id {
					f.Fates = append(f.Fates, fate{Disaster: d, Executor: ex, Items: 40, Delivered: delivered, Blamed: blamed, Said: said,
						After: after, Took: time.Second})
				}
			}
		}
		add(goSerial, 9, 0, "exit status 3", gone)
		add(goAll, 12, 0, "exit status 3", gone)
		add(goProcesses, 39, 1, "worker died", goesOn)
		switch d.Kind {
		case kindExit:
			add(pyProcesses, 8, 32, "BrokenProcessPool", broken)
		case kindBomb:
			add(pyProcesses, 39, 1, "MemoryError", goesOn)
		case kindLoop:
			add(pyProcesses, 39, 0, "nothing more", hangs)
		}
	}
	f.Openings = []opening{{goProcesses, 2, 20 * time.Millisecond, 12 << 20}}
	for _, ex := range executors(python != nil) {
		f.Timelines = append(f.Timelines, draw(ex, "CPU-bound", []outcome{{Began: 0, Ended: 20e6, PID: 7, Lane: 1}, {Began: 5e6, Ended: 25e6, PID: 8, Lane: 2}}))
	}
	return f
}

var (
	locked = interpreter{"3.11.7", "cpython", true}
	free   = interpreter{"3.14.0", "cpython", false}
	usual  = speeds{1, 15, 15, 14, 1, 14, 11}
)

// all returns the words as one text.
func all(f figures) string {
	var b strings.Builder
	for _, s := range words(f) {
		fmt.Fprintln(&b, s.Title, strings.Join(s.Lines, " "))
	}
	return b.String()
}

func TestWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		f     figures
		say   []string
		avoid []string
	}{
		"two cores, as usual": {
			made(2, 2, &locked, usual, speeds{1, 1.02, 1.95, 1.9, 1, 0.95, 1.8}, speeds{1, 1, 1.4, 1.4, 1, 0.9, 1.7}),
			[]string{"One core is enough for that", "lets go of the GIL", "gained nothing (×1.02)", "On 2 cores goroutines computed 1.95 times as fast",
				"Worker processes were about as fast as goroutines: ×1.90 against ×1.95", "So processes buy no speed here",
				"CPython's threads gained nothing (×0.95): the GIL", "pure Python", "processes are the way to more than one core",
				"took CPython 10 times as long", "lost the one item that went wrong in each of the 3 disasters",
				"Goroutines, and a serial run, lost the run in all 3", "the culprit and of the 31 others", "MemoryError", "no time limit", "2 workers took 20.0 ms to start and held 12 MiB each at most"},
			[]string{"noise", "one core here", "GOMAXPROCS", "quick"},
		},
		"processes faster": {
			made(8, 8, &locked, usual, speeds{1, 1, 4, 7, 1, 1, 7}, speeds{1, 1, 3, 6, 1, 1, 6}),
			[]string{"Worker processes were faster than goroutines: ×7.00 against ×4.00", "a heap and a collector of its own, which can be worth"},
			[]string{"So processes buy no speed", "bought no speed"},
		},
		"processes slower": {
			made(2, 2, nil, usual, speeds{1, 1, 1.9, 1.2}, speeds{1, 1, 1.9, 1.2}),
			[]string{"Worker processes were slower than goroutines: ×1.20 against ×1.90", "python3 is not on this machine", "So processes buy no speed here"},
			[]string{"CPython's threads", "BrokenProcessPool", "ProcessPoolExecutor"},
		},
		"one core": {
			made(1, 1, &locked, usual, speeds{1, 1, 1, 0.97, 1, 0.97, 0.95}, speeds{1, 1, 1, 1, 1, 1, 1}),
			[]string{"There is one core here", "cannot be seen on this machine", "One core did that: waiting needs none"},
			[]string{"the way to more than one core", "So processes buy no speed", "On 1 core", "less than the"},
		},
		"one core by GOMAXPROCS": {
			made(2, 1, &locked, usual, speeds{1, 1, 1, 1.9, 1, 0.97, 1.9}, speeds{1, 1, 1, 1.5, 1, 1, 1}),
			[]string{"GOMAXPROCS is 1 of 2 cores", "only processes reach the other cores (×1.90)"},
			[]string{"There is one core here", "So processes buy no speed"},
		},
		"no GIL": {
			made(4, 4, &free, usual, speeds{1, 1, 3.8, 3.7, 1, 3.6, 3.5}, speeds{1, 1, 3, 3, 1, 3, 3}),
			[]string{"CPython's threads reached ×3.60: the GIL is off", "CPython's processes were about as fast as its threads"},
			[]string{"gained nothing (×3", "lets go of the GIL", "the way to more than one core", "pure Python"},
		},
		"no GIL, one core": {
			made(1, 1, &free, usual, speeds{1, 1, 1, 1, 1, 1, 1}, speeds{1, 1, 1, 1, 1, 1, 1}),
			[]string{"the GIL is off, but there is one core"}, []string{"although the GIL is off", "the GIL lets"},
		},
		"cores busy with something else": {
			made(4, 4, nil, usual, speeds{1, 1, 1.5, 1.5}, speeds{1, 1, 1.5, 1.5}),
			[]string{"less than 70 % of what the cores could give"}, []string{"So processes buy no speed", "This machine was busy"},
		},
		"waits do not overlap": {
			made(2, 2, &locked, speeds{1, 2, 3, 3, 1, 2, 2}, usual, usual),
			[]string{"only 3.00 times as fast", "Here one core was not enough", "CPython's threads reached ×2.00."}, []string{"Waits overlap"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := all(c.f)
			for _, want := range c.say {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not said", want)
				}
			}
			for _, not := range append(c.avoid, "%!", "NaN", "Inf", "×–") {
				if strings.Contains(text, not) {
					t.Errorf("%q is said", not)
				}
			}
			if t.Failed() {
				t.Log(text)
			}
		})
	}
}

// A disaster that is not contained is not called so.
func TestWordsOfFates(t *testing.T) {
	t.Parallel()
	f := made(2, 2, &locked, usual, usual, usual)
	for i := range f.Fates {
		x := &f.Fates[i]
		switch {
		case x.Executor.ID == goProcesses && x.Disaster.Kind == kindBomb:
			x.Delivered = 30
		case x.Executor.ID == goAll && x.Disaster.Kind == kindBomb:
			x.Delivered, x.After = 39, goesOn
		case x.Executor.ID == pyProcesses && x.Disaster.Kind == kindExit:
			x.Delivered, x.After, x.Blamed = 39, goesOn, 1
		}
	}
	text := all(f)
	for _, want := range []string{"Worker processes contained 2 of 3 disasters to the one item (crash, endless loop)",
		"Goroutines contained 1 of 3 disasters (memory bomb)", "lost one item to the crash and went on"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said:\n%s", want, text)
		}
	}
}

// Who is faster in the median but not in the rounds is not called faster.
func TestVersus(t *testing.T) {
	t.Parallel()
	r := row{Cells: []cell{
		{Executor: executor{ID: "a"}, Speedup: spread{Median: 2}, Samples: []sample{{Wall: 1}, {Wall: 1}, {Wall: 1}, {Wall: 3}}},
		{Executor: executor{ID: "b"}, Speedup: spread{Median: 1}, Samples: []sample{{Wall: 2}, {Wall: 2}, {Wall: 2}, {Wall: 2}}},
	}}
	if got := versus(r, "A", "a", "B", "b"); got != "A were faster than B: ×2.00 against ×1.00" {
		t.Error(got)
	}
	if got := versus(r, "B", "b", "A", "a"); got != "B were slower than A: ×1.00 against ×2.00" {
		t.Error(got)
	}
	r.Cells[0].Samples[2].Wall = 3
	if got := versus(r, "A", "a", "B", "b"); !strings.Contains(got, "seemed faster than B (×2.00 against ×1.00), but not in 2 of 4 rounds") {
		t.Error(got)
	}
}

// Nothing was measured, or hardly anything: there is little to say, and no division by nothing.
func TestWordsOfNothing(t *testing.T) {
	t.Parallel()
	for _, f := range []figures{{}, {Rows: []row{{Job: job{Kind: kindIO}}}}, {Rounds: 1, Asked: 2, Quick: true}} {
		if text := all(f); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") || strings.Contains(text, "goroutines computed") {
			t.Errorf("said of nothing: %s", text)
		}
	}
	busy := made(2, 2, nil, usual, usual, usual)
	for _, r := range busy.Rows {
		for i := range r.Cells {
			r.Cells[i].Time = spread{1, 0.9, 1.3}
		}
	}
	if first := words(busy)[0]; !strings.Contains(strings.Join(first.Lines, " "), "This machine was busy") {
		t.Errorf("a busy machine is not told first: %v", first)
	}
	crowd := made(2, 2, nil, usual, usual, usual)
	crowd.Others = 0.4
	if text := all(crowd); !strings.Contains(text, "This machine was busy") || !strings.Contains(text, "Other programs used 40 % of the machine") {
		t.Errorf("other programs are not told:\n%s", text)
	}
	noise := made(2, 2, nil, usual, usual, usual)
	noise.Rows[1].Cells[2].Time = spread{Median: 1, Min: 0.9, Max: 1.9}
	noise.Rows[1].Cells[0].CPU = 50 * time.Millisecond
	if text := all(noise); !strings.Contains(text, "“Go, goroutines on all cores” (CPU-bound) lay furthest apart, 100 %") || !strings.Contains(text, "got 50 % of a core") {
		t.Errorf("noise is not told:\n%s", text)
	}
}
