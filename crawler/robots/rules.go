package robots

import (
	"fmt"
	"slices"
	"time"
)

// Rules is what one robots.txt says to one crawler.
type Rules struct {
	plain    map[string]rule // patterns without wildcard, by pattern
	lengths  []int           // lengths of these patterns, longest first
	wild     []rule          // patterns with '*' or '$', longest first, Allow first among equals
	blanket  string          // not "": everything is disallowed, for this reason
	group    string          // whose rules these are
	delay    time.Duration
	sitemaps []string
}

// rule is one Allow or Disallow line.
type rule struct {
	pattern string // normalised
	allow   bool
	line    string // as written, for people
	at      int    // number of that line
}

// Decision is what the rules say of one URL, and where.
type Decision struct {
	Allowed bool
	Rule    string // the line of the file that decided, or the reason for a ban on the whole site; "" where no rule matches
	Line    int    // number of that line, from 1; 0 if there is none
}

// Group is the name of the groups that count, as the file spells it: the crawler's, "*", or "" if the file has neither.
// It is text from outside.
func (r *Rules) Group() string { return r.group }

// AllowAll returns the rules of a site that has none.
func AllowAll() *Rules { return &Rules{} }

// DisallowAll returns the rules of a site that wants no visit.
func DisallowAll() *Rules { return &Rules{blanket: "Disallow: /"} }

// ForStatus returns the rules that follow from the HTTP status with which a request for robots.txt
// ended, redirects followed, when there is no file to parse (RFC 9309, section 2.3.1): client
// errors and endless redirects mean that there are no rules; server errors, and 0 for a
// server that did not answer, mean that nobody knows, and nothing may be fetched. So does 429,
// which is a plea to come back later rather than a client's mistake.
func ForStatus(status int) *Rules {
	switch {
	case status == 0:
		return &Rules{blanket: "robots.txt is unreachable"}
	case status == 429 || status >= 500 || status < 200:
		return &Rules{blanket: fmt.Sprintf("robots.txt answers with status %d", status)}
	}
	return AllowAll()
}

// Allowed reports whether the URL with this path and query, percent-encoded as it is sent, may be fetched.
// rule is the line of the file that decided, or the reason for a ban on the whole
// site; it is "" where no rule matches. It is text from outside: escape it
// before showing it on a terminal. /robots.txt itself is always allowed.
func (r *Rules) Allowed(pathAndQuery string) (ok bool, rule string) {
	d := r.Decide(pathAndQuery)
	return d.Allowed, d.Rule
}

// Decide is Allowed, and tells the number of the line that decided.
func (r *Rules) Decide(pathAndQuery string) Decision {
	if pathAndQuery == "/robots.txt" {
		return Decision{Allowed: true}
	}
	if r.blanket != "" {
		return Decision{Rule: r.blanket}
	}
	if len(r.plain) == 0 && len(r.wild) == 0 {
		return Decision{Allowed: true}
	}
	path := normalPath(pathAndQuery)
	best, found := r.longest(path)
	if open := openQuery(path); open != path {
		if other, ok := r.longest(open); ok && (!found || compareRules(other, best) < 0) {
			best, found = other, true
		}
	}
	if !found {
		return Decision{Allowed: true}
	}
	return Decision{Allowed: best.allow, Rule: best.line, Line: best.at}
}

func (r *Rules) longest(path string) (best rule, found bool) {
	for _, n := range r.lengths {
		if n > len(path) {
			continue
		}
		if best, found = r.plain[path[:n]]; found {
			break
		}
	}
	for _, w := range r.wild {
		if found && (len(w.pattern) < len(best.pattern) || len(w.pattern) == len(best.pattern) && best.allow) {
			break
		}
		if match(w.pattern, path) {
			return w, true
		}
	}
	return best, found
}

// CrawlDelay is the pause between two requests that the file asks for, 0 if it asks for
// none. The field is not part of the RFC. At most a day is returned.
func (r *Rules) CrawlDelay() time.Duration { return r.delay }

// IsBlank reports whether the rules are those of a site that has none: all such are alike.
func (r *Rules) IsBlank() bool {
	return len(r.plain) == 0 && len(r.wild) == 0 && r.blanket == "" && r.group == "" && r.delay == 0 && len(r.sitemaps) == 0
}

// Size estimates the memory that the rules take, in bytes.
func (r *Rules) Size() int {
	const perRules, perRule = 256, 200 // of structs and of the map's slots
	size := perRules + perRule*(len(r.plain)+len(r.wild))
	for pattern, x := range r.plain {
		size += len(pattern) + len(x.line)
	}
	for _, x := range r.wild {
		size += len(x.pattern) + len(x.line)
	}
	for _, s := range r.sitemaps {
		size += len(s)
	}
	return size
}

// Sitemaps returns the sitemap locations in the order of the file, as written. They may be relative, foreign or
// no URL at all. They hold for every crawler.
func (r *Rules) Sitemaps() []string { return slices.Clone(r.sitemaps) }

// add takes an Allow or Disallow line of a group that counts.
func (r *Rules) add(list []rule) {
	r.plain = map[string]rule{}
	wild := map[string]rule{}
	put := func(next rule) {
		into := r.plain
		if isWild(next.pattern) {
			into = wild
		}
		if old, ok := into[next.pattern]; !ok || next.allow && !old.allow {
			into[next.pattern] = next
		}
	}
	for _, next := range list {
		put(next)
		if open := openQuery(next.pattern); open != next.pattern {
			next.pattern = open
			put(next)
		}
	}
	for pattern := range r.plain {
		r.lengths = append(r.lengths, len(pattern))
	}
	slices.Sort(r.lengths)
	r.lengths = slices.Compact(r.lengths)
	slices.Reverse(r.lengths)
	for _, w := range wild {
		r.wild = append(r.wild, w)
	}
	slices.SortFunc(r.wild, compareRules)
}

// compareRules puts the more specific rule first, then Allow, and keeps a fixed order beyond that.
func compareRules(a, b rule) int {
	switch {
	case len(a.pattern) != len(b.pattern):
		return len(b.pattern) - len(a.pattern)
	case a.allow != b.allow:
		if a.allow {
			return -1
		}
		return 1
	case a.pattern < b.pattern:
		return -1
	}
	return 1
}
