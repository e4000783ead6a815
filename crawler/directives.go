package crawler

import (
	"strings"

	"tandem/crawler/extract"
	"tandem/crawler/robots"
	"tandem/store"
)

// What a page asks of crawlers about itself, in its header (X-Robots-Tag), in <meta name="robots"> and on its links (rel):
//
//	nofollow   its links are not followed, and counted as skipped "nofollow"; its requisites are still fetched
//	noindex    it is fetched, archived and followed as any other; its metadata record and index line carry noindex
//	none       both
//
// Directives that name another crawler do not count. --ignore-robots ignores them all.

// defaultAgent is the name that robots.txt groups and directives are matched with where the User-Agent has none.
const defaultAgent = "TandemFetch"

// robotsAgent is the product token of the job's User-Agent.
func robotsAgent(userAgent string) string {
	if token := robots.Token(userAgent); token != "" {
		return token
	}
	return defaultAgent
}

// headerRobots reads the X-Robots-Tag fields.
func (l *linker) headerRobots(resp *store.Response) extract.MetaRobots {
	if !l.obey {
		return extract.MetaRobots{}
	}
	var values []string
	for _, f := range resp.Header {
		if strings.EqualFold(f.Name, "X-Robots-Tag") {
			values = append(values, f.Value)
		}
	}
	return extract.HeaderRobots(values, l.agent)
}

// declined reports whether a page asks not to have one of its links followed. What the page needs to be shown is part of it.
func (l *linker) declined(page extract.MetaRobots, link extract.Link) bool {
	return l.obey && !link.Requisite && (link.Nofollow || page.NoFollow)
}
