package crawler

import (
	"sync"
	"time"

	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
	"tandem/store"
)

// Traps are parts of a site that have no end: a crawler that is left alone must
// leave them by itself. Six patterns are known; each is left after at most
// trapLimit requests, which is more than an honest page of that form needs.
//
//	repeat    a path that says the same again: /a/b/a/b/a/b          150 requests a host
//	growth    paths and queries that grow with every link            300 a host
//	calendar  dates after the next month, or before 1900             300 a host
//	facets    combinations of query parameters, none of which names
//	          a thing (few values each), or in ever new sets          350 a path
//	session   ids in links that change no page: each page is asked for
//	          once more under a new id at most a few dozen times      24 proofs a parameter
//	same      pages under one path pattern that say the same: a few texts
//	          make up three quarters of what is answered              450 a pattern
//
// What a page says is its words, without markup, numbers, dates and ids; see
// traptext.go. A page that says something of its own is never in a trap of the
// last kind, however many there are. The others go by the form of a URL and
// begin to count where honest sites hardly are.
//
// Seeds and lists are named by people and are never left out. A page requisite
// can only be in a trap of the last kind.
const (
	trapRepeat   = "repeat"
	trapGrowth   = "growth"
	trapCalendar = "calendar"
	trapFacets   = "facets"
	trapSession  = "session"
	trapSame     = "same"
	trapRedirect = "redirect" // a chain of more than maxRedirects; see links.go
)

// The limits, in requests.
const (
	trapLimit   = 450
	facetLimit  = 350
	repeatLimit = 150
	growthLimit = 300
	farLimit    = 300
)

// How much is remembered: half a kilobyte of a host at first, 200 KB at most, and
// about 16 MB of all hosts.
const (
	maxTrapNodes = 512   // patterns of a host
	maxTrapsHeld = 65536 // weight of all hosts; see trapHost.weight
)

// traps watches what is asked for, host by host. Safe for concurrent use; nil
// watches nothing.
type traps struct {
	farMonth int // months from here on are far; see monthIndex

	mu    sync.Mutex // guards the fields below
	hosts map[string]*trapHost
	held  int  // weight of all hosts
	dirty bool // something is worth being kept
}

// trapHost is what is known of one host.
type trapHost struct {
	root     *trapNode
	nodes    int
	clock    uint32
	spent    map[string]int // requests of the kinds that are bounded a host
	facets   map[uint64]*trapFacet
	sessions *trapSessions // nil until a URL holds an id
	hot      bool          // something is used up: links are looked at
}

// newTraps returns nil where the job wants none.
func newTraps(cfg *Config, now time.Time) *traps {
	if cfg.Traps == TrapsOff {
		return nil
	}
	return &traps{farMonth: monthIndex(now.Year(), int(now.Month())) + 2, hosts: make(map[string]*trapHost)}
}

// host returns what is known of a URL's host. mu is held.
func (t *traps) host(u weburl.URL) *trapHost {
	if t.held >= maxTrapsHeld {
		t.forget()
	}
	h := t.hosts[u.Authority()]
	if h == nil {
		h = &trapHost{root: &trapNode{}, nodes: 1}
		t.hosts[u.Authority()] = h
		t.held += h.weight()
	}
	return h
}

// weight is what a host takes, in patterns (about 200 bytes).
func (h *trapHost) weight() int { return h.nodes + 2*len(h.facets) + h.sessions.weight() }

// forget drops hosts, first those where nothing was found, until there is room.
// Which of them is left to chance: a crawl of so many hosts visits each rarely.
func (t *traps) forget() {
	for _, hotToo := range []bool{false, true} {
		for name, h := range t.hosts {
			if t.held < maxTrapsHeld*3/4 {
				return
			}
			if hotToo || !h.hot {
				t.held -= h.weight()
				delete(t.hosts, name)
			}
		}
	}
}

// admit counts an item that is about to be asked for, or returns the kind of
// the trap that it is in.
func (t *traps) admit(item *frontier.Item) (kind string) {
	if t == nil || item.Seed || item.Attempt > 1 || item.Sitemap != frontier.NoSitemap {
		return ""
	}
	s := shapeOf(item.URL, t.farMonth)
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.host(item.URL)
	if kind = t.trapped(h, &s, &item.Link); kind != "" {
		return kind
	}
	t.count(h, &s, &item.Link)
	return ""
}

