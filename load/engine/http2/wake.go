package http2

import (
	"time"

	"tandem/load/engine"
)

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
