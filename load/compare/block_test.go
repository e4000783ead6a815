package compare

import (
	"math"
	"math/rand/v2"
	"testing"
)

// ar is an AR(1) of n values.
func ar(rng *rand.Rand, memory float64, n int) []float64 {
	x := make([]float64, n)
	at := rng.NormFloat64() / math.Sqrt(1-memory*memory)
	for i := range x {
		at = memory*at + rng.NormFloat64()
		x[i] = at
	}
	return x
}

// TestBlockLength: the rule finds what is best for an AR(1), (2ρ/(1−ρ²))^⅔ n^⅓ slices, on the average, and stays in its bounds.
func TestBlockLength(t *testing.T) {
	t.Parallel()
	const n, times = 2000, 40
	for _, memory := range []float64{0.3, 0.6, 0.8} {
		rng := rand.New(rand.NewPCG(7, 7))
		sum := 0.0
		for range times {
			sum += blockLength(ar(rng, memory, n), 1)
		}
		want := math.Pow(2*memory/(1-memory*memory), 2.0/3) * math.Cbrt(n)
		if got := sum / times; got < want*0.8 || got > want*1.25 {
			t.Errorf("memory %v: blocks of %.1f, want about %.1f", memory, got, want)
		}
	}
	for n := range 60 {
		x := ar(rand.New(rand.NewPCG(uint64(n), 1)), 0.99, n+1)
		if b := blockLength(x, 3); b < 1 || b > max(1, float64(n+1)/4) {
			t.Errorf("%d values: blocks of %v", n+1, b)
		}
	}
	if b := blockLength(make([]float64, 40), 3); b != 3 {
		t.Errorf("a constant: blocks of %v, want the least", b)
	}
}

// TestDraw: every slice is drawn equally often, n in all, and neighbours together if blocks are long.
func TestDraw(t *testing.T) {
	t.Parallel()
	const n, times = 20, 20_000
	for block, least := range map[float64]float64{1: -0.1, 5: 0.3} {
		rng := rand.New(rand.NewPCG(1, 1))
		seen, together := make([]int64, n), 0.0
		w := make([]int64, n)
		for range times {
			draw(rng, block, w)
			if dot(w, ones(n)) != n {
				t.Fatalf("drew %v, want %d in all", w, n)
			}
			for i := range w {
				seen[i] += w[i]
			}
			together += float64(w[0]-1) * float64(w[1]-1) / times
		}
		for _, v := range seen {
			near(t, "share of a slice", float64(v)/times, 1, 0.05)
		}
		if together < least || together > least+0.2 {
			t.Errorf("blocks of %v: the covariance of neighbours is %.2f, want %.1f to %.1f", block, together, least, least+0.2)
		}
	}
}

func ones(n int) []int64 {
	w := make([]int64, n)
	for i := range w {
		w[i] = 1
	}
	return w
}

// TestMissed: with blocks of one slice all dependence is missed, with long ones little, and nothing without any.
func TestMissed(t *testing.T) {
	t.Parallel()
	near(t, "no memory", missed(0, 4, 60), 1, 1e-12)
	near(t, "memory 0.5, blocks of 1", missed(0.5, 1, 100_000), math.Sqrt(3), 1e-3) // (1+ρ)/(1−ρ)
	if long, short := missed(0.5, 15, 60), missed(0.5, 3, 60); long > 1.1 || short < long {
		t.Errorf("missed %.2f by blocks of 15, %.2f by blocks of 3", long, short)
	}
	rng := rand.New(rand.NewPCG(3, 3))
	sum := 0.0
	for range 400 {
		sum += memory(ar(rng, 0.6, 30)) / 400
	}
	near(t, "estimated memory", sum, 0.6, 0.06)
}
