package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"tandem/crawler/robots"
	"tandem/crawler/weburl"
	"tandem/internal/transport"
)

const (
	robotsTTL       = 24 * time.Hour   // RFC 9309, section 2.4
	robotsRetryTTL  = 10 * time.Minute // an unreachable one is asked for again after that
	robotsRedirects = 5                // RFC 9309, section 2.3.1.2
	robotsMaxBody   = 1 << 20
)

// robotsCache holds what each origin's robots.txt answered. Safe for concurrent
// use: one worker asks, the others that need the answer wait for it.
type robotsCache struct {
	get   func(ctx context.Context, u weburl.URL, maxBody int64) (*transport.Response, error)
	agent string

	mu      sync.Mutex // guards origins
	origins map[string]*robotsAnswer
}

// robotsAnswer is one try's answer. Its fields are written before done is
// closed and only read afterwards.
type robotsAnswer struct {
	done    chan struct{}
	rules   *robots.Rules // nil: there is nothing to go by
	err     error         // why
	tries   int
	final   bool      // no more tries before expires; else expires is the next try
	expires time.Time // when to ask again
}

func newRobotsCache(agent string, get func(context.Context, weburl.URL, int64) (*transport.Response, error)) *robotsCache {
	return &robotsCache{get: get, agent: agent, origins: make(map[string]*robotsAnswer)}
}

// ask returns the origin's answer and whether this call asked the server for
// it. It reports false when ctx ended first.
func (c *robotsCache) ask(ctx context.Context, u weburl.URL) (a *robotsAnswer, asked, ok bool) {
	origin := u.Origin()
	c.mu.Lock()
	a = c.origins[origin]
	if a == nil || a.expired() {
		next := &robotsAnswer{done: make(chan struct{})}
		if a != nil && a.rules == nil && !a.final {
			next.tries = a.tries
		}
		a, asked = next, true
		c.origins[origin] = a
	}
	c.mu.Unlock()
	if asked {
		c.fill(ctx, origin, a)
	}
	select {
	case <-a.done:
		return a, asked, ctx.Err() == nil
	case <-ctx.Done():
		return a, asked, false
	}
}

// expired reports whether the answer is there and too old.
func (a *robotsAnswer) expired() bool {
	select {
	case <-a.done:
		return time.Now().After(a.expires)
	default:
		return false
	}
}

// fill asks the server and closes the answer.
func (c *robotsCache) fill(ctx context.Context, origin string, a *robotsAnswer) {
	defer close(a.done)
	var wait time.Duration
	a.rules, wait, a.err = c.fetch(ctx, origin)
	a.tries++
	now := time.Now()
	switch {
	case a.err == nil:
		a.expires = now.Add(robotsTTL)
	case a.tries >= maxTries || !worthRetrying(a.err):
		a.final, a.expires = true, now.Add(robotsRetryTTL)
	default:
		a.expires = now.Add(max(wait, backoff(a.tries)))
	}
}

// robotsError says why there is a server but no robots.txt to go by.
type robotsError struct {
	text      string
	temporary bool
}

func (e *robotsError) Error() string { return e.text }

func worthRetrying(err error) bool {
	var re *robotsError
	if errors.As(err, &re) {
		return re.temporary
	}
	var te *transport.Error
	return errors.As(err, &te) && te.Temporary
}

// fetch gets and parses an origin's robots.txt, following redirects (RFC 9309,
// section 2.3.1). A 5xx, a 429, a cut file and a redirect into nowhere are
// "unreachable": nothing may be fetched. wait is what the server asked for.
func (c *robotsCache) fetch(ctx context.Context, origin string) (rules *robots.Rules, wait time.Duration, err error) {
	u, err := weburl.Parse(origin + "/robots.txt")
	if err != nil {
		return nil, 0, fmt.Errorf("robots %q: %w", origin, err)
	}
	for hop := range robotsRedirects + 1 {
		resp, err := c.get(ctx, u, robotsMaxBody)
		if err != nil {
			if hop > 0 {
				err = &robotsError{text: fmt.Sprintf("robots.txt redirects to %s, which cannot be fetched: %v", u, err)}
			}
			return nil, 0, err
		}
		location := resp.Get("Location")
		switch {
		case resp.Status >= 300 && resp.Status < 400 && location != "":
			if u, err = u.Resolve(location); err != nil {
				return robots.AllowAll(), 0, nil // an unusable target is "unavailable"
			}
		case resp.Status >= 500 || resp.Status == http.StatusTooManyRequests:
			wait, _ = retryAfter(resp.Get("Retry-After"), time.Now())
			return nil, wait, &robotsError{text: fmt.Sprintf("robots.txt answers %d: until it does not, nothing may be fetched (RFC 9309)", resp.Status), temporary: true}
		case resp.Truncated != "" && resp.Truncated != transport.TruncatedLength:
			return nil, 0, &robotsError{text: "robots.txt was cut: " + resp.Truncated, temporary: true}
		case resp.Status == http.StatusOK:
			return robots.Parse(decodedBody(resp, robotsMaxBody), c.agent), 0, nil
		default:
			return robots.ForStatus(resp.Status), 0, nil
		}
	}
	return robots.AllowAll(), 0, nil // more redirects than that are "unavailable"
}
