package fast

import (
	"cmp"
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
	"tandem/load/engine/framing"
	"tandem/load/recorder"
)

// Why requests fail, beside what the system says.
var (
	errTimeout = os.ErrDeadlineExceeded
	errUnasked = errors.New("response that was not asked for")
	errCut     = errors.New("connection ended in the middle of the body")
)

// record adds a whole answer.
func (l *loop) record(c *conn, f *flight, surplus bool) {
	s := &l.sample
	*s = recorder.Sample{
		Target: int(f.target), Planned: f.send.Planned, Sent: f.send.Taken, First: max(c.first, f.send.Taken+1), End: max(l.came, c.first, f.send.Taken+1), Bytes: c.bytes,
		Status: c.frame.Status(), Waited: f.send.Waited, Written: true, Retried: f.retried, Unasked: surplus,
		DNS: c.dns, Connect: c.connect,
	}
	if failed := l.job.Source.Verify(s.Target, s.Status, nil, nil); failed >= 0 {
		s.Failure, s.Check = engine.ClassCheck, failed+1
	}
	l.job.Answer()
	l.shard.Add(s)
}

// drop adds a request without a whole answer.
func (l *loop) drop(c *conn, f *flight, class string) {
	s := &l.sample
	*s = recorder.Sample{
		Target: int(f.target), Planned: f.send.Planned, Sent: f.send.Taken, End: l.now, Failure: class, Waited: f.send.Waited,
		Written: f.written, Retried: f.retried,
	}
	if c.bytes > 0 {
		s.First, s.Bytes = min(max(c.first, f.send.Taken+1), l.now), c.bytes
		c.bytes = 0 // they were the oldest request's
	}
	l.flying--
	l.shard.Add(s)
}

// lost gives c's socket up. The oldest request has failed because of err, unless it may go out again; the others go out again.
func (l *loop) lost(c *conn, phase transport.Phase, err error) {
	if c.state == connecting {
		l.dials--
	}
	unconnected := c.state != open
	again := c.served && !c.frame.Began() && dead(err)
	failure := l.failure(phase, err)
	class := failure.Class
	if class == transport.ClassCancelled {
		class = cmp.Or(engine.CutClass(l.ctx), class)
	}
	l.look()
	kept, had := c.flights[:0], len(c.flights)
	for i := range c.flights {
		f := c.flights[i]
		inTime := l.now-f.send.Taken < l.job.Timeout
		if f.repeats && !f.retried && !unconnected && inTime && (again || i > 0) {
			f.retried, f.written = true, false
			kept = append(kept, f)
			continue
		}
		l.drop(c, &f, class)
	}
	c.flights = kept
	if len(kept) < had {
		l.job.Fail(failure, unconnected && !failure.Temporary && failure.Class != transport.ClassCancelled)
	}
	c.shut()
	if unconnected {
		c.rest(l.now)
	}
	if len(kept) > 0 {
		l.redial(c)
		return
	}
	l.vacant(c)
}

// rest has c wait before it takes a request again, longer each time.
func (c *conn) rest(now time.Duration) {
	c.fails++
	c.until = now + engine.Rest(int(c.fails))
}

// failure names err as internal/transport would.
func (l *loop) failure(phase transport.Phase, err error) *transport.Error {
	var known *transport.Error
	if errors.As(err, &known) {
		return known
	}
	e := transport.Failure(phase, l.cfg.HostPort, err)
	switch {
	case errors.Is(err, errUnasked):
		e.Class, e.Temporary = transport.ClassUnasked, true
	case errors.Is(err, errCut):
		e.Class = transport.TruncatedDisconnect
	case errors.Is(err, framing.ErrTooLarge):
		e.Class = transport.ClassLargeHeader
	case errors.Is(err, framing.ErrMalformed):
		e.Class = transport.ClassMalformed
	}
	return e
}

// dead reports whether err is what a connection says that the other side gave up while it idled.
func dead(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ENOTCONN)
}
