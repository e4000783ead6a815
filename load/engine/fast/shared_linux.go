package fast

import (
	"tandem/internal/transport"
	"tandem/load/engine"
)

// shared is what the loops of a phase have in common. It does not change.
type shared struct {
	job      *engine.Job
	cfg      Config
	places   *places
	bodiless []bool // by target: HEAD
	repeats  []bool // by target: the method is idempotent
}

func newShared(e *Engine, job *engine.Job) *shared {
	n := job.Source.Len()
	s := &shared{job: job, cfg: e.cfg, places: &e.places, bodiless: make([]bool, n), repeats: make([]bool, n)}
	var made transport.Request
	for t := range n {
		req := job.Source.Static(t)
		if req == nil { // all sends to a target have one method
			job.Source.Fill(0, t, &made)
			req = &made
		}
		s.bodiless[t], s.repeats[t] = req.Method == "HEAD", req.Idempotent()
	}
	return s
}
