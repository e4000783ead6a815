package load

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"time"

	"tandem/internal/transport"
	"tandem/internal/usage"
	"tandem/pipeline"
)

// engineName is the one engine there is: fasthttp's codecs over internal/transport's connections.
const engineName = "fasthttp"

// Run puts the load on that cfg describes and returns what it measured. It blocks until the run is over. Setting drain (which may
// be nil) ends it early: nothing new is sent, requests in flight get 2 s, and the result is that of the time until then. When
// ctx ends they are cut. progress (which may be nil) is called about ten times a second by one goroutine at a time.
//
// The error is nil for a run that was drained. When no request was answered, the result comes with an error.
func Run(ctx context.Context, cfg Config, drain *pipeline.Event, progress func(Progress)) (*Result, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(Progress) {}
	}
	client, err := newClient(&cfg)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	reqs, err := cfg.requests()
	if err != nil {
		return nil, err
	}
	if cfg.Warmup > 0 {
		warmup := newPhase(&cfg, client, reqs, cfg.Warmup.D(), 0)
		err = warmup.run(ctx, drain, func(now Progress) {
			now.Warmup = true
			progress(now)
		})
		if err != nil {
			return nil, err
		}
	}
	return measure(ctx, &cfg, newPhase(&cfg, client, reqs, cfg.Duration.D(), cfg.Requests), drain, progress)
}

func newClient(cfg *Config) (*transport.Client, error) {
	tc := transport.Config{
		UserAgent:   cfg.UserAgent,
		Timeout:     cfg.Timeout.D(),
		MaxBody:     math.MaxInt64,
		MaxIdle:     cfg.Connections,
		IdleTimeout: 5 * time.Minute,
		Guard:       transport.NewGuard(cfg.AllowNet, nil),
		Map:         cfg.Map,
		Resolve:     cfg.Resolve,
		Discard:     true,
		Logger:      cfg.Logger,
	}
	if err := cfg.way(&tc); err != nil {
		return nil, err
	}
	return transport.New(tc)
}

// measure runs p and sums it up.
func measure(ctx context.Context, cfg *Config, p *phase, drain *pipeline.Event, progress func(Progress)) (*Result, error) {
	cpu, _ := usage.Self()
	err := p.run(ctx, drain, progress)
	r, rec := p.result()
	used, rss := usage.Self()
	r.Client = Client{CPU: (used - cpu).Seconds(), MaxRSS: rss}
	r.Client.Share = r.Client.CPU / (time.Since(p.start).Seconds() * float64(runtime.GOMAXPROCS(0)))
	r.judge(rec, time.Since(p.start), p.isStopped())
	if thresholdErr := r.evaluate(cfg.Thresholds); thresholdErr != nil {
		return r, thresholdErr
	}
	switch {
	case err != nil:
		r.State = StateFailed
	case ctx.Err() != nil:
		r.State, err = StateInterrupted, context.Cause(ctx)
	case p.isStopped():
		r.State = StateInterrupted
	case r.Requests.Completed == 0:
		r.State, err = StateFailed, p.nothing()
	}
	return r, err
}

// nothing is the error of a run without one answer.
func (p *phase) nothing() error {
	if cause := p.failure.Load(); cause != nil {
		return fmt.Errorf("load %q: no request was answered: %w", p.cfg.URLs[0], *cause)
	}
	return fmt.Errorf("load %q: %w", p.cfg.URLs[0], errors.New("no request was answered"))
}

// result merges what the recorders hold. The workers have ended.
func (p *phase) result() (*Result, *recorder) {
	rec := newRecorder()
	for _, r := range p.recorders {
		rec.merge(r)
	}
	r := &Result{
		State: StateComplete, Engine: engineName, Loop: "closed", URLs: p.cfg.URLs, Method: p.cfg.Method,
		Started: p.start.UTC(), Connections: p.cfg.Connections, Rate: p.cfg.Rate.PerSecond(),
		Response: rec.response.latency(), Service: rec.service.latency(), Lateness: rec.lateness.latency(),
		Status: rec.statuses(), Errors: rec.errors, BytesIn: rec.bytes,
	}
	if p.open {
		r.Loop = "open"
	}
	r.Requests = Requests{Planned: p.planned(), Sent: rec.sent, Completed: rec.completed, Failed: rec.failed, Retried: rec.retried}
	r.Requests.Dropped = r.Requests.Planned - rec.completed - rec.failed
	r.Duration = p.elapsed(rec).Seconds()
	if r.Duration > 0 {
		r.RequestsPerSec = math.Round(float64(rec.completed)/r.Duration*1e3) / 1e3
	}
	return r, rec
}

// elapsed is the time that the counts are about: to the last answer, and in an open loop to the end of the schedule at least.
func (p *phase) elapsed(rec *recorder) time.Duration {
	elapsed := time.Duration(0)
	if !rec.last.IsZero() {
		elapsed = rec.last.Sub(p.start)
	}
	switch {
	case p.isStopped():
		return max(elapsed, p.stopTime)
	case p.open:
		return max(elapsed, p.pacer.at(p.total))
	}
	return elapsed
}
