package crawler

import (
	"net/http"
	"path"
	"runtime"
	"strings"
	"sync"
	"time"

	"tandem/crawler/extract"
	"tandem/crawler/frontier"
	"tandem/crawler/robots"
	"tandem/crawler/weburl"
	"tandem/internal/transport"
	"tandem/store"
)

// Sitemaps are how a site names pages that no link leads to. They come from the Sitemap lines of robots.txt and from
// /sitemap.xml, asked for once an origin whose pages are crawled; an index brings more of them. A sitemap is a URL of
// the frontier like any other: robots.txt, politeness, address guard and budgets hold for it, it is archived, and it is
// found again after a crash. It is no page: it counts apart, needs no expression of allow, and goes before its host's pages.
//
// It lies at depth 0, and what it lists at depth 1, as if the front page linked it. Scope, allow and deny decide
// about what it lists as about any link. Dates are not read: a recrawl asks with what the server said of each page.
//
// Nobody promised that there is a /sitemap.xml. If there is none, nothing is archived and nothing counted.

// The values of Config.Sitemaps.
const (
	SitemapsAuto = "auto"
	SitemapsOff  = "off"
)

const (
	wellKnownSitemap = "/sitemap.xml"
	// maxSitemapFiles is how many sitemap files of one host a start of the crawl takes up.
	maxSitemapFiles = 1000
	// sniffedHead is as much of a body as it takes to see what kind of file it is.
	sniffedHead = 64 << 10
)

// Sitemaps counts a run's sitemaps.
type Sitemaps struct {
	Files   int64 `json:"files"`   // stored: 2xx and 304
	URLs    int64 `json:"urls"`    // that they list, wanted or not
	Errors  int64 `json:"errors"`  // not to be had, no sitemaps, or damaged: what came before the damage counts
	Refused int64 `json:"refused"` // not read: an index in an index, or beyond 1000 files of a host
}

func (s *Sitemaps) add(more Sitemaps) {
	s.Files += more.Files
	s.URLs += more.URLs
	s.Errors += more.Errors
	s.Refused += more.Refused
}

// sitemapFinder remembers where sitemaps were looked for and how many were found. Safe for concurrent use.
type sitemapFinder struct {
	on bool

	mu      sync.Mutex      // guards the fields below
	origins map[string]bool // asked about
	files   map[string]int  // by host
}

// newSitemapFinder looks for sitemaps where a whole host or domain is crawled: for the pages of one folder, or of all the world, they would
// be many for few.
func newSitemapFinder(cfg *Config) *sitemapFinder {
	whole := cfg.Scope == string(weburl.ScopeHost) || cfg.Scope == string(weburl.ScopeDomain)
	return &sitemapFinder{
		on:      whole && cfg.Sitemaps == SitemapsAuto && cfg.List == nil && cfg.MaxDepth != 0,
		origins: map[string]bool{}, files: map[string]int{},
	}
}

// first reports whether an origin is met for the first time.
func (s *sitemapFinder) first(origin string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.origins[origin]
	s.origins[origin] = true
	return !was
}

// take counts a file of a host, unless there are enough.
func (s *sitemapFinder) take(host string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files[host] >= maxSitemapFiles {
		return false
	}
	s.files[host]++
	return true
}

// seekSitemaps adds the sitemaps of an item's origin, the first time it is called for one. The item is in flight, so
// the crawl cannot be finished meanwhile. rules may be nil.
func (r *run) seekSitemaps(item frontier.Item, rules *robots.Rules) error {
	if !r.sitemaps.on || item.Requisite || !r.sitemaps.first(item.URL.Origin()) {
		return nil
	}
	file, err := weburl.Parse(item.URL.Origin() + "/robots.txt")
	if err != nil {
		return nil // the item has this origin: cannot happen
	}
	f := found{}
	if rules != nil {
		for _, line := range rules.Sitemaps() {
			u, err := file.Resolve(line)
			if err != nil {
				f.skip("invalid")
				continue
			}
			r.linker.addSitemap(&f, frontier.Link{URL: u, Via: file.String(), Sitemap: frontier.NamedSitemap})
		}
	}
	if u, err := file.Resolve(wellKnownSitemap); err == nil && r.linker.wantsSitemap(u).ok {
		r.linker.addSitemap(&f, frontier.Link{URL: u, Sitemap: frontier.GuessedSitemap})
	}
	r.limitSitemaps(&f)
	r.tally.add(func(c *counters) { c.Sitemaps.add(f.sitemaps) })
	for reason, n := range f.skipped {
		r.tally.skip(reason, n)
	}
	added, err := r.frontier.Add(f.links)
	if err != nil || added == 0 {
		return err
	}
	// A record may not outlive a crash that its URL does not: the archive has no robots.txt to find it by again.
	return r.frontier.Sync()
}

// limitSitemaps takes the sitemaps out of f that are too many for their hosts.
func (r *run) limitSitemaps(f *found) {
	kept := f.links[:0]
	for _, link := range f.links {
		if link.Sitemap != frontier.NoSitemap && !r.frontier.Known(link.URL) && !r.sitemaps.take(link.URL.Host()) {
			f.sitemaps.Refused++
			continue
		}
		kept = append(kept, link)
	}
	f.links = kept
}

