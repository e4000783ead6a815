package crawler

import (
	"context"
	"errors"
	"time"

	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
	"tandem/internal/transport"
	"tandem/internal/units"
)

// errDisallowed is what robots.txt does to a seed.
var errDisallowed = errors.New("disallowed by robots.txt (--ignore-robots if the site is yours)")

// permitted asks whether an item may be fetched at all: its host must answer,
// and its robots.txt allow it. When it answers false the item has been dealt
// with.
func (r *run) permitted(ctx context.Context, item frontier.Item) (bool, error) {
	if err := r.health.check(item.URL.HostPort(), time.Now()); err != nil {
		return false, r.fail(ctx, item, verdict{class: classHostUnreachable}, err)
	}
	if r.cfg.IgnoreRobots {
		err := r.seekSitemaps(item, nil)
		return err == nil, err
	}
	began := time.Now()
	answer, asked, ok := r.robots.ask(ctx, item.URL)
	r.tally.waited("robots", time.Since(began))
	switch {
	case !ok:
		return false, nil // interrupted
	case answer.rules != nil:
		return r.obey(item, answer, asked)
	case !answer.final: // ask again, later: no page of this host before that
		if asked {
			r.tally.retry()
		}
		r.frontier.Pause(item.URL.Authority(), answer.expires)
		return false, r.frontier.PutBack(item)
	}
	return false, r.fail(ctx, item, robotsVerdict(answer.err), answer.err)
}

// obey applies an origin's rules to an item.
func (r *run) obey(item frontier.Item, answer *robotsAnswer, asked bool) (bool, error) {
	rules := answer.rules
	if ok, _ := rules.Allowed(item.URL.RequestURI()); !ok {
		return false, r.giveUp(item, verdict{class: "robots", skip: true}, errDisallowed)
	}
	if asked {
		r.slowDown(item.URL, rules.CrawlDelay())
	}
	if err := r.seekSitemaps(item, rules); err != nil || !asked || answer.again {
		return err == nil, err
	}
	// robots.txt used this item's turn; the page itself waits for the next. Not so where the rules had been forgotten: with very many
	// hosts they may be again by then, and no page would ever come.
	return false, r.frontier.PutBack(item)
}

// robotsVerdict tells a server that cannot be reached, whose pages meet the
// same error, from one whose robots.txt alone is out of reach.
func robotsVerdict(err error) verdict {
	var te *transport.Error
	if errors.As(err, &te) {
		return judgeError(err, maxTries)
	}
	return verdict{class: "robots_unreachable", skip: true}
}

// maxCrawlDelay caps what a robots.txt can ask for.
const maxCrawlDelay = 60 * time.Second

// slowDown obeys a Crawl-delay that is slower than the job's own rate.
func (r *run) slowDown(u weburl.URL, delay time.Duration) {
	if rate, slower := crawlRate(r.cfg.HostRate, r.robots.delay(u.Authority(), delay)); slower {
		r.frontier.SetHostRate(u.Authority(), rate)
	}
}

// crawlRate turns a Crawl-delay into a rate, and reports whether that is slower than the job's own.
func crawlRate(own units.Rate, delay time.Duration) (rate units.Rate, slower bool) {
	delay = min(delay, maxCrawlDelay)
	if delay <= 0 {
		return 0, false
	}
	rate = units.Rate(1 / delay.Seconds())
	return rate, own <= 0 || rate < own
}
