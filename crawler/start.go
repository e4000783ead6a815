package crawler

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/time/rate"

	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
	"tandem/internal/transport"
	"tandem/internal/units"
	"tandem/store"
	"tandem/store/fsx"
	"tandem/store/warc"
)

// What the frontier keeps for the crawler beside the URLs.
const (
	metaRun      = "run"      // run id
	metaJob      = "job"      // fingerprint
	metaSeeds    = "seeds"    // for people, in the other-job message
	metaCounters = "counters" // JSON of counters
	metaFinished = "finished" // "yes" when the next start is a new run
	metaRules    = "rules"    // hash of the extraction rules that made the items known
	metaRunRules = "runrules" // hash of those of this run
)

// runIDLayout is the form of a run id.
const runIDLayout = "20060102T150405Z"

// fill sets what the program left out.
func (c *Config) fill() {
	if c.FS == nil {
		c.FS = fsx.OS()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.DrainGrace == 0 {
		c.DrainGrace = 3 * time.Second
	}
	c.UserAgent = named(c.UserAgent, c.Contact)
}

// open locks the run directory, opens frontier and archive, mends what a crash
// left and adds the seeds. On error everything is closed again.
func open(ctx context.Context, cfg Config, with *luggage) (_ *run, err error) {
	release, err := openDir(cfg.FS, cfg.Dir)
	if err != nil {
		return nil, err
	}
	r := &run{cfg: cfg, release: release, luggage: with, parsing: make(chan struct{}, runtime.GOMAXPROCS(0))}
	defer func() {
		if err != nil {
			r.abandon()
		}
	}()
	if err := r.openFrontier(); err != nil {
		return nil, err
	}
	if err := r.writeJob(); err != nil {
		return nil, err
	}
	if err := r.openArchive(); err != nil {
		return nil, err
	}
	if err := r.openLinker(); err != nil {
		return nil, err
	}
	if err := r.openItems(); err != nil {
		return nil, err
	}
	// The seeds come first: a crash may have lost them and kept their records,
	// and recover mends only what the frontier knows.
	if err := r.addStart(); err != nil {
		return nil, err
	}
	if err := r.recover(ctx); err != nil {
		return nil, err
	}
	if err := r.openClient(); err != nil {
		return nil, err
	}
	return r, r.writeSummary(r.summary(Running))
}

// openFrontier opens the durable state and decides what this start is: a fresh
// crawl, the rest of an unfinished one, or a new run over the known URLs.
func (r *run) openFrontier() error {
	cfg := &r.cfg
	f, err := frontier.Open(frontier.Config{
		Dir: filepath.Join(cfg.Dir, frontierDir), FS: cfg.FS,
		HostRate: cfg.HostRate, HostConcurrency: cfg.HostConcurrency,
		AddressRate: cfg.IPRate, AddressConcurrency: cfg.addressConcurrency(), HostPages: cfg.HostMaxPages,
		Logger: cfg.Logger, Failpoint: cfg.Failpoint,
	})
	if err != nil {
		return err
	}
	r.frontier = f
	r.patience = newPatience(cfg.Timeout.D())
	r.pacer = newPacer(interval(cfg.HostRate), f.SetGap)
	job, err := cfg.Fingerprint()
	if err != nil {
		return err
	}
	theirs, err := f.Meta(metaJob)
	if err != nil {
		return err
	}
	if theirs != "" && theirs != job {
		seeds, _ := f.Meta(metaSeeds) // only for the message
		return otherJob(cfg.Dir, seeds, cfg)
	}
	return r.beginOrResume(job)
}

// interval is the time between two requests at a rate; 0 without one.
func interval(rate units.Rate) time.Duration {
	if per := rate.PerSecond(); per > 0 {
		return time.Duration(float64(time.Second) / per)
	}
	return 0
}

func (r *run) beginOrResume(job string) error {
	f := r.frontier
	id, err := f.Meta(metaRun)
	if err != nil {
		return err
	}
	finished, err := f.Meta(metaFinished)
	if err != nil {
		return err
	}
	kept, err := r.keptCounters()
	if err != nil {
		return err
	}
	now := time.Now()
	if id != "" && finished == "" {
		r.id = id
		if kept == nil {
			fresh := newCounters(now)
			kept = &fresh
		}
		kept.Resumed++
		r.tally = newTally(*kept, now)
		return nil
	}
	r.id = nextRunID(id, now)
	r.tally = newTally(newCounters(now), now)
	if id != "" {
		if err := f.NewRun(); err != nil {
			return err
		}
	}
	// In this order, a crash between two of them begins the same run again.
	return r.setMeta([][2]string{
		{metaJob, job}, {metaSeeds, describeSeeds(&r.cfg)}, {metaCounters, r.tally.encode(now)},
		{metaRun, r.id}, {metaFinished, ""},
	})
}

// keptCounters is the run's latest snapshot: one is written with each done mark,
// one when the crawl begins, each second and when it ends. Nil if there is none.
func (r *run) keptCounters() (*counters, error) {
	text, err := r.frontier.Meta(metaCounters)
	if err != nil {
		return nil, err
	}
	marked, err := r.frontier.Counters()
	if err != nil {
		return nil, err
	}
	kept, last := parseCounters(text), parseCounters(string(marked))
	if kept != nil && last != nil && last.Started.Equal(kept.Started) && last.Elapsed > kept.Elapsed {
		kept = last
	}
	return kept, nil
}

func (r *run) setMeta(pairs [][2]string) error {
	for _, kv := range pairs {
		if err := r.frontier.SetMeta(kv[0], kv[1]); err != nil {
			return err
		}
	}
	return nil
}

// nextRunID is the start in UTC, and later than the last run's id even if the
// clock is not.
func nextRunID(last string, now time.Time) string {
	now = now.UTC()
	if t, err := time.Parse(runIDLayout, last); err == nil && !now.Truncate(time.Second).After(t) {
		now = t.Add(time.Second)
	}
	return now.Format(runIDLayout)
}

func (r *run) writeJob() error {
	if r.cfg.JobYAML == nil {
		return nil
	}
	return fsx.WriteFile(r.cfg.FS, filepath.Join(r.cfg.Dir, jobFile), r.cfg.JobYAML)
}

func (r *run) openArchive() error {
	w, err := store.OpenWriter(store.WriterConfig{
		Dir: filepath.Join(r.cfg.Dir, archiveDir), FS: r.cfg.FS, Run: r.id, Software: r.cfg.UserAgent,
		JobYAML: r.cfg.JobYAML, Compress: warc.Compression(r.cfg.Compress), Failpoint: r.cfg.Failpoint,
	})
	r.archive = w
	return err
}

func (r *run) openLinker() error {
	cfg := &r.cfg
	seeds, err := cfg.seeds()
	if err != nil {
		return err
	}
	if r.linker, err = newLinker(cfg, seeds); err != nil {
		return err
	}
	r.sitemaps = newSitemapFinder(cfg)
	if err := r.openTraps(); err != nil {
		return err
	}
	r.budget = &budget{
		maxPages: cfg.MaxPages, maxBytes: cfg.MaxBytes.Int64(), maxTime: cfg.MaxTime.D(), tally: r.tally,
	}
	return nil
}

func (r *run) openClient() error {
	cfg := &r.cfg
	if per := cfg.Rate.PerSecond(); per > 0 {
		r.limiter = rate.NewLimiter(rate.Limit(per), 1)
	}
	client, err := newClient(cfg, r.way)
	r.client = client
	r.robots = newRobotsCache(robotsAgent(cfg.UserAgent), r.get)
	return err
}

// newClient is the client of a job: what it may dial is decided by its guard.
func newClient(cfg *Config, way transport.Config) (*transport.Client, error) {
	seeds, err := cfg.seeds()
	if err != nil {
		return nil, err
	}
	named := make([]string, 0, len(seeds))
	for _, u := range seeds {
		named = append(named, u.HostPort())
	}
	return transport.New(transport.Config{
		UserAgent: cfg.UserAgent, Timeout: cfg.Timeout.D(), MaxBody: cfg.MaxBody.Int64(),
		Guard: transport.NewGuard(cfg.AllowNet, named), Map: cfg.Map, Record: true, Resolve: cfg.Resolve,
		MaxConnsPerHost: cfg.HostConcurrency, MaxConns: cfg.connectionsHere(), Settle: settle, Logger: cfg.Logger,
		Proxy: way.Proxy, TLS: way.TLS, Certificate: way.Certificate, CertificateFor: way.CertificateFor,
	})
}

// settle is how long a connection must at least stay quiet after an answer
// before that is trusted; see transport.Config.
const settle = 10 * time.Millisecond

// addStart adds the seeds or the list. What is known already stays as it is.
func (r *run) addStart() error {
	var links []frontier.Link
	for _, s := range r.cfg.Seeds {
		u, err := parseSeed(s)
		if err != nil {
			return err
		}
		links = append(links, frontier.Link{URL: u, Seed: true})
	}
	fresh := r.tally.snapshot(time.Now()).Resumed == 0
	listed := make(map[weburl.Key]bool)
	for _, e := range r.cfg.List {
		u, err := weburl.Parse(e.URL)
		if err != nil {
			if fresh {
				r.tally.add(func(c *counters) { c.fail(e.URL, "invalid_url") })
			}
			r.cfg.Logger.Debug("list entry is no URL", "url", e.URL, "err", err)
			continue
		}
		if key := u.Key(); fresh && listed[key] {
			r.tally.skip("seen", 1)
		} else {
			listed[key] = true
		}
		links = append(links, frontier.Link{URL: u, Seed: true, Columns: e.Columns})
	}
	_, err := r.frontier.Add(links)
	return err
}

// abandon closes what open had opened before it met an error.
func (r *run) abandon() error {
	var errs []error
	if r.client != nil {
		errs = append(errs, r.client.Close())
	}
	if r.archive != nil {
		errs = append(errs, r.archive.Close())
	}
	if r.frontier != nil {
		errs = append(errs, r.frontier.Close())
	}
	return errors.Join(append(errs, r.release())...)
}
