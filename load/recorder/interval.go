package recorder

// interval holds what ended in one second. In a closed loop a request is planned when it is sent: its response time is its
// service time, and it is never late, so that only service is kept.
type interval struct {
	closed   bool
	counts   Counts
	response Times
	service  Times
	lateness Times
	first    Times // from the send to the first byte
	body     Times // from the first byte to the last
}

func newInterval(closed bool) *interval {
	i := &interval{closed: closed, service: newTimes(Digits), first: newTimes(coarse), body: newTimes(coarse)}
	if !closed {
		i.response, i.lateness = newTimes(Digits), newTimes(Digits)
	}
	return i
}

func (i *interval) add(s *Sample) {
	i.counts.add(s)
	i.service.Add(s.End - s.Sent)
	if !i.closed {
		i.response.Add(s.End - s.Planned)
		i.lateness.Add(s.Sent - s.Planned)
	}
	if s.First > 0 {
		i.first.Add(s.First - s.Sent)
		i.body.Add(s.End - s.First)
	}
}

func (i *interval) merge(o *interval) {
	if o.empty() {
		return
	}
	i.counts.merge(&o.counts)
	i.service.Merge(&o.service)
	if !i.closed {
		i.response.Merge(&o.response)
		i.lateness.Merge(&o.lateness)
	}
	i.first.Merge(&o.first)
	i.body.Merge(&o.body)
}

func (i *interval) reset() {
	if i.empty() {
		return
	}
	i.counts = Counts{}
	i.service.Reset()
	if !i.closed {
		i.response.Reset()
		i.lateness.Reset()
	}
	i.first.Reset()
	i.body.Reset()
}

func (i *interval) empty() bool { return i.counts == Counts{} }
