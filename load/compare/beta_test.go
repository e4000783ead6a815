package compare

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > within {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestQuantiles holds the distributions against printed tables.
func TestQuantiles(t *testing.T) {
	t.Parallel()
	near(t, "I_0.5(2,3)", incompleteBeta(2, 3, 0.5), 11.0/16, 1e-12)
	near(t, "I_0.2(1,1)", incompleteBeta(1, 1, 0.2), 0.2, 1e-12)
	near(t, "I_0.9(30,4)", incompleteBeta(30, 4, 0.9), 1-incompleteBeta(4, 30, 0.1), 1e-12)
	for df, want := range map[float64]float64{1: 12.706, 4: 2.776, 10: 2.228, 58: 2.0017, 1e6: 1.95997} {
		near(t, "t", studentQuantile(0.95, df), want, 1e-3)
	}
	near(t, "t at 99 %", studentQuantile(0.99, 10), 3.169, 1e-3)
	near(t, "z", normalQuantile(0.95), 1.959964, 1e-6)
}

// TestExactProportion: Clopper & Pearson's intervals, and their closed form without any and with all.
func TestExactProportion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		k, n      int64
		low, high float64
	}{
		{0, 10, 0, 1 - math.Pow(0.025, 0.1)},
		{0, 1000, 0, 1 - math.Pow(0.025, 0.001)},
		{10, 10, math.Pow(0.025, 0.1), 1},
		{5, 10, 0.187086, 0.812914},
		{1, 100, 0.000253, 0.054459},
		{3, 1_000_000, 6.187e-07, 8.767e-06},
	} {
		low, high := exactProportion(c.k, c.n, 0.95)
		near(t, "low", low, c.low, 2e-6)
		near(t, "high", high, c.high, 2e-6)
	}
	if _, high := exactProportion(0, 300, 0.9); math.Abs(high-3.0/300) > 1e-4 { // one-sided 95 %: the rule of three
		t.Errorf("upper end for 0 of 300 is %v, want about 3/300", high)
	}
}
