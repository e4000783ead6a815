package crawler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"tandem/crawler/extract"
	"tandem/crawler/weburl"
	"tandem/internal/transport"
	"tandem/internal/units"
	"tandem/pipeline"
	"tandem/store/fsx"
	"tandem/store/warc"
)

// Config says what to crawl and how gently. Its first part is the `crawl`
// section of a job file, key by key the flags of `fetch crawl`; its second
// part, Wiring, is set by the program.
type Config struct {
	// Seeds are where the crawl starts: http or https URLs.
	Seeds []string `yaml:"seeds" doc:"where the crawl starts: http or https URLs"`
	// MaxPages ends the crawl after so many pages (2xx or 304, requisites not
	// counted), over all of a run's resumes. Defaults to 0, no limit.
	MaxPages int64 `yaml:"max-pages" check:"min=0" doc:"stop after so many pages; 0 is no limit"`
	// MaxDepth is how many links a page may be away from a seed: 0 fetches the
	// seeds (and their requisites) alone. Defaults to -1, no limit.
	MaxDepth int `yaml:"max-depth" check:"min=-1" doc:"links away from a seed; 0 is the seeds alone, -1 no limit"`
	// MaxBytes ends the crawl after so many received bytes. Defaults to 0, no limit.
	MaxBytes units.Size `yaml:"max-bytes" doc:"stop after so many bytes received; 0 is no limit"`
	// MaxTime ends the crawl after so long, over all of a run's resumes.
	// Defaults to 0, no limit.
	MaxTime units.Duration `yaml:"max-time" doc:"stop after so long; 0 is no limit"`
	// Scope bounds the links followed: host, domain (registrable domain),
	// prefix (the seed's folder) or any. Defaults to host.
	Scope string `yaml:"scope" check:"oneof=host|domain|prefix|any" doc:"which links are followed: host, domain, prefix or any"`
	// Requisites says which images, styles and scripts of a page are fetched
	// with it: anywhere (they may leave the scope by one hop), scope or none.
	// Defaults to anywhere.
	Requisites string `yaml:"requisites" check:"oneof=anywhere|scope|none" doc:"images, styles and scripts of a page: from anywhere, in scope only, or none"`
	// Sitemaps says whether pages are found through sitemaps, too: auto, where
	// the scope is a host or a domain, or off. Defaults to auto.
	Sitemaps string `yaml:"sitemaps" check:"oneof=auto|off" doc:"pages are found through sitemaps, too: auto (where the scope is host or domain) or off"`
	// Allow, when not empty, are expressions of which a page's URL must match
	// one. Page requisites need not.
	Allow []units.Pattern `yaml:"allow" doc:"regular expressions: a page's URL must match one of them"`
	// Deny are expressions that no URL may match, requisites included.
	Deny []units.Pattern `yaml:"deny" doc:"regular expressions: no URL may match one of them"`
	// StripParams are the parameters that are taken out of every link and
	// redirect before it is known: a name, a prefix as utm_*, or name=hex for one
	// that goes only with a long value of hex digits; see weburl.NewStripper.
	// Seeds and lists stay as they are written. The rules may change between two
	// starts: what is known keeps its name. Defaults to
	// weburl.DefaultStripParams: tracking marks and session ids.
	StripParams []string `yaml:"strip-params" doc:"parameters taken out of links: names, prefixes as utm_*, or name=hex for long hex values only"`
	// Traps says whether parts of sites that have no end are left after some
	// hundred requests: on or off; the limits are in trap.go. Defaults to on.
	Traps string `yaml:"traps" check:"oneof=on|off" doc:"leave what has no end after at most 500 requests: repeating and growing URLs, calendars, facets, session ids, pages that say the same: on or off"`
	// Concurrency is how many URLs are dealt with at once: requests in flight,
	// and answers that settle (about 10 ms each) and are stored. After a crash at
	// most so many are fetched again. Defaults to 64.
	Concurrency int `yaml:"concurrency" check:"min=1,max=100000" doc:"URLs dealt with at once over all hosts"`
	// Rate is how many requests may start per second over all hosts. Defaults
	// to 0, no limit.
	Rate units.Rate `yaml:"rate" doc:"requests a second over all hosts; 0 is no limit"`
	// HostRate is how many requests may start per second on one host; 0 is no
	// limit. Defaults to 1/s.
	HostRate units.Rate `yaml:"host-rate" doc:"requests a second on one host; 0 is no limit"`
	// HostConcurrency is how many requests may be in flight on one host.
	// Defaults to 2.
	HostConcurrency int `yaml:"host-concurrency" check:"min=1,max=100000" doc:"requests in flight on one host"`
	// HostMaxPages is how many pages of one host a run stores at most; requisites are not counted. What is known beyond is left out, and
	// counted as skipped: budget. Defaults to 0, no limit.
	HostMaxPages int64 `yaml:"host-max-pages" check:"min=0" doc:"pages of one host at most; 0 is no limit"`
	// IPRate is how many requests may start per second at one address, over
	// all hosts that are reached there. Defaults to 0, no limit.
	IPRate units.Rate `yaml:"ip-rate" doc:"requests a second at one IP address, over all its hosts; 0 is no limit"`
	// IPConcurrency is how many requests may be in flight at one address, over
	// all hosts that are reached there, and at least HostConcurrency. 0 is no limit. Defaults to 8.
	IPConcurrency int `yaml:"ip-concurrency" check:"min=0,max=100000" doc:"requests in flight at one IP address, over all its hosts, at least host-concurrency; 0 is no limit"`
	// IgnoreRobots fetches what robots.txt disallows, follows links in spite of
	// nofollow, and does not mark what asks for noindex.
	IgnoreRobots bool `yaml:"ignore-robots" doc:"ignore robots.txt, nofollow and noindex: for sites of your own"`
	// UserAgent names the crawler to servers, and its product token (ExampleBot in
	// "ExampleBot/2.0 (+mailto:…)") is the name by which robots.txt and pages address
	// it; without one, that is TandemFetch. Defaults to TandemFetch/1.0.
	UserAgent string `yaml:"user-agent" doc:"the User-Agent sent"`
	// Contact is how to reach whoever runs the crawl: a mail address or a web
	// page. It is added to UserAgent, as in "(+mailto:ops@example.org)", unless it
	// stands there, and a mail address is sent as From, too. Defaults to none.
	Contact string `yaml:"contact" doc:"how to reach you, added to the User-Agent: a mail address (sent as From, too) or an https URL"`
	// Headers are further request headers, "Name: value", sent to the seeds'
	// own origins only, or to the URLs of a list and not where they redirect. A
	// value may be env:NAME or file:PATH.
	Headers []string `yaml:"header" doc:"further request headers, 'Name: value', sent to the seeds' origins only; a value may be env:NAME or file:PATH"`
	// Origins are logins and headers for single origins.
	Origins []Origin `yaml:"origins" doc:"logins and headers for single origins, sent there and nowhere else"`
	// Cookies says whether cookies that sites set are sent back to them: on or
	// off. Defaults to on.
	Cookies string `yaml:"cookies" check:"oneof=on|off" doc:"send back the cookies that sites set: on or off"`
	// CookieFile is a file of cookies in the Netscape format to begin with.
	CookieFile string `yaml:"cookie-file" doc:"a file of cookies to begin with, in the Netscape format of curl, wget and browsers' extensions"`
	// Route is the way to the servers: proxy and TLS. The client certificate is
	// for the https origins of Seeds and Origins.
	transport.Route
	// MaxBody cuts bodies beyond this size. Defaults to 32 MiB.
	MaxBody units.Size `yaml:"max-body" doc:"a body is cut at this size"`
	// Timeout bounds one exchange from dial to last byte. Defaults to 30 s.
	Timeout units.Duration `yaml:"timeout" doc:"one exchange may take so long"`
	// Compress is how the archive's segments are packed: gzip, zstd or none. It
	// may change between two starts: what is there stays as it is. Defaults to
	// gzip.
	Compress string `yaml:"compress" check:"oneof=gzip|zstd|none" doc:"how the archive is packed: gzip, zstd or none"`
	// Extract are the rules that take items out of HTML pages, into
	// OUT/items.jsonl.
	Extract []extract.Rule `yaml:"extract" doc:"rules that take items out of HTML pages, into OUT/items.jsonl"`
	// AllowNet lists networks that may be reached although they are private.
	AllowNet []netip.Prefix `yaml:"allow-net" doc:"private networks that may be reached, as CIDR"`

	Wiring `yaml:"-"`
}

