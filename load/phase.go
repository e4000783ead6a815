package load

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"tandem/internal/transport"
	"tandem/pipeline"
)

const (
	maxLate   = 10 * time.Second       // an open loop drops what it could not send within this time
	catchUp   = time.Second            // and what it could not send so long after the schedule's end
	grace     = 2 * time.Second        // requests in flight may take so long after a drain
	hopeless  = 2 * time.Second        // without one answer in this time, and with failures only, a run ends
	lookEvery = 100 * time.Millisecond // how often progress is told
)

// phase is one stretch of load: the warmup or the run itself.
type phase struct {
	cfg    *Config
	client *transport.Client
	reqs   []*transport.Request

	open      bool
	pacer     pacer
	length    time.Duration // 0: no limit
	total     int64         // requests that the schedule holds
	recorders []*recorder

	start    time.Time
	next     atomic.Int64 // number of the next request
	begun    atomic.Int64 // requests that a worker took in hand
	answered atomic.Bool
	failure  atomic.Pointer[error] // the first one
	stopped  chan struct{}         // closed by stop
	giveUp   chan error            // the reason why nothing can ever be answered; holds one
	stopTime time.Duration         // since start, once stopped; the coordinator's
}

func newPhase(cfg *Config, client *transport.Client, reqs []*transport.Request, length time.Duration, requests int64) *phase {
	p := &phase{
		cfg: cfg, client: client, reqs: reqs, length: length, total: math.MaxInt64,
		open: cfg.Rate > 0, pacer: pacer{cfg.Rate.PerSecond()},
		stopped: make(chan struct{}), giveUp: make(chan error, 1),
	}
	if p.open && length > 0 {
		p.total = p.pacer.before(length)
	}
	if requests > 0 {
		p.total = min(p.total, requests)
	}
	for range min(cfg.Connections, maxRecorders) {
		p.recorders = append(p.recorders, newRecorder())
	}
	return p
}

// run starts the workers and returns when the last has ended: the schedule is over, drain was set, ctx ended, or no request can
// be answered, which is the error.
func (p *phase) run(ctx context.Context, drain *pipeline.Event, progress func(Progress)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p.start = time.Now()
	var workers sync.WaitGroup
	for i := range p.cfg.Connections {
		workers.Go(func() { p.work(ctx, p.recorders[i%len(p.recorders)]) })
	}
	done := make(chan struct{})
	go func() {
		workers.Wait()
		close(done)
	}()
	err := p.watch(ctx, cancel, drain, done, progress)
	<-done
	return err
}

// errGrace ends requests that were in flight at a drain and took too long.
var errGrace = errors.New("interrupted")

// watch coordinates a phase until done.
func (p *phase) watch(ctx context.Context, cancel context.CancelCauseFunc, drain *pipeline.Event, done <-chan struct{}, progress func(Progress)) error {
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
		case <-done:
			return nil
		case <-tick.C:
			progress(p.progress())
			if p.hopeless() {
				p.abandon(*p.failure.Load())
			}
		case <-drained:
			drained = nil
			p.stop()
			patience.Reset(grace)
		case <-patience.C:
			cancel(errGrace)
		case err := <-p.giveUp:
			p.stop()
			cancel(err)
			return err
		case <-ctx.Done():
			p.stop()
			return nil
		}
	}
}

// stop ends the schedule now.
func (p *phase) stop() {
	select {
	case <-p.stopped:
	default:
		p.stopTime = time.Since(p.start)
		close(p.stopped)
	}
}

func (p *phase) isStopped() bool {
	select {
	case <-p.stopped:
		return true
	default:
		return false
	}
}

// abandon reports that no request can be answered, because of err.
func (p *phase) abandon(err error) {
	select {
	case p.giveUp <- fmt.Errorf("reach the server: %w", err):
	default:
	}
}

// hopeless reports whether a run that still has no answer has failures instead.
func (p *phase) hopeless() bool {
	return !p.answered.Load() && time.Since(p.start) >= hopeless && p.failure.Load() != nil
}

// planned returns how many requests the schedule held up to its end or stop.
func (p *phase) planned() int64 {
	if !p.open {
		return p.begun.Load()
	}
	if p.isStopped() {
		return min(p.total, p.pacer.due(p.stopTime))
	}
	return p.total
}

// Progress is a look at a run. The counts are of the phase, warmup or run, and of requests that have ended; see Requests.
type Progress struct {
	Warmup    bool
	Elapsed   time.Duration
	Length    time.Duration // 0 without a limit
	Total     int64         // requests that the schedule holds; 0 without a limit
	Sent      int64
	Completed int64
	Failed    int64
}

func (p *phase) progress() Progress {
	now := Progress{Elapsed: time.Since(p.start), Length: p.length}
	if p.total != math.MaxInt64 {
		now.Total = p.total
	}
	for _, r := range p.recorders {
		sent, completed, failed := r.counts()
		now.Sent += sent
		now.Completed += completed
		now.Failed += failed
	}
	return now
}
