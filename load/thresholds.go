package load

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tandem/internal/report"
)

// evaluate compares the thresholds with the result.
func (r *Result) evaluate(thresholds []report.Threshold) error {
	results, err := r.judgeAll(thresholds)
	if err == nil {
		r.Thresholds = results
	}
	return err
}

// judgeAll is evaluate without keeping the results.
func (r *Result) judgeAll(thresholds []report.Threshold) ([]report.Result, error) {
	lookup, err := r.metrics()
	if err != nil {
		return nil, err
	}
	results := make([]report.Result, 0, len(thresholds))
	for _, t := range thresholds {
		if err := checkCounter(t.Metric); err != nil {
			return nil, fmt.Errorf("threshold %q: %w", t, err)
		}
		res, err := t.Eval(lookup)
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, known(t.Metric))
		}
		if r.Requests.Completed == 0 {
			res.OK, res.Reason = false, "nothing was answered"
		}
		if missing := r.missing(t); missing != "" {
			res.OK, res.Reason = false, missing
		}
		results = append(results, res)
	}
	return results, nil
}

// checkCounter refuses names of counters that never count: a condition on one would hold or fail whatever happens.
func checkCounter(metric string) error {
	level, name, _ := strings.Cut(metric, ".")
	switch level {
	case "status":
		if code, err := strconv.Atoi(name); err != nil || len(name) != 3 || code < 100 {
			return fmt.Errorf("%q is no status: want one as status.503", name)
		}
	case "errors":
		if !slices.Contains(classes, name) {
			return fmt.Errorf("no error is called %q: want one of %s", name, strings.Join(classes, ", "))
		}
	case "checks":
		return errors.New("a failed check is errors.check, and is in requests.failed")
	}
	return nil
}

// known tells which metrics there are in place of an unknown one.
func known(metric string) string {
	if timeOf(metric) {
		return "of times it has min, mean, p50, p90, p95, p99, p99.9, p99.99 and max"
	}
	return "it has those of load.json, such as response.p99, service.p50, requests.failed, requests_per_s, status.503, errors.timeout"
}

// splitTime splits a metric that is a time of requests, such as response.p99, service_ms.max or phases.first_byte.p99: what was timed,
// and which number of it.
func splitTime(metric string) (timed, number string, ok bool) {
	timed, number, ok = strings.Cut(metric, ".")
	timed = strings.TrimSuffix(timed, "_ms")
	switch timed {
	case "response", "service", "lateness":
		return timed, number, ok
	case "phases":
		timed, number, ok = strings.Cut(number, ".")
		return timed, number, ok && (timed == "first_byte" || timed == "body" || ofConnections(timed))
	}
	return "", "", false
}

// timeOf reports whether a metric is a time of requests.
func timeOf(metric string) bool {
	_, _, ok := splitTime(metric)
	return ok
}

// ofConnections reports whether what was timed is about new connections, which most requests do without.
func ofConnections(timed string) bool { return timed == "dns" || timed == "connect" || timed == "tls" }

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

// quantile reads the quantile of a metric of times that every request has, such as response.p99 or phases_ms.body.p99_9; max is 1.
func quantile(metric string) (q float64, ok bool) {
	timed, number, ok := splitTime(metric)
	if !ok || ofConnections(timed) {
		return 0, false
	}
	if number == "max" {
		return 1, true
	}
	digits, isQuantile := strings.CutPrefix(number, "p")
	digits = strings.NewReplacer("_", "", ".", "").Replace(digits)
	if !isQuantile || len(digits) < 2 {
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
func (c *Config) checkThresholds() error {
	var r Result
	if c.Rate > 0 || len(c.FindMax) > 0 { // stages, bursts and closed loops have no rate
		r.Rate = 1
	}
	if len(c.FindMax) > 0 {
		r.FindMax = newFindMax(c)
		r.FindMax.FailsAt = 1
	}
	return r.evaluate(c.Thresholds)
}
