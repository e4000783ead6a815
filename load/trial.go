package load

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"tandem/internal/report"
	"tandem/internal/units"
)

// FindMax is what a search for the highest rate brought: find_max in load.json, whose other keys are those of the best trial, or of the
// last one if none held.
type FindMax struct {
	Rate       float64  `json:"rate"`      // the highest that holds, requests per second; 0 if none does
	FailsAt    float64  `json:"fails_at"`  // the lowest that does not; 0 if none failed
	Confirmed  bool     `json:"confirmed"` // Rate held in two trials
	End        string   `json:"end"`       // one of the End constants
	Conditions []string `json:"conditions"`
	Precision  float64  `json:"precision"` // that was asked for, as a fraction
	Trials     []Trial  `json:"trials"`    // in the order in which they were made
}

// How a search ended.
const (
	EndFound       = "found"       // a rate that holds, and one that does not within the precision above it
	EndMaxRate     = "max-rate"    // the highest rate that was allowed holds
	EndClient      = "client"      // this client was the limit
	EndNothing     = "nothing"     // even the lowest rate does not hold
	EndTrials      = "trials"      // there were MaxTrials of them, and the answers contradict each other, or the start was far away
	EndInterrupted = "interrupted" // by the caller
)

// Trial is one rate that was tried.
type Trial struct {
	Rate     float64 `json:"rate"`     // asked for
	Achieved float64 `json:"achieved"` // completed requests per second, but for those answered with 429 or 5xx
	Passed   bool    `json:"passed"`
	Reason   string  `json:"reason,omitempty"` // why not
	Response struct {
		P50  Milliseconds `json:"p50"`
		P99  Milliseconds `json:"p99"`
		P999 Milliseconds `json:"p99_9"`
	} `json:"response_ms"`
	Dropped int64  `json:"dropped"`
	Failed  int64  `json:"failed"`
	Client  string `json:"client_verdict"`
	// Busy says that requests waited because all connections were busy: more of them may hold more.
	Busy bool `json:"connections_busy,omitempty"`
}

func newFindMax(c *Config) *FindMax {
	f := &FindMax{Precision: c.FindPrecision.Fraction(), Trials: []Trial{}, End: EndInterrupted}
	for _, t := range c.FindMax {
		f.Conditions = append(f.Conditions, t.String())
	}
	return f
}

// When a trial has not achieved its rate.
const (
	achieve   = 0.99                  // of what was planned, as answers and as speed
	slack     = 50 * time.Millisecond // but so much at the end is a hiccup, not a rate
	busyShift = 0.5                   // of the response time's p99: connections are busy if requests were later than this
)

// judgeTrial says how a trial at a rate came out. A client that was the limit makes response times longer, not shorter: where c accepts
// that, what holds nevertheless does hold.
func judgeTrial(r *Result, c *Config, rate float64) (t Trial, o outcome, err error) {
	results, err := r.judgeAll(c.FindMax)
	if err != nil {
		return t, failed, err
	}
	t = Trial{Rate: rate, Dropped: r.Requests.Dropped, Failed: r.Requests.Failed, Client: r.Client.Verdict}
	t.Response.P50, t.Response.P99, t.Response.P999 = r.Response.P50, r.Response.P99, r.Response.P999
	t.Busy = r.Requests.Dropped > 0 || r.Lateness.P99 > Milliseconds(busyShift)*r.Response.P99 && r.Lateness.P99 > ms(lateFloor)
	refused := r.refusals()
	good := r.Requests.Completed - refused
	length := c.Duration.D().Seconds()
	took := max(length, r.Duration-float64(r.Service.P50)/1e3) // the last answer takes its time at any rate
	t.Achieved = math.Round(1e3*float64(good)/max(took, float64(r.Requests.Planned)/rate)) / 1e3
	var reasons []string
	for _, res := range results {
		if !res.OK {
			reasons = append(reasons, unmet(res))
		}
	}
	switch {
	case float64(refused) > (1-achieve)*float64(r.Requests.Planned):
		reasons = append(reasons, fmt.Sprintf("%s of %s answers were 429 or 5xx", units.FormatCount(refused), units.FormatCount(r.Requests.Completed)))
	case float64(good) < achieve*float64(r.Requests.Planned):
		reasons = append(reasons, fmt.Sprintf("%s of %s requests were answered", units.FormatCount(good), units.FormatCount(r.Requests.Planned)))
	case took > length/achieve && took-length > slack.Seconds():
		reasons = append(reasons, fmt.Sprintf("%s was achieved", units.FormatRate(t.Achieved)))
	}
	if r.Client.Verdict == VerdictLimited && !(c.AllowClientLimited && len(reasons) == 0) {
		t.Reason = "the client was the limit: " + strings.Join(append(r.Client.Reasons, reasons...), "; ")
		return t, limited, nil
	}
	t.Passed, t.Reason = len(reasons) == 0, strings.Join(reasons, "; ")
	if !t.Passed {
		return t, failed, nil
	}
	return t, held, nil
}

