package crawler

import (
	"context"
	"sync/atomic"
	"time"
)

// Crawler runs one job. Make it with New.
type Crawler struct {
	cfg     Config
	with    *luggage
	current atomic.Pointer[run]
	last    atomic.Pointer[Progress] // of a run that has ended
}

// New checks the configuration and reads the secrets, certificates and cookies
// that it names. Nothing else is opened before Run.
func New(cfg Config) (*Crawler, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.fill()
	with, err := pack(&cfg)
	if err != nil {
		return nil, err
	}
	return &Crawler{cfg: cfg, with: with}, nil
}

// Run crawls until the frontier is finished by count, a budget is used up,
// Config.Drain is set or ctx ends. It blocks, and leaves no goroutine and no
// open file behind.
//
// The summary is returned whenever the run directory could be opened, also
// beside an error. A run that was asked to stop is no error: its summary's
// state says interrupted.
func (c *Crawler) Run(ctx context.Context) (*Summary, error) {
	r, err := open(ctx, c.cfg, c.with)
	if err != nil {
		return nil, err
	}
	c.with.warn(&c.cfg)
	c.current.Store(r)
	cause := r.crawl(ctx)
	c.last.Store(r.progress())
	c.current.Store(nil)
	return r.close(ctx, cause)
}

// Progress is where a crawl stands. Counts are of the whole run.
type Progress struct {
	Elapsed  time.Duration
	Fetched  int64
	Pages    int64
	Done     int64 // URLs dealt with
	Known    int64 // URLs found
	Pending  int64
	InFlight int64
	Bytes    int64
	Errors   int64
	Retries  int64
}

// Progress returns where the crawl stands, or where it ended; zero before Run.
// Safe for concurrent use.
func (c *Crawler) Progress() Progress {
	if r := c.current.Load(); r != nil {
		return *r.progress()
	}
	if p := c.last.Load(); p != nil {
		return *p
	}
	return Progress{}
}

func (r *run) progress() *Progress {
	n := r.frontier.Counts()
	t := r.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	p := &Progress{
		Elapsed: t.elapsed(time.Now()), Fetched: t.c.Fetched, Pages: t.c.Pages, Bytes: t.c.Bytes, Retries: t.c.Retries,
		Done: n.Done, Known: n.Known, Pending: n.Pending, InFlight: n.InFlight,
	}
	for _, v := range t.c.Errors {
		p.Errors += v
	}
	return p
}
