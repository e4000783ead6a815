package load

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/report"
	"tandem/internal/units"
)

func TestJudgeTrial(t *testing.T) {
	t.Parallel()
	conditions, err := report.ParseThresholds([]string{"response.p99<50ms"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name    string
		change  func(*Result)
		allow   bool
		want    outcome
		reason  string
		busy    bool
		achieve float64
	}{
		{"all is well", func(*Result) {}, false, held, "", false, 1000},
		{"a late last answer", func(r *Result) { r.Duration = 5.04 }, false, held, "", false, 993.049},
		{"a long last answer", func(r *Result) { r.Duration, r.Service.P50 = 5.9, 890 }, false, held, "", false, 998.004},
		{"too slow", func(r *Result) { r.Duration = 5.2 }, false, failed, "962/s was achieved", false, 962.464},
		{"the condition", func(r *Result) { r.Response.P99 = 61.25 }, false, failed, "response.p99 is 61.25 ms", false, 1000},
		{"dropped", func(r *Result) {
			r.Requests.Completed, r.Requests.Dropped = 4900, 100
		}, false, failed, "more than may lie beyond the quantile; 4,900 of 5,000 requests were answered", true, 980},
		{"dropped, but few", func(r *Result) {
			r.Requests.Completed, r.Requests.Dropped = 4960, 40
		}, false, held, "", true, 992},
		{"overloaded", func(r *Result) { r.Status["503"], r.Status["429"] = 40, 30 }, false, failed, "70 of 5,000 answers were 429 or 5xx", false, 986},
		{"not found", func(r *Result) { r.Status["404"] = 5000 }, false, held, "", false, 1000},
		{"busy connections", func(r *Result) { r.Response.P99, r.Lateness.P99 = 80, 60 }, false, failed, "response.p99 is 80 ms", true, 1000},
		{"the client", func(r *Result) { r.Client.Verdict = VerdictLimited }, false, limited, "the client was the limit", false, 1000},
		{"the client, accepted", func(r *Result) { r.Client.Verdict = VerdictLimited }, true, held, "", false, 1000},
		{"the client, too slow to accept", func(r *Result) { r.Client.Verdict, r.Response.P99 = VerdictLimited, 70 }, true, limited, "response.p99 is 70 ms", false, 1000},
	} {
		r := &Result{Duration: 5.002, Status: map[string]int64{}, Requests: Requests{Planned: 5000, Completed: 5000}}
		r.Response.P99, r.Service.P50, r.Client.Verdict = 20, 5, VerdictOK
		row.change(r)
		c := &Config{FindMax: conditions, Duration: units.Duration(5 * time.Second), AllowClientLimited: row.allow}
		trial, got, err := judgeTrial(r, c, 1000)
		if err != nil || got != row.want || trial.Passed != (got == held) || trial.Busy != row.busy || trial.Achieved != row.achieve {
			t.Errorf("%s: %v, %v, %+v", row.name, err, got, trial)
		}
		if (row.reason == "") != (trial.Reason == "") || !strings.Contains(trial.Reason, row.reason) {
			t.Errorf("%s: reason %q, want %q", row.name, trial.Reason, row.reason)
		}
	}
}

func TestConclusion(t *testing.T) {
	t.Parallel()
	f := FindMax{Rate: 4400, FailsAt: 4620, End: EndFound, Conditions: []string{"response.p99<50ms"}, Trials: []Trial{
		{Rate: 4400, Passed: true}, {Rate: 4620, Reason: "response.p99 is 61 ms", Busy: true},
	}}
	for end, want := range map[string]string{
		EndFound:       "4,400/s holds response.p99<50ms; 4,620/s does not: response.p99 is 61 ms",
		EndClient:      "at least 4,400/s holds response.p99<50ms; at 4,620/s response.p99 is 61 ms",
		EndMaxRate:     "4,400/s holds response.p99<50ms, and more was not allowed",
		EndTrials:      "4,400/s holds response.p99<50ms; 4,620/s does not: response.p99 is 61 ms (after 2 trials, without the precision asked for)",
		EndInterrupted: "4,400/s holds response.p99<50ms; 4,620/s does not: response.p99 is 61 ms (the search was stopped)",
	} {
		if f.End = end; f.Conclusion() != want {
			t.Errorf("%s: %q, want %q", end, f.Conclusion(), want)
		}
	}
	f.Rate = 0
	for end, want := range map[string]string{
		EndNothing: "not even 4,620/s holds response.p99<50ms: response.p99 is 61 ms",
		EndClient:  "nothing can be said: already at 4,620/s response.p99 is 61 ms",
		EndTrials:  "no rate was found that holds response.p99<50ms; at 4,620/s: response.p99 is 61 ms",
	} {
		if f.End = end; f.Conclusion() != want {
			t.Errorf("%s: %q, want %q", end, f.Conclusion(), want)
		}
	}
	if !f.Busy() || (&FindMax{Trials: []Trial{}}).Conclusion() != "no trial was finished" {
		t.Error("busy, or the conclusion of nothing")
	}
}
