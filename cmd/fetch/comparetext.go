package main

import (
	"fmt"
	"io"
	"strings"

	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/load/compare"
)

// compareText prints a comparison for people. What came from outside is escaped.
func compareText(w io.Writer, r *compare.Report) error {
	head := &report.Table{Title: "Compare · " + string(r.Verdict), Width: 100}
	head.Add("A", r.A.Name, r.A.About())
	head.Add("B", r.B.Name, r.B.About())
	if err := head.Render(w); err != nil {
		return err
	}
	fmt.Fprintln(w)
	t := &report.Table{Header: []string{"", "A", "B", "change", "interval", "verdict"}, Width: 100}
	shown := r.Shown()
	for i := range shown {
		m := &shown[i]
		name := m.Name
		if m.Gate {
			name += " *"
		}
		t.Add(name, m.FormatValue(m.A), m.FormatValue(m.B), m.FormatChange(), m.FormatInterval(), string(m.Verdict))
	}
	if err := t.Render(w); err != nil {
		return err
	}
	var b strings.Builder
	for i := range shown {
		if m := &shown[i]; m.Reason != "" && m.Gate {
			fmt.Fprintf(&b, "%s: %s\n", m.Name, m.Reason)
		}
	}
	fmt.Fprintf(&b, "* decides. %s.\n", r.Head())
	for _, text := range r.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", units.Escape(text))
	}
	fmt.Fprintf(&b, "\n%s\n", r.Conclusion)
	_, err := io.WriteString(w, b.String())
	return err
}
