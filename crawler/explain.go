package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"tandem/crawler/frontier"
	"tandem/crawler/robots"
	"tandem/crawler/weburl"
	"tandem/internal/transport"
)

// Explanation is what a crawl would do with one URL, and why. Its texts hold
// what servers and pages said: escape them before showing them on a terminal.
type Explanation struct {
	URL string `json:"url"` // as it was given
	// Canonical is the WHATWG serialisation without the fragment; nil when the
	// text is no URL.
	Canonical *string `json:"canonical"`
	// FetchedAs is what a crawl fetches instead when it meets a link to the URL:
	// the URL without its tracking and session parameters; "" if that is the same.
	FetchedAs string `json:"fetched_as,omitempty"`
	// Allowed is whether every check is ok.
	Allowed bool `json:"allowed"`
	// Checks are canonical, scope, credentials, address, robots and seen, always
	// all six, in this order.
	Checks []Check `json:"checks"`
}

// Check is one decision about a URL.
type Check struct {
	Name string `json:"name"`
	// OK is false only where the crawl would stop at this check.
	OK bool `json:"ok"`
	// Checked is false where the question could not be asked; Reason says why.
	Checked bool   `json:"checked"`
	Reason  string `json:"reason"`
	// Rule is what decided. Scope: seed, sitemap, scheme, max-depth, requisites,
	// scope, allow or deny. Robots: the line of the file.
	Rule string `json:"rule,omitempty"`
	// Pattern is the expression of allow or deny, or the place of the scope.
	Pattern string `json:"pattern,omitempty"`

	*CredentialsCheck
	*AddressCheck
	*RobotsCheck
	*SeenCheck
}

// CredentialsCheck is what the credentials check has beside its verdict.
type CredentialsCheck struct {
	// Sends are the names of what a request for the URL would carry of the job's:
	// header fields, Cookie among them, and "client certificate".
	Sends []string `json:"sends,omitempty"`
}

// AddressCheck is what the address check has beside its verdict.
type AddressCheck struct {
	Addresses []ExplainedAddress `json:"addresses,omitempty"`
	// AllowNet are the networks that --allow-net would have to name.
	AllowNet []netip.Prefix `json:"allow_net,omitempty"`
}

// ExplainedAddress is one address that a URL's host:port stands for.
type ExplainedAddress struct {
	Address string `json:"address"`
	OK      bool   `json:"ok"`
	// Range is the network that makes the address none of the public internet;
	// "" for a public one.
	Range  string `json:"range,omitempty"`
	Reason string `json:"reason"`
}

// RobotsCheck is what the robots check has beside its verdict.
type RobotsCheck struct {
	Source string `json:"source"`                // the file's URL or name
	Status int    `json:"http_status,omitempty"` // that it answered with
	Agent  string `json:"agent"`                 // whose groups were looked for
	Group  string `json:"group"`                 // whose rules these are; "" if the file has none for the agent
	Line   int    `json:"line,omitempty"`
	// CrawlDelayS is the pause that the file asks for, in seconds, as far as it
	// is obeyed.
	CrawlDelayS float64 `json:"crawl_delay_s,omitempty"`
}

// SeenCheck is what the run directory knows of a URL.
type SeenCheck struct {
	Run      string `json:"run"`
	Finished bool   `json:"finished"` // the next start is a new run
	Known    bool   `json:"known"`
	State    string `json:"state,omitempty"` // pending, stored, failed or skipped
	Status   int    `json:"status,omitempty"`
	Class    string `json:"class,omitempty"` // why it failed or was skipped
	Via      string `json:"via,omitempty"`
	Depth    int    `json:"depth"`
	Segment  string `json:"segment,omitempty"`
	Offset   int64  `json:"offset,omitempty"`
}

// ExplainOptions say what an Explainer may use beside the job.
type ExplainOptions struct {
	// Base is the page that relative URLs stand on: any URL, or "".
	Base string
	// Robots, when not nil, stands for every site's robots.txt, and RobotsName
	// says where it comes from.
	Robots     []byte
	RobotsName string
	// Offline asks no name server and no robots.txt.
	Offline bool
	// Look looks the URLs up in the run in Config.Dir. It only reads, and leaves
	// a run alone that is in use.
	Look bool
}

