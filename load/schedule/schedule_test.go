package schedule_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"tandem/load/schedule"
)

const ms = time.Millisecond

func stages(t testing.TB, text string) schedule.Schedule {
	t.Helper()
	list, err := schedule.ParseStages(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := list.Schedule()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// all is one schedule of each kind and of each way in which two stages meet.
func all(t testing.TB) map[string]schedule.Schedule {
	m := map[string]schedule.Schedule{
		"constant 3":       schedule.Constant(3, 0),
		"constant 1e6":     schedule.Constant(1e6, 6*time.Hour),
		"constant odd":     schedule.Constant(12345.678, time.Hour),
		"constant slow":    schedule.Constant(10.0/3600, 24*time.Hour),
		"constant fastest": schedule.Constant(schedule.MaxRate, schedule.MaxLength),
		"constant slowest": schedule.Constant(schedule.MinRate, 0),
		"bursts":           schedule.Bursts(7, 333*ms, time.Hour),
		"bursts endless":   schedule.Bursts(100, time.Second, 0),
		"poisson 1":        schedule.Poisson(1, time.Hour, 1),
		"poisson 1e6":      schedule.Poisson(1e6, 10*time.Hour, 2),
		"poisson fastest":  schedule.Poisson(schedule.MaxRate, 0, 3),
		"poisson slowest":  schedule.Poisson(schedule.MinRate, 0, 4),
	}
	for _, text := range []string{
		"10s:0..500,1m:500", "1m:500..0", "1m:0..1", "10s:0,1s:3,1s:0,10s:7..0,1h:0..100000,1m:0", "1ms:1,1ms:1,1ms:1,3s:1",
		"10s:0.1,1h:0,10s:0.1", "3s:1/m..0.1/s,7s:0.3,11s:0.7..0.2", "100d:10000000", "50d:0..10000000,50d:10000000..0", "10m:1000000..999999.5",
		"1s:0..1000000,1s:1000000..0,1s:0,1s:5",
	} {
		m[text] = stages(t, text)
	}
	return m
}

func TestAt(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name string
		s    schedule.Schedule
		want []time.Duration // of the first sends; if shorter than the schedule, which goes on
	}{
		{"constant", schedule.Constant(3, time.Second), []time.Duration{0, 333333333, 666666667, schedule.Never}},
		{"constant, border", schedule.Constant(10, 300*ms), []time.Duration{0, 100 * ms, 200 * ms, schedule.Never}},
		{"constant, past it", schedule.Constant(10, 300*ms+1), []time.Duration{0, 100 * ms, 200 * ms, 300 * ms, schedule.Never}},
		{"slow", schedule.Constant(0.5, 0), []time.Duration{0, 2 * time.Second, 4 * time.Second}},
		{"bursts", schedule.Bursts(2, time.Second, 2*time.Second), []time.Duration{0, 0, time.Second, time.Second, schedule.Never}},
		{"bursts, one", schedule.Bursts(2, time.Second, 1), []time.Duration{0, 0, schedule.Never}},
		// N(t) = t²/2: send i at √(2i)
		{"ramp up", stages(t, "4s:0..4"), []time.Duration{0, 1414213562, 2 * time.Second, 2449489743, 2828427125, 3162277660, 3464101615, 3741657387, schedule.Never}},
		// backwards, N(4-t) = 8 - t²/2: send i at 4-√(2(8-i))
		{"ramp down", stages(t, "4s:4..0"), []time.Duration{0, 258342613, 535898385, 837722340, 1171572875, 1550510257, 2 * time.Second, 2585786438, schedule.Never}},
		{"joined", stages(t, "1s:2,1s:3"), []time.Duration{0, 500 * ms, time.Second, 1333333333, 1666666667, schedule.Never}},
		{"half a send carried over", stages(t, "1500ms:1,10s:2"), []time.Duration{0, time.Second, 1750 * ms, 2250 * ms}},
		{"pause first", stages(t, "5s:0,1s:2"), []time.Duration{5 * time.Second, 5500 * ms, schedule.Never}},
		{"pause between", stages(t, "1s:1,10s:0,1s:1"), []time.Duration{0, 11 * time.Second, schedule.Never}},
		// 0.1 is a little more than a tenth: send 1 is a tiny part of a nanosecond before the pause
		{"rounded into a pause", stages(t, "10s:0.1,10s:0,10s:0.1"), []time.Duration{0, 20 * time.Second, schedule.Never}},
		{"many short", stages(t, "1ms:1,1ms:1,1ms:1,3s:1"), []time.Duration{0, time.Second, 2 * time.Second, 3 * time.Second, schedule.Never}},
	}
	for _, row := range rows {
		for i, want := range row.want {
			if got := row.s.At(int64(i)); got != want {
				t.Errorf("%s: send %d is planned at %v, want %v", row.name, i, got, want)
			}
		}
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	rows := []struct {
		rate    float64
		elapsed time.Duration
		due     int64 // planned up to and with elapsed
		total   int64 // of a schedule that is as long, if that is a length
	}{
		{1, -time.Second, 0, 0}, {1, 0, 1, math.MaxInt64}, {1, 999 * ms, 1, 1}, {1, time.Second, 2, 1}, {1, time.Second + 1, 2, 2},
		{10, 100 * ms, 2, 1}, {10, 99_999_999, 1, 1}, {1000, 4 * time.Second, 4001, 4000}, {10.0 / 3600, time.Hour, 11, 10},
		{3, 333_333_332, 1, 1}, {3, 333_333_333, 2, 1}, {3, 333_333_334, 2, 2},
		{1e6, time.Minute, 60_000_001, 60_000_000}, {schedule.MaxRate, time.Hour, 36_000_000_001, 36_000_000_000},
		{schedule.MaxRate, schedule.MaxLength, 86_400_000_000_001, 86_400_000_000_000},
	}
	for _, row := range rows {
		if due := schedule.Constant(row.rate, 0).Due(row.elapsed); due != row.due {
			t.Errorf("%v/s after %v: due %d, want %d", row.rate, row.elapsed, due, row.due)
		}
		if total := schedule.Constant(row.rate, row.elapsed).Total(); total != row.total {
			t.Errorf("%v/s for %v: total %d, want %d", row.rate, row.elapsed, total, row.total)
		}
	}
}

// agree holds At and Due against each other at send i.
func agree(t *testing.T, name string, s schedule.Schedule, i int64) {
	t.Helper()
	at := s.At(i)
	if at == schedule.Never || at < 0 || s.Length() > 0 && at >= s.Length() {
		t.Fatalf("%s: send %d of %d is planned at %d, the length is %d", name, i, s.Total(), at, s.Length())
	}
	if due := s.Due(at); due <= i || due < s.Total() && s.At(due) <= at {
		t.Fatalf("%s: send %d is planned at %d, but then %d are due, the next at %d", name, i, at, due, s.At(due))
	}
	if due := s.Due(at - 1); due > i || due > 0 && s.At(due-1) >= at {
		t.Fatalf("%s: before %d, the time of send %d, %d are due", name, at, i, due)
	}
	if i > 0 && s.At(i-1) > at {
		t.Fatalf("%s: send %d is planned before send %d", name, i, i-1)
	}
}

func TestAtAndDueAgree(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for name, s := range all(t) {
		last := s.Total() - 1
		for i := range min(last+1, 500) {
			agree(t, name, s, i)
			if s.Length() > 0 {
				agree(t, name, s, last-i)
			}
		}
		if s.Length() == 0 { // a year, or what the schedule reaches in it
			last = s.Due(365*24*time.Hour) - 1
		}
		for range 1000 {
			agree(t, name, s, rng.Int64N(last+1))
			at := time.Duration(rng.Int64N(int64(s.At(last)) + 1))
			due := s.Due(at)
			if due > 0 && s.At(due-1) > at || s.At(due) <= at {
				t.Fatalf("%s: %d are due at %d, but the last at %d, the next at %d", name, due, at, s.At(due-1), s.At(due))
			}
		}
	}
}

// Outside of a schedule nothing is planned.
func TestEdges(t *testing.T) {
	t.Parallel()
	for name, s := range all(t) {
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if s.Due(-1) != 0 || s.Due(math.MinInt64) != 0 || s.RateAt(-1) != 0 || s.At(-1) != s.At(0) {
			t.Errorf("%s: something is planned before the start", name)
		}
		if s.At(s.Total()) != schedule.Never || s.At(math.MaxInt64) != schedule.Never {
			t.Errorf("%s: something is planned after the end", name)
		}
		switch end := s.Length(); {
		case end == 0 && (s.Total() != math.MaxInt64 || s.Due(math.MaxInt64) < 0 || s.RateAt(math.MaxInt64) <= 0):
			t.Errorf("%s: it ends", name)
		case end > 0 && (s.Due(end) != s.Total() || s.Due(math.MaxInt64) != s.Total() || s.Due(end-1) != s.Total() || s.RateAt(end) != 0):
			t.Errorf("%s: it does not end", name)
		}
	}
	for name, s := range map[string]schedule.Schedule{"none": {}, "refused": schedule.Constant(math.NaN(), 0)} {
		if s.Check() == nil || s.At(0) != schedule.Never || s.Due(math.MaxInt64) != 0 || s.Total() != 0 || s.RateAt(1) != 0 || s.String() == "" {
			t.Errorf("%s: it holds something", name)
		}
	}
}

func TestRateAt(t *testing.T) {
	t.Parallel()
	s := stages(t, "10s:0..500,1m:500,5s:0,10s:500..250")
	for at, want := range map[time.Duration]float64{
		0: 0, time.Second: 50, 10 * time.Second: 500, time.Minute: 500, 70 * time.Second: 0, 80 * time.Second: 375, 85 * time.Second: 0,
	} {
		if got := s.RateAt(at); math.Abs(got-want) > 1e-9 {
			t.Errorf("rate at %v is %v, want %v", at, got, want)
		}
	}
	for _, s := range []schedule.Schedule{schedule.Constant(50, 0), schedule.Bursts(100, 2*time.Second, 0), schedule.Poisson(50, 0, 1)} {
		if got := s.RateAt(time.Hour); got != 50 {
			t.Errorf("%v: rate %v, want 50", s, got)
		}
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]schedule.Schedule{
		"open loop at 500/s":                                                 schedule.Constant(500, time.Minute),
		"open loop at 30/m":                                                  schedule.Constant(0.5, 0),
		"stages 10s:0..500/s, 1m:500/s":                                      stages(t, "10s:0..500,1m:500"),
		"stages 10s:30/m..0, 1m:0, 1m:30/m..20/s":                            stages(t, "10s:30/m..0,1m:0/s, 1m : 30/m .. 20/s"),
		"bursts of 1,000 each 1m30s":                                         schedule.Bursts(1000, 90*time.Second, 0),
		"open loop at 500/s on average, Poisson arrivals, seed 7":            schedule.Poisson(500, 0, 7),
		"no schedule: rate 0: it sends nothing; want 1e-6/s to 10,000,000/s": schedule.Constant(0, 0),
	} {
		if s.String() != want {
			t.Errorf("%q, want %q", s, want)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	for name, s := range all(t) {
		c, i := s.Cursor(), int64(0)
		if n := testing.AllocsPerRun(100, func() {
			i++
			s.Due(s.At(i%s.Total()) - 1)
			c.At(i % s.Total())
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
