package recorder

import "github.com/HdrHistogram/hdrhistogram-go"

// join makes one point of every two.
func (s *series) join() {
	half := s.points[:0:0]
	for i := 0; i+1 < len(s.points); i += 2 {
		half = append(half, joined(s.points[i], s.points[i+1]))
	}
	if n := len(s.points); n%2 == 1 {
		half = append(half, s.points[n-1])
	}
	s.points = half
	s.step *= 2
}

func joined(a, b Point) Point {
	p := Point{Start: a.Start, Length: a.Length + b.Length, Counts: a.Counts}
	p.Counts.merge(&b.Counts)
	service := decode(a.Service, b.Service)
	response := service
	if a.Response != "" {
		response = decode(a.Response, b.Response)
		p.Response = response.Encode()
	}
	p.Service = service.Encode()
	p.Quantiles = Quantiles{response.At(50), response.At(90), response.At(99), max(a.Quantiles.Max, b.Quantiles.Max), service.At(50), service.At(99)}
	return p
}

// decode adds histograms up that Encode made.
func decode(encoded ...string) *Times {
	sum := NewTimes()
	for _, text := range encoded {
		if h, err := hdrhistogram.Decode([]byte(text)); err == nil { // our own text
			sum.hist.Merge(h)
		}
	}
	sum.min, sum.max = 0, Longest
	return &sum
}
