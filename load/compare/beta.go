package compare

import "math"

// incompleteBeta is the regularised I_x(a, b) by its continued fraction (NIST Digital Library of Mathematical Functions, 8.17.22),
// evaluated from the front (Lentz).
func incompleteBeta(a, b, x float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2): // where the fraction converges slowly, the other end
		return 1 - incompleteBeta(b, a, 1-x)
	}
	front := math.Exp(a*math.Log(x)+b*math.Log1p(-x)-logBeta(a, b)) / a
	const tiny = 1e-300
	c, d := 1.0, 0.0
	sum := 1.0
	for i := range 2000 {
		m := float64(i / 2)
		var term float64
		switch {
		case i == 0:
			term = 1
		case i%2 == 0:
			term = m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		default:
			term = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		}
		if d = 1 + term*d; math.Abs(d) < tiny {
			d = tiny
		}
		d = 1 / d
		if c = 1 + term/c; math.Abs(c) < tiny {
			c = tiny
		}
		sum *= c * d
		if i > 0 && math.Abs(1-c*d) < 1e-12 {
			break
		}
	}
	return front * (sum - 1)
}

func logBeta(a, b float64) float64 {
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return la + lb - lab
}

// betaQuantile inverts incompleteBeta.
func betaQuantile(p, a, b float64) float64 {
	return bisect(0, 1, func(x float64) bool { return incompleteBeta(a, b, x) < p })
}

// studentQuantile is t such that |T| ≤ t with the given probability, T having Student's distribution with df degrees of freedom.
func studentQuantile(confidence, df float64) float64 {
	return bisect(0, 1e6, func(t float64) bool { return 1-incompleteBeta(df/2, 0.5, df/(df+t*t)) < confidence })
}

// normalQuantile is z such that |Z| ≤ z with the given probability.
func normalQuantile(confidence float64) float64 { return math.Sqrt2 * math.Erfinv(confidence) }

// bisect finds where below stops to hold.
func bisect(low, high float64, below func(float64) bool) float64 {
	for range 100 {
		mid := (low + high) / 2
		if below(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// exactProportion is the interval of Clopper & Pearson (1934) for k of n. Without any of n its upper end is about 3.7/n at 95 %: the rule
// of three (3/n) is its one-sided form.
func exactProportion(k, n int64, confidence float64) (low, high float64) {
	tail := (1 - confidence) / 2
	low, high = 0, 1
	if k > 0 {
		low = betaQuantile(tail, float64(k), float64(n-k+1))
	}
	if k < n {
		high = betaQuantile(1-tail, float64(k+1), float64(n-k))
	}
	return low, high
}
