package load

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/load/schedule"
	"tandem/pipeline"
)

// Trials of a search for the highest rate.
const (
	TrialLength = 5 * time.Second // what a trial takes if nothing else is asked for
	MaxTrials   = 20

	probeLength  = time.Second // of the closed loop that the search begins with
	probePart    = 0.7         // of what that brings, the first trial asks for
	probeStep    = 1.4         // and goes on in this step
	startRate    = 100         // without a probe
	fewest       = 10          // requests of a trial
	leastLength  = 100 * time.Millisecond
	settlePart   = 5 // of a trial's length, at most maxSettle, the load settles before it
	maxSettle    = time.Second
	leastPercent = 0.005
	mostPercent  = 0.5
)

// Settle is how long the load settles before a trial of that length.
func Settle(length time.Duration) time.Duration { return min(length/settlePart, maxSettle) }

// finder searches the highest rate at which the conditions hold.
type finder struct {
	*runner
	search search
	found  *FindMax
	held   map[float64]*Result // by rate, of the last trial that held
	last   *Result
}

// findMax runs the search; see Run. The result is that of the best trial, or of the last one if none held.
func findMax(ctx context.Context, cfg Config, drain *pipeline.Event, progress func(Progress)) (*Result, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	start := cfg.Rate.PerSecond()
	thresholds := cfg.Thresholds
	cfg.Rate, cfg.Thresholds = 0, nil // engines are made for any rate, and thresholds are about the end
	if drain == nil {
		drain = new(pipeline.Event)
	}
	r, err := open(&cfg, progress)
	if err != nil {
		return nil, err
	}
	defer r.engine.Close()
	f := &finder{runner: r, found: newFindMax(&cfg), held: make(map[float64]*Result)}
	f.search = search{
		precision: cfg.FindPrecision.Fraction(), lowest: cfg.lowestRate(), highest: schedule.MaxRate, start: start, step: stepUp, most: MaxTrials,
	}
	if cfg.MaxRate > 0 {
		f.search.highest = cfg.MaxRate.PerSecond()
	}
	err = f.run(ctx, drain)
	res := f.conclude(drain.IsSet() || ctx.Err() != nil)
	if res == nil {
		return nil, err
	}
	if evalErr := res.evaluate(thresholds); evalErr != nil {
		return res, evalErr
	}
	return res, err
}

// run makes the trials.
func (f *finder) run(ctx context.Context, drain *pipeline.Event) error {
	if f.search.start == 0 {
		if err := f.begin(ctx, drain); err != nil {
			return err
		}
	}
	f.open = true
	for {
		rate, more := f.search.next()
		if !more || drain.IsSet() {
			return nil
		}
		if err := f.trial(ctx, drain, rate); err != nil {
			return err
		}
	}
}

// begin finds where to start: at a part of what a closed loop brings, which loads the server no more than its connections can. A
// search with a highest rate must not pass it and starts low.
func (f *finder) begin(ctx context.Context, drain *pipeline.Event) error {
	s := &f.search
	s.start = max(s.lowest, min(startRate, s.highest))
	if f.cfg.MaxRate > 0 {
		return nil
	}
	res, err := f.measure(ctx, drain, f.phase(arrivals{}, min(f.cfg.Duration.D(), probeLength), 0, "probe"))
	f.last = res
	if err != nil {
		return err
	}
	s.start = min(max(s.lowest, s.round(probePart*res.RequestsPerSec)), s.highest)
	s.step = probeStep
	return nil
}

// trial measures at a rate and notes what came out.
func (f *finder) trial(ctx context.Context, drain *pipeline.Event, rate float64) error {
	name := fmt.Sprintf("trial %d at %s", f.search.trials+1, units.FormatRate(rate))
	if settle := f.cfg.Warmup.D(); settle > 0 {
		// what went wrong in it goes wrong in the trial, too, or does not matter
		_ = f.phase(f.cfg.constant(rate, settle), settle, 0, name+", settling").run(ctx, drain)
	}
	if drain.IsSet() || ctx.Err() != nil {
		return context.Cause(ctx)
	}
	f.cfg.Rate, f.arrivals = units.Rate(rate), f.cfg.constant(rate, f.cfg.Duration.D())
	res, err := f.measure(ctx, drain, f.phase(f.arrivals, f.cfg.Duration.D(), 0, name))
	switch {
	case ctx.Err() != nil || err != nil && f.search.trials == 0:
		f.last = res
		return err
	case drain.IsSet():
		f.last = res
		return nil
	}
	t, o, judgeErr := judgeTrial(res, f.cfg, rate)
	if judgeErr != nil {
		return judgeErr
	}
	if err != nil { // it answered before: the load, or a death, is why it does not any more
		o, t.Passed, t.Reason = failed, false, err.Error()
	}
	f.search.note(rate, o)
	f.found.Trials = append(f.found.Trials, t)
	f.last = res
	if o == held {
		f.held[rate] = res
	}
	return nil
}

