package load

import (
	"fmt"
	"strconv"
	"strings"

	"tandem/internal/report"
)

// evaluate compares the thresholds with the result.
func (r *Result) evaluate(thresholds []report.Threshold) error {
	lookup, err := r.metrics()
	if err != nil {
		return err
	}
	r.Thresholds = make([]report.Result, 0, len(thresholds))
	for _, t := range thresholds {
		res, err := t.Eval(lookup)
		if err != nil {
			return err
		}
		if r.Requests.Completed == 0 {
			res.OK, res.Reason = false, "nothing was answered"
		}
		if missing := r.missing(t); missing != "" {
			res.OK, res.Reason = false, missing
		}
		r.Thresholds = append(r.Thresholds, res)
	}
	return nil
}

// missing says why an upper bound on a quantile of time cannot be shown to hold: requests without an answer have no time, and when
// they are more than the part of all that may be beyond the quantile, the quantile of what was planned is unknown.
func (r *Result) missing(t report.Threshold) string {
	q, ok := quantile(t.Metric)
	if !ok || t.Op[0] != '<' || r.Requests.Planned == 0 {
		return ""
	}
	without := r.Requests.Dropped + r.Requests.Failed
	if float64(without)/float64(r.Requests.Planned) <= 1-q+1e-12 {
		return ""
	}
	return fmt.Sprintf("%d of %d planned requests were dropped or failed, more than may lie beyond the quantile", without, r.Requests.Planned)
}

// quantile reads the quantile of a metric of times, such as response.p99 or service_ms.p99_9; max is 1.
func quantile(metric string) (q float64, ok bool) {
	level, name, found := strings.Cut(metric, ".")
	switch strings.TrimSuffix(level, "_ms") {
	case "response", "service", "lateness":
	default:
		return 0, false
	}
	if name == "max" {
		return 1, found
	}
	digits, isQuantile := strings.CutPrefix(name, "p")
	digits = strings.NewReplacer("_", "", ".", "").Replace(digits)
	if !found || !isQuantile || len(digits) < 2 {
		return 0, false
	}
	q, err := strconv.ParseFloat("0."+digits, 64)
	return q, err == nil
}

// metrics looks numbers of the result up. A status or an error that did not happen is 0, not unknown.
func (r *Result) metrics() (func(metric string) (float64, bool), error) {
	slim := *r
	slim.Series, slim.Histograms, slim.ByURL = nil, nil, nil
	lookup, err := report.Metrics(&slim)
	if err != nil {
		return nil, err
	}
	return func(metric string) (float64, bool) {
		v, ok := lookup(metric)
		if !ok && (strings.HasPrefix(metric, "status.") || strings.HasPrefix(metric, "errors.")) {
			return 0, true
		}
		return v, ok
	}, nil
}

// checkThresholds refuses conditions on numbers that no result has, before anything is sent.
func checkThresholds(thresholds []report.Threshold) error {
	r := Result{Rate: 1}
	return r.evaluate(thresholds)
}
