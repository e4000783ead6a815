package http2

import (
	"errors"

	"tandem/load/engine"
)

var (
	errCut   = errors.New("cut")
	errMoved = &broken{class: classBadRequest, err: errors.New("the target's host is not the same in each request")}
)

// answered ends an exchange with a whole answer.
func (s *slot) answered(e *exchange, written bool) {
	r, p := s.group.run, &e.sample
	p.Written, p.End = written, s.conn.lastRead
	r.job.Answer()
	if n := r.source.Verify(p.Target, p.Status, e.stream.head, e.stream.body); n >= 0 {
		p.Failure, p.Check = engine.ClassCheck, n+1
	}
	s.ended = append(s.ended, e)
}

// failed ends an exchange without one.
func (s *slot) failed(e *exchange, why *broken, written bool) {
	p := &e.sample
	p.Written, p.End, p.Status = written || p.First > 0, s.clock(), 0
	p.Failure = why.class
	if p.Bytes == 0 {
		p.First = 0
	}
	if why.err != errCut {
		s.group.run.job.Fail(why.err, why.hopeless)
	}
	s.ended = append(s.ended, e)
}

// unprocessed has an exchange sent once more, if it was not before: the server has not looked at it.
func (s *slot) unprocessed(e *exchange, why *broken, written bool) {
	if e.retried {
		s.failed(e, why, written)
		return
	}
	e.restart()
	s.again = append(s.again, e)
}
