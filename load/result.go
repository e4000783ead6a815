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

// Requests counts. Each planned request ends in one of three ways: planned = completed + failed + dropped.
//
// Sent is the client's word for what the server's own count should be. Failed requests that no connection could be had for (a
// refused connection, an unknown host) are not in it, so sent = completed + failed - those. When a server dies or closes
// connections unasked, requests are on the way that it never reads: the two counts may then differ by up to the number of
// connections.
//
// A request with an idempotent method is sent once more, on a new connection, if the kept-alive one that it went out on had been closed
// without a byte of an answer: servers end idle connections when they like. Sent counts it once and Retried tells how
// many there were; a server that reads a request and closes in place of answering has counted those twice.
type Requests struct {
	Planned   int64 `json:"planned"`   // all that the schedule held up to the stop
	Sent      int64 `json:"sent"`      // written to a connection
	Completed int64 `json:"completed"` // answered whole, whatever the status
	Dropped   int64 `json:"dropped"`   // planned and not attempted: all connections were busy
	Failed    int64 `json:"failed"`    // attempted and not answered whole: see Errors
	Retried   int64 `json:"retried"`   // answered on a second connection
}

// Milliseconds is a time with microsecond precision.
type Milliseconds float64

// Latency summarises a distribution in milliseconds. All requests but the dropped ones are in it, the failed ones with the time until
// they failed.
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
	Verdict string   `json:"verdict"` // one of the Verdict constants
	Reasons []string `json:"reasons,omitempty"`
}

// Verdicts about the client. The worst that has a reason is the one.
const (
	// VerdictOK: the numbers are about the server.
	VerdictOK = "ok"
	// VerdictConnections: requests of an open loop were dropped because all connections were busy. The times of the others are
	// right, but the load was less than asked for.
	VerdictConnections = "connections-limited"
	// VerdictLimited: the client was too slow for the load, or its machine too busy.
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

// When the client is to blame. What a send was late because all connections were busy is not: that is the server's doing, or
// that of the number of connections. Nor are a few late timers, as on every shared machine.
const (
	busyShare = 0.9                   // of the cores, over the whole run
	busyRun   = time.Second           // and a run at least so long
	lateFloor = 10 * time.Millisecond // sends late by more than this although a connection was free
	latePart  = 0.1                   // and by more than this part of the response time's p99, which they are part of
	lateTail  = 0.01                  // if these are more than this part of all sends
	lateFew   = 5                     // and at least so many
)

// judge fills in the verdict about the client, after a run that took so long or was stopped.
func (r *Result) judge(rec *recorder, took time.Duration, stopped bool) {
	r.Client.Reasons, r.Client.Verdict = nil, VerdictOK
	reason := func(verdict, format string, args ...any) {
		r.Client.Verdict = verdict
		r.Client.Reasons = append(r.Client.Reasons, fmt.Sprintf(format, args...))
	}
	spare := int64(0)
	if stopped { // what was due at that moment does not count
		spare = int64(r.Connections)
	}
	if q := r.Requests; q.Dropped > spare {
		reason(VerdictConnections, "%d of %d planned requests were dropped because all %d connections were busy: raise -c", q.Dropped, q.Planned, r.Connections)
	}
	if r.Client.Share >= busyShare && took >= busyRun {
		reason(VerdictLimited, "the client used %.0f %% of its %d cores", 100*r.Client.Share, runtime.GOMAXPROCS(0))
	}
	limit := max(lateFloor, time.Duration(latePart*float64(r.Response.P99)*float64(time.Millisecond)))
	if late, sends := rec.own.tail(lateTail, lateFew); late > limit {
		reason(VerdictLimited, "%d of %d sends left %.1f ms late or more although a connection was free", sends, rec.own.hist.TotalCount(), float64(ms(late)))
	}
	if n := rec.errors[transport.ClassResources]; n > 0 {
		reason(VerdictLimited, "%d requests found no file descriptor, port or memory here", n)
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
