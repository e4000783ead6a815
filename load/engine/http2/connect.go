package http2

import (
	"context"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
)

// lose ends the connection and what is on it.
func (s *slot) lose(why *broken) {
	c := s.conn
	if c.stale { // it had died while it was kept
		for len(c.active) > 0 && c.active[0].block.again {
			e := c.active[0]
			c.drop(0)
			s.unprocessed(e, why, c.sent(e))
		}
	}
	c.collapse(why)
	for _, e := range s.fresh {
		s.again = append(s.again, e)
	}
	clear(s.fresh)
	s.fresh = s.fresh[:0]
	s.group.Lock()
	s.conn = nil
	if why.unasked {
		s.group.Unasked()
	}
	s.group.Unlock()
	c.close(why.code)
}

func (s *slot) retire() {
	if c := s.retired; c != nil {
		s.retired = nil
		c.close(codeNone)
	}
}

// connect dials for the first of what was taken, and fails all of it if that fails.
func (s *slot) connect(parent context.Context) bool {
	g := s.group
	r, e := g.run, s.fresh[0]
	if now := s.clock(); now >= e.expiry {
		s.fail(errTimeout)
		return false
	}
	ctx, cancel := context.WithDeadline(parent, r.job.Plan.Start().Add(e.expiry))
	defer cancel()
	var timing transport.Timing
	o := &r.origins[e.origin]
	nc, err := r.engine.cfg.Dial(ctx, o.Target, o.named, &timing)
	if err != nil {
		s.undialled(parent, err)
		return false
	}
	e.sample.DNS, e.sample.Connect, e.sample.TLS = timing.DNS, timing.Connect, timing.TLS
	s.failing = 0
	c := newConn(nc, &o.Target)
	c.slot, c.origin, c.lastRead = s, e.origin, e.sample.Sent
	g.Lock()
	s.conn = c
	s.arm(s.clock())
	if g.cut != nil {
		s.interrupt()
	}
	g.Unlock()
	return true
}

func (s *slot) undialled(ctx context.Context, err error) {
	s.failing++
	why := undialled(err)
	if class := engine.CutClass(ctx); class != "" {
		why = &broken{class: class, err: errCut}
	}
	s.fail(why)
}

// rest waits after a connection could not be made, in a closed loop: a server that refuses is not hammered.
func (s *slot) rest() {
	if s.group.run.open || s.failing == 0 {
		return
	}
	s.group.Lock()
	s.settle()
	s.group.Unlock()
	t := time.NewTimer(engine.Rest(s.failing))
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.bell:
	}
}
