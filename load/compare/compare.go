package compare

import (
	"fmt"
	"math"
	"slices"

	"tandem/internal/units"
)

// Compare says whether b differs from a, two runs that were made one after the other.
func Compare(a, b *Run, cfg Config) (*Report, error) { return compare(a, b, cfg, false) }

// Paired says whether b differs from a, whose slices were made in turn: slice i of both at nearly the same time. What slows the machine
// down for a while then meets both.
func Paired(a, b *Run, cfg Config) (*Report, error) {
	if len(a.Slices) != len(b.Slices) {
		return nil, fmt.Errorf("compare %q with %q in pairs: %d and %d slices", a.Name, b.Name, len(a.Slices), len(b.Slices))
	}
	return compare(a, b, cfg, true)
}

func compare(a, b *Run, cfg Config, paired bool) (*Report, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if len(a.Slices) == 0 || len(b.Slices) == 0 {
		return nil, fmt.Errorf("compare %q with %q: a run without slices", a.Name, b.Name)
	}
	p := newPlan(newSide(a, coarse(a.Slices)), newSide(b, coarse(b.Slices)), paired)
	j := &judge{cfg: &cfg, plan: p, stretch: p.stretch(cfg.Confidence), gates: cfg.gates(a, b), list: metrics()}
	j.draws = p.resample(j.list, cfg.Resamples, cfg.Seed)
	r := &Report{
		A: a, B: b, Paired: paired, Confidence: cfg.Confidence, Tolerance: cfg.Tolerance, FailedTolerance: cfg.FailedTolerance,
		Resamples: cfg.Resamples, Seed: cfg.Seed, SlicesA: p.a.n, SlicesB: p.b.n, BlockA: rounded(p.blockA), BlockB: rounded(p.blockB),
		Warnings: warnings(a, b, paired),
	}
	for i := range j.list {
		r.Metrics = append(r.Metrics, j.metric(i))
	}
	if m, ok := cpuPerRequest(a, b); ok {
		r.Metrics = append(r.Metrics, m)
	}
	r.Verdict = overall(r.Gates())
	r.Conclusion = r.conclude()
	return r, nil
}

func rounded(v float64) float64 { return math.Round(v*100) / 100 }

// judge makes the verdicts.
type judge struct {
	cfg     *Config
	plan    *plan
	stretch float64
	gates   []string
	list    []metric
	draws   *draws
}

// leastBeyond is how many samples have to lie beyond a quantile for it to be compared.
const leastBeyond = 20

func (j *judge) metric(i int) Metric {
	def := &j.list[i]
	m := Metric{Name: def.name, Unit: def.unit, Better: "lower", Gate: slices.Contains(j.gates, def.name), Verdict: Unclear}
	if def.higher {
		m.Better = "higher"
	}
	va, okA := def.value(j.plan.a, j.plan.a.ones)
	vb, okB := def.value(j.plan.b, j.plan.b.ones)
	switch {
	case !okA || !okB:
		m.Reason = "there are no samples"
		return m
	case def.name == nameFailed:
		m.A, m.B, m.Change = va, vb, vb-va
	case va <= 0:
		m.A, m.B, m.Reason = va, vb, "A is 0"
		return m
	default:
		m.A, m.B, m.Change = va, vb, vb/va-1
	}
	if j.few(&m, def) {
		return m
	}
	if j.plan.a.n < 2 || j.plan.b.n < 2 {
		m.Reason = "one slice alone shows no spread: run longer"
		return m
	}
	j.interval(&m, i)
	if m.Interval == nil {
		m.Reason = "too many slices are empty"
		return m
	}
	j.decide(&m)
	return m
}

// few refuses a quantile beyond which too little lies.
func (j *judge) few(m *Metric, def *metric) bool {
	if def.beyond == 0 {
		return false
	}
	least, samples := math.Inf(1), int64(0)
	for _, s := range []*side{j.plan.a, j.plan.b} {
		n := dot(def.times(s).total, s.ones)
		if beyond := def.beyond * float64(n); beyond < least {
			least, samples = beyond, n
		}
	}
	if least+1e-6 >= leastBeyond {
		return false
	}
	m.Reason = fmt.Sprintf("too few samples: %.0f of %s lie beyond it, %d are needed", math.Floor(least+1e-6), units.FormatCount(samples), leastBeyond)
	m.MoreSeconds = j.more(leastBeyond / max(least, 1e-9))
	return true
}

