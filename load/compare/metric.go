package compare

// metric is one number of a run that is compared.
type metric struct {
	name   string
	unit   string
	higher bool // is better
	value  func(s *side, weights []int64) (float64, bool)
	beyond float64              // of the samples lie beyond this quantile; 0 where that does not matter
	times  func(s *side) *table // what it is taken from; nil for counts
}

// Names of metrics that are no times.
const (
	nameRate   = "requests_per_s"
	nameFailed = "failed"
	nameCPU    = "client.cpu_per_request"
)

// Units of Metric.
const (
	UnitMilliseconds = "ms"
	UnitMicroseconds = "µs"
	UnitPerSecond    = "/s"
	UnitFraction     = "fraction"
)

// metrics are all that can decide, in the order of a report.
func metrics() []metric {
	var list []metric
	for _, kind := range []struct {
		name  string
		times func(s *side) *table
	}{{"response", func(s *side) *table { return s.response }}, {"service", func(s *side) *table { return s.service }}} {
		for _, q := range []struct {
			name string
			at   float64
		}{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}} {
			list = append(list, metric{name: kind.name + "." + q.name, unit: UnitMilliseconds, beyond: 1 - q.at, times: kind.times,
				value: func(s *side, weights []int64) (float64, bool) {
					v, ok := kind.times(s).quantile(q.at, weights)
					return v / 1000, ok
				}})
		}
		list = append(list, metric{name: kind.name + ".mean", unit: UnitMilliseconds, times: kind.times,
			value: func(s *side, weights []int64) (float64, bool) {
				v, ok := kind.times(s).mean(weights)
				return v / 1000, ok
			}})
	}
	return append(list,
		metric{name: nameRate, unit: UnitPerSecond, higher: true, value: (*side).rate},
		metric{name: nameFailed, unit: UnitFraction, value: (*side).failed})
}
