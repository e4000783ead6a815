package schedule

import (
	"math"
	"math/bits"
)

// golden is 2^64 divided by the golden ratio, the step of splitmix64.
const golden = 0x9e3779b97f4a7c15

// stream is splitmix64, a generator of random words.
type stream uint64

func (s *stream) next() uint64 {
	*s += golden
	return mix(uint64(*s))
}

// unit returns a number of at least 0 and less than 1.
func (s *stream) unit() float64 { return float64(s.next()>>11) / (1 << 53) }

// mix is the finalizer of splitmix64 (Stafford's variant 13).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// countedBits is how many coins are thrown one by one. Beyond, rejection is faster.
const countedBits = 512

// halfOf draws from Binomial(n, 1/2): how many of n coins show heads. n is 1 to 2^53.
func halfOf(n int64, random *stream) int64 {
	if n > countedBits {
		odd := n & 1
		return halfOfMany(n-odd, random) + odd&int64(random.next()>>63)
	}
	heads := 0
	for ; n > 64; n -= 64 {
		heads += bits.OnesCount64(random.next())
	}
	return int64(heads + bits.OnesCount64(random.next()>>(64-n)))
}

// halfOfMany draws from Binomial(n, 1/2) for an even n of at least 20 by algorithm BTRS (Hörmann, "The generation of binomial random
// variates", J. Stat. Comput. Simul. 46, 1993).
func halfOfMany(n int64, random *stream) int64 {
	middle := float64(n / 2)
	deviation := math.Sqrt(float64(n)) / 2
	b := 1.15 + float64(2.53*deviation) // conversions keep processors from fusing, which would round differently
	a := -0.0873 + float64(0.0248*b) + 0.01*0.5
	alpha, sure := (2.83+5.1/b)*deviation, 0.92-4.2/b
	for {
		u, v := random.unit()-0.5, random.unit()
		us := 0.5 - math.Abs(u)
		k := math.Floor(float64((2*a/us+b)*u) + middle + 0.5)
		if us >= 0.07 && v <= sure {
			return int64(k)
		}
		if k <= 0 || k >= 2*middle { // all alike: less likely than 2^-500
			continue
		}
		if math.Log(v*alpha/(a/(us*us)+b)) <= logHalfRatio(middle, k-middle) {
			return int64(k)
		}
	}
}

// logHalfRatio is the logarithm of P(m+d)/P(m) in Binomial(2m, 1/2). With Stirling's series and x = d/m, the large terms cancel on paper
// and not in floating point.
func logHalfRatio(m, d float64) float64 {
	x := d / m
	return -(m+0.5)*math.Log1p(-x*x) - d*(math.Log1p(x)-math.Log1p(-x)) +
		2*stirlingRest(m) - stirlingRest(m+d) - stirlingRest(m-d)
}

// stirlingRest is what Stirling's formula lacks: log k! - log(√(2πk) (k/e)^k).
func stirlingRest(k float64) float64 {
	kk := 1 / (k * k)
	return (1./12 - kk*(1./360-kk/1260)) / k
}

// poissonVariate draws from the Poisson distribution with a mean of at least 10 by algorithm PTRS (Hörmann, "The transformed rejection
// method for generating Poisson random variables", Insurance: Mathematics and Economics 12, 1993).
func poissonVariate(mean float64, random *stream) int64 {
	b := 0.931 + float64(2.53*math.Sqrt(mean))
	a := -0.059 + float64(0.02483*b)
	inverseAlpha, sure := 1.1239+1.1328/(b-3.4), 0.9277-3.6224/(b-2)
	for {
		u, v := random.unit()-0.5, random.unit()
		us := 0.5 - math.Abs(u)
		k := math.Floor(float64((2*a/us+b)*u) + mean + 0.43)
		if us >= 0.07 && v <= sure {
			return int64(k)
		}
		if k <= 0 || us < 0.013 && v > us {
			continue
		}
		if math.Log(v*inverseAlpha/(a/(us*us)+b)) <= logPoisson(mean, k) {
			return int64(k)
		}
	}
}

// logPoisson is the logarithm of the probability of k, in Loader's form ("Fast and accurate computation of binomial probabilities",
// 2000), which does not lose its digits when mean and k are large and near.
func logPoisson(mean, k float64) float64 {
	x := (k - mean) / mean
	deviance := (1+x)*math.Log1p(x) - x
	if math.Abs(x) < 1e-3 {
		deviance = x * x * (1./2 - x*(1./6-x*(1./12-x/20)))
	}
	return -mean*deviance - math.Log(2*math.Pi*k)/2 - stirlingRest(k)
}
