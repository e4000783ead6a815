package target

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tandem/configs"
	"tandem/internal/transport"
	"tandem/internal/units"
)

// page is a line of inlinks.jsonl: a URL that a crawl knows, and how it ended.
type page struct {
	url       string
	inlinks   int64
	requisite bool
	stored    bool
	status    int64
}

// parsePage reads a line; ok is false if it is none that a crawl writes.
func parsePage(line []byte) (p *page, ok bool) {
	p = new(page)
	err := walkObject(line, func(string, int) (bool, error) { return true, nil }, func(key string, value []byte, _ int) (err error) {
		switch key {
		case "url":
			p.url, err = textOf(value)
		case "inlinks":
			p.inlinks, err = strconv.ParseInt(string(value), 10, 64)
		case "requisite":
			p.requisite = string(value) == "true"
		case "state":
			p.stored = string(value) == `"stored"`
		case "status":
			p.status, err = strconv.ParseInt(string(value), 10, 64)
		}
		return err
	})
	return p, err == nil && p.url != ""
}

// answered reports whether the page was there: stored with 2xx, or confirmed with 304 by a recrawl.
func (p *page) answered() bool {
	return p.stored && (p.status/100 == 2 || p.status == 304)
}

// run is a run directory being read.
type run struct {
	*Config
	base  *transport.Target
	hosts map[string]bool // host names of the seeds
	named map[string]bool // host:port of the seeds
	left  leftOut
}

// leftOut counts what a run directory has and the set has not.
type leftOut struct {
	known, unanswered, requisites, pages, unusable int
	hosts                                          map[string]int
}

// crawled is the set of the pages of a run directory.
func (c *Config) crawled(f *feed) (*Set, error) {
	in, err := openRun(c.From)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	r := &run{Config: c, left: leftOut{hosts: map[string]int{}}}
	if c.Base != "" {
		base, err := parseBase(c.Base)
		if err != nil {
			return nil, err
		}
		r.base = &base
	} else if err := r.readSeeds(); err != nil {
		return nil, err
	}
	b, err := c.builder(f)
	if err != nil {
		return nil, err
	}
	if err := r.read(b, in); err != nil {
		return nil, err
	}
	if len(b.set.targets) == 0 {
		return nil, fmt.Errorf("read run %q: nothing is left to request: %s", c.From, r.left.String())
	}
	s := b.set
	switch c.Order {
	case "sequence":
		s.pick = inTurn(len(s.targets))
	case "uniform":
		s.pick = uniform(len(s.targets), s.seed)
	default:
		s.pick = weighted(b.weights, s.seed)
	}
	return s, nil
}

// openRun opens the ledger of a finished crawl.
func openRun(dir string) (*os.File, error) {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return nil, fmt.Errorf("open run %q: %w", dir, cause(err))
	case !info.IsDir():
		return nil, fmt.Errorf("open run %q: it is a file; want the directory that a crawl wrote with -o", dir)
	}
	f, err := os.Open(filepath.Join(dir, "inlinks.jsonl"))
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	for _, part := range []string{"job.yaml", "frontier", "archive"} {
		if _, err := os.Stat(filepath.Join(dir, part)); err == nil {
			return nil, fmt.Errorf("open run %q: its crawl is unfinished: inlinks.jsonl, which says what was found, is written at the end; go on with fetch crawl --config %s", dir, filepath.Join(dir, "job.yaml"))
		}
	}
	return nil, fmt.Errorf("open run %q: it is no run directory: neither inlinks.jsonl nor job.yaml is in it", dir)
}

// readSeeds reads which hosts the user named when the crawl began.
func (r *run) readSeeds() error {
	seeds, err := configs.Texts(filepath.Join(r.From, "job.yaml"), "crawl", "seeds")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("read run %q: job.yaml is not in it, so its seeds are not known; want base, the URL to request its pages at", r.From)
	case err != nil:
		return fmt.Errorf("read seeds of run %q: %w", r.From, cause(err))
	}
	if len(seeds) == 0 {
		return fmt.Errorf("read run %q: it has no seeds (fetch get has a list instead), so no host of it was named; want base, the URL to request its pages at", r.From)
	}
	r.hosts, r.named = map[string]bool{}, map[string]bool{}
	for _, seed := range seeds {
		seed = strings.TrimSpace(seed)
		if !strings.Contains(seed, "://") {
			seed = "http://" + seed
		}
		t, err := transport.ParseTarget(seed)
		if err != nil {
			return fmt.Errorf("read seeds of run %q: %w", r.From, err)
		}
		r.hosts[hostName(t)], r.named[t.HostPort] = true, true
	}
	return nil
}

