package main

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tandem/load"
	"tandem/load/recorder"
)

// loadMetrics is what a Prometheus reads of a load run: the last look at it, in the words of that system (base units; counters end in
// _total). Counters begin again at 0 when a phase does, which readers expect of counters. It is safe for concurrent use.
type loadMetrics struct {
	connections int

	mu    sync.Mutex // guards what follows
	now   load.Progress
	live  recorder.Live
	begun bool
	seen  time.Duration // the seconds that the times below are about end here
	phase string

	response, service, lateness timeTotals
}

// timeTotals is a time as Prometheus has it.
type timeTotals struct {
	known     bool
	count     uint64 // of the phase
	sum       float64
	buckets   map[float64]uint64
	quantiles map[float64]float64 // of the last second
}

// timeBounds are the limits of the histograms' buckets.
var timeBounds = []time.Duration{
	100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond,
	5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond,
	500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
}

// update takes a look at the run. Times are summed up once for each second.
func (m *loadMetrics) update(p load.Progress) {
	live := p.Live()
	m.mu.Lock()
	defer m.mu.Unlock()
	fresh := !m.begun || p.Phase != m.phase || live.Through != m.seen
	m.now, m.live, m.begun, m.phase, m.seen = p, live, true, p.Phase, live.Through
	if !fresh {
		return
	}
	m.service = totalsOf(live.WholeService, live.Service)
	m.response = m.service
	if live.WholeResponse != live.WholeService {
		m.response = totalsOf(live.WholeResponse, live.Response)
	}
	m.lateness = totalsOf(live.WholeLateness, live.Lateness)
}

// totalsOf sums up the times of the phase and those of the last second; neither need be there.
func totalsOf(whole, recent *recorder.Times) timeTotals {
	if whole == nil {
		return timeTotals{}
	}
	t := timeTotals{known: true, count: uint64(whole.Count()), sum: whole.Sum().Seconds(), buckets: make(map[float64]uint64), quantiles: make(map[float64]float64)}
	for i, n := range whole.Within(timeBounds) {
		t.buckets[timeBounds[i].Seconds()] = uint64(n)
	}
	if recent == nil || recent.Count() == 0 {
		return t
	}
	for _, q := range [...]float64{0.5, 0.9, 0.95, 0.99, 0.999, 1} {
		t.quantiles[q] = recent.At(100 * q).Seconds()
	}
	return t
}

// metric is what is told, with the labels.
var metric = struct {
	planned, sent, completed, failed, dropped, answers, errors, received *prometheus.Desc
	responses, services, response, service, lateness                     *prometheus.Desc
	asked, connections, elapsed, phase                                   *prometheus.Desc
}{
	planned:     loadMetric("requests_planned_total", "Requests that the schedule held by now; in a closed loop those that have ended."),
	sent:        loadMetric("requests_sent_total", "Requests written to a connection whose answer has come or failed."),
	completed:   loadMetric("requests_completed_total", "Requests answered whole, whatever the status, and right by the checks."),
	failed:      loadMetric("requests_failed_total", "Requests attempted and not answered whole, or not as the checks want it."),
	dropped:     loadMetric("requests_dropped_total", "Requests of an open loop given up because they were 10 s late."),
	answers:     loadMetric("responses_total", "Whole and right answers by status.", "code"),
	errors:      loadMetric("errors_total", "Failed requests by what went wrong.", "class"),
	received:    loadMetric("received_bytes_total", "Bytes received."),
	responses:   loadMetric("response_seconds", "From the planned send to the last byte, up to the last whole second."),
	services:    loadMetric("service_seconds", "From the real send to the last byte, up to the last whole second."),
	response:    loadMetric("response_recent_seconds", "The response time; quantiles are those of the last whole second."),
	service:     loadMetric("service_recent_seconds", "The service time; quantiles are those of the last whole second."),
	lateness:    loadMetric("lateness_recent_seconds", "How late sends were; quantiles are those of the last whole second."),
	asked:       loadMetric("asked_requests_per_second", "What the schedule of an open loop asked for in the last second."),
	connections: loadMetric("connections", "Connections that the run may use."),
	elapsed:     loadMetric("elapsed_seconds", "Time since the phase began."),
	phase:       loadMetric("phase", "1, labelled with what goes on: run, warm-up or a trial of a search.", "phase"),
}

func loadMetric(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("tandem_load_"+name, help, labels, nil)
}

// Describe sends nothing: which metrics there are depends on the loop.
func (m *loadMetrics) Describe(chan<- *prometheus.Desc) {}

// Collect sends the last look.
func (m *loadMetrics) Collect(out chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	send := func(kind prometheus.ValueType, d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}
	count := func(d *prometheus.Desc, n int64, labels ...string) {
		send(prometheus.CounterValue, d, float64(n), labels...)
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) { send(prometheus.GaugeValue, d, v, labels...) }
	gauge(metric.connections, float64(m.connections))
	if !m.begun {
		gauge(metric.phase, 1, "start")
		return
	}
	gauge(metric.phase, 1, phaseName(m.phase))
	gauge(metric.elapsed, m.now.Elapsed.Seconds())
	c := m.live.Counts
	count(metric.sent, c.Sent)
	count(metric.completed, c.Completed)
	count(metric.failed, c.Failed)
	count(metric.received, c.Bytes)
	if m.now.Rate > 0 || m.now.Planned > 0 {
		count(metric.planned, max(m.now.Planned, c.Completed+c.Failed)) // some ended since
		count(metric.dropped, m.now.Dropped)
		gauge(metric.asked, m.now.Rate)
	} else {
		count(metric.planned, c.Completed+c.Failed)
	}
	for code, n := range m.live.Status {
		count(metric.answers, n, code)
	}
	for class, n := range m.live.Errors {
		count(metric.errors, n, class)
	}
	m.times(out)
}

// times sends the distributions: histograms of the phase, and summaries whose quantiles are those of the last second. The caller holds mu.
func (m *loadMetrics) times(out chan<- prometheus.Metric) {
	for d, t := range map[*prometheus.Desc]timeTotals{metric.responses: m.response, metric.services: m.service} {
		out <- prometheus.MustNewConstHistogram(d, t.count, t.sum, t.buckets)
	}
	for d, t := range map[*prometheus.Desc]timeTotals{metric.response: m.response, metric.service: m.service, metric.lateness: m.lateness} {
		if t.known {
			out <- prometheus.MustNewConstSummary(d, t.count, t.sum, t.quantiles)
		}
	}
}

func phaseName(phase string) string {
	if phase == "" {
		return "run"
	}
	return phase
}
