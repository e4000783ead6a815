package main

import (
	"fmt"
	"strings"
)

// wrong is about the disasters, and about what containing them costs.
func wrong(f figures) section {
	s := section{Title: "What goes wrong"}
	if kept, tried := f.contained(goProcesses); tried > 0 {
		if len(kept) == tried {
			s.say("Worker processes lost the one item that went wrong in each of the %d disasters, said why, and went on. That is what "+
				"processes buy in Go: containment.", tried)
		} else {
			s.say("Worker processes contained %d of %d disasters to the one item%s.", len(kept), tried, list(kept))
		}
	}
	s.shared(f)
	s.executorOfPython(f)
	s.starts(f)
	return s
}

// shared is about the executors whose items share one process.
func (s *section) shared(f figures) {
	serial, tried := f.contained(goSerial)
	several, _ := f.contained(goAll)
	if tried > 0 && len(serial)+len(several) == 0 {
		s.say("Goroutines, and a serial run, lost the run in all %d: what one item does to the process, it does to all. (A panic is not among "+
			"them: the executors turn it into an error of its item.)", tried)
		return
	}
	for _, ex := range []struct {
		name string
		kept []string
	}{{"Goroutines", several}, {"A serial run", serial}} {
		if tried > 0 {
			s.say("%s contained %d of %d disasters%s.", ex.name, len(ex.kept), tried, list(ex.kept))
		}
	}
}

// starts is about the price of processes.
func (s *section) starts(f figures) {
	var parts []string
	for _, o := range f.Openings {
		if o.Executor != goProcesses {
			continue
		}
		part := fmt.Sprintf("%s took %s to start", count(o.Workers, "worker"), duration(o.Took))
		if o.Memory > 0 {
			part += fmt.Sprintf(" and held %s each at most", megabytes(o.Memory))
		}
		parts = append(parts, part)
	}
	if len(parts) > 0 {
		s.say("The price: %s. The times above leave the start out.", strings.Join(parts, "; "))
	}
}

// contained returns the names of the disasters that cost an executor one item, and how many it met.
func (f figures) contained(id string) (kept []string, tried int) {
	for _, x := range f.Fates {
		if x.Executor.ID != id {
			continue
		}
		tried++
		if x.After == goesOn && x.lost() == 1 {
			kept = append(kept, strings.ToLower(x.Disaster.Name))
		}
	}
	return kept, tried
}

// list puts names behind a sentence, in brackets.
func list(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// executorOfPython is about CPython's ProcessPoolExecutor: processes alone do not contain, it takes a pool that knows
// which item a worker had in hand.
func (s *section) executorOfPython(f figures) {
	if x, ok := f.fate(kindExit, pyProcesses); ok {
		switch {
		case x.After == broken && x.Blamed > 1:
			s.say("A crash cost CPython's ProcessPoolExecutor %d of %d items: the pool broke, and says the same of the culprit and of the "+
				"%d others. Processes alone contain little; a pool must know which item was in hand.", x.lost(), x.Items, x.Blamed-1)
		case x.After == goesOn && x.lost() == 1:
			s.say("CPython's ProcessPoolExecutor lost one item to the crash and went on.")
		default:
			s.say("After the crash CPython's ProcessPoolExecutor had delivered %d of %d items; the run: %s.", x.Delivered, x.Items, x.After)
		}
	}
	if x, ok := f.fate(kindBomb, pyProcesses); ok {
		if x.After == goesOn && x.lost() == 1 && strings.Contains(x.Said, "MemoryError") {
			s.say("The memory bomb became a MemoryError of its one item there: CPython turns the limit into an exception, where it ends a Go " +
				"program. The limit was set by this program; the pool has none.")
		} else {
			s.say("The memory bomb left it with %d of %d items; the run: %s.", x.Delivered, x.Items, x.After)
		}
	}
	if x, ok := f.fate(kindLoop, pyProcesses); ok && x.After == hangs {
		s.say("The endless loop kept it for ever: it has no time limit for an item that runs.")
	}
}

// trust is about how far these figures reach.
func trust(f figures) section {
	s := section{Title: "How far to trust this"}
	if f.Quick {
		s.say("This was a quick run: its sizes and rounds show that everything works, and are too small to judge by.")
	}
	if f.restless() {
		s.say("This machine was busy: what is said here is about these figures, and a quiet machine may say something else.")
	}
	if f.Others > 0.01 {
		s.say("Other programs used %.0f %% of the machine's processor time while computing was measured.", 100*f.Others)
	}
	if f.Rounds < f.Asked {
		s.say("There were %d of %d rounds, to stay within a minute.", f.Rounds, f.Asked)
	}
	if c := f.row(kindCPU).cell(goSerial); c != nil && c.Time.Median > 0 && c.CPU > 0 {
		if share := c.CPU.Seconds() / c.Time.Median; share < 1-alike {
			s.say("Serial computing got %.0f %% of a core: something else was running.", 100*share)
		}
	}
	if name, width := f.noisiest(); width > noisy {
		s.say("The rounds of %s lay furthest apart, %.0f %% of their median: take it roughly, or run this again.", name, 100*width)
	} else if width > 0 {
		s.say("The rounds of no cell lay further apart than %.0f %% of their median.", 100*width)
	}
	if f.Machine.Python == nil {
		s.say("python3 is not on this machine: nothing here compares with CPython.")
	}
	s.say("“About as fast” means less than %.0f %% apart. Other work gives other figures: measure yours.", 100*alike)
	return s
}

// restless reports whether other programs used much of the machine, or the rounds of most cells lay far apart.
func (f figures) restless() bool {
	var widths []float64
	for _, r := range f.Rows {
		for _, c := range r.Cells {
			widths = append(widths, c.Time.width())
		}
	}
	return f.Others > crowded || spreadOf(widths).Median > noisy
}

// noisiest returns the cell whose times lay furthest apart, and how far.
func (f figures) noisiest() (name string, width float64) {
	for _, r := range f.Rows {
		for _, c := range r.Cells {
			if w := c.Time.width(); w > width {
				name, width = fmt.Sprintf("“%s” (%s)", c.Executor.Name, r.Job.Name), w
			}
		}
	}
	return name, width
}