// refusals counts the answers by which a server says that it has too much to do, or is broken.
func (r *Result) refusals() (n int64) {
	for status, count := range r.Status {
		if code, err := strconv.Atoi(status); err == nil && (code == 429 || code >= 500) {
			n += count
		}
	}
	return n
}

// unmet says why a condition does not hold.
func unmet(r report.Result) string {
	if r.Reason != "" {
		return r.Expr + ": " + r.Reason
	}
	value := strconv.FormatFloat(r.Value, 'g', 4, 64)
	if t, err := report.ParseThreshold(r.Expr); err == nil {
		if timeOf(t.Metric) {
			value += " ms"
		}
		return t.Metric + " is " + value
	}
	return r.Expr + ": " + value
}

// Conclusion is what the search says, in a sentence.
func (f *FindMax) Conclusion() string {
	what := strings.Join(f.Conditions, " and ")
	holds, fails, why := units.FormatRate(f.Rate), units.FormatRate(f.FailsAt), f.whyAt(f.FailsAt)
	switch {
	case len(f.Trials) == 0:
		return "no trial was finished"
	case f.End == EndNothing:
		return fmt.Sprintf("not even %s holds %s: %s", fails, what, why)
	case f.End == EndClient && f.Rate == 0:
		return fmt.Sprintf("nothing can be said: already at %s %s", fails, why)
	case f.End == EndClient:
		return fmt.Sprintf("at least %s holds %s; at %s %s", holds, what, fails, why)
	case f.End == EndMaxRate:
		return fmt.Sprintf("%s holds %s, and more was not allowed", holds, what)
	case f.Rate == 0 && f.FailsAt == 0:
		return "the trials contradict each other"
	case f.Rate == 0:
		return fmt.Sprintf("no rate was found that holds %s; at %s: %s", what, fails, why)
	}
	text := fmt.Sprintf("%s holds %s", holds, what)
	if f.FailsAt > 0 {
		text += fmt.Sprintf("; %s does not: %s", fails, why)
	}
	switch {
	case f.End == EndTrials:
		text += fmt.Sprintf(" (after %d trials, without the precision asked for)", len(f.Trials))
	case f.End == EndInterrupted:
		text += " (the search was stopped)"
	}
	return text
}

// whyAt is the reason of the last trial at a rate that did not pass.
func (f *FindMax) whyAt(rate float64) string {
	for i := len(f.Trials) - 1; i >= 0; i-- {
		if t := &f.Trials[i]; t.Rate == rate && !t.Passed {
			return t.Reason
		}
	}
	return "no trial"
}

// Busy reports whether all connections were busy where the search ended: more of them may hold more.
func (f *FindMax) Busy() bool {
	for _, t := range f.Trials {
		if t.Rate == f.FailsAt && !t.Passed && t.Busy {
			return true
		}
	}
	return false
}
