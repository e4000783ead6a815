package crawler

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"tandem/crawler/robots"
	"tandem/crawler/weburl"
	"tandem/internal/transport"
)

const (
	robotsTTL       = 24 * time.Hour // RFC 9309, section 2.4
	robotsRedirects = 5              // RFC 9309, section 2.3.1.2
	robotsMaxBody   = 1 << 20
)

// robotsCache holds each origin's robots.txt. Safe for concurrent use: one
// worker fetches an origin's file, the others that need it wait.
type robotsCache struct {
	get   func(ctx context.Context, u weburl.URL, maxBody int64) (*transport.Response, error)
	agent string

	mu      sync.Mutex // guards origins
	origins map[string]*robotsEntry
}

// robotsEntry is one origin's answer; rules and err are written before done is
// closed and only read afterwards.
type robotsEntry struct {
	done    chan struct{}
	rules   *robots.Rules
	err     error
	expires time.Time
}

func newRobotsCache(agent string, get func(context.Context, weburl.URL, int64) (*transport.Response, error)) *robotsCache {
	return &robotsCache{get: get, agent: agent, origins: make(map[string]*robotsEntry)}
}

// rules returns the origin's rules and whether this call asked the server for
// them. An error means that the server could not be reached at all: the page
// itself would meet the same one.
func (c *robotsCache) rules(ctx context.Context, u weburl.URL) (r *robots.Rules, asked bool, err error) {
	origin := u.Origin()
	c.mu.Lock()
	e := c.origins[origin]
	if e != nil && e.expired() {
		e = nil
	}
	mine := e == nil
	if mine {
		e = &robotsEntry{done: make(chan struct{})}
		c.origins[origin] = e
	}
	c.mu.Unlock()
	if mine {
		c.fill(ctx, origin, e)
	}
	select {
	case <-e.done:
		return e.rules, mine, e.err
	case <-ctx.Done():
		return nil, mine, context.Cause(ctx)
	}
}

// expired reports whether the entry is answered and too old.
func (e *robotsEntry) expired() bool {
	select {
	case <-e.done:
		return time.Now().After(e.expires)
	default:
		return false
	}
}

// fill asks the server and closes the entry. A failure is forgotten at once,
// so that the next try of a page asks again.
func (c *robotsCache) fill(ctx context.Context, origin string, e *robotsEntry) {
	e.rules, e.err = c.fetch(ctx, origin)
	e.expires = time.Now().Add(robotsTTL)
	if e.err != nil {
		c.mu.Lock()
		if c.origins[origin] == e {
			delete(c.origins, origin)
		}
		c.mu.Unlock()
	}
	close(e.done)
}

// fetch gets and parses an origin's robots.txt, following redirects.
func (c *robotsCache) fetch(ctx context.Context, origin string) (*robots.Rules, error) {
	u, err := weburl.Parse(origin + "/robots.txt")
	if err != nil {
		return nil, fmt.Errorf("robots %q: %w", origin, err)
	}
	for range robotsRedirects + 1 {
		resp, err := c.get(ctx, u, robotsMaxBody)
		if err != nil {
			return nil, err
		}
		switch {
		case resp.Status >= 300 && resp.Status < 400 && resp.Get("Location") != "":
			if u, err = u.Resolve(resp.Get("Location")); err != nil {
				return robots.AllowAll(), nil // an unusable target is "unavailable"
			}
		case resp.Status == http.StatusOK:
			return robots.Parse(decodedBody(resp, robotsMaxBody), c.agent), nil
		default:
			return robots.ForStatus(resp.Status), nil
		}
	}
	return robots.AllowAll(), nil // RFC 9309: more redirects than that is "unavailable"
}
