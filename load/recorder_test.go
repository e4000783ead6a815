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

func TestTail(t *testing.T) {
	t.Parallel()
	x := newTimes()
	if d, k := x.tail(0.01, 5); d != 0 || k != 0 {
		t.Errorf("empty: %v of %d", d, k)
	}
	for i := 1; i <= 1000; i++ { // 1…1000 ms
		x.add(time.Duration(i) * time.Millisecond)
		d, k := x.tail(0.01, 5)
		want, many := max(0, i-4), 5
		switch {
		case i < 5:
			want, many = 0, 0
		case i > 500:
			many = (i + 99) / 100
			want = i - many + 1
		}
		if k != int64(many) || math.Abs(d.Seconds()*1000-float64(want)) > float64(want)/1000 {
			t.Fatalf("of %d: %v, %d; want %d ms, %d", i, d, k, want, many)
		}
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	type sends struct {
		count int
		late  time.Duration
	}
	rows := []struct {
		name      string
		share     float64
		took      time.Duration // 10 s if 0
		own       []sends
		response  Milliseconds // p99
		dropped   int64
		stopped   bool
		resources int64
		verdict   string
		reasons   int
	}{
		{name: "ok", share: 0.5, own: []sends{{1000, time.Millisecond}}, verdict: VerdictOK},
		{name: "nothing sent", verdict: VerdictOK},
		{name: "some late timers", own: []sends{{980, time.Millisecond}, {20, 9 * time.Millisecond}}, verdict: VerdictOK},
		{name: "a few very late timers", own: []sends{{1000, time.Millisecond}, {9, time.Second}}, verdict: VerdictOK},
		{name: "one late timer of a few", own: []sends{{6, time.Millisecond}, {4, time.Second}}, verdict: VerdictOK},
		{name: "late though free", own: []sends{{980, time.Millisecond}, {20, 50 * time.Millisecond}}, response: 60, verdict: VerdictLimited, reasons: 1},
		{name: "few sends, half of them late", own: []sends{{5, time.Millisecond}, {5, 50 * time.Millisecond}}, verdict: VerdictLimited, reasons: 1},
		{name: "late, but the server far more", own: []sends{{980, time.Millisecond}, {20, 50 * time.Millisecond}}, response: 900, verdict: VerdictOK},
		{name: "busy", share: 0.9, verdict: VerdictLimited, reasons: 1},
		{name: "busy for a moment", share: 0.95, took: 500 * time.Millisecond, verdict: VerdictOK},
		{name: "no descriptors", resources: 1, verdict: VerdictLimited, reasons: 1},
		{name: "dropped", dropped: 1, verdict: VerdictConnections, reasons: 1},
		{name: "due at the stop", dropped: 8, stopped: true, verdict: VerdictOK},
		{name: "dropped before the stop", dropped: 9, stopped: true, verdict: VerdictConnections, reasons: 1},
		{name: "dropped by a busy client", dropped: 1, share: 1, verdict: VerdictLimited, reasons: 2},
	}
	for _, row := range rows {
		rec := newRecorder()
		for _, s := range row.own {
			for range s.count {
				rec.own.add(s.late)
			}
		}
		if row.resources > 0 {
			rec.errors[transport.ClassResources] = row.resources
		}
		if row.took == 0 {
			row.took = 10 * time.Second
		}
		r := Result{Client: Client{Share: row.share}, Connections: 8, Requests: Requests{Dropped: row.dropped}, Response: Latency{P99: row.response}}
		r.judge(rec, row.took, row.stopped)
		if r.Client.Verdict != row.verdict || len(r.Client.Reasons) != row.reasons {
			t.Errorf("%s: %+v", row.name, r.Client)
		}
	}
}
