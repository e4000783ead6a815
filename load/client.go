package load

import (
	"fmt"
	"runtime"
	"time"

	"tandem/internal/transport"
	"tandem/internal/usage"
	"tandem/load/recorder"
)

// Client says what the load cost here, and whether the numbers are about the server or about this client.
type Client struct {
	CPU     float64  `json:"cpu_s"`
	Share   float64  `json:"cpu_share"` // of the cores that this process may use
	Queued  float64  `json:"queued_s"`  // that its threads were ready and waited for a core (Linux)
	GC      float64  `json:"gc_cpu_s"`  // of CPU, for garbage collection
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

// When the client is to blame. What a send was late because all connections were busy is not: that is the server's doing, or
// that of the number of connections. Nor are a few late timers, as on every shared machine.
const (
	busyShare = 0.9                   // of the cores, over the whole run
	busyRun   = time.Second           // and a run at least so long
	lateFloor = 10 * time.Millisecond // sends late by more than this although a connection was free
	latePart  = 0.1                   // and by more than this part of the response time's p99, which they are part of
	lateTail  = 0.01                  // if these are more than this part of all sends
	lateFew   = 5                     // and at least so many
	queuePart = 0.6                   // of what its threads would have run, they waited for a core: more than a server on the same cores takes
	queueRun  = 0.1                   // and that is more than this part of the run
	gcPart    = 0.25                  // of its CPU went into garbage collection
)

// meter measures what a phase costs the client.
type meter struct {
	cpu, queued time.Duration
	gc          float64
	begun       time.Time
}

func newMeter() meter {
	cpu, _ := usage.Self()
	return meter{cpu: cpu, queued: usage.Queued(), gc: gcSeconds(), begun: time.Now()}
}

// client returns what was used since m was made.
func (m meter) client() Client {
	cpu, rss := usage.Self()
	c := Client{CPU: (cpu - m.cpu).Seconds(), Queued: max(0, (usage.Queued() - m.queued).Seconds()), GC: gcSeconds() - m.gc, MaxRSS: rss}
	c.Share = c.CPU / (time.Since(m.begun).Seconds() * float64(runtime.GOMAXPROCS(0)))
	return c
}

// judge fills in the verdict about the client, after a run that took so long or was stopped.
func (r *Result) judge(t *recorder.Totals, took time.Duration, stopped bool) {
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
	if late, sends := t.Own.Tail(lateTail, lateFew); late > limit {
		reason(VerdictLimited, "%d of %d sends left %.1f ms late or more although a connection was free", sends, t.Own.Count(), float64(ms(late)))
	}
	if q := r.Client.Queued; took >= busyRun && q > queuePart*(r.Client.CPU+q) && q > queueRun*took.Seconds() {
		reason(VerdictLimited, "the client's threads waited %.1f s for a core and ran %.1f s: the machine is busy with something else", q, r.Client.CPU)
	}
	if took >= busyRun && r.Client.GC > gcPart*r.Client.CPU && r.Client.GC > queueRun*took.Seconds() {
		reason(VerdictLimited, "%.1f of the client's %.1f CPU seconds were garbage collection", r.Client.GC, r.Client.CPU)
	}
	if n := t.Errors[transport.ClassResources]; n > 0 {
		reason(VerdictLimited, "%d requests found no file descriptor, port or memory here", n)
	}
}
