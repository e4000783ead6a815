package http2

import (
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	xh2 "golang.org/x/net/http2"

	"tandem/internal/transport"
	"tandem/load/engine"
	"tandem/load/recorder"
)

// A body that is too long to be kept for its check fails. Without a check its length does not matter.
func TestLongBodies(t *testing.T) {
	t.Parallel()
	piece := make([]byte, 1<<20)
	srv := serve(t, false, func(w http.ResponseWriter, r *http.Request) {
		for range engine.MaxKept / len(piece) {
			_, _ = w.Write(piece)
		}
		if r.URL.Path == "/longer" {
			_, _ = io.WriteString(w, "x")
		}
	})
	for _, row := range []struct {
		path   string
		checks bool
		failed int64
	}{{"/", true, 0}, {"/longer", true, 2}, {"/longer", false, 0}} {
		source := get(t, srv.URL+row.path)
		if row.checks {
			source.check = func(_ int, _, body []byte) int {
				if len(body) != engine.MaxKept {
					return 1
				}
				return -1
			}
		}
		o := (&load{source: source, total: 2, timeout: 20 * time.Second}).run(t)
		if o.Errors[transport.TruncatedLength] != row.failed || o.Counts.Failed != row.failed || o.Counts.Completed != 2-row.failed {
			t.Errorf("%+v: %+v, %v", row, o.Counts, o.Errors)
		}
	}
}

// With several origins, a send whose home is full is not one that somebody waited for.
func TestWaitedForByItsHome(t *testing.T) {
	t.Parallel()
	var quick sync.WaitGroup
	quick.Add(20)
	a := serve(t, false, func(http.ResponseWriter, *http.Request) { quick.Done() })
	b := script(t, func(p *peer) {
		p.greet(xh2.Setting{ID: xh2.SettingMaxConcurrentStreams, Val: 1})
		id := p.request()
		quick.Wait() // by then all but the last were planned for this one
		p.ok(id)
		p.okAll()
	})
	l := &load{source: get(t, a.URL+"/", b.url), rate: 200, length: 200 * time.Millisecond, connections: 2, streams: 100}
	o := l.run(t)
	if o.Counts.Completed != 40 || o.Own.Count() == 0 || o.Own.Count() > 22 {
		t.Errorf("%+v, %v, %d waited for", o.Counts, o.Errors, o.Own.Count())
	}
}

// What a slot drops because it is too late is counted by the plan.
func TestDropsAreCounted(t *testing.T) {
	t.Parallel()
	l := &load{source: get(t, "http://127.0.0.1:1/"), rate: 1, length: time.Minute}
	e := l.engine(t)
	defer e.Close()
	job := l.job()
	job.Recorder = recorder.New(recorder.Config{Shards: e.Shards(1), Targets: 1})
	job.Plan.Begin()
	e.conns = make([]*conn, job.Connections)
	r := newRun(e, job)
	defer r.collect()
	g := r.groups[0]
	g.Lock()
	defer g.Unlock()
	for late, dropped := range map[time.Duration]int64{engine.MaxLate: 0, engine.MaxLate + 1: 1} {
		before := job.Plan.Late()
		x := g.next(0)
		if x == nil {
			x = g.next(time.Second)
		}
		if begun := g.slots[0].begin(x, x.sample.Planned+late); begun != (dropped == 0) || job.Plan.Late()-before != dropped {
			t.Errorf("%v late: begun %v, %d counted", late, begun, job.Plan.Late()-before)
		}
	}
}
