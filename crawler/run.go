package crawler

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"tandem/crawler/frontier"
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
	sitemaps *sitemapFinder
	traps    *traps        // nil where the job wants none
	itemizer *itemizer     // nil without rules
	parsing  chan struct{} // held while a page is parsed for a callback: as many as there are cores
	whole    bool          // unchanged pages are asked for, too: the rules have changed
	limiter  *rate.Limiter // over all hosts; nil is no limit
	budget   *budget
	tally    *tally
	health   health
	missed   unreached
	pacer    *pacer
	patience *patience
	heavy    heavy
	mended   Mended

	*luggage // what requests carry, and the way to the servers

	marking sync.Mutex // held from a snapshot of the counters to the done mark that carries it
	markBuf []byte     // guarded by marking

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
	err := r.workAll(ctx, cancel)
	finish()
	side.Wait()
	if err == nil {
		err = abortCause(ctx)
	}
	return err
}

// workAll runs the workers and waits for them. The first error stops all.
func (r *run) workAll(ctx context.Context, cancel context.CancelCauseFunc) error {
	var workers errgroup.Group
	for range r.cfg.Concurrency {
		workers.Go(func() error {
			err := r.work(ctx)
			if err != nil {
				cancel(&fatalError{err})
			}
			return err
		})
	}
	return workers.Wait()
}

// abortCause tells a run that cannot go on from a stop that was asked for.
func abortCause(ctx context.Context) error {
	cause := context.Cause(ctx)
	if cause == nil || errors.Is(cause, errGrace) || errors.Is(cause, context.Canceled) || ctx.Err() == nil {
		return nil
	}
	var f *fatalError
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

// fatalError is the cause of a context that ends because the run cannot go on.
type fatalError struct{ err error }

func (e *fatalError) Error() string { return e.err.Error() }
func (e *fatalError) Unwrap() error { return e.err }

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
			return &fatalError{err}
		}
		if r.budget.spent(time.Now()) {
			r.stop(errBudget)
		}
	}
}

// syncCounters keeps a snapshot, made in turn with the marks (see mark), and makes all marks before it durable. Marks go on while the
// disk is waited for.
func (r *run) syncCounters() error {
	if err := r.noteCounters(); err != nil {
		return err
	}
	return r.frontier.Sync()
}

func (r *run) noteCounters() error {
	r.marking.Lock()
	defer r.marking.Unlock()
	return r.frontier.Note(metaCounters, r.tally.encode(time.Now()))
}

// sync makes everything up to now durable: the records first, then the marks
// that speak of them.
func (r *run) sync() error {
	if err := r.archive.Sync(); err != nil {
		return err
	}
	if err := r.keepTraps(false); err != nil {
		return err
	}
	if err := r.syncCounters(); err != nil {
		return err
	}
	return r.archive.SealIfDue()
}
