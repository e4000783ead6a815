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
	robotsMemory    = 64 << 20 // of all rules together; what is beyond is asked for again
)

// robotsCache holds what each origin's robots.txt answered. Safe for concurrent
// use: one worker asks, the others that need the answer wait for it.
type robotsCache struct {
	get   func(ctx context.Context, u weburl.URL, maxBody int64) (*transport.Response, error)
	agent string
	now   func() time.Time
	blank *robots.Rules // shared by all origins whose robots.txt says nothing: most

	mu      sync.Mutex // guards the fields below
	origins map[string]*robotsAnswer
	size    int                      // of the answers in origins, in bytes
	delays  map[string]time.Duration // Crawl-delay by host, the largest of its origins'
}

// robotsAnswer is one try's answer. Its fields are written before done is
// closed and only read afterwards.
type robotsAnswer struct {
	done    chan struct{}
	rules   *robots.Rules // nil: there is nothing to go by
	err     error         // why
	tries   int
	waited  time.Duration // in all of them
	final   bool          // no more tries before expires; else expires is the next try
	expires time.Time     // when to ask again
	size    int           // bytes of memory
	again   bool          // there were rules, which were forgotten for want of memory
}

// forgotten is what stays of an answer for which there is no memory.
var forgotten = func() *robotsAnswer {
	a := &robotsAnswer{done: make(chan struct{}), final: true}
	close(a.done)
	return a
}()

func newRobotsCache(agent string, get func(context.Context, weburl.URL, int64) (*transport.Response, error)) *robotsCache {
	return &robotsCache{
		get: get, agent: agent, now: time.Now, blank: robots.AllowAll(), origins: make(map[string]*robotsAnswer), delays: make(map[string]time.Duration),
	}
}

// ask returns the origin's answer and whether this call asked the server for
// it. It reports false when ctx ended first.
func (c *robotsCache) ask(ctx context.Context, u weburl.URL) (a *robotsAnswer, asked, ok bool) {
	origin := u.Origin()
	c.mu.Lock()
	a = c.origins[origin]
	if a == nil || a.expired(c.now()) {
		next := &robotsAnswer{done: make(chan struct{}), again: a == forgotten}
		if a != nil && a.rules == nil && !a.final {
			next.tries, next.waited = a.tries, a.waited
		}
		if a != nil {
			c.size -= a.size
		}
		a, asked = next, true
		c.origins[origin] = a
	}
	c.mu.Unlock()
	if asked {
		c.fill(ctx, origin, a)
		c.admit(origin, a)
	}
	select {
	case <-a.done:
		return a, asked, ctx.Err() == nil
	case <-ctx.Done():
		return a, asked, false
	}
}

// ready reports whether the answer is there.
func (a *robotsAnswer) ready() bool {
	select {
	case <-a.done:
		return true
	default:
		return false
	}
}

// expired reports whether the answer is there and too old.
func (a *robotsAnswer) expired(now time.Time) bool { return a.ready() && !now.Before(a.expires) }

// admit counts a new answer's memory. When there is too much of it, some of the others go, whichever the map names first.
func (c *robotsCache) admit(origin string, a *robotsAnswer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.origins[origin] != a {
		return
	}
	const perAnswer = 256
	a.size = perAnswer + len(origin)
	if a.rules != nil && a.rules != c.blank {
		a.size += a.rules.Size()
	}
	if c.size += a.size; c.size <= robotsMemory {
		return
	}
	for other, old := range c.origins {
		if c.size <= robotsMemory*3/4 {
			return
		}
		if old != a && old.ready() && old.rules != nil { // without rules, the tries that were made must not be forgotten
			c.size -= old.size
			c.origins[other] = forgotten
		}
	}
}

// delay returns the largest Crawl-delay that the origins of a host asked for, this one's included.
func (c *robotsCache) delay(host string, asked time.Duration) time.Duration {
	if asked <= 0 {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.delays[host] = max(c.delays[host], asked)
	return c.delays[host]
}

// fill asks the server and closes the answer.
func (c *robotsCache) fill(ctx context.Context, origin string, a *robotsAnswer) {
	defer close(a.done)
	var wait time.Duration
	began := c.now()
	a.rules, wait, a.err = c.fetch(ctx, origin)
	if a.rules != nil && a.rules.IsBlank() {
		a.rules = c.blank
	}
	if !starved(a.err) {
		a.tries++
	}
	now := c.now()
	a.waited += now.Sub(began)
	switch {
	case a.err == nil:
		a.expires = now.Add(robotsTTL)
	case a.tries >= maxTries || a.waited >= silentTime || wait > longRetryAfter || !worthRetrying(a.err):
		a.final, a.expires = true, now.Add(robotsRetryTTL)
	case isAway(a.err):
		a.expires = now.Add(untilBack(a.tries))
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
				err = &robotsError{
					text:      fmt.Sprintf("robots.txt redirects to %s, which cannot be fetched: %v", u, err),
					temporary: worthRetrying(err),
				}
			}
			return nil, 0, err
		}
		location := resp.Get("Location")
		if resp.Status < 300 || resp.Status >= 400 || location == "" {
			rules, wait, err = c.read(resp)
			resp.Release()
			return rules, wait, err
		}
		resp.Release()
		if u, err = u.Resolve(location); err != nil {
			return robots.AllowAll(), 0, nil // an unusable target is "unavailable"
		}
	}
	return robots.AllowAll(), 0, nil // more redirects than that are "unavailable"
}

// read judges and parses an answer that is no redirect.
func (c *robotsCache) read(resp *transport.Response) (rules *robots.Rules, wait time.Duration, err error) {
	switch {
	case resp.Status >= 500 || resp.Status == http.StatusTooManyRequests:
		wait, _ = retryAfter(resp.Get("Retry-After"), c.now())
		return nil, wait, &robotsError{text: fmt.Sprintf("robots.txt answers %d: until it does not, nothing may be fetched (RFC 9309)", resp.Status), temporary: true}
	case !isSuccess(resp.Status):
		return robots.ForStatus(resp.Status), 0, nil
	case resp.Truncated != "" && resp.Truncated != transport.TruncatedLength:
		return nil, 0, &robotsError{text: "robots.txt was cut: " + resp.Truncated, temporary: true}
	}
	body, _, err := message(resp).Decode(robotsMaxBody)
	if err != nil { // it is not in the coding that it claims: plain text, most often
		body = resp.Body
	}
	return robots.Parse(body, c.agent), 0, nil
}
