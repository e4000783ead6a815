package fast

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"tandem/load/engine"
)

// shared is what the loops of a phase have in common.
type shared struct {
	job       *engine.Job
	cfg       Config
	bodiless  []bool // by target: HEAD
	repeats   []bool // by target: the method is idempotent
	preferred atomic.Int32

	mu    sync.Mutex // guards addrs; held during a lookup
	addrs []netip.AddrPort
}

func newShared(e *Engine, job *engine.Job) *shared {
	n := job.Source.Len()
	s := &shared{job: job, cfg: e.cfg, bodiless: make([]bool, n), repeats: make([]bool, n)}
	for t := range n {
		if req := job.Source.Static(t); req != nil {
			s.bodiless[t], s.repeats[t] = req.Method == "HEAD", req.Idempotent()
		}
	}
	return s
}

// addresses returns where the origin is, and how long it took to look it up. The first caller does so, for all.
func (s *shared) addresses(ctx context.Context) (addrs []netip.AddrPort, took time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.addrs != nil {
		return s.addrs, 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.job.Timeout)
	defer cancel()
	start := time.Now()
	addrs, err = s.cfg.Addresses(ctx)
	took = time.Since(start)
	if err != nil {
		return nil, took, err
	}
	s.addrs = addrs
	return addrs, took, nil
}
