package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSpreadOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		want   spread
	}{
		{nil, spread{}},
		{[]float64{3}, spread{3, 3, 3}},
		{[]float64{9, 1, 2}, spread{2, 1, 9}},
		{[]float64{4, 1, 3, 2}, spread{2.5, 1, 4}},
	} {
		if got := spreadOf(c.values); got != c.want {
			t.Errorf("spreadOf(%v) = %v, want %v", c.values, got, c.want)
		}
	}
	if w := (spread{Median: 10, Min: 9, Max: 12}).width(); w != 0.3 {
		t.Errorf("width %v, want 0.3", w)
	}
}

// Speed-ups are taken round by round: a slow minute of the machine cancels out.
func TestSpeedups(t *testing.T) {
	t.Parallel()
	base := []sample{{Wall: 2 * time.Second}, {Wall: 20 * time.Second}, {Wall: 2 * time.Second}}
	half := []sample{{Wall: time.Second}, {Wall: 10 * time.Second}, {}}
	if got := speedups(base, half); got != (spread{2, 2, 2}) {
		t.Errorf("got %v, want 2", got)
	}
	if got := meanCPU([]sample{{CPU: 10}, {CPU: 20}}); got != 15 {
		t.Errorf("mean %v, want 15", got)
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rounds int
		exact  bool
		first  time.Duration
		want   int
	}{
		{5, false, 8 * time.Second, 5},
		{5, false, 11 * time.Second, 3},
		{5, false, time.Hour, 3},
		{5, true, time.Hour, 5},
		{2, false, time.Hour, 2},
	} {
		p := plan{Rounds: c.rounds, Exact: c.exact}
		if got := p.fit(c.first); got != c.want {
			t.Errorf("%d rounds, first takes %v: %d fit, want %d", c.rounds, c.first, got, c.want)
		}
	}
}

func TestNewPlan(t *testing.T) {
	t.Parallel()
	for cores, want := range map[int]int{1: 2, 2: 2, 7: 7, 128: maxWidth} {
		p := newPlan(false, cores)
		if got := p.Jobs[1].Width; got != want {
			t.Errorf("%d cores: %d workers, want %d", cores, got, want)
		}
		p.aim("http://x/")
		if p.Jobs[0].Items[0].URL == "" || p.Jobs[1].Items[0].URL != "" || p.Scenes[0].Python[0].URL == "" {
			t.Errorf("%d cores: I/O-bound items, and only they, are to know whom to ask", cores)
		}
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	inputs := items(kindCPU, 2, 1)
	if err := equal(inputs, []outcome{{Value: 1}, {Value: 2}}, []outcome{{Value: 1, PID: 7}, {Value: 2}}); err != nil {
		t.Error(err)
	}
	for _, got := range [][]outcome{{{Value: 1}, {Value: 3}}, {{Value: 1}}} {
		if equal(inputs, []outcome{{Value: 1}, {Value: 2}}, got) == nil {
			t.Errorf("%v pass for equal", got)
		}
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	var got []string
	for _, v := range []float64{0, 5e-7, 0.000999, 0.00123, 0.9994, 0.9996, 12.345, 345.6} {
		got = append(got, seconds(v))
	}
	want := []string{"–", "0.50 µs", "999 µs", "1.23 ms", "999 ms", "1.00 s", "12.3 s", "346 s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for s, want := range map[spread]string{
		{Min: 0.0123, Max: 0.0456}: "12.3–45.6 ms",
		{Min: 0.5, Max: 1.5}:       "500 ms–1.50 s",
	} {
		if got := extent(s); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := times(14.93) + times(0.944) + times(0.01) + times(0); got != "×14.9×0.94×0.010–" {
		t.Errorf("got %q", got)
	}
}

// The works give the values that Python's halves give too; the script that runs the matrix compares them.
func TestWork(t *testing.T) {
	t.Parallel()
	if got := primes(firstNumber, 1000); got != 79230995 {
		t.Errorf("primes %d", got)
	}
	if got := primes(firstNumber, 1000) >> 20; got != 75 { // between 1000001 and 1001000
		t.Errorf("%d primes", got)
	}
	if a, b := forest(1, 2), forest(1, 1)+forest(2, 1); a != b {
		t.Errorf("forest %d, want %d", a, b)
	}
	if goroutine() < 1 {
		t.Error("this goroutine has no number")
	}
}
