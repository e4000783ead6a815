package load

import (
	"strings"
	"testing"

	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/load/schedule"
)

func threshold(t *testing.T, text string) report.Threshold {
	t.Helper()
	parsed, err := report.ParseThreshold(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// With 2 % of the requests unanswered, no bound on the 99th percentile of what every request has can be shown to hold.
func TestUnansweredRequestsLieBeyondQuantiles(t *testing.T) {
	t.Parallel()
	r := Result{Requests: Requests{Planned: 100, Completed: 98, Dropped: 1, Failed: 1}}
	for text, holds := range map[string]bool{
		"response.p99<1s": false, "service_ms.p99.9<1s": false, "response.p90<1s": true, "response.mean<1s": true,
		"phases.first_byte.p99<1s": false, "phases_ms.first_byte.p99_9<1s": false, "phases.body.max<=1s": false, "phases.body.p95<1s": true,
		"phases.first_byte.p99>=0": true, // no upper bound
		"phases.connect.p99<1s":    true, "phases_ms.dns.max<1s": true, "phases.tls.p99.9<1s": true,
	} {
		results, err := r.judgeAll([]report.Threshold{threshold(t, text)})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := results[0]; got.OK != holds || holds == strings.Contains(got.Reason, "2 of 100 planned requests") {
			t.Errorf("%s: %+v, want ok %v", text, got, holds)
		}
	}
	for _, text := range []string{"phases.first_byte.p98<1s", "phases.tls.p98<1s"} {
		if _, err := r.judgeAll([]report.Threshold{threshold(t, text)}); err == nil || !strings.Contains(err.Error(), "of times it has min") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// A condition on the rate is refused before the run where the result will have none.
func TestThresholdOnTheRateNeedsOne(t *testing.T) {
	t.Parallel()
	stages, err := schedule.ParseStages("1s:5")
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		change func(*Config)
		known  bool
	}{
		"closed loop": {func(*Config) {}, false},
		"stages":      {func(c *Config) { c.Stages = stages }, false},
		"rate":        {func(c *Config) { c.Rate = units.Rate(50) }, true},
		"search":      {func(c *Config) { c.FindMax = []report.Threshold{threshold(t, "response.p99<1s")} }, true},
	} {
		c := config("http://127.0.0.1:1/")
		c.Thresholds = []report.Threshold{threshold(t, "rate>1")}
		row.change(&c)
		if err := c.Validate(); (err == nil) != row.known || err != nil && !strings.Contains(err.Error(), `no number "rate"`) {
			t.Errorf("%s: %v, want known %v", name, err, row.known)
		}
	}
}
