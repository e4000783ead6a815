package crawler

import "tandem/crawler/weburl"

// candidate is a URL that somebody wants crawled.
type candidate struct {
	url       weburl.URL
	depth     int
	requisite bool
	hop       bool // it may lie outside the scope
	redirect  bool // it stands for a URL whose depth and kind were granted
}

// ruling is what the job says about a candidate, and by which of its words.
// The fetch path and explain ask for the same one.
type ruling struct {
	ok    bool
	skip  string // the class under which a refusal is counted
	by    ruler
	index int    // of the expression in allow or deny
	place string // of the scope
}

// ruler is the part of a job that decides.
type ruler uint8

// The parts of a job that decide, in the order in which they are asked.
const (
	byDepth     ruler = iota + 1 // max-depth
	byRequisite                  // requisites
	byScope                      // scope
	byDeny                       // an expression of deny
	byAllow                      // an expression of allow, or none of them
)

// rule decides whether the job wants a candidate.
func (l *linker) rule(c candidate) ruling {
	if !c.redirect {
		if l.maxDepth >= 0 && c.depth > l.maxDepth {
			return ruling{skip: "depth", by: byDepth}
		}
		if c.requisite && l.also == RequisitesNone {
			return ruling{skip: "requisite", by: byRequisite}
		}
	}
	r := ruling{ok: true, by: byScope}
	if !c.hop {
		if r.place, r.ok = l.scope.Match(c.url); !r.ok {
			r.skip = "scope"
			return r
		}
	}
	return l.expressions(c, r)
}

// expressions applies allow and deny: deny holds for everything, a page must
// match one of allow, a requisite need not.
func (l *linker) expressions(c candidate, r ruling) ruling {
	text := c.url.String()
	for i := range l.deny {
		if l.deny[i].MatchString(text) {
			return ruling{skip: "scope", by: byDeny, index: i, place: r.place}
		}
	}
	if c.requisite || len(l.allow) == 0 {
		return r
	}
	for i := range l.allow {
		if l.allow[i].MatchString(text) {
			return ruling{ok: true, by: byAllow, index: i, place: r.place}
		}
	}
	return ruling{skip: "scope", by: byAllow, index: -1, place: r.place}
}