// The values of Config.Requisites.
const (
	RequisitesAnywhere = "anywhere"
	RequisitesScope    = "scope"
	RequisitesNone     = "none"
)

// Wiring is what a program gives a Crawler beside the job.
type Wiring struct {
	// Dir is the run directory (OUT). Required.
	Dir string
	// List, when not nil, makes this a `get`: these entries are fetched and no
	// link is followed. Seeds stay empty.
	List []Entry
	// Map sends requests for a host:port to another listener, as the job's
	// site section asks; see transport.Config.
	Map map[string]string
	// JobYAML is the effective job, written to OUT/job.yaml and into each
	// segment's warcinfo record.
	JobYAML []byte
	// Drain ends the crawl gracefully when set. Nil means never.
	Drain *pipeline.Event
	// DrainGrace is how long requests in flight may take to end after Drain
	// is set. Defaults to 3 s.
	DrainGrace time.Duration
	// Callbacks are handed what the crawl finds.
	Callbacks
	// Listener is told what happens. Its callbacks must not block.
	Listener Listener
	// Logger takes the run's log. Nil discards it.
	Logger *slog.Logger
	// FS is the file system written through. Nil is the real one.
	FS fsx.FS
	// Failpoint is called at the named points of the write path, by tests that
	// kill the process there. Nil in production.
	Failpoint func(name string)
	// Resolve looks up a host name. Nil asks the system.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
}

