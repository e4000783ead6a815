package schedule_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"tandem/load/schedule"
)

// Counts of windows have the mean and the variance of a Poisson distribution, in windows that are cells of the tree and in others,
// at rates at which a window is one leaf and at which it is many cells.
func TestPoissonCounts(t *testing.T) {
	t.Parallel()
	const windows = 20_000
	for _, row := range []struct {
		rate   float64
		window time.Duration
	}{
		{2, time.Second}, {100, 100 * ms}, {1000, time.Second}, {1e6, 1 << 20}, {1e6, 100_003}, {1e6, time.Second}, {1e7, 3 * time.Second},
	} {
		s := schedule.Poisson(row.rate, 0, 42)
		mean := row.rate * row.window.Seconds()
		var sum, squares, product, previous float64
		before := int64(0)
		for k := range time.Duration(windows) {
			due := s.Due((k+1)*row.window - 1)
			d := float64(due-before) - mean
			before = due
			sum, squares, product, previous = sum+d, squares+d*d, product+d*previous, d
		}
		// five standard errors
		if off := sum / windows / math.Sqrt(mean/windows); math.Abs(off) > 5 {
			t.Errorf("%v/s in %v: the mean is %v standard errors off", row.rate, row.window, off)
		}
		if ratio := squares / windows / mean; math.Abs(ratio-1) > 5*math.Sqrt((2+1/mean)/windows) {
			t.Errorf("%v/s in %v: variance / mean = %v, want 1", row.rate, row.window, ratio)
		}
		if r := product / windows / mean; math.Abs(r) > 5/math.Sqrt(windows) {
			t.Errorf("%v/s in %v: one window and the next correlate by %v, want 0", row.rate, row.window, r)
		}
	}
}

// Gaps are exponential (Kolmogorov and Smirnov's distance; 1.95/√n is passed once in a thousand times) and do not depend on each
// other.
func TestPoissonGaps(t *testing.T) {
	t.Parallel()
	const n, bins = 200_000, 1000
	for seed, rate := range []float64{0.01, 3, 1000, 1e6} {
		s := schedule.Poisson(rate, 0, uint64(seed))
		c := s.Cursor()
		var below [bins]int
		var product float64
		last, previous := time.Duration(0), 0.0
		for i := range int64(n) {
			at := c.At(i)
			gap := (at - last).Seconds() * rate
			last = at
			uniform := -math.Expm1(-gap)
			below[min(int(uniform*bins), bins-1)]++
			product += (uniform - 0.5) * previous
			previous = uniform - 0.5
		}
		sum, distance := 0, 0.0
		for k, b := range below {
			sum += b
			distance = max(distance, math.Abs(float64(sum)/n-float64(k+1)/bins))
		}
		// a gap is a whole number of nanoseconds
		if limit := 1.95/math.Sqrt(n) + rate*1e-9; distance > limit {
			t.Errorf("%v/s: gaps are %v from exponential, want at most %v", rate, distance, limit)
		}
		if r := product / n * 12; math.Abs(r) > 5/math.Sqrt(n) {
			t.Errorf("%v/s: a gap and the next correlate by %v", rate, r)
		}
	}
}

// Seeds are reproducible, different and comparable at different lengths.
func TestPoissonSeeds(t *testing.T) {
	t.Parallel()
	endless, short := schedule.Poisson(1000, 0, 1), schedule.Poisson(1000, time.Minute, 1)
	for i := range short.Total() {
		if endless.At(i) != short.At(i) {
			t.Fatalf("send %d is planned at %v, but at %v in a schedule with an end", i, endless.At(i), short.At(i))
		}
	}
	if endless.At(short.Total()) < time.Minute {
		t.Error("the schedule with an end lacks a send")
	}
	same := 0
	other := schedule.Poisson(1000, 0, 2)
	for i := range int64(10_000) {
		if endless.At(i) == other.At(i) {
			same++
		}
	}
	if same > 10 {
		t.Errorf("seeds 1 and 2 share %d of 10,000 times", same)
	}
}

// The times of a seed may not change unnoticed: people compare runs by it.
func TestPoissonIsFixed(t *testing.T) {
	t.Parallel()
	s := schedule.Poisson(500, 0, 7)
	for i, want := range map[int64]time.Duration{0: 4880503, 1: 9252214, 2: 9709734, 499: 933687588, 500: 933720585, 1e6: 1998881233184} {
		if got := s.At(i); got != want {
			t.Errorf("send %d is planned at %d, want %d", i, got, want)
		}
	}
}

// Whatever was asked before, a cursor answers as its schedule.
func TestCursor(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 10))
	for name, s := range all(t) {
		forward, shard, wild := s.Cursor(), s.Cursor(), s.Cursor()
		start := rng.Int64N(min(s.Total(), 1e9))
		for k := range int64(1000) {
			for _, asked := range []struct {
				c *schedule.Cursor
				i int64
			}{{&forward, start + k}, {&shard, start + 7*k}, {&wild, rng.Int64N(min(s.Total(), 1e12))}, {&wild, k - 1}, {&wild, s.Total()}} {
				if got, want := asked.c.At(asked.i), s.At(asked.i); got != want {
					t.Fatalf("%s: send %d is planned at %d, a cursor says %d", name, asked.i, want, got)
				}
			}
		}
	}
}