// hostName is a target's host without its port.
func hostName(t transport.Target) string { return t.HostPort[:strings.LastIndexByte(t.HostPort, ':')] }

// parseBase reads what the pages of a run are requested at.
func parseBase(raw string) (transport.Target, error) {
	t, err := transport.ParseTarget(raw)
	switch {
	case err != nil:
		return t, fmt.Errorf("base: %w", err)
	case isTemplate(raw):
		return t, fmt.Errorf("base %q: it has placeholders; want a URL", raw)
	case strings.ContainsAny(raw, "?#"):
		return t, fmt.Errorf("base %q: it has a query or fragment; want scheme, host and perhaps a path, as https://staging.example.org", raw)
	}
	t.URI = strings.TrimSuffix(t.URI, "/")
	return t, nil
}

// read adds the pages of a ledger to b.
func (r *run) read(b *builder, in io.Reader) error {
	l := newLines(filepath.Join(r.From, "inlinks.jsonl"), in)
	p := &problems{file: l.name}
	for !p.full() {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		one, ok := parsePage(line)
		if !ok {
			p.add(place{l.n, 1}, errors.New("want an object with url, inlinks, requisite, state and status, as a crawl writes it"))
			continue
		}
		if err := r.add(b, one); err != nil {
			return fmt.Errorf("%s:%d:1: %w", l.name, l.n, err)
		}
	}
	return p.err()
}

// add makes a page a target, or counts why not.
func (r *run) add(b *builder, one *page) error {
	r.left.known++
	requisites := cmp.Or(r.Requisites, "none")
	switch {
	case !one.answered():
		r.left.unanswered++
		return nil
	case one.requisite && requisites == "none":
		r.left.requisites++
		return nil
	case !one.requisite && requisites == "only":
		r.left.pages++
		return nil
	}
	t, err := transport.ParseTarget(one.url)
	if err != nil {
		r.left.unusable++
		return nil
	}
	s := spec{url: one.url, found: true, weight: float64(max(one.inlinks, 0) + 1)}
	switch {
	case r.base != nil:
		s.url, s.named = origin(*r.base)+r.base.URI+t.URI, true
	case !r.permits(t):
		r.left.hosts[origin(t)]++
		return nil
	default:
		s.named = r.named[t.HostPort]
	}
	return b.add(&s)
}

// permits reports whether t is at a host that the user named when the crawl began: at the same port, or at the scheme's own, as https is
// where http redirects to it.
func (r *run) permits(t transport.Target) bool {
	standard := !strings.HasSuffix(origin(t), t.HostPort)
	return r.named[t.HostPort] || standard && r.hosts[hostName(t)]
}

// String says what was left out, and what to do about it.
func (l *leftOut) String() string {
	parts := []string{}
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, units.FormatCount(int64(n))+" "+what)
		}
	}
	add(l.unanswered, "not answered with 2xx")
	add(l.requisites, "images, styles and scripts (requisites with or only takes them)")
	add(l.pages, "pages (requisites only leaves them out)")
	add(l.unusable, "not to be requested as they are")
	hosts := make([]string, 0, len(l.hosts))
	others := 0
	for h, n := range l.hosts {
		hosts = append(hosts, h)
		others += n
	}
	slices.SortFunc(hosts, func(a, b string) int { return cmp.Or(l.hosts[b]-l.hosts[a], strings.Compare(a, b)) })
	add(others, fmt.Sprintf("on hosts or ports that are not the seeds': %s (base requests them elsewhere)", strings.Join(hosts[:min(3, len(hosts))], ", ")))
	if len(parts) == 0 {
		return "the crawl found nothing"
	}
	return fmt.Sprintf("of %s URLs, %s", units.FormatCount(int64(l.known)), strings.Join(parts, "; "))
}