// Entry is one URL of a list, with the other columns of its line.
type Entry struct {
	URL     string
	Columns map[string]string
}

// Default returns the configuration whose values the documentation names.
func Default() Config {
	return Config{
		MaxDepth:        -1,
		Scope:           "host",
		Requisites:      RequisitesAnywhere,
		Sitemaps:        SitemapsAuto,
		StripParams:     weburl.DefaultStripParams(),
		Traps:           TrapsOn,
		Concurrency:     64,
		HostRate:        1,
		HostConcurrency: 2,
		IPConcurrency:   8,
		UserAgent:       "TandemFetch/1.0",
		Cookies:         CookiesOn,
		Route:           transport.DefaultRoute(),
		MaxBody:         32 << 20,
		Timeout:         units.Duration(30 * time.Second),
		Compress:        string(warc.Gzip),
		Wiring:          Wiring{DrainGrace: 3 * time.Second},
	}
}

// Validate reports everything that is wrong with the configuration, joined.
func (c *Config) Validate() error {
	var errs []error
	wrong := func(key string, err error) { errs = append(errs, units.AtKey(key, err)) }
	bad := func(key, format string, args ...any) { wrong(key, fmt.Errorf(key+format, args...)) }
	if len(c.Seeds) == 0 && c.List == nil {
		wrong("seeds", errors.New("no seeds: name at least one URL, on the command line or as crawl.seeds"))
	}
	for i, s := range c.Seeds {
		_, err := parseSeed(s)
		wrong(fmt.Sprintf("seeds[%d]", i), err)
	}
	switch c.Scope {
	case "host", "domain", "prefix", "any":
	default:
		bad("scope", " %q: want host, domain, prefix or any", c.Scope)
	}
	switch c.Requisites {
	case RequisitesAnywhere, RequisitesScope, RequisitesNone:
	default:
		bad("requisites", " %q: want anywhere, scope or none", c.Requisites)
	}
	if c.Sitemaps != SitemapsAuto && c.Sitemaps != SitemapsOff {
		bad("sitemaps", " %q: want auto or off", c.Sitemaps)
	}
	for i, h := range c.Headers {
		_, _, err := splitHeader(h)
		wrong(fmt.Sprintf("header[%d]", i), err)
	}
	wrong("compress", warc.Compression(c.Compress).Validate())
	if c.Traps != TrapsOn && c.Traps != TrapsOff {
		bad("traps", " %q: want on or off", c.Traps)
	}
	_, err := weburl.NewStripper(c.StripParams)
	wrong("strip-params", err)
	if _, err := extract.NewRules(c.Extract); err != nil {
		errs = append(errs, err)
	}
	if err := c.Callbacks.check(c.Extract); err != nil {
		errs = append(errs, err)
	}
	if c.Concurrency < 1 {
		bad("concurrency", " %d: want at least 1", c.Concurrency)
	}
	if c.HostConcurrency < 1 {
		bad("host-concurrency", " %d: want at least 1", c.HostConcurrency)
	}
	if c.IPConcurrency < 0 {
		bad("ip-concurrency", " %d: want 0 (no limit) or more", c.IPConcurrency)
	}
	if c.HostMaxPages < 0 {
		bad("host-max-pages", " %d: want 0 (no limit) or more", c.HostMaxPages)
	}
	if c.MaxDepth < -1 {
		bad("max-depth", " %d: want -1 (no limit) or more", c.MaxDepth)
	}
	if c.MaxPages < 0 {
		bad("max-pages", " %d: want 0 (no limit) or more", c.MaxPages)
	}
	if c.MaxBody <= 0 {
		bad("max-body", " %v: want more than 0", c.MaxBody)
	}
	if c.Timeout <= 0 {
		bad("timeout", " %v: want more than 0", c.Timeout)
	}
	if strings.ContainsAny(c.UserAgent, "\r\n\x00") || c.UserAgent == "" {
		bad("user-agent", " %q: want one line of text", c.UserAgent)
	}
	return errors.Join(append(errs, c.validateRequests())...)
}

