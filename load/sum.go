package load

import (
	"math"
	"strconv"
	"time"

	"tandem/load/engine"
	"tandem/load/recorder"
)

// result sums the phase up, which is over.
func (p *phase) result(cfg *Config) (*Result, *recorder.Totals) {
	t := p.recorder.Totals()
	r := &Result{
		State: StateComplete, Engine: p.engine.Name(), Loop: "closed", Method: cfg.Method, Started: p.plan.Start().UTC(),
		Connections: cfg.Connections, Targets: p.job.Source.Len(), URLs: names(p.job.Source),
		Response: latencyOf(t.Response), Service: latencyOf(t.Service), Lateness: latencyOf(t.Lateness),
		Phases: Phases{latencyOf(t.DNS), latencyOf(t.Connect), latencyOf(t.TLS), latencyOf(t.First), latencyOf(t.Body)},
		Status: t.Status, Errors: t.Errors, BytesIn: t.Counts.Bytes, ByURL: byURL(p.job.Source, t.URLs),
		Histograms: map[string]string{"response": t.Response.Encode(), "service": t.Service.Encode()},
	}
	c := &t.Counts
	r.Requests = Requests{
		Sent: c.Sent, Completed: c.Completed, Failed: c.Failed, Retried: c.Retried, Redirected: c.Redirected, Unasked: c.Unasked,
		Planned: c.Completed + c.Failed,
	}
	if p.plan.Open() {
		r.Loop, r.Requests.Planned = "open", p.plan.Planned()
	}
	r.Requests.Planned = max(r.Requests.Planned, c.Completed+c.Failed)
	r.Requests.Dropped = r.Requests.Planned - c.Completed - c.Failed
	r.Duration = p.elapsed(t).Seconds()
	r.RequestsPerSec = p.rate(t)
	r.Series = p.seconds()
	return r, t
}

// elapsed is the time that the counts are about: to the last answer, and in an open loop to the end of the schedule at least.
func (p *phase) elapsed(t *recorder.Totals) time.Duration {
	at, stopped := p.plan.IsStopped()
	switch {
	case stopped:
		return max(t.Last, at)
	case p.plan.Open():
		return max(t.Last, p.scheduleEnd())
	}
	return t.Last
}

// rate is the completed requests a second. Of a closed loop that a duration ended, those that were answered in that time count: one that
// hangs makes the run longer and the server not slower.
func (p *phase) rate(t *recorder.Totals) float64 {
	n, took := t.Counts.Completed, p.elapsed(t)
	if _, stopped := p.plan.IsStopped(); !stopped && !p.plan.Open() && p.plan.Length > 0 && took > p.plan.Length {
		n, took = t.InTime, p.plan.Length
	}
	if took <= 0 {
		return 0
	}
	return math.Round(float64(n)/took.Seconds()*1e3) / 1e3
}

// seconds is the series. What an open loop planned comes from its schedule; what a closed loop ended was all that it planned.
func (p *phase) seconds() []Second {
	points := p.recorder.Points()
	list := make([]Second, 0, len(points))
	planned := int64(0)
	for i, pt := range points {
		q := pt.Quantiles
		s := Second{
			T: round(pt.Start), Length: round(pt.Length), Sent: pt.Counts.Sent, Completed: pt.Counts.Completed, Failed: pt.Counts.Failed,
			BytesIn: pt.Counts.Bytes, P50: ms(q.P50), P90: ms(q.P90), P99: ms(q.P99), Max: ms(q.Max), ServiceP50: ms(q.ServiceP50),
			ServiceP99: ms(q.ServiceP99), Response: pt.Response, Service: pt.Service, Planned: pt.Counts.Completed + pt.Counts.Failed,
		}
		if p.plan.Open() {
			due := p.plan.Planned()
			if i < len(points)-1 {
				due = min(due, p.plan.Schedule.Due(pt.Start+pt.Length-1))
			}
			s.Planned, planned = due-planned, due
		}
		list = append(list, s)
	}
	return list
}

// round is d in seconds, to the microsecond.
func round(d time.Duration) float64 { return math.Round(d.Seconds()*1e6) / 1e6 }

// names are those of the first targets.
func names(source engine.Source) []string {
	const some = 10
	var names []string
	for t := range min(source.Len(), some) {
		names = append(names, source.Name(t))
	}
	return names
}

func byURL(source engine.Source, urls []recorder.URL) []URL {
	list := make([]URL, 0, len(urls))
	for _, u := range urls {
		name := "(others)"
		if u.Target >= 0 {
			name = source.Name(u.Target)
		}
		status := make(map[string]int64)
		for class, n := range u.Classes {
			if n > 0 {
				status[strconv.Itoa(class)+"xx"] = n
			}
		}
		list = append(list, URL{Name: name, Count: u.Count, Failed: u.Failed, Status: status, Service: latencyOf(u.Service)})
	}
	return list
}
