package compare

import "math"

// side is a run made ready to be drawn from.
type side struct {
	run               *Run
	n                 int // slices
	response, service *table
	completed         []int64 // by slice
	bad, all          []int64 // requests failed or dropped; and all that ended
	length            []float64
	seconds           float64
	ones              []int64 // the run as it was: every slice once
}

func newSide(r *Run, slices []Slice) *side {
	n := len(slices)
	s := &side{run: r, n: n, completed: make([]int64, n), bad: make([]int64, n), all: make([]int64, n), length: make([]float64, n), ones: make([]int64, n)}
	response, service := make([]Times, n), make([]Times, n)
	for i := range slices {
		one := &slices[i]
		response[i], service[i] = one.Response, one.Service
		s.completed[i], s.bad[i] = one.Completed, one.Failed+one.Dropped
		s.all[i] = one.Completed + s.bad[i]
		s.length[i], s.ones[i] = one.Length, 1
		s.seconds += one.Length
	}
	s.response, s.service = newTable(response), newTable(service)
	return s
}

// rate is completed requests per second.
func (s *side) rate(weights []int64) (float64, bool) {
	seconds := 0.0
	for i, w := range weights {
		seconds += float64(w) * s.length[i]
	}
	return float64(dot(s.completed, weights)) / seconds, seconds > 0
}

// failed is the part of all requests that failed or were dropped.
func (s *side) failed(weights []int64) (float64, bool) {
	all := dot(s.all, weights)
	return float64(dot(s.bad, weights)) / float64(all), all > 0
}

// traces are the courses over the slices that show how they depend on each other: the logarithms of the mean response time and of the
// requests a second.
func (s *side) traces() [][]float64 {
	times, rates := make([]float64, s.n), make([]float64, s.n)
	last := 0.0
	for i := range s.n {
		if s.response.total[i] > 0 {
			last = math.Log(s.response.sum[i] / float64(s.response.total[i]))
		}
		times[i] = last // a slice without an answer goes on where the one before was
		rates[i] = math.Log((float64(s.completed[i]) + 1) / s.length[i])
	}
	return [][]float64{times, rates}
}