// validateRequests checks what requests carry and by which way they go.
func (c *Config) validateRequests() error {
	_, _, err := parseContact(c.Contact)
	errs := []error{c.Route.Validate(), units.AtKey("contact", err)}
	bad := func(key, format string, args ...any) {
		errs = append(errs, units.AtKey(key, fmt.Errorf(key+format, args...)))
	}
	switch c.Cookies {
	case "", CookiesOn:
	case CookiesOff:
		if c.CookieFile != "" {
			bad("cookie-file", " %q: cookies are off", c.CookieFile)
		}
	default:
		bad("cookies", " %q: want on or off", c.Cookies)
	}
	known := make(map[string]int)
	for i := range c.Origins {
		key := fmt.Sprintf("origins[%d]", i)
		if wrong := c.Origins[i].check(); len(wrong) > 0 {
			errs = append(errs, inKey(key, wrong)...)
			continue
		}
		name, _ := c.Origins[i].parse()
		if first, twice := known[name]; twice {
			bad(key, ": %s stands in origins[%d] already", name, first)
			continue
		}
		known[name] = i
	}
	return errors.Join(errs...)
}

// inKey names the key around those that errors are about.
func inKey(key string, errs []error) []error {
	list := make([]error, 0, len(errs))
	for _, err := range errs {
		if err == nil {
			continue
		}
		full := key
		if k, ok := errors.AsType[*units.KeyError](err); ok {
			full += "." + k.Key
		}
		list = append(list, units.AtKey(full, fmt.Errorf("%s: %w", key, err)))
	}
	return list
}

// addressConcurrency is what the hosts of one address may have in flight together; 0 is no limit.
func (c *Config) addressConcurrency() int {
	if c.IPConcurrency == 0 {
		return 0
	}
	return max(c.IPConcurrency, c.HostConcurrency)
}

// parseSeed canonicalises a seed; a bare host name gets http:// in front, as
// browsers and wget do.
func parseSeed(raw string) (weburl.URL, error) {
	text := strings.TrimSpace(raw)
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := weburl.Parse(text)
	if err != nil {
		return weburl.URL{}, fmt.Errorf("seed %q: %w", hideUser(raw), bareCause(err))
	}
	return u, nil
}

// seeds are the job's seeds in canonical form.
func (c *Config) seeds() ([]weburl.URL, error) {
	seeds := make([]weburl.URL, 0, len(c.Seeds))
	for _, s := range c.Seeds {
		u, err := parseSeed(s)
		if err != nil {
			return nil, err
		}
		seeds = append(seeds, u)
	}
	return seeds, nil
}

// splitHeader parts "Name: value" and refuses what would break a request.
func splitHeader(h string) (name, value string, err error) {
	name, value, ok := strings.Cut(h, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok || !isToken(name) || strings.ContainsFunc(value, notInField) {
		return "", "", fmt.Errorf("header %q: want 'Name: value' on one line", headerName(h))
	}
	switch strings.ToLower(name) {
	case "connection", "content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade":
		return "", "", fmt.Errorf("header %q: the crawler sets that one itself", name)
	case "host":
		return "", "", fmt.Errorf("header %q: a URL names its host itself", name)
	case "user-agent":
		return "", "", fmt.Errorf("header %q: it has a key of its own, user-agent, which robots.txt is read by, too", name)
	case "proxy-authorization":
		return "", "", fmt.Errorf("header %q: a proxy's user and password belong into its URL", name)
	}
	return name, value, nil
}

// headerName is what an error may say of a header line, whose value may be a
// secret.
func headerName(h string) string {
	if name, _, ok := strings.Cut(h, ":"); ok {
		return name + ": …"
	}
	return fmt.Sprintf("%.20s", h)
}

// isToken reports whether s is a header field name (RFC 9110, section 5.6.2).
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		alnum := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !alnum && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return s != ""
}