// interval puts the interval into m.
func (j *judge) interval(m *Metric, i int) {
	if m.Name == nameFailed {
		if low, high, ok := j.plan.failedInterval(j.draws, j.cfg, j.stretch); ok {
			m.Interval = &Interval{Low: low, High: high}
		}
		return
	}
	low, high, ok := percentile(j.draws.ratio[i], math.Log1p(m.Change), j.cfg.Confidence, j.stretch, j.cfg.Resamples)
	if !ok {
		return
	}
	low, high = math.Expm1(low), math.Expm1(high)
	if finite(low) && finite(high) {
		m.Interval = &Interval{Low: low, High: high}
	} else {
		m.Interval = &Interval{Low: max(low, -1), High: min(high, math.MaxFloat32)}
	}
}

func finite(v float64) bool { return !math.IsInf(v, 0) && !math.IsNaN(v) }

// decide compares the interval with the tolerance.
func (j *judge) decide(m *Metric) {
	tolerance := j.cfg.Tolerance
	if m.Name == nameFailed {
		tolerance = j.cfg.FailedTolerance
	}
	low, high := m.Interval.Low, m.Interval.High
	up, down := Worse, Better
	if m.Better == "higher" {
		up, down = Better, Worse
	}
	switch {
	case low > tolerance:
		m.Verdict = up
	case high < -tolerance:
		m.Verdict = down
	case low >= -tolerance && high <= tolerance:
		m.Verdict = Same
	default:
		j.unclear(m, tolerance)
	}
}

// unclear says what is known all the same, and what would settle it: an interval narrows with the square root of the time, and where
// nothing failed with the time.
func (j *judge) unclear(m *Metric, tolerance float64) {
	power := 2.0
	if m.Name == nameFailed && m.A == 0 && m.B == 0 {
		power = 1
	}
	half, room := (m.Interval.High-m.Interval.Low)/2, math.Abs(math.Abs(m.Change)-tolerance)
	m.MoreSeconds = j.more(math.Pow(half/max(room, 1e-12), power))
	switch {
	case m.Interval.Low > 0:
		m.Reason = "it rose, perhaps by less than the tolerance"
	case m.Interval.High < 0:
		m.Reason = "it fell, perhaps by less than the tolerance"
	default:
		m.Reason = "the interval reaches beyond the tolerance"
	}
	if m.MoreSeconds == 0 {
		m.Reason += fmt.Sprintf("; to settle it would take more than %d times as long", mostLonger)
	}
}

// mostLonger is how many times longer a run may be proposed to be.
const mostLonger = 50

// more is by how many seconds each run has to be longer to be so many times as long, to two digits; 0 if that is too much.
func (j *judge) more(times float64) float64 {
	if !finite(times) || times > mostLonger {
		return 0
	}
	s := min(j.plan.a.seconds, j.plan.b.seconds) * max(times-1, 0.1)
	if s < 1 {
		return 1
	}
	unit := math.Pow(10, max(0, math.Floor(math.Log10(s))-1))
	return math.Ceil(s/unit) * unit
}

// cpuPerRequest is what the client paid, for information: one number a run has no interval.
func cpuPerRequest(a, b *Run) (Metric, bool) {
	na, nb := a.Completed+a.Failed, b.Completed+b.Failed
	if na == 0 || nb == 0 || a.CPU <= 0 || b.CPU <= 0 {
		return Metric{}, false
	}
	m := Metric{Name: nameCPU, Unit: UnitMicroseconds, Better: "lower", Verdict: Info, A: a.CPU / float64(na) * 1e6, B: b.CPU / float64(nb) * 1e6}
	m.Change = m.B/m.A - 1
	return m, true
}
