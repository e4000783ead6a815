package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// writeText writes the tables and the words for a terminal.
func writeText(w io.Writer, f figures) error {
	var b bytes.Buffer
	for _, line := range about(f) {
		fmt.Fprintln(&b, line)
	}
	for _, r := range f.Rows {
		fmt.Fprintf(&b, "\n%s: %d %s; %d at once\n", r.Job.Name, len(r.Job.Items), r.Job.Is, r.Job.Width)
		table(&b, measured(r))
		fmt.Fprintf(&b, "  results equal: %d of %d on every executor\n", r.Equal, len(r.Job.Items))
	}
	for _, d := range disasters(f.Ordeal) {
		fmt.Fprintf(&b, "\n%s: %s\n", d.Name, d.Is)
		table(&b, suffered(f, d))
		for _, x := range f.Fates {
			if x.Disaster.Kind == d.Kind {
				fmt.Fprintf(&b, "  %s says: %s\n", x.Executor.Name, x.Said)
			}
		}
	}
	for _, s := range words(f) {
		fmt.Fprintf(&b, "\n%s\n", s.Title)
		for _, line := range s.Lines {
			fmt.Fprint(&b, wrap("- "+line, "  ", 100))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// about returns what the figures were measured on, and how.
func about(f figures) []string {
	m := f.Machine
	lines := []string{fmt.Sprintf("%s, %s, %s, GOMAXPROCS %d", m.Go, m.System, count(m.Cores, "core"), m.Procs)}
	if m.Processor != "" {
		lines[0] += ", " + m.Processor
	}
	if m.Python == nil {
		lines = append(lines, "python3 is not here: its rows are missing")
	} else {
		lines = append(lines, fmt.Sprintf("%s, GIL %s", pythonName(m.Python), onOff(m.Python.GIL)))
	}
	return append(lines, fmt.Sprintf("%s, interleaved; times are medians (least–most), speed-ups medians of each round's own", count(f.Rounds, "round")))
}

// pythonName names an interpreter as its users do.
func pythonName(p *interpreter) string {
	if p.Implementation == "cpython" {
		return "CPython " + p.Version
	}
	return p.Implementation + " " + p.Version
}

// measured is the table of one kind of work.
func measured(r row) [][]string {
	t := [][]string{{"executor", "time", "least–most", "speed-up", "least–most", "CPU time", "cores busy"}}
	for _, c := range r.Cells {
		t = append(t, []string{c.Executor.Name, seconds(c.Time.Median), extent(c.Time), times(c.Speedup.Median),
			times(c.Speedup.Min) + "–" + strings.TrimPrefix(times(c.Speedup.Max), "×"), cpu(c.CPU), cores(c)})
	}
	return t
}

// suffered is the table of one disaster.
func suffered(f figures, d disaster) [][]string {
	t := [][]string{{"executor", "delivered", "afterwards", "took"}}
	for _, x := range f.Fates {
		if x.Disaster.Kind == d.Kind {
			t = append(t, []string{x.Executor.Name, fmt.Sprintf("%d of %d", x.Delivered, x.Items), string(x.After),
				duration(x.Took)})
		}
	}
	return t
}

// table writes rows in columns; words stand to the left and figures to the right.
func table(b *bytes.Buffer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, field := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(field))
		}
	}
	for _, r := range rows {
		line := " "
		for i, field := range r {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(field))
			if i == 0 || rows[0][i] == "afterwards" {
				line += " " + field + pad + " "
			} else {
				line += " " + pad + field + " "
			}
		}
		fmt.Fprintln(b, strings.TrimRight(line, " "))
	}
}

// wrap breaks a text into lines of that many characters; all but the first are indented.
func wrap(text, indent string, width int) string {
	var b strings.Builder
	n := 0
	for i, word := range strings.Fields(text) {
		l := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case n+1+l > width:
			b.WriteString("\n" + indent)
			n = len(indent)
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += l
	}
	return b.String() + "\n"
}
