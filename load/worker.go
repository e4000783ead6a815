package load

import (
	"context"
	"errors"
	"time"

	"tandem/internal/transport"
)

// work sends one request after another until the schedule ends.
func (p *phase) work(ctx context.Context, rec *recorder) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for refused := 0; ; {
		s, req, ok := p.take(timer)
		if !ok {
			return
		}
		if p.send(ctx, req, &s) {
			refused++
		} else {
			refused = 0
		}
		rec.add(&s)
		if refused > 0 && !p.open {
			p.sleep(timer, min(time.Millisecond<<min(refused, 10), 100*time.Millisecond))
		}
	}
}

// take waits for the next request of the schedule; ok is false when there is none.
func (p *phase) take(timer *time.Timer) (s sample, req *transport.Request, ok bool) {
	for {
		i := p.next.Add(1) - 1
		if i >= p.total || p.isStopped() {
			return s, nil, false
		}
		s.sent = time.Now()
		s.planned = s.sent
		if p.open {
			s.planned = p.start.Add(p.pacer.at(i))
		} else if p.length > 0 && s.sent.Sub(p.start) >= p.length {
			return s, nil, false
		}
		switch late := s.sent.Sub(s.planned); {
		case late < 0:
			if !p.sleep(timer, -late) {
				return s, nil, false
			}
			s.sent, s.waited = time.Now(), true
		case p.open && p.length > 0 && s.sent.Sub(p.start) > p.length+catchUp:
			return s, nil, false
		case late > maxLate:
			continue // dropped: nobody sends this one
		}
		return s, p.reqs[i%int64(len(p.reqs))], true
	}
}

// sleep waits for d at least, or returns false when the schedule is stopped.
func (p *phase) sleep(timer *time.Timer, d time.Duration) bool {
	timer.Reset(d)
	select {
	case <-timer.C:
		return true
	case <-p.stopped:
		return false
	}
}

// send performs one exchange and fills s in. unconnected tells that there was no connection to send it on.
func (p *phase) send(ctx context.Context, req *transport.Request, s *sample) (unconnected bool) {
	p.begun.Add(1)
	resp, err := p.client.Do(ctx, req)
	s.end = time.Now()
	if err != nil {
		return p.failed(err, s)
	}
	s.status, s.bytes = resp.Status, resp.BytesIn
	s.written, s.retried = true, resp.Attempts > 1
	switch resp.Truncated {
	case "":
		p.answered.Store(true)
	case transport.TruncatedTime:
		s.failure = transport.ClassTimeout
	default:
		s.failure = resp.Truncated
	}
	resp.Release()
	return false
}

// failed names why a request was not answered, and ends the run if none can be.
func (p *phase) failed(err error, s *sample) (unconnected bool) {
	s.failure = transport.ClassOther
	var e *transport.Error
	known := errors.As(err, &e)
	s.written = known && (e.Phase == transport.PhaseHead || e.Phase == transport.PhaseBody)
	if errors.Is(err, errGrace) {
		s.failure = errGrace.Error()
		return false
	}
	p.failure.CompareAndSwap(nil, &err)
	if !known {
		return true
	}
	s.failure = e.Class
	if s.written || e.Phase == transport.PhaseWrite {
		return false
	}
	if !e.Temporary && e.Class != transport.ClassCancelled && !p.answered.Load() {
		p.abandon(err)
	}
	return true
}
