package enginetest

import (
	"math"
	"net/http"
	"sync"
	"testing"
	"time"

	"tandem/load/schedule"
)

// The honesty test: at that rate for so long, in the middle of which the server answers nobody for a second.
const (
	honestRate   = 3000 / slowness
	honestLength = 5 * time.Second
	freezeAfter  = 2 * time.Second
	frozenFor    = time.Second
)

// Honesty has a server freeze in the middle of an open loop. One fifth of the requests is planned while it is frozen, and they
// wait for half of that time on average, be they in flight or not yet sent. So the response times, from the planned sends, have a p90 of one
// half of the freeze and a p99 of 95 % of it, which must come out within tolerance (0.1 is 10 %). The service times show it for the few
// requests alone that were in flight. All that was planned was sent or is counted as dropped, and the server counts what was sent. A
// benchmark reports the deviations.
func Honesty(t testing.TB, s Subject, tolerance float64) {
	t.Helper()
	var gate sync.RWMutex
	var once sync.Once
	frozen := make(chan time.Duration, 1)
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() {
			time.AfterFunc(freezeAfter, func() {
				gate.Lock()
				start := time.Now()
				<-time.After(frozenFor)
				frozen <- time.Since(start)
				gate.Unlock()
			})
		})
		gate.RLock()
		defer gate.RUnlock()
		hello(w, r)
	})
	o := s.perform(t, &task{urls: []string{srv.url}, when: new(schedule.Constant(honestRate, honestLength)), connections: 10})
	c, freeze := o.Counts, (<-frozen).Seconds()
	if c.Failed != 0 || c.Completed+o.dropped != honestRate*int64(honestLength.Seconds()) || c.Sent != srv.requests.Load() || c.Sent != c.Completed {
		t.Errorf("%+v, %d dropped, %v; the server counts %d", c, o.dropped, o.Errors, srv.requests.Load())
	}
	if o.dropped != 0 {
		t.Errorf("%d were dropped", o.dropped)
	}
	p90, p99 := deviation(o.Response.At(90), 0.5*freeze), deviation(o.Response.At(99), 0.95*freeze)
	service := o.Service.At(90)
	if b, ok := t.(*testing.B); ok {
		b.ReportMetric(100*p90, "%p90-off")
		b.ReportMetric(100*p99, "%p99-off")
		b.ReportMetric(float64(service)/1e6, "ms-service-p90")
		b.ReportMetric(float64(o.Own.At(99))/1e6, "ms-late-p99")
	}
	if math.Abs(p90) > tolerance || math.Abs(p99) > tolerance {
		t.Errorf("response p90 %v is off by %.1f %%, p99 %v by %.1f %%; the server froze for %.3f s", o.Response.At(90), 100*p90, o.Response.At(99), 100*p99, freeze)
	}
	if limit := time.Duration(tolerance * float64(frozenFor) / 5); service > limit {
		t.Errorf("service p90 is %v, want less than %v", service, limit)
	}
}

// deviation is how far a time is off what was expected, as a part of that.
func deviation(got time.Duration, want float64) float64 { return got.Seconds()/want - 1 }