// filter takes the links out that are in traps by now, and tells how many of
// each kind. It counts none of them as asked for.
func (t *traps) filter(links []frontier.Link) (kept []frontier.Link, kinds map[string]int64) {
	if t == nil {
		return links, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	kept = links[:0]
	for i := range links {
		l := &links[i]
		h := t.hosts[l.URL.Authority()]
		if h == nil || !h.hot || l.Seed || l.Sitemap != frontier.NoSitemap {
			kept = append(kept, *l)
			continue
		}
		s := shapeOf(l.URL, t.farMonth)
		if kind := t.trapped(h, &s, l); kind != "" {
			if kinds == nil {
				kinds = make(map[string]int64)
			}
			kinds[kind]++
			continue
		}
		kept = append(kept, *l)
	}
	return kept, kinds
}

// trapped tells the kind of trap that a link is in by what is known. mu is held.
func (t *traps) trapped(h *trapHost, s *trapShape, l *frontier.Link) string {
	if !h.hot {
		return ""
	}
	if !l.Requisite {
		switch {
		case h.spent[trapRepeat] >= repeatLimit && s.repeatsOn(l.Via):
			return trapRepeat
		case h.spent[trapGrowth] >= growthLimit && s.grows(l.Via):
			return trapGrowth
		case s.far && h.spent[trapCalendar] >= farLimit:
			return trapCalendar
		case h.facets[s.path].closedTo(s):
			return trapFacets
		case s.id.key != 0 && h.sessions.visited(s.id):
			return trapSession
		}
	}
	return h.closedTo(s, l.Via, t.farMonth)
}

// count notes that a link is asked for. mu is held.
func (t *traps) count(h *trapHost, s *trapShape, l *frontier.Link) {
	before := h.weight()
	if !l.Requisite {
		h.spend(trapRepeat, s.repeatsOn(l.Via), repeatLimit)
		h.spend(trapGrowth, s.grows(l.Via), growthLimit)
		h.spend(trapCalendar, s.far, farLimit)
		t.dirty = h.combine(s) || t.dirty
		if s.id.key != 0 {
			if h.sessions == nil {
				h.sessions = &trapSessions{}
			}
			h.sessions.visit(s.id)
		}
	}
	if h.ask(s) {
		t.dirty = true
	}
	t.held += h.weight() - before
}

// spend counts a request of a kind that is bounded a host.
func (h *trapHost) spend(kind string, is bool, limit int) {
	if !is {
		return
	}
	if h.spent == nil {
		h.spent = make(map[string]int)
	}
	h.spent[kind]++
	h.hot = h.hot || h.spent[kind] >= limit
}

// learn notes what a page says. Only a part of the pages is looked at where
// they have something to say: the look costs a nanosecond a byte.
func (t *traps) learn(l *frontier.Link, resp *store.Response, maxBody int64) {
	if t == nil || !isSuccess(resp.Status) || l.Sitemap != frontier.NoSitemap {
		return
	}
	s := shapeOf(l.URL, t.farMonth)
	t.mu.Lock()
	h := t.host(l.URL)
	weight := h.curious(&s)
	t.mu.Unlock()
	if weight == 0 && s.id.key == 0 {
		return
	}
	text, said := uint32(0), false
	if isText(resp.Get("Content-Type")) {
		if body, _, err := resp.Decode(maxBody); err == nil || len(body) > 0 {
			var echo weburl.URL
			if s.echoes {
				echo = l.URL
			}
			text, said = saidBy(body, echo), true
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	h.hear(&s, text, said, weight)
	if said && s.id.key != 0 && h.sessions.compare(s.id, text) {
		h.hot, t.dirty = true, true
	}
}

// trapped deals with an item that is in a trap. When it answers true the item
// has been dealt with.
func (r *run) trapped(item frontier.Item) (bool, error) {
	kind := r.traps.admit(&item)
	if kind == "" {
		return false, nil
	}
	r.tally.add(func(c *counters) { c.Traps[kind]++ })
	return true, r.giveUp(item, verdict{class: "trap", skip: true}, errTrap)
}

// untrap takes what is in a trap out of a page's links, and learns from the page.
func (r *run) untrap(from *frontier.Link, resp *store.Response, f *found) {
	r.traps.learn(from, resp, r.cfg.MaxBody.Int64())
	if n := f.skipped["trap"]; n > 0 {
		r.tally.add(func(c *counters) { c.Traps[trapRedirect] += n })
	}
	if len(f.links) == 0 { // nil stays nil: it means an unchanged page
		return
	}
	var kinds map[string]int64
	f.links, kinds = r.traps.filter(f.links)
	for kind, n := range kinds {
		r.tally.add(func(c *counters) { c.Traps[kind] += n })
		r.tally.skip("trap", n)
	}
}
