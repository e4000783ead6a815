package schedule_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"tandem/load/schedule"
)

// After a day at any rate, times are those of exact arithmetic.
func TestConstantDoesNotDrift(t *testing.T) {
	t.Parallel()
	s := schedule.Constant(1e6, 0)
	for hour := int64(0); hour <= 24; hour++ {
		for k := int64(-2); k <= 2; k++ {
			i := max(hour*3600e6+k, 0)
			if s.At(i) != time.Duration(i)*time.Microsecond || s.Due(time.Duration(i)*time.Microsecond) != i+1 {
				t.Fatalf("send %d is planned at %d, want %d", i, s.At(i), i*1000)
			}
		}
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		rate := 1e5 + rng.Float64()*9.9e6
		i := rng.Int64N(int64(rate * 86400))
		exact := new(big.Rat).Quo(big.NewRat(i, 1), new(big.Rat).SetFloat64(rate))
		exact.Mul(exact, big.NewRat(1e9, 1))
		off, _ := exact.Sub(exact, big.NewRat(int64(schedule.Constant(rate, 0).At(i)), 1)).Float64()
		if math.Abs(off) > 0.5+1e-7 {
			t.Fatalf("%v/s: send %d is %v ns off", rate, i, off)
		}
	}
}

// Within ramps of a day up to 1 M/s, and what follows them, times are those of exact arithmetic, to a nanosecond.
func TestStagesDoNotDrift(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	ramps := [][]schedule.Stage{
		{{day, 0, 1e6}}, {{day, 1e6, 0}}, {{day, 1e5, 1e6}}, {{day, 1e6, 999_999}}, {{day, 3.7, 3.9}}, {{time.Hour, 0.3, 0.1}},
		{{day, 1e6, 1e6}, {time.Hour, 0, 1e6}}, {{day, 0, 1e6 / 3.}, {7 * time.Hour, 7, 7}, {day, 1e6 / 7., 3}},
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for _, list := range ramps {
		s, err := schedule.Stages(list)
		if err != nil {
			t.Fatal(err)
		}
		for k := range int64(2000) {
			i := []int64{k, s.Total() - 1 - k, rng.Int64N(s.Total())}[k%3]
			if i < 0 || i >= s.Total() {
				continue
			}
			// the integral reaches i between the nanosecond before and the one after
			at, n := s.At(i), big.NewRat(i, 1)
			if i > 0 && integral(list, at-1).Cmp(n) > 0 || integral(list, at+1).Cmp(n) < 0 {
				t.Fatalf("%v: send %d is planned at %d, where the integral is %v", s, i, at, integral(list, at).FloatString(9))
			}
		}
	}
}

// integral is the exact number of sends that stages plan before t.
func integral(list []schedule.Stage, t time.Duration) *big.Rat {
	n := new(big.Rat)
	for _, s := range list {
		d := min(t, s.Length)
		if t -= d; d <= 0 {
			break
		}
		// from·d + (to-from)·d²/2L
		seconds := big.NewRat(int64(d), int64(time.Second))
		part := new(big.Rat).SetFrac64(int64(d), int64(s.Length))
		gain := new(big.Rat).Sub(new(big.Rat).SetFloat64(s.To), new(big.Rat).SetFloat64(s.From))
		rate := gain.Mul(gain, part.Mul(part, big.NewRat(1, 2)))
		rate.Add(rate, new(big.Rat).SetFloat64(s.From))
		n.Add(n, rate.Mul(rate, seconds))
	}
	return n
}

// However stages meet, a schedule holds the sends of the integral, and cutting a stage in two changes nothing.
func TestTotalIsTheIntegral(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	for range 3000 {
		var list, cut []schedule.Stage
		for range 1 + rng.IntN(5) {
			s := schedule.Stage{Length: time.Duration(2 + rng.Int64N(int64([]time.Duration{100, ms, time.Minute, time.Hour}[rng.IntN(4)])))}
			s.From = []float64{0, 0.1, 1, float64(rng.IntN(1000)), 1e6 * rng.Float64()}[rng.IntN(5)]
			s.To = []float64{s.From, 0, float64(rng.IntN(1000)), 1e6 * rng.Float64()}[rng.IntN(4)]
			if s.From > 0 && s.From < 1e-3 || s.To > 0 && s.To < 1e-3 {
				continue
			}
			list = append(list, s)
			half := s.Length / 2
			middle := s.From + (s.To-s.From)*float64(half)/float64(s.Length)
			cut = append(cut, schedule.Stage{Length: half, From: s.From, To: middle}, schedule.Stage{Length: s.Length - half, From: middle, To: s.To})
		}
		a, err := schedule.Stages(list)
		if err != nil {
			continue // nothing but pauses
		}
		want, _ := integral(list, a.Length()).Float64()
		if got := float64(a.Total()); got < want-1e-3 || got >= want+1 {
			t.Fatalf("%v: %v sends, want the integral, which is %v", a, got, want)
		}
		b, err := schedule.Stages(cut)
		if err != nil {
			continue // a middle that is too slow
		}
		if d := a.Total() - b.Total(); d < -1 || d > 1 {
			t.Fatalf("%v: %d sends, cut in halves %d", a, a.Total(), b.Total())
		}
		for range 20 {
			i := rng.Int64N(min(a.Total(), b.Total()))
			agree(t, a.String(), a, i)
			if d := a.At(i) - b.At(i); d < -2 || d > 2 {
				// the middle is rounded: at a low rate that moves a send by more
				if low := a.RateAt(a.At(i)); low > 1 {
					t.Fatalf("%v: send %d at %d, cut in halves at %d", a, i, a.At(i), b.At(i))
				}
			}
		}
	}
}

// A schedule of some stages is that of the first, and then that of the others, where no fraction is carried over.
func TestStagesCompose(t *testing.T) {
	t.Parallel()
	first, second := stages(t, "10s:0..500"), stages(t, "1m:500,10s:500..0")
	both := stages(t, "10s:0..500,1m:500,10s:500..0")
	if both.Total() != first.Total()+second.Total() || both.Length() != first.Length()+second.Length() || both.Total() != 35_000 {
		t.Fatalf("%d + %d sends are %d together", first.Total(), second.Total(), both.Total())
	}
	for i := range both.Total() {
		want := first.At(i)
		if i >= first.Total() {
			want = first.Length() + second.At(i-first.Total())
		}
		if got := both.At(i); got != want {
			t.Fatalf("send %d is planned at %v, want %v", i, got, want)
		}
	}
}
