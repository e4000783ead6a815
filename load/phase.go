package load

import (
	"context"
	"fmt"
	"math"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
	"tandem/load/recorder"
	"tandem/pipeline"
)

const (
	grace     = 2 * time.Second        // requests in flight may take so long after a drain
	hopeless  = 2 * time.Second        // without one answer in this time, and with a failure for each connection that is no timeout, a run ends
	lookEvery = 100 * time.Millisecond // how often progress is told and the series looked after
)

// phase is one stretch of load: the warm-up, the run itself, or one trial of a search.
type phase struct {
	engine   engine.Engine
	job      *engine.Job
	plan     *engine.Plan
	recorder *recorder.Collector
	progress func(Progress)
}

// run has the engine perform the phase and returns when it has: the schedule is over, drain was set, ctx ended, or no request can be
// answered, which is the error.
func (p *phase) run(ctx context.Context, drain *pipeline.Event) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p.plan.Begin()
	if drain != nil && drain.IsSet() { // in the phase before
		p.plan.Stop()
	}
	over := make(chan struct{})
	var failure error // read once over is closed
	go func() {
		failure = p.engine.Run(ctx, p.job)
		close(over)
	}()
	err := p.watch(ctx, cancel, drain, over)
	<-over
	p.recorder.Finish(p.end())
	if failure != nil {
		return failure
	}
	return err
}

// watch coordinates a phase until over.
func (p *phase) watch(ctx context.Context, cancel context.CancelCauseFunc, drain *pipeline.Event, over <-chan struct{}) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	patience := time.NewTimer(math.MaxInt64)
	defer patience.Stop()
	var drained <-chan struct{}
	if drain != nil {
		drained = drain.Done()
	}
	for {
		select {
		case <-over:
			return nil
		case <-tick.C:
			p.look()
		case <-drained:
			drained = nil
			p.plan.Stop()
			patience.Reset(grace)
		case <-patience.C:
			cancel(engine.ErrGrace)
		case err := <-p.job.GiveUp():
			err = fmt.Errorf("reach the server: %w", err)
			p.plan.Stop()
			cancel(err)
			return err
		case <-ctx.Done():
			p.plan.Stop()
			return nil
		}
	}
}

// look does what is to be done ten times a second.
func (p *phase) look() {
	now := p.plan.Now()
	p.recorder.Roll(now)
	p.progress(p.now(now))
	if err := p.job.Failure(); err != nil && !p.job.Answered() && now >= hopeless && p.refused() >= int64(p.job.Connections) {
		p.job.Abandon(err)
	}
}

// refused is how many requests have failed because a server was not there or broke off. One that is silent may be about to wake.
func (p *phase) refused() int64 {
	live := p.recorder.Live()
	return live.Counts.Failed - live.Errors[transport.ClassTimeout]
}

// Progress is a look at a run. The counts are of the phase, warm-up or run, and of requests that have ended; see Requests.
type Progress struct {
	Phase   string // "" for the run itself, "warm-up", or the trial of a search
	Elapsed time.Duration
	Length  time.Duration // 0 without a limit
	Total   int64         // requests that the schedule holds; 0 without a limit
	Planned int64         // in an open loop, by now
	Rate    float64       // in an open loop, sends planned in the last second
	Dropped int64         // in an open loop, given up by now because they were too late

	Sent      int64
	Completed int64
	Failed    int64
	Bytes     int64

	// Response and Service are the times of the last second that is over; nil before that. They are valid during the call.
	Response, Service *recorder.Times

	// Live gives all that is known by now, for the cost of some locks and two maps. It may be called during the call alone.
	Live func() recorder.Live
}

func (p *phase) now(elapsed time.Duration) Progress {
	now := Progress{Elapsed: elapsed, Length: p.plan.Length}
	if p.plan.Total != math.MaxInt64 {
		now.Total = p.plan.Total
	}
	if p.plan.Open() {
		now.Planned, now.Dropped = min(p.plan.Total, p.plan.Schedule.Due(elapsed)), p.plan.Late()
		if since := max(0, elapsed-time.Second); elapsed > since {
			now.Rate = float64(now.Planned-min(p.plan.Total, p.plan.Schedule.Due(since))) / (elapsed - since).Seconds()
		}
	}
	c := p.recorder.Counts()
	now.Sent, now.Completed, now.Failed, now.Bytes = c.Sent, c.Completed, c.Failed, c.Bytes
	now.Response, now.Service = p.recorder.Recent()
	now.Live = p.recorder.Live
	return now
}

// end is how long the phase took: to the end of an open loop's schedule at least, unless it was stopped.
func (p *phase) end() time.Duration {
	now := p.plan.Now()
	if _, stopped := p.plan.IsStopped(); stopped || !p.plan.Open() {
		return now
	}
	return max(now, p.scheduleEnd())
}

// scheduleEnd is where an open loop's schedule ends: with its length, or with the last of a number of requests.
func (p *phase) scheduleEnd() time.Duration {
	last := p.plan.Schedule.At(p.plan.Total)
	if p.plan.Length > 0 {
		return min(p.plan.Length, last)
	}
	return last
}

// isStopped reports whether the phase ended before its schedule did.
func (p *phase) isStopped() bool {
	_, stopped := p.plan.IsStopped()
	return stopped
}
