package recorder

import (
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The range and precision of the histograms, in the unit that they count.
const (
	Shortest = time.Microsecond
	Longest  = 10 * time.Minute
	Digits   = 3
	coarse   = 2 // digits where there are many histograms
)

// Times is a distribution: a histogram of microseconds with exact extremes and an exact sum. Not safe for concurrent use.
type Times struct {
	hist     *hdrhistogram.Histogram
	min, max time.Duration
	sum      time.Duration
}

// NewTimes returns an empty distribution with three digits.
func NewTimes() Times { return newTimes(Digits) }

func newTimes(digits int) Times {
	return Times{hist: hdrhistogram.New(1, int64(Longest/Shortest), digits), min: math.MaxInt64}
}

// Add counts d. What is beyond the range counts as its end.
func (t *Times) Add(d time.Duration) {
	t.min, t.max = min(t.min, d), max(t.max, d)
	t.sum += d
	us := int64((d + Shortest/2) / Shortest)
	_ = t.hist.RecordValue(min(max(us, 1), int64(Longest/Shortest))) // never outside the range
}

// Merge adds all of o, exactly if both have the same digits.
func (t *Times) Merge(o *Times) {
	if o.Count() == 0 {
		return
	}
	t.hist.Merge(o.hist)
	t.min, t.max = min(t.min, o.min), max(t.max, o.max)
	t.sum += o.sum
}

// Reset empties t.
func (t *Times) Reset() {
	if t.Count() > 0 {
		t.hist.Reset()
	}
	t.min, t.max, t.sum = math.MaxInt64, 0, 0
}

// Count returns how many times were added.
func (t *Times) Count() int64 { return t.hist.TotalCount() }

// Min, Max and Mean are exact; 0 without a sample.
func (t *Times) Min() time.Duration {
	if t.Count() == 0 {
		return 0
	}
	return t.min
}

// Max is the longest time.
func (t *Times) Max() time.Duration { return t.max }

// Mean is the average.
func (t *Times) Mean() time.Duration {
	if n := t.Count(); n > 0 {
		return t.sum / time.Duration(n)
	}
	return 0
}

// Sum is that of all times, exact.
func (t *Times) Sum() time.Duration { return t.sum }

// Within counts for each of bounds, which ascend, the times that are not longer: exact where the bound ends a bucket, else short of
// what is in the bound's own bucket.
func (t *Times) Within(bounds []time.Duration) []int64 {
	counts := make([]int64, len(bounds))
	i, sum := 0, int64(0)
	for _, b := range t.hist.Distribution() {
		for i < len(bounds) && time.Duration(b.To)*Shortest > bounds[i] {
			counts[i] = sum
			i++
		}
		sum += b.Count
	}
	for ; i < len(bounds); i++ {
		counts[i] = sum
	}
	return counts
}

// At returns the time at a percentile, as 99.9, never beyond the exact extremes.
func (t *Times) At(percentile float64) time.Duration {
	if t.Count() == 0 {
		return 0
	}
	d := time.Duration(t.hist.ValueAtPercentile(percentile)) * Shortest
	return min(max(d, t.min), t.max)
}

// Tail returns the time that the longest part of all samples, and the longest few of them, reach, and how many these are; 0
// without so many.
func (t *Times) Tail(part float64, few int64) (d time.Duration, k int64) {
	n := t.Count()
	k = max(int64(math.Ceil(part*float64(n))), few)
	if k > n {
		return 0, 0
	}
	return time.Duration(t.hist.ValueAtPercentile(100*float64(n-k+1)/float64(n))) * Shortest, k
}

// Histogram returns the histogram itself, in microseconds. It belongs to t.
func (t *Times) Histogram() *hdrhistogram.Histogram { return t.hist }

// Encode returns the histogram in the compressed form V2 of the HdrHistogram libraries, as base64 text.
func (t *Times) Encode() string {
	b, err := t.hist.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil { // compressing into memory does not fail
		return ""
	}
	return string(b)
}