// idleGuess reports whether another try is not worth its while: a site that takes its time over what nobody named would hold up
// the end of the crawl for minutes.
func idleGuess(item frontier.Item, v verdict) bool {
	return item.Sitemap == frontier.GuessedSitemap && (v.class == transport.ClassTimeout || v.class == "cut_"+transport.TruncatedTime)
}

// noSitemap is the end of a guess that was wrong.
func (r *run) noSitemap(item frontier.Item) error {
	out := frontier.Outcome{State: frontier.Skipped, Reason: "no_sitemap", Date: time.Now()}
	_, err := r.mark(item, out, func(*counters) {})
	return err
}

// sitemapSlots bounds how many sitemaps are unpacked at the same time.
func sitemapSlots() chan struct{} { return make(chan struct{}, runtime.GOMAXPROCS(0)) }

// wantsSitemap decides about a sitemap: the scope and deny hold for it.
func (l *linker) wantsSitemap(u weburl.URL) ruling {
	return l.rule(candidate{url: u, requisite: true, redirect: true})
}

func (l *linker) addSitemap(f *found, link frontier.Link) {
	if r := l.wantsSitemap(link.URL); !r.ok {
		f.skip(r.skip)
		return
	}
	link.Requisite = true
	f.links = append(f.links, link)
}

// wrongGuess reports whether a sitemap that nobody named is not there: the answer is an error, a file of another kind, or a redirect to
// something that is not named like a sitemap. Many sites redirect what they do not know to a page.
func (l *linker) wrongGuess(from frontier.Link, resp *store.Response) bool {
	switch {
	case from.Sitemap != frontier.GuessedSitemap || resp.Status == http.StatusNotModified:
		return false
	case isSuccess(resp.Status):
		return sniff(resp, true) == extract.NoSitemap
	case resp.Status >= 300 && resp.Status < 400:
		to, err := from.URL.Resolve(resp.Get("Location"))
		return err != nil || !namedLikeSitemap(to.Path())
	}
	return true
}

func namedLikeSitemap(p string) bool {
	switch strings.ToLower(path.Ext(p)) {
	case ".xml", ".gz", ".txt":
		return true
	}
	return strings.Contains(strings.ToLower(path.Base(p)), "sitemap") && !strings.HasSuffix(p, "/")
}

// sniff looks into the beginning of a body.
func sniff(resp *store.Response, text bool) extract.SitemapKind {
	head, _, err := resp.Decode(sniffedHead)
	if err != nil && len(head) == 0 {
		return extract.NoSitemap
	}
	return extract.SniffSitemap(resp.Get("Content-Type"), head, text)
}

// asPage turns a sitemap that is a page into one, whoever called it a sitemap: robots.txt may name the
// site map that is meant for people. changed reports whether it did.
func (l *linker) asPage(from frontier.Link, resp *store.Response) (_ frontier.Link, changed bool) {
	if from.Sitemap == frontier.NoSitemap || !isSuccess(resp.Status) || listType(resp.MediaType()) || sniff(resp, true) != extract.NoSitemap {
		return from, false
	}
	if !l.rule(candidate{url: from.URL, depth: from.Depth + 1}).ok {
		return from, false
	}
	from.Requisite, from.Sitemap = false, frontier.NoSitemap
	from.Depth++
	return from, true
}

// listType reports whether files of a type can be sitemaps that are damaged beyond recognition.
func listType(mediaType string) bool {
	switch mediaType {
	case "", "text/plain", "text/xml", "application/xml", "application/octet-stream",
		"application/gzip", "application/x-gzip", "application/rss+xml", "application/atom+xml", "application/rdf+xml":
		return true
	}
	return false
}

// readSitemap adds what a sitemap lists. It reports whether resp is one: by its name, or a page that turns out to be a sitemap or an index.
func (l *linker) readSitemap(f *found, from frontier.Link, resp *store.Response) bool {
	if from.Sitemap == frontier.NoSitemap && !l.isSitemap(resp) {
		return false
	}
	l.unpacking <- struct{}{}
	defer func() { <-l.unpacking }()
	body, _, err := resp.Decode(extract.MaxSitemapBytes)
	if err != nil { // it is not in the coding that it claims: a .gz file, most often
		body = resp.Body
	}
	res := extract.Sitemap(from.URL, resp.Get("Content-Type"), body)
	f.sitemaps.URLs += int64(len(res.Links))
	if res.Kind == extract.NoSitemap || res.Damaged {
		f.sitemaps.Errors++
	}
	if res.Kind == extract.SitemapIndex && from.Sitemap == frontier.ListedSitemap {
		f.sitemaps.Refused++
		return true
	}
	for range res.Invalid {
		f.skip("invalid")
	}
	for _, link := range res.Links {
		switch {
		case l.declined(f.robots, link):
			f.skip("nofollow")
		case res.Kind == extract.SitemapIndex:
			l.addSitemap(f, frontier.Link{URL: link.URL, Via: from.URL.String(), Depth: from.Depth, Sitemap: frontier.ListedSitemap})
		default:
			l.add(f, &from, &link)
		}
	}
	return true
}

// isSitemap looks into a page. A feed is a page with links, and text is text.
func (l *linker) isSitemap(resp *store.Response) bool {
	if !l.sitemaps {
		return false
	}
	switch resp.MediaType() {
	case "", "text/xml", "application/xml":
		kind := sniff(resp, false)
		return kind == extract.URLSet || kind == extract.SitemapIndex
	}
	return false
}
