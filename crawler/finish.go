package crawler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"tandem/internal/usage"
	"tandem/store/fsx"
)

// close ends a run: seals the archive, merges its indexes, exports the in-links and
// items, writes the summary and gives everything back. cause is what the workers
// returned.
func (r *run) close(ctx context.Context, cause error) (*Summary, error) {
	state := r.outcomeState(ctx, cause)
	err := errors.Join(cause, r.closeArchive(state))
	if state.Finished() && err == nil {
		err = r.export()
	}
	if err != nil {
		state = Failed
	}
	nothing := err == nil && r.nothingStored(state)
	err = errors.Join(err, r.closeFrontier(state, nothing))
	if nothing {
		err = errors.Join(append([]error{ErrNothingFetched}, r.seedErrs...)...)
	}
	sum := r.summary(state)
	// What the disk did not take is known only when all is closed.
	err = errors.Join(err, r.client.Close(), r.frontier.Close())
	sum.fail(err)
	if werr := r.writeSummary(sum); werr != nil {
		err = errors.Join(err, werr)
		sum.fail(err)
	}
	return sum, errors.Join(err, r.release())
}

// fail makes s the summary of a run that ended with an error, unless err is nil.
func (s *Summary) fail(err error) {
	if err != nil {
		s.State, s.Error = Failed, err.Error()
	}
}

// outcomeState tells how the crawl ended. A drain that found nothing left to
// do is a complete crawl.
func (r *run) outcomeState(ctx context.Context, cause error) State {
	n := r.frontier.Counts()
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case cause != nil:
		return Failed
	case n.Pending+n.InFlight == 0:
		return Complete
	case errors.Is(r.stopped, errBudget) && ctx.Err() == nil:
		return Budget
	}
	return Interrupted
}

// nothingStored reports whether a whole crawl has not stored one page, which is
// a failure: the seeds failed or were disallowed.
func (r *run) nothingStored(state State) bool {
	c := r.tally.snapshot(time.Now())
	return state == Complete && c.Pages+c.Requisites == 0
}

func (r *run) closeArchive(state State) error {
	if err := r.archive.Close(); err != nil {
		return err
	}
	if !state.Finished() {
		return nil
	}
	return r.archive.MergeIndex()
}

// closeFrontier makes the marks durable and says whether the next start is a
// new run. A crawl that stored nothing is tried again from its seeds.
func (r *run) closeFrontier(state State, nothing bool) error {
	finished := ""
	if state.Finished() || nothing {
		finished = "yes"
	}
	n := r.frontier.Counts()
	if state == Budget {
		r.tally.skip("budget", n.Pending+n.InFlight) // a worker may have held one when the budget was used up
	}
	if state.Finished() {
		r.tally.skip("budget", n.Spent)
	}
	if err := r.keepTraps(true); err != nil {
		return err
	}
	for what, d := range r.frontier.Waits() {
		r.tally.waited(what, d)
	}
	r.tally.add(func(c *counters) {
		cpu, rss := usage.Self()
		c.CPU += cpu
		c.MaxRSS = max(c.MaxRSS, rss)
	})
	if state.Finished() && !nothing {
		if err := r.settleRules(); err != nil {
			return err
		}
	}
	return r.setMeta([][2]string{{metaCounters, r.tally.encode(time.Now())}, {metaFinished, finished}})
}

// summary renders the run as crawl.json shows it.
func (r *run) summary(state State) *Summary {
	c, n := r.tally.snapshot(time.Now()), r.frontier.Counts()
	s := &Summary{
		State: state, Run: r.id, Started: c.Started, DurationS: seconds(c.Elapsed),
		Fetched: c.Fetched, Pages: c.Pages, Requisites: c.Requisites, Unchanged: c.Unchanged, Truncated: c.Truncated,
		Bytes: c.Bytes, Stored: r.archive.SealedBytes(), Status: c.Status, Errors: c.Errors, Failures: c.Failures, Skipped: c.Skipped, Traps: c.Traps,
		Retries: c.Retries, Slowed: c.Slowed, Known: int64(n.Known), Pending: int64(n.Pending + n.InFlight),
		Hosts: int64(r.frontier.Hosts()), RobotsFetched: c.RobotsFetched, Sitemaps: c.Sitemaps, WaitedS: map[string]float64{}, CPUS: seconds(c.CPU),
		MaxRSSBytes: c.MaxRSS, Items: c.Items, ItemsDropped: c.ItemsDropped, Resumed: c.Resumed, Recovered: r.mended,
		TLSInsecure: r.cfg.TLSInsecure,
	}
	for _, reason := range []string{"robots", "scope", "seen", "private_address", "trap", "budget"} {
		s.Skipped[reason] += 0 // scripts may rely on the key
	}
	for what, ns := range c.WaitedNS {
		s.WaitedS[what] = seconds(time.Duration(ns))
	}
	for _, what := range []string{"limiter", "network"} {
		s.WaitedS[what] += 0
	}
	return s
}

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }

func (r *run) writeSummary(s *Summary) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encode summary: %w", err)
	}
	return fsx.WriteFile(r.cfg.FS, filepath.Join(r.cfg.Dir, summaryFile), append(b, '\n'))
}
