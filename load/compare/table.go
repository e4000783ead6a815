package compare

import (
	"cmp"
	"slices"
)

// table holds one distribution per slice so that any mixture of slices has its quantiles quickly. Instead of merging histograms it
// keeps, for each bucket, how many samples of each slice lie at or below it: a mixture's rank is then one dot product, and a
// quantile is a binary search over those.
type table struct {
	n       int // slices
	buckets []Bucket
	below   []int64   // len(buckets) rows of n: samples up to and with the bucket
	total   []int64   // by slice
	sum     []float64 // µs, by slice
}

func newTable(times []Times) *table {
	t := &table{n: len(times), total: make([]int64, len(times)), sum: make([]float64, len(times))}
	for i, one := range times {
		t.buckets = append(t.buckets, one...)
		t.total[i] = one.total()
		t.sum[i] = one.mean() * float64(t.total[i])
	}
	byLow := func(a, b Bucket) int { return cmp.Compare(a.Low, b.Low) }
	slices.SortFunc(t.buckets, byLow)
	t.buckets = slices.CompactFunc(t.buckets, func(a, b Bucket) bool { return a.Low == b.Low })
	t.below = make([]int64, len(t.buckets)*t.n)
	for i, one := range times {
		seen := int64(0)
		for k, bucket := range t.buckets {
			if len(one) > 0 && one[0].Low == bucket.Low {
				seen, one = seen+one[0].Count, one[1:]
			}
			t.below[k*t.n+i] = seen
		}
	}
	return t
}

// rank counts the samples up to and with bucket k in the mixture that takes slice i weights[i] times.
func (t *table) rank(k int, weights []int64) int64 { return dot(t.below[k*t.n:(k+1)*t.n], weights) }

// quantile is the value at q (0 to 1) of the mixture, in microseconds; samples are taken to lie evenly in their bucket. False
// without samples.
func (t *table) quantile(q float64, weights []int64) (float64, bool) {
	total := dot(t.total, weights)
	if total == 0 {
		return 0, false
	}
	want := q * float64(total)
	low, high := 0, len(t.buckets)-1 // the answer lies in low..high
	for low < high {
		mid := (low + high) / 2
		if float64(t.rank(mid, weights)) < want {
			low = mid + 1
		} else {
			high = mid
		}
	}
	before := int64(0)
	if low > 0 {
		before = t.rank(low-1, weights)
	}
	b := t.buckets[low]
	here := t.rank(low, weights) - before
	if here <= 0 {
		return b.Low, true
	}
	return b.Low + (b.High-b.Low)*(want-float64(before))/float64(here), true
}

// mean is that of the mixture, in microseconds. False without samples.
func (t *table) mean(weights []int64) (float64, bool) {
	total := dot(t.total, weights)
	if total == 0 {
		return 0, false
	}
	sum := 0.0
	for i, w := range weights {
		sum += float64(w) * t.sum[i]
	}
	return sum / float64(total), true
}

func dot(a, b []int64) int64 {
	b = b[:len(a)]
	sum := int64(0)
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
