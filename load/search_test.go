package load

import (
	"math"
	"math/rand/v2"
	"testing"
)

// system answers whether a rate holds.
type system func(rate float64) outcome

// step is a system that holds up to its capacity.
func step(capacity float64) system {
	return func(rate float64) outcome {
		if rate <= capacity {
			return held
		}
		return failed
	}
}

// noisy is a step whose trials fail for no reason, or pass by luck just above, with the given chances.
func noisy(capacity, hiccup, width float64, seed uint64) system {
	rng := rand.New(rand.NewPCG(seed, 1))
	return func(rate float64) outcome {
		if rate <= capacity*(1+width*rng.NormFloat64()) && rng.Float64() >= hiccup {
			return held
		}
		return failed
	}
}

func newSearch(start, step, precision float64) search {
	return search{precision: precision, lowest: 2, highest: 1e6, start: start, step: step, most: MaxTrials}
}

// drive runs a search to its end, which must come.
func drive(t *testing.T, s *search, sys system) {
	t.Helper()
	for {
		rate, more := s.next()
		if !more {
			return
		}
		if rate < s.lowest || rate > s.highest || math.IsNaN(rate) {
			t.Fatalf("rate %v is out of %v to %v", rate, s.lowest, s.highest)
		}
		if s.trials >= s.most {
			t.Fatalf("more than %d trials", s.most)
		}
		s.note(rate, sys(rate))
	}
}

// On a system that does not waver, the answer is within the precision, below the truth, and both sides of it were seen twice.
func TestSearchFindsTheStep(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	worst, sum := 0, 0
	const rows = 2000
	for range rows {
		capacity := math.Exp(math.Log(5) + rng.Float64()*math.Log(100_000))
		s := newSearch(100, stepUp, 0.05)
		if rng.IntN(2) == 0 { // a probe that is off by up to a half
			s = newSearch(0.7*capacity*(0.5+rng.Float64()), probeStep, 0.05)
		}
		s.start = max(s.start, s.lowest)
		start := s.start
		drive(t, &s, step(capacity))
		holds, fails := s.bounds()
		if holds == nil || fails == nil || !s.closed() {
			t.Fatalf("capacity %v from %v: %+v", capacity, start, s.tried)
		}
		if holds.rate > capacity || fails.rate <= capacity || fails.rate > 1.0501*holds.rate || holds.good < 2 || fails.bad < 2 {
			t.Fatalf("capacity %v from %v: %+v", capacity, start, s.tried)
		}
		worst, sum = max(worst, s.trials), sum+s.trials
	}
	t.Logf("%d trials at most, %.1f on average", worst, float64(sum)/rows)
}

// After a probe, few trials are enough.
func TestSearchFromAProbeIsShort(t *testing.T) {
	t.Parallel()
	for _, part := range []float64{0.5, 0.7, 0.8, 0.9, 1} { // of what the closed loop brought, holds
		s := newSearch(probePart*4000, probeStep, 0.05)
		drive(t, &s, step(part*4000))
		if s.trials > 9 {
			t.Errorf("%v of the probe: %d trials, %+v", part, s.trials, s.tried)
		}
	}
}

// One hiccup decides nothing: whichever trial it hits, the answer is within twice the precision.
func TestSearchSurvivesOneHiccup(t *testing.T) {
	t.Parallel()
	for hit := range 16 {
		for _, capacity := range []float64{330, 1000, 1234, 2999} {
			s, n := newSearch(1000, probeStep, 0.05), -1
			drive(t, &s, func(rate float64) outcome {
				if n++; n == hit {
					return failed
				}
				return step(capacity)(rate)
			})
			holds, _ := s.bounds()
			if holds == nil || holds.rate > capacity || holds.rate < capacity/1.1 {
				t.Errorf("capacity %v, hiccup in trial %d: %+v", capacity, hit, s.tried)
			}
		}
	}
}

// With noise the answer is near the truth nearly always.
func TestSearchInNoise(t *testing.T) {
	t.Parallel()
	const seeds = 400
	off, most := 0, 0
	for seed := range uint64(seeds) {
		s := newSearch(0.7*1.15*2000, probeStep, 0.05)
		drive(t, &s, noisy(2000, 0.05, 0.03, seed))
		holds, _ := s.bounds()
		most = max(most, s.trials)
		if holds == nil || holds.rate < 2000*0.85 || holds.rate > 2000*1.1 {
			off++
		}
	}
	t.Logf("%d of %d off by more than 15 %%, %d trials at most", off, seeds, most)
	if off > seeds/20 {
		t.Errorf("%d of %d answers are far off", off, seeds)
	}
}

func TestSearchEnds(t *testing.T) {
	t.Parallel()
	always := func(o outcome) system { return func(float64) outcome { return o } }
	clientAbove := func(rate float64) outcome {
		if rate > 3000 {
			return limited
		}
		return held
	}
	for _, row := range []struct {
		name         string
		sys          system
		start        float64
		closed       bool
		holds, fails float64 // 0: none
		trials       int     // at most
	}{
		{"never holds", always(failed), 5000, true, 0, 2, 10},
		{"always the client", always(limited), 5000, true, 0, 2, 10},
		{"always holds", always(held), 5000, true, 1e6, 0, 10},
		{"the client above", clientAbove, 1000, true, 2960, 3000, 10},
		{"holds nearly nowhere", step(2.5), 1e6, true, 2, 2.5, MaxTrials},
	} {
		s := newSearch(row.start, stepUp, 0.05)
		drive(t, &s, row.sys)
		holds, fails := s.bounds()
		if (holds == nil) != (row.holds == 0) || (fails == nil) != (row.fails == 0) || s.closed() != row.closed || s.trials > row.trials {
			t.Errorf("%s: %+v", row.name, s)
			continue
		}
		if holds != nil && (holds.rate < row.holds/1.05 || holds.rate > 3000 && row.holds < 3000) || fails != nil && (fails.rate < row.fails || fails.rate > row.fails*1.06) {
			t.Errorf("%s: holds %+v, fails %+v", row.name, holds, fails)
		}
	}
	// too few trials for the way
	s := newSearch(100, stepUp, 0.05)
	s.most = 4
	drive(t, &s, step(50_000))
	if holds, fails := s.bounds(); holds == nil || holds.rate != 800 || fails != nil || s.closed() {
		t.Errorf("%+v", s)
	}
}
