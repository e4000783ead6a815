package crawler

import (
	"context"
	"fmt"
	"time"

	"tandem/crawler/robots"
	"tandem/crawler/weburl"
	"tandem/internal/transport"
)

// maxAsked bounds the origins of which an Explainer remembers how they answered.
const maxAsked = 10_000

// robotsSays is what an origin's robots.txt answered.
type robotsSays struct {
	rules  *robots.Rules // nil: there is nothing to go by
	err    error         // why
	source string        // where the answer came from, after redirects
	status int
}

// robots says what robots.txt says. reachable is false where the site's address
// is refused.
func (e *Explainer) robots(ctx context.Context, s *subject, reachable bool) Check {
	if why := s.none(); why != "" {
		return unasked(checkRobots, why)
	}
	var says robotsSays
	switch {
	case e.given != nil:
		says = robotsSays{rules: e.given, source: e.opt.RobotsName}
	case e.cfg.IgnoreRobots:
		return unasked(checkRobots, "not asked: --ignore-robots")
	case e.opt.Offline:
		return unasked(checkRobots, "not asked: offline, and no --robots FILE is given")
	case !reachable:
		return unasked(checkRobots, "not asked: the site's address is refused")
	default:
		says = e.ask(ctx, s.URL)
	}
	check := e.obeyed(s.URL, says)
	if e.cfg.IgnoreRobots && !check.OK {
		check.OK, check.Reason = true, "ignored (--ignore-robots): "+check.Reason
	}
	return check
}

// ask gets the robots.txt of an origin as the crawl does, but once: a crawl
// would try again later where there is nothing to go by.
func (e *Explainer) ask(ctx context.Context, u weburl.URL) robotsSays {
	origin := u.Origin()
	says, known := e.asked[origin]
	if known && says.err != nil {
		return says
	}
	if !known {
		says.source = origin + "/robots.txt"
	}
	e.heard = &says
	answer, _, _ := e.cache.ask(ctx, u)
	says.rules, says.err = answer.rules, answer.err
	kept := says
	kept.rules = nil // the cache has them
	if len(e.asked) >= maxAsked {
		clear(e.asked)
	}
	e.asked[origin] = kept
	return says
}

// get is how the cache asks; it notes who answered.
func (e *Explainer) get(ctx context.Context, u weburl.URL, maxBody int64) (*transport.Response, error) {
	resp, err := getSmall(ctx, e.client, e.with.identity, u, maxBody, 0, func(int64) {})
	if err == nil {
		e.heard.source, e.heard.status = u.String(), resp.Status
	}
	return resp, err
}

// obeyed puts what robots.txt says of a URL into words.
func (e *Explainer) obeyed(u weburl.URL, says robotsSays) Check {
	about := &RobotsCheck{Source: says.source, Status: says.status, Agent: robotsAgent(e.cfg.UserAgent)}
	if says.rules == nil {
		check := refused(checkRobots, fmt.Sprintf("%v; a crawl tries %d times", says.err, maxTries))
		check.RobotsCheck = about
		return check
	}
	d := says.rules.Decide(u.RequestURI())
	about.Group, about.Line = says.rules.Group(), d.Line
	about.CrawlDelayS = min(says.rules.CrawlDelay(), maxCrawlDelay).Seconds()
	check := Check{Name: checkRobots, OK: d.Allowed, Checked: true, Reason: about.because(d, u), Rule: d.Rule, RobotsCheck: about}
	check.Reason += e.delayNote(says.rules.CrawlDelay())
	return check
}

// because says which rule decides, in the words of the file.
func (r *RobotsCheck) because(d robots.Decision, u weburl.URL) string {
	group := fmt.Sprintf("the rules for %s", r.Group)
	switch {
	case u.RequestURI() == "/robots.txt":
		return "robots.txt itself may always be fetched"
	case d.Line > 0:
		return fmt.Sprintf("line %d of %s decides: %q, among %s", d.Line, r.Source, d.Rule, group)
	case d.Rule != "":
		return d.Rule
	case r.Status >= 300:
		return fmt.Sprintf("%s answers %d: there are no rules", r.Source, r.Status)
	case r.Group == "":
		return fmt.Sprintf("%s has no rules for %s, and none for *", r.Source, r.Agent)
	}
	return fmt.Sprintf("no line of %s matches among %s", r.Source, group)
}

// delayNote says what becomes of a crawl-delay.
func (e *Explainer) delayNote(delay time.Duration) string {
	switch {
	case delay <= 0:
		return ""
	case delay > maxCrawlDelay:
		return fmt.Sprintf("; it asks for a crawl-delay of %v, of which %v are kept", delay, maxCrawlDelay)
	}
	return fmt.Sprintf("; it asks for a crawl-delay of %v", delay)
}
