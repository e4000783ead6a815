package load

import (
	"math"
	"testing"
	"time"

	"tandem/internal/transport"
)

func TestTimesWithinTheirPrecision(t *testing.T) {
	t.Parallel()
	a, b := newTimes(), newTimes()
	for i := 1; i <= 1000; i++ { // 1…1000 ms, over two histograms
		into := &a
		if i%3 == 0 {
			into = &b
		}
		into.add(time.Duration(i) * time.Millisecond)
	}
	a.merge(&b)
	l := a.latency()
	for name, pair := range map[string][2]float64{
		"min": {float64(l.Min), 1}, "mean": {float64(l.Mean), 500.5}, "p50": {float64(l.P50), 500}, "p90": {float64(l.P90), 900},
		"p95": {float64(l.P95), 950}, "p99": {float64(l.P99), 990}, "p99_9": {float64(l.P999), 999}, "max": {float64(l.Max), 1000},
	} {
		if math.Abs(pair[0]-pair[1]) > pair[1]/1000 {
			t.Errorf("%s is %v, want %v", name, pair[0], pair[1])
		}
	}
}

func TestTimesOutsideTheRange(t *testing.T) {
	t.Parallel()
	x := newTimes()
	if l := x.latency(); l != (Latency{}) {
		t.Errorf("empty: %+v", l)
	}
	x.add(0)
	x.add(time.Hour)
	if l := x.latency(); l.Min != 0 || l.Max != 3_600_000 || x.hist.TotalCount() != 2 {
		t.Errorf("%+v of %d", l, x.hist.TotalCount())
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name              string
		share             float64
		waited, overslept int64
		resources         int64
		limited           bool
	}{
		{name: "ok", share: 0.5, waited: 1000, overslept: 5},
		{name: "busy", share: 0.95, limited: true},
		{name: "late though free", waited: 1000, overslept: 50, limited: true},
		{name: "no descriptors", resources: 1, limited: true},
	}
	for _, row := range rows {
		rec := newRecorder()
		rec.waited, rec.overslept = row.waited, row.overslept
		rec.errors[transport.ClassResources] = row.resources
		r := Result{Client: Client{Share: row.share}}
		r.judge(rec)
		if (r.Client.Verdict == VerdictLimited) != row.limited || (len(r.Client.Reasons) > 0) != row.limited {
			t.Errorf("%s: %+v", row.name, r.Client)
		}
	}
}
