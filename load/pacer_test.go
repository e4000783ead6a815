package load

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestPacer(t *testing.T) {
	t.Parallel()
	rows := []struct {
		rate    float64
		elapsed time.Duration
		due     int64 // planned up to and with elapsed
		before  int64 // planned before elapsed
	}{
		{1, -time.Second, 0, 0},
		{1, 0, 1, 0},
		{1, 999 * time.Millisecond, 1, 1},
		{1, time.Second, 2, 1},
		{1, time.Second + 1, 2, 2},
		{10, 100 * time.Millisecond, 2, 1},
		{10, 300 * time.Millisecond, 4, 3},
		{10, 99_999_999, 1, 1},
		{1000, 4 * time.Second, 4001, 4000},
		{0.5, 10 * time.Second, 6, 5},
		{10.0 / 3600, time.Hour, 11, 10},
		{1.5, 2 * time.Second, 4, 3},
		{3, time.Second, 4, 3},
		{3, 333_333_332, 1, 1},
		{3, 333_333_333, 2, 1},
		{3, 333_333_334, 2, 2},
		{1e6, time.Minute, 60_000_001, 60_000_000},
		{maxRate, time.Hour, 36_000_000_001, 36_000_000_000},
	}
	for _, row := range rows {
		p := pacer{row.rate}
		if due, before := p.due(row.elapsed), p.before(row.elapsed); due != row.due || before != row.before {
			t.Errorf("%v/s after %v: due %d, before %d, want %d and %d", row.rate, row.elapsed, due, before, row.due, row.before)
		}
	}
}

// Each request is due at its own time and not a nanosecond before.
func TestPacerAgreesWithItself(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		p := pacer{rate: []float64{0.1, 1, 3, 7, 333, 1000, 12345.678, 1e6}[rng.IntN(8)]}
		i := rng.Int64N(10_000_000)
		if due := p.due(p.at(i)); due != i+1 {
			t.Fatalf("%v/s: request %d is planned at %v, but then %d are due", p.rate, i, p.at(i), due)
		}
		if due := p.due(p.at(i) - 1); due != i {
			t.Fatalf("%v/s: shortly before request %d, %d are due", p.rate, i, due)
		}
	}
}