// Explainer tells what a crawl would do with URLs, by the code with which the
// crawl itself decides. It takes a URL for a link that the crawl has found,
// unless it is one of the job's seeds. Not safe for concurrent use. Close it
// when done.
type Explainer struct {
	cfg    Config
	opt    ExplainOptions
	seeds  map[weburl.Key]bool
	linker *linker
	with   *luggage
	lacks  error // why with lacks something
	client *transport.Client
	run    *pastRun

	given *robots.Rules // of opt.Robots
	cache *robotsCache
	asked map[string]robotsSays // by origin, without the rules
	heard *robotsSays           // of the origin that is being asked
}

// NewExplainer makes an Explainer of a job, which needs no seeds: then any
// place is in scope.
func NewExplainer(cfg Config, opt ExplainOptions) (*Explainer, error) {
	if len(cfg.Seeds) == 0 && cfg.List == nil {
		cfg.List = []Entry{}
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if opt.Base != "" && weburl.Read("", opt.Base).Href == "" {
		return nil, fmt.Errorf("base %q: it is no URL", opt.Base)
	}
	cfg.fill()
	if opt.Offline {
		cfg.Resolve = func(context.Context, string) ([]netip.Addr, error) { return nil, errOffline }
	}
	e := &Explainer{cfg: cfg, opt: opt, seeds: make(map[weburl.Key]bool), asked: make(map[string]robotsSays)}
	e.cache = newRobotsCache(robotsAgent(cfg.UserAgent), e.get)
	if err := e.open(); err != nil {
		return nil, err
	}
	return e, nil
}

// errOffline stands for the answer of a name server that is not asked.
var errOffline = errors.New("not looked up: offline")

func (e *Explainer) open() error {
	seeds, err := e.cfg.seeds()
	if err != nil {
		return err
	}
	for _, u := range seeds {
		e.seeds[u.Key()] = true
	}
	if e.linker, err = newLinker(&e.cfg, seeds); err != nil {
		return err
	}
	if e.opt.Robots != nil {
		e.given = robots.Parse(e.opt.Robots, robotsAgent(e.cfg.UserAgent))
	}
	if e.opt.Look {
		if e.run, err = openPastRun(e.cfg.FS, e.cfg.Dir); err != nil {
			return err
		}
	}
	e.with, e.lacks = pack(&e.cfg)
	if e.client, err = newClient(&e.cfg, e.with.way); err != nil {
		return errors.Join(err, e.run.close())
	}
	return nil
}

// Close closes the connections and the look into the run.
func (e *Explainer) Close() error { return errors.Join(e.client.Close(), e.run.close()) }

// subject is a URL while it is explained. Its URL is the one that is fetched.
type subject struct {
	weburl.Reading
	raw      string
	stripped bool           // the URL lacks some of its parameters
	known    *frontier.Info // nil if the run does not know it
}

// subject reads a URL and does to it what a crawl does to a link. A seed, and
// what a run knows already, keep their names.
func (e *Explainer) subject(raw string) *subject {
	s := &subject{Reading: weburl.Read(e.opt.Base, raw), raw: raw}
	if s.URL.IsZero() || e.seeds[s.URL.Key()] || e.run.knows(s.URL) {
		return s
	}
	bare := e.linker.strip.Strip(s.URL)
	s.stripped, s.URL = bare != s.URL, bare
	return s
}

// none says why there is no URL for the later checks to look at, or "".
func (s *subject) none() string {
	switch {
	case s.Href == "":
		return "not reached: it is no URL"
	case s.URL.IsZero():
		return "not reached: no " + s.Scheme + ": URL is fetched"
	}
	return ""
}

// Explain tells what a crawl would do with raw. It blocks while it asks name
// servers and robots.txt. The error is the context's cause.
func (e *Explainer) Explain(ctx context.Context, raw string) (*Explanation, error) {
	s := e.subject(raw)
	seen := e.seen(s) // first: the scope check needs what it finds
	x := &Explanation{URL: raw, Checks: []Check{
		e.canonical(s), e.scope(s), e.credentials(s), e.address(ctx, s),
	}}
	x.Checks = append(x.Checks, e.robots(ctx, s, x.Checks[3].OK), seen)
	if s.Href != "" {
		x.Canonical = &s.Href
	}
	if s.stripped {
		x.FetchedAs = s.URL.String()
	}
	x.Allowed = true
	for i := range x.Checks {
		x.Allowed = x.Allowed && x.Checks[i].OK
	}
	return x, context.Cause(ctx)
}

// passed, refused and unasked are the three ways in which a check ends.
func passed(name, reason string) Check {
	return Check{Name: name, OK: true, Checked: true, Reason: reason}
}
func refused(name, reason string) Check { return Check{Name: name, Checked: true, Reason: reason} }
func unasked(name, reason string) Check { return Check{Name: name, OK: true, Reason: reason} }
