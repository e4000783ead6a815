package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"os"
	"time"
)

//go:embed page.html
var pageHTML string

// page is what the template shows: text and shares, no decisions.
type page struct {
	About   []string
	Notice  string // what is to be known before anything is read
	Python  bool
	Predict prediction
	Panels  []panel
	Scenes  []stage
	Takes   int // that each scene had
	Trials  []trial
	Words   []section
	How     []fact
	Raw     string
}

// fact is a line of how it was measured.
type fact struct{ Name, Value string }

// writePage writes the page to a file.
func writePage(name string, f figures) error {
	var b bytes.Buffer
	if err := render(&b, f); err != nil {
		return err
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// render writes the page.
func render(w io.Writer, f figures) error {
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	var raw bytes.Buffer
	if err := writeJSON(&raw, f); err != nil {
		return err
	}
	p := page{About: about(f), Notice: notice(f), Python: f.Machine.Python != nil, Predict: predict(f), Panels: panels(f), Scenes: stages(f), Takes: f.Takes, Trials: trials(f),
		Words: words(f), How: how(f), Raw: raw.String()}
	if err := t.Execute(w, p); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	return nil
}

// how says how the figures came about.
func how(f figures) []fact {
	m, o := f.Machine, f.Ordeal
	facts := []fact{
		{"Command", f.Command},
		{"When", fmt.Sprintf("%s, in %.0f s", f.Began.UTC().Format("2006-01-02 15:04 MST"), f.Took)},
		{"Machine", fmt.Sprintf("%s, %s %s", count(m.Cores, "core"), m.System, m.Processor)},
		{"Go", fmt.Sprintf("%s, GOMAXPROCS %d (1 for “one core”, while that ran)", m.Go, m.Procs)},
	}
	if m.Python != nil {
		facts = append(facts, fact{"Python", fmt.Sprintf("%s, GIL %s; threads and processes from concurrent.futures, processes forked "+
			"from a clean server where there is one", pythonName(m.Python), onOff(m.Python.GIL))})
	}
	facts = append(facts,
		fact{"Rounds", fmt.Sprintf("%d, each running every cell once, in turn forwards and backwards; one short pass before to warm up", f.Rounds)},
		fact{"Time", "the median of the rounds, for one pass over the items; pools of processes are open before"},
		fact{"Speed-up", "time of the same language's serial run by this one's, round by round; the median, with the least and the most"},
		fact{"Processor time", "of the program and its workers, the mean of the rounds; workers' is known in steps of 10 ms a run"},
		fact{"Results", "of all executors, in both languages, were compared item by item and are equal"},
	)
	for _, r := range f.Rows {
		facts = append(facts, fact{r.Job.Name, fmt.Sprintf("%d %s; %d at once; Go makes %s over them in one run, and its figures are divided by that",
			len(r.Job.Items), r.Job.Is, r.Job.Width, count(r.Job.Passes, "pass"))})
	}
	for _, x := range f.Openings {
		value := fmt.Sprintf("%s ready after %s", count(x.Workers, "process"), duration(x.Took))
		if x.Memory > 0 {
			value += fmt.Sprintf(", the largest held %s at most", megabytes(x.Memory))
		}
		facts = append(facts, fact{"Start of " + map[string]string{goProcesses: "worker processes", pyProcesses: "CPython's processes"}[x.Executor], value})
	}
	return append(facts,
		fact{"Disasters", fmt.Sprintf("%d items on %d workers, one of them bad; each run is a child process; %d MiB per process that runs items; "+
			"where it loops, worker processes have %s per item, and the other runs are ended after %s without a result",
			o.Items, o.Width, o.Memory>>20, plain(o.ItemTimeout), plain(o.Patience))})
}

// notice warns of figures that are not to be trusted; it is empty for most.
func notice(f figures) string {
	switch {
	case f.Quick:
		return "This was a quick run: it shows that everything works, and is too small to judge by."
	case f.Others > crowded:
		return fmt.Sprintf("This machine was busy: other programs used %.0f %% of its processor time meanwhile. Take all speeds roughly.", 100*f.Others)
	case f.restless():
		return "This machine was busy: the rounds lie far apart. Take all speeds roughly."
	}
	return ""
}

// onOff names a switch's state.
func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// prediction is the question to be answered before looking.
type prediction struct {
	Question string
	Options  []string
	Answer   []string
}

// enough is the share of the possible speed-up that counts as reaching it.
const enough = 0.7

// predict asks about computing where there is more than one core, and about waiting where there is not.
func predict(f figures) prediction {
	r, target := f.row(kindCPU), float64(min(f.Machine.parallel(), f.row(kindCPU).Job.Width))
	p := prediction{Question: fmt.Sprintf("%s, and pure computing: which of these finish about %.0f times as fast as one item after the other? "+
		"And when one item crashes its process: how many of %d results does each still deliver?", count(f.Machine.Cores, "core"), target, f.Ordeal.Items)}
	if f.Machine.parallel() < 2 {
		r = f.row(kindIO)
		target = r.Job.most()
		p.Question = fmt.Sprintf("One core, and requests that wait, %d at once: which of these finish about %.0f times as fast as one request "+
			"after the other? And when one item crashes its process: how many of %d results does each still deliver?", r.Job.Width, target, f.Ordeal.Items)
	}
	for _, c := range r.Cells {
		if c.Executor.Base == c.Executor.ID || c.Executor.ID == goOne {
			continue
		}
		p.Options = append(p.Options, c.Executor.Name)
		verdict := "no"
		if c.Speedup.Median >= enough*target {
			verdict = "yes"
		}
		line := fmt.Sprintf("%s: %s, %s", c.Executor.Name, verdict, times(c.Speedup.Median))
		if x, ok := f.fate(kindExit, c.Executor.ID); ok {
			line += fmt.Sprintf("; after a crash %d of %d results, and the run: %s", x.Delivered, x.Items, x.After)
		} else {
			line += "; a crash of their one process would end them all"
		}
		p.Answer = append(p.Answer, line+".")
	}
	p.Answer = append(p.Answer, fmt.Sprintf("“About” means %.0f %% of ×%.0f at least.", 100*enough, target))
	return p
}

// percent returns a share in percent with one digit.
func percent(v float64) float64 { return float64(int(1000*min(max(v, 0), 1)+0.5)) / 10 }

// stamp writes a time on an axis.
func stamp(ms float64) string {
	if ms == 0 {
		return "0"
	}
	return seconds(ms * float64(time.Millisecond) / float64(time.Second))
}