// conclude makes the result, nil if nothing was measured.
func (f *finder) conclude(stopped bool) *Result {
	res, found := f.last, f.found
	holds, fails := f.search.bounds()
	if holds != nil {
		res, found.Rate, found.Confirmed = f.held[holds.rate], holds.rate, holds.good >= enough
	}
	if fails != nil {
		found.FailsAt = fails.rate
	}
	switch {
	case stopped:
		found.End = EndInterrupted
	case fails != nil && 2*fails.limited >= fails.bad:
		found.End = EndClient
	case fails == nil && holds != nil && holds.rate >= f.search.highest && f.search.closed():
		found.End = EndMaxRate
	case holds == nil && f.search.closed():
		found.End = EndNothing
	case f.search.closed():
		found.End = EndFound
	default:
		found.End = EndTrials
	}
	if res == nil {
		return nil
	}
	res.FindMax = found
	if stopped {
		res.State = StateInterrupted
	}
	return res
}

// lowestRate is that of a trial with the fewest requests that say something.
func (c *Config) lowestRate() float64 { return math.Ceil(1e3*fewest/c.Duration.D().Seconds()) / 1e3 }

// checkFindMax reports what is wrong with a search.
func (c *Config) checkFindMax() []error {
	var errs []error
	check := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	if len(c.FindMax) == 0 {
		check(c.MaxRate != 0, "max-rate %v: it needs find-max", c.MaxRate)
		check(c.FindPrecision != DefaultConfig().FindPrecision, "find-precision %v: it needs find-max", c.FindPrecision)
		return errs
	}
	check(len(c.Stages) > 0 || c.Bursts.Size > 0, "find-max: its trials have constant rates: leave stages and bursts out")
	check(c.Requests > 0, "find-max: its trials have a duration each: leave requests out")
	check(c.Duration.D() < leastLength, "duration %v: a trial of find-max takes at least %v", c.Duration, leastLength)
	check(c.FindPrecision < leastPercent || c.FindPrecision > mostPercent, "find-precision %v: want %v to %v", c.FindPrecision, units.Percent(leastPercent), units.Percent(mostPercent))
	check(c.MaxRate < 0 || c.MaxRate > schedule.MaxRate, "max-rate %v: want up to %s/s", c.MaxRate, units.FormatCount(schedule.MaxRate))
	check(c.MaxRate > 0 && c.Rate > c.MaxRate, "rate %v: the search starts there; want at most max-rate, %v", c.Rate, c.MaxRate)
	for _, r := range []struct {
		key  string
		rate units.Rate
	}{{"rate", c.Rate}, {"max-rate", c.MaxRate}} {
		check(r.rate > 0 && c.Duration.D() >= leastLength && r.rate.PerSecond() < c.lowestRate(),
			"%s %v: a trial of %v would have fewer than %d requests: ask for more, or for a longer duration", r.key, r.rate, c.Duration, fewest)
	}
	for _, t := range c.FindMax {
		if err := checkCondition(t); err != nil {
			errs = append(errs, err)
		}
	}
	r := Result{Rate: 1}
	if _, err := r.judgeAll(c.FindMax); err != nil {
		errs = append(errs, fmt.Errorf("find-max: %w", err))
	}
	return errs
}

// checkCondition refuses what no rate can meet, or what only a higher rate can.
func checkCondition(t report.Threshold) error {
	timed, _, isTime := splitTime(t.Metric)
	isBad := slices.Contains([]string{"requests.failed", "requests.dropped"}, t.Metric) || len(t.Metric) > 7 && t.Metric[:7] == "errors."
	switch {
	case !isTime && !isBad:
		return nil
	case t.Op[0] != '<' && !(isBad && t.Op == "==" && t.Value == 0):
		return fmt.Errorf("find-max %q: a lower rate would not meet it either: want an upper bound, such as %q", t, t.Metric+"<50ms")
	case t.Op == "<" && t.Value <= 0, t.Value < 0, isTime && t.Value == 0 && !ofConnections(timed):
		return fmt.Errorf("find-max %q: nothing can meet it", t)
	}
	return nil
}
