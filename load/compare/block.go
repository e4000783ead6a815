package compare

import "math"

// blockLength chooses the mean length of a block, in slices, for the stationary bootstrap of x: Politis & White (2004), "Automatic
// block-length selection for the dependent bootstrap", Econometric Reviews 23, with the correction of Patton, Politis & White (2009).
// The answer lies between least and a quarter of len(x), and is 1 for fewer than four values.
func blockLength(x []float64, least float64) float64 {
	n := len(x)
	if n < 4 {
		return 1
	}
	most := float64(n) / 4
	least = min(max(least, 1), most)
	r := autocovariance(x, min(n-1, int(math.Ceil(math.Sqrt(float64(n))))+window(n)))
	if r[0] <= 0 {
		return least
	}
	m := bandwidth(r, n)
	g, g0 := 0.0, r[0]
	for k := 1; k <= m; k++ {
		weight := taper(float64(k) / float64(m))
		g += 2 * weight * float64(k) * r[k]
		g0 += 2 * weight * r[k]
	}
	if g0 <= 0 {
		return least
	}
	b := math.Cbrt(g*g/(g0*g0)) * math.Cbrt(float64(n)) // (2G²/D)^⅓ n^⅓ with D = 2 g(0)²
	return min(max(b, least), most)
}

// taper is the flat-top lag window.
func taper(t float64) float64 {
	if t <= 0.5 {
		return 1
	}
	return max(0, 2*(1-t))
}

// window is how many lags in a row must be small.
func window(n int) int {
	return max(5, int(math.Ceil(math.Sqrt(math.Log10(float64(n))))))
}

// bandwidth is twice the lag after which the correlations r[k]/r[0] of n values are no longer significant, at most the last lag.
func bandwidth(r []float64, n int) int {
	limit := 2 * math.Sqrt(math.Log10(float64(n))/float64(n))
	quiet, last := 0, 0
	for k := 1; k < len(r); k++ {
		if math.Abs(r[k]/r[0]) >= limit {
			quiet, last = 0, k
			continue
		}
		if quiet++; quiet == window(n) {
			break
		}
	}
	return min(2*max(last, 1), len(r)-1)
}

// autocovariance has the lags 0 to last.
func autocovariance(x []float64, last int) []float64 {
	mean := 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	r := make([]float64, last+1)
	for k := range r {
		for i := range len(x) - k {
			r[k] += (x[i] - mean) * (x[i+k] - mean) / float64(len(x))
		}
	}
	return r
}
