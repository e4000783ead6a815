package http2

import (
	"errors"
	"os"
	"time"
)

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
