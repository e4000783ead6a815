package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// disaster is what becomes of one item.
type disaster struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Is   string `json:"is"`
}

// disasters returns those that are tried.
func disasters(o ordeal) []disaster {
	return []disaster{
		{kindExit, "Crash", "the item ends its process"},
		{kindBomb, "Memory bomb", fmt.Sprintf("the item allocates without end; a process may take %d MiB", o.Memory>>20)},
		{kindLoop, "Endless loop", "the item never returns"},
	}
}

// after says what state a run was in after a disaster.
type after string

// What can be left of a run.
const (
	goesOn after = "goes on"     // it finished, and its executor took more work
	broken after = "pool broken" // the program lived, but its executor took no more work
	gone   after = "gone"        // the program ended
	hangs  after = "hangs"       // it never finished and was ended
)

// fate is what a disaster did to one executor.
type fate struct {
	Disaster  disaster      `json:"disaster"`
	Executor  executor      `json:"executor"`
	Items     int           `json:"items"`
	Delivered int           `json:"delivered"`
	Blamed    int           `json:"blamed"` // items that ended with an error of their own
	Said      string        `json:"said"`   // about what was lost
	After     after         `json:"after"`
	Took      time.Duration `json:"took_ns"` // from the first item to the end, whichever
}

// lost returns how many items have no result.
func (f fate) lost() int { return f.Items - f.Delivered }

// ordeals has every disaster happen to every executor whose fate can differ.
func ordeals(ctx context.Context, self string, py *python, o ordeal) ([]fate, error) {
	var all []fate
	for _, d := range disasters(o) {
		for _, ex := range executors(py != nil) {
			if ex.ID == goOne || ex.ID == pySerial || ex.ID == pyThreads {
				continue // as goroutines, or as serial Go: they share one process
			}
			o.Executor, o.Kind = ex.ID, d.Kind
			f, err := suffer(ctx, self, py, o)
			if err != nil {
				return nil, fmt.Errorf("try %s on %q: %w", d.Kind, ex.Name, err)
			}
			f.Disaster, f.Executor = d, ex
			all = append(all, f)
		}
	}
	return all, nil
}

// suffer runs one ordeal in a child process and watches it.
func suffer(ctx context.Context, self string, py *python, o ordeal) (fate, error) {
	args := []string{"contain"}
	if o.Executor == pyProcesses {
		self, args = py.path, []string{"-I", "-B", py.script, "contain", o.Kind}
		for _, n := range []int{o.Items, o.Bad, o.Size / 10, o.Width, int(o.Memory)} {
			args = append(args, strconv.Itoa(n))
		}
	} else {
		spec, err := json.Marshal(o)
		if err != nil {
			return fate{}, err
		}
		args = append(args, string(spec))
	}
	p, err := child(ctx, self, args...)
	if err != nil {
		return fate{}, err
	}
	w := witness{fate: fate{Items: o.Items}, patience: o.patience()}
	w.watch(p)
	if err := ctx.Err(); err != nil {
		return fate{}, err
	}
	if w.began.IsZero() {
		return fate{}, errors.Join(errors.New("it did not get ready"), p.close())
	}
	return w.verdict(p.close(), gist(p.stderr.String())), nil
}

// patience returns how long a run may deliver nothing. Only an endless loop is waited for in vain, and worker processes
// end it themselves; everything else comes to its end, however busy the machine.
func (o ordeal) patience() time.Duration {
	if o.Kind == kindLoop && o.Executor != goProcesses {
		return o.Patience
	}
	return 60 * time.Second
}

// witness counts what a run that may die says about itself.
type witness struct {
	fate     fate
	patience time.Duration
	began    time.Time
	ended    time.Time
	hung     bool
	alive    bool
	more     bool
}

// watch reads a run's lines until it ends, or ends it when it says nothing for too long.
func (w *witness) watch(p *process) {
	lines := make(chan string)
	go read(p.stdout, lines) // ends with the process, which ends in every case
	silence := time.NewTimer(60 * time.Second)
	defer silence.Stop()
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				w.end()
				return
			}
			w.note(line)
			silence.Reset(w.patience)
		case <-silence.C:
			w.hung = true
			w.end()
			p.kill()
		}
	}
}

// end takes the time once.
func (w *witness) end() {
	if w.ended.IsZero() {
		w.ended = time.Now()
	}
}

// read sends the lines of r until its end.
func read(r io.Reader, lines chan<- string) {
	defer close(lines)
	for scanner := bufio.NewScanner(r); scanner.Scan(); {
		lines <- scanner.Text()
	}
}

// note takes down one line.
func (w *witness) note(line string) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "ready":
		w.began = time.Now()
	case "done":
		w.fate.Delivered++
	case "lost":
		w.fate.Blamed++
		_, why, _ := strings.Cut(rest, " ")
		if unquoted, err := strconv.Unquote(why); err == nil {
			why = unquoted
		}
		if w.fate.Said == "" {
			w.fate.Said = why
		}
	case "more":
		w.more = true
	case "alive":
		w.alive = true
		w.end()
	}
}

// verdict says what became of the run.
func (w *witness) verdict(closing error, lastWords string) fate {
	f := w.fate
	f.Took = w.ended.Sub(w.began)
	if f.Blamed > 1 {
		f.Said = fmt.Sprintf("%s (the same of all %d)", f.Said, f.Blamed)
	}
	switch {
	case w.hung:
		f.After = hangs
		f.Said = join(f.Said, fmt.Sprintf("nothing more for %s; ended from outside", plain(w.patience)))
	case !w.alive:
		f.After = gone
		var exit *exec.ExitError
		if errors.As(closing, &exit) {
			f.Said = join(f.Said, exit.String())
		}
		f.Said = join(f.Said, lastWords)
	case w.more && closing == nil:
		f.After = goesOn
	default:
		f.After = broken
	}
	return f
}

// join joins two remarks, of which either may be empty.
func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
