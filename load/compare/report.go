package compare

import "strings"

// Verdict says what a comparison found.
type Verdict string

// Verdicts.
const (
	Worse   Verdict = "worse"   // the whole interval lies beyond the tolerance, on the bad side
	Better  Verdict = "better"  // the same on the good side
	Same    Verdict = "same"    // the whole interval lies within the tolerance
	Unclear Verdict = "unclear" // anything else
	Info    Verdict = "info"    // no verdict: there is no interval for this
)

// Report is what a comparison found. It is plain data.
type Report struct {
	A               *Run     `json:"a"`
	B               *Run     `json:"b"`
	Paired          bool     `json:"paired"`
	Confidence      float64  `json:"confidence"`
	Tolerance       float64  `json:"tolerance"`
	FailedTolerance float64  `json:"failed_tolerance"`
	Resamples       int      `json:"resamples"`
	Seed            uint64   `json:"seed"`
	SlicesA         int      `json:"slices_a"` // drawn from; neighbours of a long run are joined
	SlicesB         int      `json:"slices_b"`
	BlockA          float64  `json:"block_a"` // mean length of a block, in slices
	BlockB          float64  `json:"block_b"`
	Metrics         []Metric `json:"metrics"`
	Warnings        []string `json:"warnings"`
	Verdict         Verdict  `json:"verdict"` // of the metrics that decide
	Conclusion      string   `json:"conclusion"`
}

// Metric is one number of both runs.
type Metric struct {
	Name   string  `json:"name"`
	Unit   string  `json:"unit"`   // one of the Unit constants
	Better string  `json:"better"` // lower or higher
	Gate   bool    `json:"gate"`   // does it decide?
	A      float64 `json:"a"`
	B      float64 `json:"b"`
	// Change is B/A − 1, and B − A of the failed fraction.
	Change float64 `json:"change"`
	// Interval of Change; nil without one.
	Interval *Interval `json:"interval"`
	Verdict  Verdict   `json:"verdict"`
	// Reason says why it is unclear.
	Reason string `json:"reason,omitempty"`
	// MoreSeconds of each run would probably settle what is unclear; 0 if no run of a sensible length would.
	MoreSeconds float64 `json:"more_s,omitempty"`
}

// Interval holds a change at the report's confidence.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Failed reports whether a metric that decides is worse, or, when strict, unclear.
func (r *Report) Failed(strict bool) bool {
	return r.Verdict == Worse || strict && r.Verdict == Unclear
}

// Gates returns the metrics that decide.
func (r *Report) Gates() []Metric {
	var list []Metric
	for _, m := range r.Metrics {
		if m.Gate {
			list = append(list, m)
		}
	}
	return list
}

// Shown returns the metrics for people: without the service times of two closed loops, which are the response times, unless they decide.
func (r *Report) Shown() []Metric {
	var list []Metric
	for _, m := range r.Metrics {
		if m.Gate || r.A.Loop != "closed" || r.B.Loop != "closed" || !strings.HasPrefix(m.Name, "service.") {
			list = append(list, m)
		}
	}
	return list
}

// overall is the verdict of the metrics that decide: one that is worse is enough, then one that is unclear.
func overall(gates []Metric) Verdict {
	has := map[Verdict]bool{}
	for _, m := range gates {
		has[m.Verdict] = true
	}
	for _, v := range []Verdict{Worse, Unclear, Better} {
		if has[v] {
			return v
		}
	}
	return Same
}
