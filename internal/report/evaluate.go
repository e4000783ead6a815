package report

// Evaluate judges a summary by its thresholds and returns those that failed.
// counters are as for Metrics. An unknown metric is an error.
func Evaluate(thresholds []Threshold, summary any, counters ...string) (failed []Result, err error) {
	lookup, err := Metrics(summary, counters...)
	if err != nil {
		return nil, err
	}
	for _, t := range thresholds {
		r, err := t.Eval(lookup)
		if err != nil {
			return nil, err
		}
		if !r.OK {
			failed = append(failed, r)
		}
	}
	return failed, nil
}
