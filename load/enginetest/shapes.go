package enginetest

import (
	"testing"
	"time"

	"tandem/load/schedule"
)

// shapes sends in all shapes; what the engine counts is what the server does.
func (s Subject) shapes(t *testing.T) {
	stages, err := schedule.Stages([]schedule.Stage{{Length: 200 * time.Millisecond, To: 2000}, {Length: 100 * time.Millisecond, From: 500, To: 500}})
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]*task{
		"closed, count":            {total: 700},
		"closed, one connection":   {total: 100, connections: 1},
		"closed, few requests":     {total: 3, connections: 40},
		"closed, duration":         {length: 200 * time.Millisecond},
		"closed, the first of two": {length: 300 * time.Millisecond, total: 50},
		"open, constant":           {when: new(schedule.Constant(1500, 400*time.Millisecond))},
		"open, one connection":     {when: new(schedule.Constant(500, 200*time.Millisecond)), connections: 1},
		"open, count":              {when: new(schedule.Constant(1000, time.Hour)), total: 200},
		"open, poisson":            {when: new(schedule.Poisson(1500, 300*time.Millisecond, 7))},
		"open, stages":             {when: &stages},
		"open, bursts":             {when: new(schedule.Bursts(40, 60*time.Millisecond, 300*time.Millisecond)), connections: 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, hello)
			k.urls = []string{srv.url}
			o := s.perform(t, k)
			c := o.Counts
			if n := srv.requests.Load(); n != c.Completed || n != c.Sent || c.Failed != 0 || n == 0 {
				t.Errorf("the server counts %d: %+v, %v", n, c, o.Errors)
			}
			if o.dropped != 0 || (k.total > 0 && k.length == 0 && c.Completed != k.total) {
				t.Errorf("%d planned, %d dropped, %d asked for", o.planned, o.dropped, k.total)
			}
			s.phases(t, &o, srv, k.connections)
		})
	}
}

// phases checks what is known of a run in which nothing went wrong.
func (s Subject) phases(t *testing.T, o *outcome, srv *site, connections int) {
	t.Helper()
	conns := srv.conns.Load()
	if n := o.Connect.Count(); n != conns || conns > int64(connections) || conns == 0 {
		t.Errorf("%d connections were timed, the server has %d of %d at most", n, conns, connections)
	}
	if o.First.Count() != o.Counts.Completed || o.First.Max() > o.Service.Max() || o.Body.Max() > o.Service.Max() {
		t.Errorf("%d first bytes after %v at most, bodies %v, service %v", o.First.Count(), o.First.Max(), o.Body.Max(), o.Service.Max())
	}
	if o.Response.Max() < o.Service.Max() || o.Last > o.took {
		t.Errorf("response %v, service %v, last answer at %v of %v", o.Response.Max(), o.Service.Max(), o.Last, o.took)
	}
}
