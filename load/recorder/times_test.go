package recorder

import (
	"math"
	"testing"
	"time"
)

func ms(d time.Duration) float64 { return d.Seconds() * 1e3 }

func TestTimesWithinTheirPrecision(t *testing.T) {
	t.Parallel()
	a, b := NewTimes(), NewTimes()
	for i := 1; i <= 1000; i++ { // 1…1000 ms, over two histograms
		into := &a
		if i%3 == 0 {
			into = &b
		}
		into.Add(time.Duration(i) * time.Millisecond)
	}
	a.Merge(&b)
	for name, pair := range map[string][2]float64{
		"min": {ms(a.Min()), 1}, "mean": {ms(a.Mean()), 500.5}, "p50": {ms(a.At(50)), 500}, "p90": {ms(a.At(90)), 900},
		"p95": {ms(a.At(95)), 950}, "p99": {ms(a.At(99)), 990}, "p99_9": {ms(a.At(99.9)), 999}, "max": {ms(a.Max()), 1000},
	} {
		if math.Abs(pair[0]-pair[1]) > pair[1]/1000 {
			t.Errorf("%s is %v, want %v", name, pair[0], pair[1])
		}
	}
}

func TestTimesOutsideTheRange(t *testing.T) {
	t.Parallel()
	x := NewTimes()
	if x.Min() != 0 || x.Max() != 0 || x.Mean() != 0 || x.At(50) != 0 {
		t.Errorf("empty: %+v", x)
	}
	x.Add(0)
	x.Add(time.Hour)
	if x.Min() != 0 || x.Max() != time.Hour || x.Count() != 2 || x.At(99) > Longest+time.Second {
		t.Errorf("%v to %v of %d", x.Min(), x.Max(), x.Count())
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	x := NewTimes()
	if d, k := x.Tail(0.01, 5); d != 0 || k != 0 {
		t.Errorf("empty: %v of %d", d, k)
	}
	for i := 1; i <= 1000; i++ { // 1…1000 ms
		x.Add(time.Duration(i) * time.Millisecond)
		d, k := x.Tail(0.01, 5)
		want, many := max(0, i-4), 5
		switch {
		case i < 5:
			want, many = 0, 0
		case i > 500:
			many = (i + 99) / 100
			want = i - many + 1
		}
		if k != int64(many) || math.Abs(d.Seconds()*1000-float64(want)) > float64(want)/1000 {
			t.Fatalf("of %d: %v, %d; want %d ms, %d", i, d, k, want, many)
		}
	}
}
