package compare

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// FormatValue prints v, a value of m, with its unit: "1.02 ms", "12.3 %".
func (m *Metric) FormatValue(v float64) string {
	switch m.Unit {
	case UnitFraction:
		return significant(100*v) + " %"
	case UnitPerSecond:
		return significant(v) + "/s"
	}
	return significant(v) + " " + m.Unit
}

// FormatChange prints the change: "+10.8 %", and in percentage points of the failed fraction "+0.12 pt".
func (m *Metric) FormatChange() string { return m.signed(m.Change) }

// FormatInterval prints the interval of the change: "+9.1 … +12.4 %"; "–" without one.
func (m *Metric) FormatInterval() string {
	if m.Interval == nil {
		return "–"
	}
	low, _, _ := strings.Cut(m.signed(m.Interval.Low), " ")
	return low + " … " + m.signed(m.Interval.High)
}

func (m *Metric) signed(v float64) string {
	unit, digits := " %", 1
	if m.Unit == UnitFraction {
		unit, digits = " pt", 2
	}
	v *= 100
	if math.Abs(v) >= 10_000 {
		return fmt.Sprintf("%+.1e", v) + unit
	}
	text := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Trim(text, "-0.") == "" {
		return strings.TrimPrefix(text, "-") + unit
	}
	if v > 0 {
		text = "+" + text
	}
	return text + unit
}

// significant prints three digits, and all of the whole part.
func significant(v float64) string {
	if v == 0 {
		return "0"
	}
	digits := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	return strconv.FormatFloat(v, 'f', min(max(digits, 0), 6), 64)
}

// percent prints a tolerance or a confidence: "5 %".
func percent(v float64) string { return strconv.FormatFloat(100*v, 'g', 6, 64) + " %" }

// Head says in one line how the intervals came about.
func (r *Report) Head() string {
	how := "bootstrap over the slices of each run"
	if r.Paired {
		how = "bootstrap over pairs of slices"
	}
	return fmt.Sprintf("%s intervals, %s (%d and %d slices, blocks of %.1f and %.1f, %d resamples, seed %d); tolerance %s, of failed %s pt",
		percent(r.Confidence), how, r.SlicesA, r.SlicesB, r.BlockA, r.BlockB, r.Resamples, r.Seed, percent(r.Tolerance),
		strconv.FormatFloat(100*r.FailedTolerance, 'g', 6, 64))
}

// conclude says in one sentence what the metrics that decide show.
func (r *Report) conclude() string {
	switch r.Verdict {
	case Worse:
		return "B is worse than A: " + r.changes(Worse) + "."
	case Better:
		return "B is better than A: " + r.changes(Better) + r.also()
	case Unclear:
		return "It is not clear whether B differs from A: " + r.open() + r.settle()
	}
	return fmt.Sprintf("A and B are the same within the tolerance: %s.", r.names(Same))
}

// changes lists the metrics that decide with this verdict and their changes.
func (r *Report) changes(v Verdict) string {
	var parts []string
	for _, m := range r.Gates() {
		if m.Verdict == v {
			parts = append(parts, fmt.Sprintf("%s %s (%s)", m.Name, m.FormatChange(), m.FormatInterval()))
		}
	}
	return strings.Join(parts, ", ")
}

func (r *Report) names(v Verdict) string {
	var parts []string
	for _, m := range r.Gates() {
		if m.Verdict == v {
			parts = append(parts, m.Name)
		}
	}
	return strings.Join(parts, ", ")
}

// also names what stayed the same.
func (r *Report) also() string {
	if same := r.names(Same); same != "" {
		return "; the same: " + same + "."
	}
	return "."
}

// open lists what is unclear, and what is better all the same.
func (r *Report) open() string {
	var parts []string
	for _, m := range r.Gates() {
		switch {
		case m.Verdict == Unclear && m.Interval == nil:
			parts = append(parts, m.Name+" ("+m.Reason+")")
		case m.Verdict == Unclear:
			parts = append(parts, fmt.Sprintf("%s %s (%s)", m.Name, m.FormatChange(), m.FormatInterval()))
		}
	}
	text := strings.Join(parts, ", ")
	if better := r.changes(Better); better != "" {
		text += "; better: " + better
	}
	return text
}

// settle says how much longer the runs would have to be.
func (r *Report) settle() string {
	most := 0.0
	for _, m := range r.Gates() {
		if m.Verdict != Unclear {
			continue
		}
		if m.MoreSeconds == 0 {
			return fmt.Sprintf("; to tell would take more than %d times as long.", mostLonger)
		}
		most = max(most, m.MoreSeconds)
	}
	return fmt.Sprintf("; about %.0f s more of each would probably tell.", most)
}
