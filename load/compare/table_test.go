package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// TestQuantileOfMixture: a quantile by dot products is that of the histograms merged, to a bucket's width.
func TestQuantileOfMixture(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 5))
	const n = 12
	hists, times := make([]*hdrhistogram.Histogram, n), make([]Times, n)
	for i := range n {
		hists[i] = hdrhistogram.New(1, 600_000_000, 3)
		for range rng.IntN(3000) {
			if err := hists[i].RecordValue(1 + int64(math.Exp(7+2*rng.NormFloat64()))); err != nil {
				t.Fatal(err)
			}
		}
		times[i] = decoded(t, hists[i])
	}
	table := newTable(times)
	for range 50 {
		weights := make([]int64, n)
		draw(rng, 3, weights)
		sum := hdrhistogram.New(1, 600_000_000, 3)
		for i, w := range weights {
			for range w {
				sum.Merge(hists[i])
			}
		}
		for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 0.999} {
			got, _ := table.quantile(q, weights)
			want := bucketAt(sum, q)
			if got < float64(want.From)-0.5 || got > float64(want.To)+0.5 {
				t.Fatalf("quantile %v of %v is %v, merged %v", q, weights, got, want)
			}
		}
		mean, _ := table.mean(weights)
		near(t, "mean", mean/sum.Mean(), 1, 1e-3)
	}
	if _, ok := newTable(make([]Times, 3)).quantile(0.5, ones(3)); ok {
		t.Error("a quantile of nothing")
	}
}

// bucketAt is the bucket of h in which its quantile q lies.
func bucketAt(h *hdrhistogram.Histogram, q float64) hdrhistogram.Bar {
	rank, seen := int64(math.Ceil(q*float64(h.TotalCount()))), int64(0)
	for _, bar := range h.Distribution() {
		if seen += bar.Count; seen >= rank {
			return bar
		}
	}
	return hdrhistogram.Bar{}
}

// decoded sends h through its text.
func decoded(t *testing.T, h *hdrhistogram.Histogram) Times {
	t.Helper()
	text, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	times, err := decodeTimes(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if times.total() != h.TotalCount() {
		t.Fatalf("decoded %d samples of %d", times.total(), h.TotalCount())
	}
	return times
}

// TestJoin: neighbours joined are the sum of both, and nothing is lost when a long run is made coarse.
func TestJoin(t *testing.T) {
	t.Parallel()
	c := usual()
	c.seconds, c.requests = 1000, 20
	r := c.run(rand.New(rand.NewPCG(9, 9)), "a")
	fewer := coarse(r.Slices)
	if len(fewer) != 250 || fewer[0].Length != 4 {
		t.Errorf("%d slices, the first of %v s: want 250 of 4 s", len(fewer), fewer[0].Length)
	}
	total := int64(0)
	for _, s := range fewer {
		total += s.Response.total()
		if !slices.IsSortedFunc(s.Response, func(a, b Bucket) int { return int(math.Copysign(1, a.Low-b.Low)) }) {
			t.Fatal("buckets out of order")
		}
	}
	if total != r.Completed {
		t.Errorf("%d samples, want %d", total, r.Completed)
	}
	end := whole([]Slice{{Length: 1}, {Length: 1e-6, Failed: 1}, {Length: 1}, {Length: 0.6}, {Length: 0.3}})
	if len(end) != 3 || end[0].Failed != 1 || end[2].Length < 0.89 {
		t.Errorf("short slices joined to %+v", end)
	}
}
