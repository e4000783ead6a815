package procpool_test

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// contender is one row of a table: something that is measured several times, in turn with the others.
type contender struct {
	name  string
	short string // names its metric
	// run does so many items and returns how long they took, without what comes before the first and after the last.
	run func(n int) (time.Duration, error)
	why string // it cannot be measured here; then run is nil
}

// table is what is measured in one go.
type table struct {
	title  string
	unit   time.Duration
	per    string // "item": what a figure is per
	rounds int
	round  time.Duration // how long a round is to take about; 0: one item per round
	rows   []contender
}

// figures are the medians of a table, for testing.B.ReportMetric.
type figures map[string]float64

// measure warms every contender up, runs all of them in turn so many rounds and prints medians and raw figures.
func (t table) measure(w io.Writer) (figures, error) {
	items, raw := make([]int, len(t.rows)), make([][]float64, len(t.rows))
	for i, c := range t.rows {
		var err error
		if items[i], err = t.warmUp(c); err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	for range t.rounds {
		for i, c := range t.rows {
			if c.run == nil {
				continue
			}
			took, err := c.run(items[i])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			raw[i] = append(raw[i], float64(took)/float64(t.unit)/float64(items[i]))
		}
	}
	return t.print(w, items, raw), nil
}

// warmUp returns how many items make a round.
func (t table) warmUp(c contender) (int, error) {
	for n := 1; c.run != nil; n *= 4 {
		took, err := c.run(n)
		switch {
		case err != nil || t.round == 0:
			return n, err
		case took > t.round/4:
			return max(1, int(float64(n)*float64(t.round)/float64(took))), nil
		}
	}
	return 0, nil
}

func (t table) print(w io.Writer, items []int, raw [][]float64) figures {
	f := make(figures)
	unit := strings.TrimPrefix(t.unit.String(), "1")
	fmt.Fprintf(w, "\n== %s: %s per %s, median of %d rounds in turn, times the first row, raw\n", t.title, unit, t.per, t.rounds)
	for i, c := range t.rows {
		if c.run == nil {
			fmt.Fprintf(w, "  %-58s skipped: %s\n", c.name, c.why)
			continue
		}
		m := median(raw[i])
		f[c.short+"-"+strings.ReplaceAll(unit, "µ", "u")+"/"+t.per] = m
		times := ""
		if len(raw[0]) > 0 {
			times = fmt.Sprintf("%.2f×", m/median(raw[0]))
		}
		fmt.Fprintf(w, "  %-58s %9.2f %9s   %s", c.name, m, times, spell(raw[i]))
		if t.round > 0 {
			fmt.Fprintf(w, "   (%d items a round)", items[i])
		}
		fmt.Fprintln(w)
	}
	return f
}

func spell(raw []float64) string {
	var b strings.Builder
	for i, v := range raw {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%.2f", v)
	}
	return b.String()
}

// median is NaN-free: 0 of nothing.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	switch {
	case n == 0:
		return 0
	case n%2 == 1:
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// once runs a benchmark whose rounds are its own: however many the framework asks for, it is measured one time.
func once(b *testing.B, name string, measure func(*testing.B) (figures, error)) {
	var f figures
	b.Run(name, func(b *testing.B) {
		if b.N == 1 {
			var err error
			if f, err = measure(b); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(0, "ns/op") // would be the time of all rounds
		for unit, v := range f {
			b.ReportMetric(v, unit)
		}
	})
}

// report is where tables go: b.Log keeps ten lines.
var report io.Writer = os.Stdout
