package load

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"tandem/internal/report"
	"tandem/internal/transport"
)

// States of a Result.
const (
	StateComplete    = "complete"
	StateInterrupted = "interrupted"
	StateFailed      = "failed" // nothing was ever answered
)

// Result is what a run measured: the content of load.json.
type Result struct {
	State          string           `json:"state"`
	Engine         string           `json:"engine"`
	Loop           string           `json:"loop"` // "open" or "closed"
	URLs           []string         `json:"urls"`
	Method         string           `json:"method"`
	Started        time.Time        `json:"started"`
	Connections    int              `json:"connections"`
	Rate           float64          `json:"rate,omitempty"` // requests per second asked for
	Duration       float64          `json:"duration_s"`     // from the first planned send to the last answer
	Requests       Requests         `json:"requests"`
	RequestsPerSec float64          `json:"requests_per_s"` // completed ones
	Response       Latency          `json:"response_ms"`    // from the planned send
	Service        Latency          `json:"service_ms"`     // from the real send
	Lateness       Latency          `json:"lateness_ms"`    // of the real send after the planned one
	Status         map[string]int64 `json:"status"`
	Errors         map[string]int64 `json:"errors"`
	BytesIn        int64            `json:"bytes_in"`
	Client         Client           `json:"client"`
	Thresholds     []report.Result  `json:"thresholds"`
}

// Requests counts: planned = sent + dropped, sent = completed + failed.
type Requests struct {
	Planned   int64 `json:"planned"` // all that the schedule held up to the stop
	Sent      int64 `json:"sent"`
	Completed int64 `json:"completed"` // answered whole, whatever the status
	Dropped   int64 `json:"dropped"`   // planned and never sent
	Failed    int64 `json:"failed"`    // sent and not answered whole: see Errors
}

// Milliseconds is a time with microsecond precision.
type Milliseconds float64

// Latency summarises a distribution in milliseconds. All requests sent are in it, the failed ones with the time until they failed.
type Latency struct {
	Min  Milliseconds `json:"min"`
	Mean Milliseconds `json:"mean"`
	P50  Milliseconds `json:"p50"`
	P90  Milliseconds `json:"p90"`
	P95  Milliseconds `json:"p95"`
	P99  Milliseconds `json:"p99"`
	P999 Milliseconds `json:"p99_9"`
	Max  Milliseconds `json:"max"`
}

// Client says what the load cost here, and whether the numbers are about the server or about this client.
type Client struct {
	CPU     float64  `json:"cpu_s"`
	Share   float64  `json:"cpu_share"` // of the cores that this process may use
	MaxRSS  int64    `json:"max_rss_bytes"`
	Verdict string   `json:"verdict"` // "ok" or "client-limited"
	Reasons []string `json:"reasons,omitempty"`
}

// Verdicts about the client.
const (
	VerdictOK      = "ok"
	VerdictLimited = "client-limited"
)

// Passed reports whether every threshold held.
func (r *Result) Passed() bool {
	for _, t := range r.Thresholds {
		if !t.OK {
			return false
		}
	}
	return true
}

// judge fills in the verdict about the client.
func (r *Result) judge(rec *recorder) {
	const busy, often = 0.9, 0.01
	reason := func(format string, args ...any) {
		r.Client.Reasons = append(r.Client.Reasons, fmt.Sprintf(format, args...))
	}
	if r.Client.Share > busy {
		reason("the client used %.0f %% of its %d cores", 100*r.Client.Share, runtime.GOMAXPROCS(0))
	}
	if rec.overslept > 0 && float64(rec.overslept) > often*float64(rec.waited) {
		reason("%d of %d sends left more than %v late although a connection was free", rec.overslept, rec.waited, overslept)
	}
	if n := rec.errors[transport.ClassResources]; n > 0 {
		reason("%d requests found no file descriptor, port or memory here", n)
	}
	r.Client.Verdict = VerdictOK
	if len(r.Client.Reasons) > 0 {
		r.Client.Verdict = VerdictLimited
	}
}

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
			res.OK = false // nothing was measured: nothing is shown
		}
		r.Thresholds = append(r.Thresholds, res)
	}
	return nil
}

// metrics looks numbers of the result up. A status or an error that did not happen is 0, not unknown.
func (r *Result) metrics() (func(metric string) (float64, bool), error) {
	lookup, err := report.Metrics(r)
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
