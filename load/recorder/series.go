package recorder

import "time"

// MaxPoints bounds the series; when there are more, two and two are joined and each is twice as long from then on.
const MaxPoints = 3600

// Point is one second of a run, or some of them in a long run: what ended in it.
type Point struct {
	Start, Length time.Duration
	Counts        Counts
	Response      string // histogram as Times.Encode gives it; "" in a closed loop, where it is Service
	Service       string
	Quantiles     Quantiles // of the response
}

// Quantiles of a point, exact to three digits.
type Quantiles struct {
	P50, P90, P99, Max, ServiceP50, ServiceP99 time.Duration
}

// series collects points from the seconds that are closed.
type series struct {
	points []Point
	open   *interval     // what the next point holds so far
	last   *interval     // what the last point held
	length time.Duration // of open, so far
	step   time.Duration // length of a point
	start  time.Duration // of open
	full   bool          // last holds something
}

func newSeries(closed bool) series {
	return series{open: newInterval(closed), last: newInterval(closed), step: time.Second}
}

func (s *series) add(i *interval) { s.open.merge(i) }

// close ends a second.
func (s *series) close(length time.Duration) {
	s.length += length
	if s.length >= s.step {
		s.point()
	}
}

// finish makes a last point of what is open.
func (s *series) finish(took time.Duration) {
	s.length = took - s.start
	if s.length <= 0 && len(s.points) > 0 && !s.open.empty() { // a straggler of the last second
		s.length = time.Microsecond
	}
	if s.length > 0 || !s.open.empty() {
		s.point()
	}
}

func (s *series) point() {
	i := s.open
	p := Point{Start: s.start, Length: s.length, Counts: i.counts}
	response, service := &i.response, &i.service
	if i.closed {
		response = service
	} else {
		p.Response = response.Encode()
	}
	p.Service = service.Encode()
	p.Quantiles = Quantiles{response.At(50), response.At(90), response.At(99), response.Max(), service.At(50), service.At(99)}
	s.points = append(s.points, p)
	s.start, s.length = s.start+s.length, 0
	s.last.reset()
	s.open, s.last, s.full = s.last, s.open, true
	if len(s.points) >= MaxPoints {
		s.join()
	}
}

func (s *series) lastEmpty() bool { return !s.full }

func (s *series) recent() (response, service *Times) {
	if s.last.closed {
		return &s.last.service, &s.last.service
	}
	return &s.last.response, &s.last.service
}
