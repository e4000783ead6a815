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

	response, service, lateness map[float64]float64 // seconds by quantile, of the last second; nil without one
	responses, services         timeTotals          // of the phase
}

// timeTotals is a histogram as Prometheus has it.
type timeTotals struct {
	count   uint64
	sum     float64 // seconds
	buckets map[float64]uint64
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
	m.response, m.service, m.lateness = quantilesOf(live.Response), quantilesOf(live.Service), quantilesOf(live.Lateness)
	m.services = totalsOf(live.WholeService)
	m.responses = m.services
	if live.WholeResponse != live.WholeService {
		m.responses = totalsOf(live.WholeResponse)
	}
}

func quantilesOf(t *recorder.Times) map[float64]float64 {
	if t == nil || t.Count() == 0 {
		return nil
	}
	q := make(map[float64]float64)
	for _, at := range [...]float64{0.5, 0.9, 0.95, 0.99, 0.999, 1} {
		q[at] = t.At(100 * at).Seconds()
	}
	return q
}

func totalsOf(t *recorder.Times) timeTotals {
	h := timeTotals{count: uint64(t.Count()), sum: t.Sum().Seconds(), buckets: make(map[float64]uint64)}
	for i, n := range t.Within(timeBounds) {
		h.buckets[timeBounds[i].Seconds()] = uint64(n)
	}
	return h
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
	response:    loadMetric("response_recent_seconds", "The response time in the last whole second.", "quantile"),
	service:     loadMetric("service_recent_seconds", "The service time in the last whole second.", "quantile"),
	lateness:    loadMetric("lateness_recent_seconds", "How late sends were in the last whole second.", "quantile"),
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

// times sends the distributions. The caller holds mu.
func (m *loadMetrics) times(out chan<- prometheus.Metric) {
	for d, t := range map[*prometheus.Desc]timeTotals{metric.responses: m.responses, metric.services: m.services} {
		out <- prometheus.MustNewConstHistogram(d, t.count, t.sum, t.buckets)
	}
	for d, quantiles := range map[*prometheus.Desc]map[float64]float64{
		metric.response: m.response, metric.service: m.service, metric.lateness: m.lateness,
	} {
		for q, v := range quantiles {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, decimalText(q))
		}
	}
}

func phaseName(phase string) string {
	if phase == "" {
		return "run"
	}
	return phase
}
