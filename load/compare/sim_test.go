package compare

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// course is a made run: requests with log-normal times around a level that wanders from second to second (AR(1)), as that of a real
// server does.
type course struct {
	seconds  int
	requests int     // a second
	level    float64 // µs, the median
	spread   float64 // of the logarithm within a second
	wander   float64 // standard deviation of the level's logarithm
	memory   float64 // correlation of the level with that of the second before
	grain    float64 // µs, the width of a bucket
}

// usual is one minute of 200 requests a second around 2 ms whose level wanders by 3 %.
func usual() course {
	return course{seconds: 60, requests: 200, level: 2000, spread: 0.4, wander: 0.03, memory: 0.5, grain: grain}
}

func (c course) run(rng *rand.Rand, name string) *Run {
	r := &Run{Name: name, State: "complete", Engine: "fasthttp", Loop: "closed", URLs: []string{"http://localhost/"}, Method: "GET", Connections: 10,
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Duration: float64(c.seconds), Verdict: "ok", CPU: 1}
	at := rng.NormFloat64() * c.wander
	for range c.seconds {
		at = c.memory*at + math.Sqrt(1-c.memory*c.memory)*c.wander*rng.NormFloat64()
		n := max(1, int(float64(c.requests)*math.Exp(-at))) // a closed loop sends less when answers take longer
		values := make([]float64, n)
		for i := range values {
			values[i] = c.level * math.Exp(at+c.spread*rng.NormFloat64())
		}
		r.Slices = append(r.Slices, Slice{Length: 1, Completed: int64(n), Response: bucketsOf(values, c.grain)})
		r.Completed += int64(n)
	}
	return r
}

// grain is the width of a bucket in µs: coarse, so that thousands of comparisons take seconds.
const grain = 20

// bucketsOf counts values in buckets.
func bucketsOf(values []float64, grain float64) Times {
	counts := make([]int64, int(20_000/grain))
	for _, v := range values {
		counts[min(int(v/grain), len(counts)-1)]++
	}
	var t Times
	for i, n := range counts {
		if n > 0 {
			t = append(t, Bucket{Low: float64(i) * grain, High: float64(i+1) * grain, Count: n})
		}
	}
	return t
}

const trials = 200

// tally counts the verdicts of every metric over seeded trials.
func tally(t *testing.T, trial func(rng *rand.Rand) (*Run, *Run), cfg Config, how func(a, b *Run, cfg Config) (*Report, error)) map[string]map[Verdict]int {
	t.Helper()
	if raceEnabled {
		t.Skip("thousands of comparisons on one goroutine: the race detector would only make them slow")
	}
	found := map[string]map[Verdict]int{}
	for seed := range uint64(trials) {
		a, b := trial(rand.New(rand.NewPCG(seed, 42)))
		cfg.Seed = seed
		r, err := how(a, b, cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range r.Metrics {
			if found[m.Name] == nil {
				found[m.Name] = map[Verdict]int{}
			}
			found[m.Name][m.Verdict]++
		}
	}
	return found
}

// few resamples are enough for many trials.
func quick() Config {
	cfg := Default()
	cfg.Resamples = 300
	return cfg
}

// TestNoFalseAlarm: two runs of one server are called worse no more often than the confidence allows, even if no change at all is tolerated.
// At 95 % one in forty is expected on the bad side. Ten seconds that depend on each other are too few to see how much: there the
// tolerance has to make up for it.
func TestNoFalseAlarm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		seconds   int
		memory    float64
		tolerance float64
		most      int // per cent
	}{{10, 0, 0, 5}, {60, 0, 0, 5}, {60, 0.5, 0, 5}, {10, 0.5, 0, 8}, {10, 0.5, 0.05, 5}, {60, 0.8, 0.05, 5}} {
		shape := usual()
		shape.memory, shape.seconds = c.memory, c.seconds
		cfg := quick()
		cfg.Tolerance = c.tolerance
		found := tally(t, func(rng *rand.Rand) (*Run, *Run) { return shape.run(rng, "a"), shape.run(rng, "b") }, cfg, Compare)
		for _, name := range []string{"response.p50", "response.p99", "response.mean", "requests_per_s"} {
			t.Logf("%+v %s: %v", c, name, found[name])
			if found[name][Worse] > trials*c.most/100 {
				t.Errorf("%+v %s: %d of %d called worse", c, name, found[name][Worse], trials)
			}
		}
	}
}

// TestFindsSlowdown: a server that has become 10 % slower is found nearly always, and its tail where enough requests show it.
func TestFindsSlowdown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		requests int
		names    []string
	}{{200, []string{"response.p50", "response.mean"}}, {1000, []string{"response.p50", "response.p99"}}} {
		before, after := usual(), usual()
		before.requests, after.requests = c.requests, c.requests
		after.level *= 1.1
		found := tally(t, func(rng *rand.Rand) (*Run, *Run) { return before.run(rng, "a"), after.run(rng, "b") }, quick(), Compare)
		for _, name := range c.names {
			t.Logf("%d/s %s: %v", c.requests, name, found[name])
			if found[name][Worse] < trials*90/100 {
				t.Errorf("%d/s %s: %d of %d found", c.requests, name, found[name][Worse], trials)
			}
		}
	}
}

// pair makes two runs whose slices were measured in turn on a machine that slows down and recovers: what wanders meets both, a little
// of it each alone.
func pair(rng *rand.Rand, c course, slower float64) (a, b *Run) {
	c.wander = 0.01
	drift := c
	drift.requests, drift.spread, drift.wander, drift.memory = 1, 0, 0.2, 0.95
	track := drift.run(rng, "drift")
	a, b = c.run(rng, "a"), c.run(rng, "b")
	for i := range track.Slices {
		at := track.Slices[i].Response.mean() / c.level
		a.Slices[i].scale(at)
		b.Slices[i].scale(at * slower)
	}
	return a, b
}

// scale makes all times of s longer, as they would lie in coarse buckets.
func (s *Slice) scale(by float64) {
	var values []float64
	for _, b := range s.Response {
		for i := range b.Count {
			values = append(values, by*(b.Low+(b.High-b.Low)*(float64(i)+0.5)/float64(b.Count)))
		}
	}
	s.Response = bucketsOf(values, grain)
}

// TestPairsCancelDrift: where the machine itself wanders by 20 %, slices made in turn show what two runs in a row cannot.
func TestPairsCancelDrift(t *testing.T) {
	t.Parallel()
	c := usual()
	c.seconds = 30
	found := tally(t, func(rng *rand.Rand) (*Run, *Run) { return pair(rng, c, 1.1) }, quick(), Paired)
	alone := tally(t, func(rng *rand.Rand) (*Run, *Run) { return pair(rng, c, 1.1) }, quick(), Compare)
	none := quick()
	none.Tolerance = 0
	null := tally(t, func(rng *rand.Rand) (*Run, *Run) { return pair(rng, c, 1) }, none, Paired)
	const name = "response.mean"
	t.Logf("10 %% slower: %v, not in pairs: %v; the same: %v", found[name], alone[name], null[name])
	if found[name][Worse] < trials*90/100 || alone[name][Worse] > trials*10/100 {
		t.Errorf("10 %% slower: %d of %d found in pairs, %d without", found[name][Worse], trials, alone[name][Worse])
	}
	if null[name][Worse] > trials*5/100 {
		t.Errorf("the same: %d of %d called worse", null[name][Worse], trials)
	}
}
