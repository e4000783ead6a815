package load

import (
	"testing"
	"time"

	"tandem/internal/transport"
	"tandem/load/recorder"
)

func TestVerdict(t *testing.T) {
	t.Parallel()
	type sends struct {
		count int
		late  time.Duration
	}
	rows := []struct {
		name      string
		share     float64
		queued    float64
		gc        float64
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
		{name: "queued for a core", share: 0.2, queued: 5, verdict: VerdictLimited, reasons: 1},
		{name: "queued as long as it ran", share: 0.5, queued: 5, verdict: VerdictOK},
		{name: "garbage", share: 0.5, gc: 3, verdict: VerdictLimited, reasons: 1},
		{name: "dropped by a busy client", dropped: 1, share: 1, verdict: VerdictLimited, reasons: 2},
	}
	for _, row := range rows {
		own := recorder.NewTimes()
		totals := &recorder.Totals{Own: &own, Errors: map[string]int64{}}
		for _, s := range row.own {
			for range s.count {
				own.Add(s.late)
			}
		}
		if row.resources > 0 {
			totals.Errors[transport.ClassResources] = row.resources
		}
		if row.took == 0 {
			row.took = 10 * time.Second
		}
		r := Result{Client: Client{Share: row.share, CPU: row.share * 10, Queued: row.queued, GC: row.gc}, Connections: 8, Requests: Requests{Dropped: row.dropped}, Response: Latency{P99: row.response}}
		r.judge(totals, row.took, row.stopped)
		if r.Client.Verdict != row.verdict || len(r.Client.Reasons) != row.reasons {
			t.Errorf("%s: %+v", row.name, r.Client)
		}
	}
}
