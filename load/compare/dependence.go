package compare

import "math"

// Dependence from slice to slice that is taken into account; more than this looks like a drift, which no resampling cures.
const mostMemory = 0.9

// memory is the correlation of neighbouring values of x, 0 to mostMemory, with the correction for short series of Kendall (1954),
// "Note on bias in the estimation of autocorrelation", Biometrika 41.
func memory(x []float64) float64 {
	n := float64(len(x))
	if n < 5 {
		return 0
	}
	r := autocovariance(x, 1)
	if r[0] <= 0 {
		return 0
	}
	return min(max(0, (r[1]/r[0]+1/n)/(1-3/n)), mostMemory)
}

// missed is by how much the standard error from blocks of mean length block is too small for n slices with this memory: a dependence
// that reaches over the end of a block is lost. The variance of a mean is Σ (1−|k|/n) ρ^|k|; the stationary bootstrap has (1−1/block)^|k|
// in it as well (Politis & Romano 1994, lemma 1).
func missed(memory, block float64, n int) float64 {
	truth, seen := 1.0, 1.0
	for k := 1; k < n; k++ {
		part := 2 * (1 - float64(k)/float64(n)) * math.Pow(memory, float64(k))
		truth += part
		seen += part * math.Pow(1-1/block, float64(k))
	}
	return math.Sqrt(truth / seen)
}
