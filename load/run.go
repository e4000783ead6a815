package load

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"tandem/load/engine"
	"tandem/load/recorder"
	"tandem/load/target"
	"tandem/pipeline"
)

// Run puts the load on that cfg describes and returns what it measured. It blocks until the run is over. Setting drain (which may
// be nil) ends it early: nothing new is sent, requests in flight get 2 s, and the result is that of the time until then. When
// ctx ends they are cut. progress (which may be nil) is called about ten times a second by one goroutine at a time.
//
// With Config.FindMax it is a search, and the result is that of its best trial, with Result.FindMax.
//
// The error is nil for a run that was drained. It is a JobError if the targets or the engine cannot be had. When no request was answered, the result comes with an error.
func Run(ctx context.Context, cfg Config, drain *pipeline.Event, progress func(Progress)) (*Result, error) {
	if len(cfg.FindMax) > 0 {
		return findMax(ctx, cfg, drain, progress)
	}
	r, err := open(&cfg, progress)
	if err != nil {
		return nil, err
	}
	defer r.engine.Close()
	if cfg.Warmup > 0 && !(drain != nil && drain.IsSet()) {
		if err := r.warm(ctx, drain); err != nil {
			return nil, err
		}
	}
	return r.measure(ctx, drain, r.phase(r.arrivals, cfg.length(), cfg.Requests, ""))
}

// JobError is what was wrong with a job beyond what Config.Validate sees: nothing was sent.
type JobError struct{ Err error }

// Error returns the text of Err.
func (e *JobError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *JobError) Unwrap() error { return e.Err }

// runner is a run with what its phases share.
type runner struct {
	cfg      *Config
	source   *target.Set
	engine   engine.Engine
	why      string   // the engine was chosen
	open     bool     // open loop
	arrivals arrivals // of it
	progress func(Progress)
}

// open prepares a run. The engine must be closed.
func open(cfg *Config, progress func(Progress)) (*runner, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	r := &runner{cfg: cfg, progress: progress}
	if progress == nil {
		r.progress = func(Progress) {}
	}
	var err error
	if r.arrivals, r.open, err = cfg.schedule(cfg.length()); err != nil {
		return nil, err
	}
	if r.source, err = cfg.Config.Open(); err != nil {
		return nil, &JobError{err}
	}
	if r.engine, r.why, err = cfg.engine(r.source); err != nil {
		return nil, err
	}
	return r, nil
}

// phase prepares a stretch of load of that length (0: no limit), of so many requests (0: no limit).
func (r *runner) phase(when arrivals, length time.Duration, requests int64, name string) *phase {
	plan := &engine.Plan{Length: length, Total: math.MaxInt64}
	if r.open {
		plan.Schedule, plan.Total = when, when.Total()
		if end := when.Length(); end > 0 && (length == 0 || end < length) {
			plan.Length = end
		}
		if plan.Length > 0 {
			plan.Total = min(plan.Total, when.Due(plan.Length-1))
		}
	}
	if requests > 0 {
		plan.Total = min(plan.Total, requests)
	}
	p := &phase{engine: r.engine, plan: plan, job: engine.NewJob(plan)}
	p.recorder = recorder.New(recorder.Config{
		Shards: r.engine.Shards(r.cfg.Connections), Closed: !r.open, Targets: r.source.Len(), Checks: len(r.source.CheckNames()), Until: plan.Length,
	})
	p.job.Source, p.job.Connections, p.job.Timeout, p.job.Recorder = r.source, r.cfg.Connections, r.cfg.Timeout.D(), p.recorder
	p.progress = func(now Progress) {
		now.Phase = name
		r.progress(now)
	}
	return p
}

// warm runs the same load without counting it.
func (r *runner) warm(ctx context.Context, drain *pipeline.Event) error {
	length := r.cfg.Warmup.D()
	same, _, err := r.cfg.schedule(length) // for so long, however long the run is
	if err != nil {
		return fmt.Errorf("warm up: %w", err)
	}
	return r.phase(same, length, 0, "warm-up").run(ctx, drain)
}

// measure runs p and sums it up.
func (r *runner) measure(ctx context.Context, drain *pipeline.Event, p *phase) (*Result, error) {
	m := newMeter()
	err := p.run(ctx, drain)
	used := m.client()
	res, totals := p.result(r.cfg)
	res.Client, res.Why = used, r.why
	r.describe(res, totals)
	took := p.plan.Now()
	res.judge(totals, took, p.isStopped())
	if thresholdErr := res.evaluate(r.cfg.Thresholds); thresholdErr != nil {
		return res, thresholdErr
	}
	switch {
	case err != nil:
		res.State = StateFailed
	case ctx.Err() != nil:
		res.State, err = StateInterrupted, context.Cause(ctx)
	case p.isStopped():
		res.State = StateInterrupted
	case res.Requests.Completed == 0:
		res.State, err = StateFailed, r.nothing(p)
	}
	return res, err
}

// describe adds what the configuration says.
func (r *runner) describe(res *Result, totals *recorder.Totals) {
	if r.open {
		res.Schedule, res.Rate = r.arrivals.String(), r.cfg.Rate.PerSecond()
	}
	if r.cfg.Pipeline > 1 {
		res.Pipeline = r.cfg.Pipeline
	}
	if r.cfg.Streams > 1 {
		res.Streams = r.cfg.Streams
	}
	for i, name := range r.source.CheckNames() {
		res.Checks = append(res.Checks, Check{Name: name, Failed: totals.Checks[i]})
	}
}

// nothing is the error of a run without one answer that counts.
func (r *runner) nothing(p *phase) error {
	cause := p.job.Failure()
	switch {
	case p.job.Answered():
		return fmt.Errorf("load %q: no answer passed its checks", r.source.Name(0))
	case cause == nil:
		cause = errors.New("no request was sent before the end")
	}
	return fmt.Errorf("load %q: no request was answered: %w", r.source.Name(0), cause)
}
