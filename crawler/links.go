package crawler

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"tandem/crawler/extract"
	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
	"tandem/internal/units"
	"tandem/store"
)

// maxRedirects is how long a chain of redirects may grow.
const maxRedirects = 10

// linker turns a response into the links to add to the frontier. It is a pure
// function of the job and of the bytes received, so that recovery finds the
// same links in a stored record as the worker found on the wire. Safe for
// concurrent use.
type linker struct {
	follow   bool // false for a get: only redirects are followed
	scope    *weburl.Scope
	strip    *weburl.Stripper
	also     string // which requisites: one of the Requisites constants
	allow    []units.Pattern
	deny     []units.Pattern
	maxDepth int   // -1 is no limit
	maxBody  int64 // of a decoded body
	obey     bool  // what pages ask of crawlers; see directives.go
	agent    string

	extractors *sync.Pool // of *extract.Extractor: their tables serve the next page

	sitemaps  bool          // pages that are sitemaps are read; see sitemaps.go
	unpacking chan struct{} // held while a sitemap is read
}

// newLinker is the linker of a job.
func newLinker(cfg *Config, seeds []weburl.URL) (*linker, error) {
	kind := cfg.Scope
	if cfg.List != nil {
		kind = string(weburl.ScopeAny)
	}
	scope, err := weburl.NewScope(kind, seeds)
	if err != nil {
		return nil, fmt.Errorf("scope %q: %w", kind, err)
	}
	strip, err := weburl.NewStripper(cfg.StripParams)
	if err != nil {
		return nil, err
	}
	return &linker{
		follow: cfg.List == nil, scope: scope, strip: strip, also: cfg.Requisites, allow: cfg.Allow, deny: cfg.Deny,
		maxDepth: cfg.MaxDepth, maxBody: cfg.MaxBody.Int64(), obey: !cfg.IgnoreRobots, agent: robotsAgent(cfg.UserAgent),
		extractors: &sync.Pool{New: func() any { return new(extract.Extractor) }},
		sitemaps:   cfg.List == nil && cfg.Sitemaps == SitemapsAuto, unpacking: sitemapSlots(),
	}, nil
}

// found is a response's links and the reasons why others were left.
type found struct {
	links   []frontier.Link
	skipped map[string]int64
	robots  extract.MetaRobots // what the page asks of crawlers

	sitemaps Sitemaps // what was read of one
}

func (f *found) skip(reason string) {
	if f.skipped == nil {
		f.skipped = make(map[string]int64)
	}
	f.skipped[reason]++
}

// find returns the links of a response to from.
//
// The links are nil, which leaves those of an earlier run in place, only for a
// page that has not changed.
func (l *linker) find(from frontier.Link, resp *store.Response) found {
	f := found{robots: l.headerRobots(resp)}
	if resp.Status == http.StatusNotModified {
		return f
	}
	f.links = []frontier.Link{}
	if resp.Status >= 300 && resp.Status < 400 {
		l.redirect(&f, from, resp.Get("Location"))
		return f
	}
	if !isSuccess(resp.Status) && from.Sitemap != frontier.NoSitemap {
		f.sitemaps.Errors++
	}
	if !isSuccess(resp.Status) || !l.follow && !l.obey || l.readSitemap(&f, from, resp) {
		return f
	}
	res := l.read(from, resp)
	f.robots = f.robots.Unite(res.MetaRobots)
	if !l.follow {
		return f
	}
	for range res.Invalid {
		f.skip("invalid")
	}
	f.links = make([]frontier.Link, 0, len(res.Links))
	for _, links := range [...][]extract.Link{extract.HeaderLinks(from.URL, joined(resp)), res.Links} {
		for i := range links {
			if l.declined(f.robots, links[i]) {
				f.skip("nofollow")
				continue
			}
			l.add(&f, &from, &links[i])
		}
	}
	return f
}

// joined gives all Link fields as the list that they are (RFC 9110, section 5.3), and the first of others.
func joined(resp *store.Response) func(name string) string {
	return func(name string) string {
		if name != "Link" {
			return resp.Get(name)
		}
		var values []string
		for _, f := range resp.Header {
			if strings.EqualFold(f.Name, name) {
				values = append(values, f.Value)
			}
		}
		return strings.Join(values, ", ")
	}
}

// read finds what the body says; nothing if it cannot be decoded.
func (l *linker) read(from frontier.Link, resp *store.Response) extract.Result {
	body, _, err := resp.Decode(l.maxBody)
	if err != nil && len(body) == 0 {
		return extract.Result{}
	}
	limits := extract.DefaultLimits()
	limits.Agent = l.agent
	reader := l.extractors.Get().(*extract.Extractor)
	res := reader.Links(from.URL, resp.Get("Content-Type"), body, limits)
	l.extractors.Put(reader)
	if !l.obey {
		res.MetaRobots = extract.MetaRobots{}
	}
	return res
}

// redirect adds the target of a redirect. It keeps the depth and kind of the
// URL that was redirected.
func (l *linker) redirect(f *found, from frontier.Link, location string) {
	if location == "" {
		return
	}
	target, err := from.URL.Resolve(location)
	if err != nil {
		f.skip("invalid")
		return
	}
	// A server that insists on its parameter sends /x to /x?sid=1: that is /x.
	if bare := l.strip.Strip(target); bare != from.URL {
		target = bare
	}
	if from.Redirects >= maxRedirects {
		f.skip("trap")
		return
	}
	// A requisite's hop out of the scope was granted when it was found; a sitemap has none.
	hop := from.Requisite && from.Sitemap == frontier.NoSitemap
	if r := l.rule(candidate{url: target, depth: from.Depth, requisite: from.Requisite, hop: hop, redirect: true}); !r.ok {
		f.skip(r.skip)
		return
	}
	f.links = append(f.links, frontier.Link{
		URL: target, Via: from.URL.String(), Depth: from.Depth, Requisite: from.Requisite,
		Seed: from.Seed, Alt: from.Alt, Columns: from.Columns, Redirects: from.Redirects + 1,
		Sitemap: from.Sitemap,
	})
}

// add appends one link of a page if it is to be followed.
func (l *linker) add(f *found, from *frontier.Link, link *extract.Link) {
	link.URL = l.strip.Strip(link.URL)
	depth := from.Depth
	if !link.Requisite {
		depth++
	}
	// A requisite may leave the scope by one hop.
	hop := link.Requisite && l.also == RequisitesAnywhere && l.scope.Contains(from.URL)
	if r := l.rule(candidate{url: link.URL, depth: depth, requisite: link.Requisite, hop: hop}); !r.ok {
		f.skip(r.skip)
		return
	}
	f.links = append(f.links, frontier.Link{
		URL: link.URL, Via: from.URL.String(), Depth: depth, Requisite: link.Requisite, Alt: link.Alt,
	})
}
