package http2

import (
	"context"
	"time"

	"tandem/load/engine"
)

// slot is a place for one connection. Its goroutine owns it; what others touch is guarded by the group's lock.
type slot struct {
	group  *group
	number int // among all
	home   int
	bell   chan struct{} // rings while there is no connection
	conn   *conn         // written under the lock

	fresh   []*exchange // taken, not started
	ended   []*exchange // their samples are complete
	again   []*exchange // to be sent once more
	retired *conn       // to be closed
	failing int         // connections in a row that could not be made

	vacant int  // how many more it could take, while it waits. Guarded.
	listed bool // it is in group.ready. Guarded.
}

func (r *run) newSlot(g *group, number int, known map[string]int) *slot {
	s := &slot{group: g, number: number, bell: make(chan struct{}, 1)}
	c := r.engine.conns[number]
	if c == nil {
		return s
	}
	origin, there := known[c.key]
	if !there {
		c.close(codeNone)
		return s
	}
	c.slot, c.origin, c.stale, c.armed, c.armedWrite, c.lastRead = s, origin, true, 0, 0, 0
	s.conn = c
	return s
}

func (s *slot) clock() time.Duration { return s.group.run.clock() }

// run serves the slot until there is nothing left for it.
func (s *slot) run(ctx context.Context) {
	for {
		s.group.Lock()
		s.settle()
		leave := s.take()
		s.group.Unlock()
		s.retire()
		switch {
		case leave:
			return
		case s.conn == nil && len(s.fresh) > 0:
			if !s.connect(ctx) {
				s.rest()
				continue
			}
		case s.conn == nil:
			<-s.bell
			continue
		}
		s.exchange()
	}
}

// settle adds the samples of what has ended. The caller holds the lock, as for take.
func (s *slot) settle() {
	g := s.group
	s.vacant = 0
	for i, e := range s.ended {
		g.record(e)
		s.ended[i] = nil
	}
	s.ended = s.ended[:0]
	for i, e := range s.again {
		g.hand(e)
		s.again[i] = nil
	}
	s.again = s.again[:0]
	if c := s.conn; c != nil && c.draining && c.idle() {
		s.conn, s.retired = nil, c
	}
}

// take takes what there is room for. leave is true if nothing is left to do.
func (s *slot) take() (leave bool) {
	g := s.group
	if g.cut != nil {
		return s.cut()
	}
	now := s.clock()
	for s.room() > 0 {
		e := g.fetch(s.home, now)
		if e == nil {
			break
		}
		if s.conn != nil && s.conn.origin != e.origin {
			if !s.conn.idle() || len(s.fresh) > 0 {
				g.pending[s.home].unpop(e)
				break
			}
			s.conn, s.retired = nil, s.conn
		}
		if s.begin(e, now) {
			s.fresh = append(s.fresh, e)
		}
	}
	if len(s.fresh) == 0 && (s.conn == nil || s.conn.idle()) && g.over && g.pending[s.home].empty() {
		return true
	}
	s.arm(now)
	if n := s.room(); n > 0 && g.tracks() {
		s.vacant = n
		g.ready[s.home].add(s)
		if g.pacer != nil && g.pacer.blocked {
			g.pacer.blocked = false
			g.pacer.wake()
		}
	}
	return false
}

// room is how many more exchanges the slot can take. What the server does not allow waits as one that is taken and not started.
func (s *slot) room() int {
	if s.conn == nil {
		return max(1-len(s.fresh), 0)
	}
	n := s.conn.room(s.group.run.engine.cfg.Streams) - len(s.fresh)
	if n <= 0 && !s.conn.draining && s.conn.idle() && len(s.fresh) == 0 {
		return 1
	}
	return max(n, 0)
}

// begin is when a send is taken in hand; false if it has waited too long for that.
func (s *slot) begin(e *exchange, now time.Duration) bool {
	g := s.group
	if e.expiry > 0 { // it was before
		return true
	}
	if g.run.open && now-e.sample.Planned > engine.MaxLate {
		g.run.job.Plan.GiveUp()
		g.release(e) // dropped
		return false
	}
	e.sample.Sent = now
	if !g.run.open {
		e.sample.Planned = now
	}
	e.expiry = now + g.run.timeout
	return true
}

// cut ends everything at once.
func (s *slot) cut() (leave bool) {
	g := s.group
	for !g.pending[s.home].empty() {
		s.fresh = append(s.fresh, g.pending[s.home].pop())
	}
	s.fail(g.cut)
	if c := s.conn; c != nil && !c.idle() {
		c.collapse(g.cut)
		s.conn, s.retired = nil, c
	}
	for _, e := range s.ended {
		g.record(e)
	}
	s.ended = nil
	return true
}

// fail ends what was taken and not started.
func (s *slot) fail(why *broken) {
	for i, e := range s.fresh {
		s.failed(e, why, false)
		s.fresh[i] = nil
	}
	s.fresh = s.fresh[:0]
}
