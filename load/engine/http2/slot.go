package http2

import (
	"context"
	"errors"
	"os"
	"time"

	"tandem/internal/transport"
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

// arm sets the deadlines of the connection, if those that are set are not early enough. They only wake: what has expired is seen then.
func (s *slot) arm(now time.Duration) {
	c := s.conn
	if c == nil {
		return
	}
	start, timeout := s.group.run.job.Plan.Start(), s.group.run.timeout
	expiry := c.expiry()
	for _, e := range s.fresh {
		expiry = min(expiry, e.expiry)
	}
	if expiry != engine.Never && (c.armed == 0 || expiry < c.armed) {
		_ = c.nc.SetReadDeadline(start.Add(expiry)) // a closed connection tells with the next read
		c.armed = expiry
	} else if expiry == engine.Never && c.armed == 0 {
		_ = c.nc.SetReadDeadline(time.Time{})
		c.armed = engine.Never
	}
	if c.armedWrite < now+timeout {
		c.armedWrite = now + 2*timeout
		_ = c.nc.SetWriteDeadline(start.Add(c.armedWrite))
	}
}

// rouse makes the slot look again. The caller holds the lock.
func (s *slot) rouse() {
	if s.conn != nil {
		_ = s.conn.nc.SetReadDeadline(past)
		s.conn.armed = 0
		return
	}
	select {
	case s.bell <- struct{}{}:
	default:
	}
}

// interrupt ends what the slot is waiting for, whatever it is. The caller holds the lock.
func (s *slot) interrupt() {
	if s.conn != nil {
		_ = s.conn.nc.SetDeadline(past)
	}
	s.rouse()
}

var past = time.Unix(1, 0)

// exchange starts what was taken, writes, and reads once.
func (s *slot) exchange() {
	c := s.conn
	s.start()
	why := c.flush()
	if why == nil && len(s.ended) == 0 { // else there may be nothing to wait for
		why = s.receive()
	}
	if why == nil {
		why = s.gather()
	}
	if why != nil {
		s.lose(why)
	}
}

// start opens streams for what was taken, as far as the server allows.
func (s *slot) start() {
	c, r := s.conn, s.group.run
	kept := s.fresh[:0]
	for _, e := range s.fresh {
		switch {
		case c.room(r.engine.cfg.Streams) == 0:
			kept = append(kept, e)
			continue
		case e.block == nil:
			r.render(e)
		}
		if e.block.bad != nil {
			s.failed(e, e.block.bad, false)
			continue
		}
		c.start(e)
	}
	clear(s.fresh[len(kept):])
	s.fresh = kept
}

// receive waits for the server, a deadline, or someone who calls.
func (s *slot) receive() *broken {
	c := s.conn
	why, err := c.receive()
	switch {
	case why != nil || err == nil:
		return why
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return unanswered(err)
	}
	now := s.clock()
	s.group.Lock()
	c.armed = 0
	s.group.Unlock()
	s.expire(now)
	return nil
}

// gather handles what TLS has already read: it gives one record at a time, and to answer each with a write of its own would be dear. A
// deadline that has passed lets buffered records through and stops before the socket. Where there is mostly nothing, it is tried
// less often. (Over plain TCP, to look for more before a write was measured and gained nothing.)
func (s *slot) gather() *broken {
	c := s.conn
	switch {
	case !c.tls || c.idle() || len(s.ended) == 0:
		return nil
	case c.skip > 0:
		c.skip--
		return nil
	}
	s.group.Lock()
	_ = c.nc.SetReadDeadline(past)
	c.armed = 0
	s.group.Unlock()
	c.barren++
	for !c.idle() {
		why, err := c.receive()
		switch {
		case why != nil:
			return why
		case errors.Is(err, os.ErrDeadlineExceeded):
			c.skip = 1<<min(c.barren, mostSkipped) - 1
			return nil
		case err != nil:
			return unanswered(err)
		}
		c.barren = 0
	}
	return nil
}

const mostSkipped = 5 // as a power of two

// expire gives up what has expired by now.
func (s *slot) expire(now time.Duration) {
	kept := s.fresh[:0]
	for _, e := range s.fresh {
		if e.expiry > now {
			kept = append(kept, e)
			continue
		}
		s.failed(e, errTimeout, false)
	}
	clear(s.fresh[len(kept):])
	s.fresh = kept
	s.conn.expire(now)
}

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
	t := time.NewTimer(min(time.Millisecond<<min(s.failing, 10), longestRest))
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.bell:
	}
}

const longestRest = 100 * time.Millisecond
