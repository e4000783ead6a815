package compare

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

// BenchmarkCompare is a whole comparison with 2,000 resamples of every metric.
func BenchmarkCompare(b *testing.B) {
	for _, seconds := range []int{10, 60, 600} {
		b.Run(strconv.Itoa(seconds)+"s", func(b *testing.B) {
			c := usual()
			c.seconds, c.requests, c.grain = seconds, 2000, 1
			rng := rand.New(rand.NewPCG(1, 2))
			before, after := full(c.run(rng, "a")), full(c.run(rng, "b"))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Compare(before, after, Default()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// full has the service times that the simulations leave out.
func full(r *Run) *Run {
	for i := range r.Slices {
		r.Slices[i].Service = r.Slices[i].Response
	}
	return r
}

// BenchmarkTable makes the sums of a minute's histograms.
func BenchmarkTable(b *testing.B) {
	c := usual()
	c.requests, c.grain = 2000, 1
	r := c.run(rand.New(rand.NewPCG(1, 2)), "a")
	times := make([]Times, len(r.Slices))
	for i := range times {
		times[i] = r.Slices[i].Response
	}
	b.ReportAllocs()
	for b.Loop() {
		newTable(times)
	}
}
