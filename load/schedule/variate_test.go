package schedule

import (
	"math"
	"testing"
)

// Both ways of drawing binomial variates, and the Poisson variate, have the distribution that they are named for: Pearson's chi-square
// over all values that are expected at least 20 times.
func TestVariates(t *testing.T) {
	t.Parallel()
	const draws = 300_000
	lgamma := func(x float64) float64 { v, _ := math.Lgamma(x); return v }
	half := func(n float64) func(k float64) float64 {
		return func(k float64) float64 { return math.Exp(lgamma(n+1) - lgamma(k+1) - lgamma(n-k+1) - n*math.Ln2) }
	}
	poisson := func(mean float64) func(k float64) float64 {
		return func(k float64) float64 { return math.Exp(k*math.Log(mean) - mean - lgamma(k+1)) }
	}
	for name, row := range map[string]struct {
		draw        func(*stream) int64
		probability func(k float64) float64
	}{
		"1 coin":          {func(s *stream) int64 { return halfOf(1, s) }, half(1)},
		"17 coins":        {func(s *stream) int64 { return halfOf(17, s) }, half(17)},
		"64 coins":        {func(s *stream) int64 { return halfOf(64, s) }, half(64)},
		"65 coins":        {func(s *stream) int64 { return halfOf(65, s) }, half(65)},
		"512 coins":       {func(s *stream) int64 { return halfOf(512, s) }, half(512)},
		"513 coins":       {func(s *stream) int64 { return halfOf(513, s) }, half(513)},
		"514 coins":       {func(s *stream) int64 { return halfOf(514, s) }, half(514)},
		"9,999 coins":     {func(s *stream) int64 { return halfOf(9999, s) }, half(9999)},
		"1,000,000 coins": {func(s *stream) int64 { return halfOf(1e6, s) }, half(1e6)},
		"Poisson, 576":    {func(s *stream) int64 { return poissonVariate(576, s) }, poisson(576)},
		"Poisson, 1e6":    {func(s *stream) int64 { return poissonVariate(1e6, s) }, poisson(1e6)},
	} {
		seen, random := map[int64]int{}, stream(1)
		for range draws {
			seen[row.draw(&random)]++
		}
		var chi, cells, rest, expectedRest float64
		rest, expectedRest = draws, draws
		for k, n := range seen {
			if want := draws * row.probability(float64(k)); want >= 20 {
				chi += (float64(n) - want) * (float64(n) - want) / want
				rest, expectedRest, cells = rest-float64(n), expectedRest-want, cells+1
			}
		}
		if expectedRest > 1 {
			chi += (rest - expectedRest) * (rest - expectedRest) / expectedRest
			cells++
		}
		// the mean is cells-1, the variance twice that
		if df := cells - 1; chi > df+4.5*math.Sqrt(2*df)+5 {
			t.Errorf("%s: chi-square is %.0f over %v cells", name, chi, cells)
		}
	}
}

// Very large variates keep mean and variance; floating point that lost its digits would not.
func TestLargeVariates(t *testing.T) {
	t.Parallel()
	const draws = 100_000
	for _, n := range []float64{1e9, 1e12, 5e15} {
		for name, draw := range map[string]struct {
			mean, variance float64
			next           func(*stream) int64
		}{
			"half":    {n / 2, n / 4, func(s *stream) int64 { return halfOf(int64(n), s) }},
			"poisson": {n, n, func(s *stream) int64 { return poissonVariate(n, s) }},
		} {
			var sum, squares, fourth float64
			random := stream(2)
			for range draws {
				z := (float64(draw.next(&random)) - draw.mean) / math.Sqrt(draw.variance)
				sum, squares, fourth = sum+z, squares+z*z, fourth+z*z*z*z
			}
			// of a normal variate: 0 ± 1, 1 ± √2, 3 ± √96
			scale := 5 / math.Sqrt(draws)
			if math.Abs(sum/draws) > scale || math.Abs(squares/draws-1) > scale*math.Sqrt2 || math.Abs(fourth/draws-3) > scale*math.Sqrt(96) {
				t.Errorf("%s of %g: mean %v, variance %v, fourth moment %v, want 0, 1, 3", name, n, sum/draws, squares/draws, fourth/draws)
			}
		}
	}
}

// Period and offset meet at every edge of fixed point.
func TestPeriodAfter(t *testing.T) {
	t.Parallel()
	const half = 1 << 63
	for _, row := range []struct {
		p      period
		n      uint64
		offset fixed
		want   int64
	}{
		{period{1000, 0}, 3, fixed{}, 3000},
		{period{0, half}, 1, fixed{}, 1}, {period{0, half - 1}, 1, fixed{}, 0}, {period{0, half}, 3, fixed{}, 2},
		{period{10, 0}, 1, fixed{9, half}, 1}, {period{10, 0}, 1, fixed{9, half + 1}, 0}, {period{10, 0}, 1, fixed{10, 1}, 0}, {period{10, 0}, 0, fixed{0, 1}, 0},
		{period{1, math.MaxUint64}, math.MaxInt64, fixed{}, math.MaxInt64},
		{period{math.MaxInt64, 0}, 2, fixed{}, math.MaxInt64}, {period{math.MaxInt64, 0}, math.MaxUint64, fixed{}, math.MaxInt64},
		{period{1 << 62, 0}, 4, fixed{1, 0}, math.MaxInt64}, {period{math.MaxInt64 - 1, math.MaxUint64}, 1, fixed{}, math.MaxInt64},
	} {
		if got := row.p.after(row.n, row.offset); int64(got) != row.want {
			t.Errorf("%d × %v - %v is %d, want %d", row.n, row.p, row.offset, got, row.want)
		}
	}
}
