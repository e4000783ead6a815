package crawler

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
	"tandem/internal/transport"
	"tandem/store"
)

// run is one start of a crawl: everything that is open between open and close.
type run struct {
	cfg      Config
	id       string // UTC start of the crawl, kept over resumes
	release  func() error
	archive  *store.Writer
	frontier *frontier.Durable
	client   *transport.Client
	robots   *robotsCache
	linker   *linker
	limiter  *rate.Limiter // over all hosts; nil is no limit
	budget   *budget
	tally    *tally
	mended   Mended

	headers [][2]string     // sent to the seeds' origins only
	origins map[string]bool // of the seeds

	marking sync.Mutex // held from a snapshot of the counters to the done mark that carries it

	mu       sync.Mutex // guards the fields below
	stopped  error      // why the crawl stops early: errDrained or errBudget
	seedErrs []error    // what went wrong with seeds, at most a few
}

// stop ends the crawl gracefully: what is in flight ends, nothing new starts.
// The first cause stays.
func (r *run) stop(cause error) {
	r.mu.Lock()
	if r.stopped == nil {
		r.stopped = cause
	}
	r.mu.Unlock()
	r.frontier.Drain()
}

// noteSeed remembers what went wrong with a seed, for the message of a run
// that stored nothing.
func (r *run) noteSeed(item frontier.Item, cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.seedErrs) < 5 {
		r.seedErrs = append(r.seedErrs, fmt.Errorf("seed %s: %w", item.URL, cause))
	}
	r.cfg.Logger.Warn("seed failed", "url", item.URL.String(), "err", cause)
}

// crawl runs the workers and the housekeeping beside them. Everything that it
// starts has ended when it returns.
func (r *run) crawl(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	aside, finish := context.WithCancel(context.WithoutCancel(ctx))
	var side sync.WaitGroup
	side.Go(func() { r.watchDrain(aside, cancel) })
	side.Go(func() {
		if err := r.housekeep(aside); err != nil {
			cancel(err)
		}
	})
	workers, wctx := errgroup.WithContext(ctx)
	for range r.cfg.Concurrency {
		workers.Go(func() error { return r.work(wctx) })
	}
	err := workers.Wait()
	finish()
	side.Wait()
	if err == nil {
		err = abortCause(ctx)
	}
	return err
}

// abortCause tells a failed housekeeper from a stop that was asked for.
func abortCause(ctx context.Context) error {
	cause := context.Cause(ctx)
	if cause == nil || errors.Is(cause, errGrace) || errors.Is(cause, context.Canceled) || ctx.Err() == nil {
		return nil
	}
	var f *housekeepingError
	if errors.As(cause, &f) {
		return f.err
	}
	return nil
}

// watchDrain ends the crawl when the Event is set: first no new requests, then,
// after the grace period, none at all.
func (r *run) watchDrain(ctx context.Context, cancel context.CancelCauseFunc) {
	if r.cfg.Drain == nil || r.cfg.Drain.Wait(ctx) != nil {
		return
	}
	r.stop(errDrained)
	timer := time.NewTimer(r.cfg.DrainGrace)
	defer timer.Stop()
	select {
	case <-timer.C:
		cancel(errGrace)
	case <-ctx.Done():
	}
}

// housekeepingError carries the failure of a sync out of the housekeeper.
type housekeepingError struct{ err error }

func (e *housekeepingError) Error() string { return e.err.Error() }
func (e *housekeepingError) Unwrap() error { return e.err }

// housekeep makes the last second durable, seals segments that are due and
// watches the time budget, once a second until ctx ends.
func (r *run) housekeep(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := r.sync(); err != nil {
			return &housekeepingError{err}
		}
		if r.budget.spent(time.Now()) {
			r.stop(errBudget)
		}
	}
}

// sync makes everything up to now durable: the records first, then the marks
// that speak of them.
func (r *run) sync() error {
	if err := r.archive.Sync(); err != nil {
		return err
	}
	if err := r.frontier.SetMeta(metaCounters, r.tally.encode(time.Now())); err != nil {
		return err
	}
	return r.archive.SealIfDue()
}

// get fetches a robots.txt through the same client and guard as the pages.
func (r *run) get(ctx context.Context, u weburl.URL, maxBody int64) (*transport.Response, error) {
	r.tally.add(func(c *counters) { c.RobotsFetched++ })
	resp, err := r.client.Do(ctx, &transport.Request{Method: "GET", Target: target(u), MaxBody: maxBody})
	if err == nil {
		r.tally.add(func(c *counters) { c.Bytes += resp.BytesIn })
	}
	return resp, err
}
