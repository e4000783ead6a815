package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/pflag"

	"tandem/configs"
	"tandem/crawler"
	"tandem/internal/cli"
	"tandem/internal/report"
	"tandem/internal/transport"
	"tandem/internal/units"
	"tandem/load"
)

// job is a job file as fetch reads it.
type job struct {
	Out   string
	Crawl crawlSection
	Load  loadSection
	Site  siteSection

	where configs.Positions       // of what stands in the job file
	flag  func(key string) string // the flag or argument that gave a key of crawl, "" if none did
}

// loadSection is the load's configuration and what else goes on while it runs.
type loadSection struct {
	load.Config
	Prometheus string `yaml:"prometheus" doc:"host:port where a Prometheus may read how the run goes, at /metrics; port 0 is any"`
}

// crawlSection is the crawler's configuration and what is judged of its summary.
type crawlSection struct {
	crawler.Config
	Threshold []report.Threshold `yaml:"threshold" doc:"conditions on the summary, as pages>=5000; exit code 3 if one fails"`
}

func defaultJob() *job {
	return &job{Crawl: crawlSection{Config: crawler.Default()}, Load: loadSection{Config: load.DefaultConfig()}, Site: defaultSite()}
}

// effective is the job after defaults, file and flags: each wins over the one
// before it. bind declares a command's flags on a job.
func effective(given *pflag.FlagSet, path string, bind func(*pflag.FlagSet, *job)) (*job, error) {
	j := defaultJob()
	j.flag = func(key string) string {
		if key == "seeds" {
			key = "seed" // of explain
		}
		if given.Changed(key) {
			return "--" + key
		}
		return ""
	}
	if path != "" {
		sections := map[string]any{"out": &j.Out, "crawl": &j.Crawl, "load": &j.Load, "site": &j.Site}
		var err error
		if j.where, err = configs.LoadPositions(path, sections); err != nil {
			return nil, cli.Usage(err, "see configs/site.yaml for a commented job file")
		}
	}
	flags := pflag.NewFlagSet("job", pflag.ContinueOnError)
	bind(flags, j)
	if err := cli.OverlayFlags(given, flags); err != nil {
		return nil, cli.Usage(err, "")
	}
	if err := configs.Check([]configs.NamedSection{{Name: "crawl", Value: &j.Crawl}, {Name: "load", Value: &j.Load}, {Name: "site", Value: &j.Site}}); err != nil {
		return nil, cli.Usage(j.where.PlaceChecks("crawl", err, j.flag), "")
	}
	return j, nil
}

// takeSeeds has URLs of the command line for the job file's.
func (j *job) takeSeeds(urls []string) {
	j.Crawl.Seeds = urls
	flag := j.flag
	j.flag = func(key string) string {
		if key == "seeds" {
			return "URL"
		}
		return flag(key)
	}
}

// place says of what is wrong with the crawl section where it was given.
func (j *job) place(err error) error { return j.where.Place("crawl", err, j.flag) }

// crawlYAML renders the part of the job that a crawl's run directory keeps, secrets masked.
func (j *job) crawlYAML() ([]byte, error) {
	crawl := j.Crawl
	crawl.Config = crawl.Masked()
	return j.render(configs.NamedSection{Name: "crawl", Value: &crawl})
}

// loadYAML renders the part of the job that is kept beside a load's result, secrets masked.
func (j *job) loadYAML() ([]byte, error) {
	section := j.Load
	section.Config = section.Masked()
	return j.render(configs.NamedSection{Name: "load", Value: &section})
}

// render prints one command's part of the job.
func (j *job) render(section configs.NamedSection) ([]byte, error) {
	var b bytes.Buffer
	sections := []configs.NamedSection{{Name: "out", Value: &j.Out}, section}
	if j.Site.Serve != "" {
		sections = append(sections, configs.NamedSection{Name: "site", Value: &j.Site})
	}
	if err := configs.Write(&b, sections); err != nil {
		return nil, fmt.Errorf("render effective job: %w", err)
	}
	return b.Bytes(), nil
}

// bindCrawl declares the flags that crawl and get share.
func bindCrawl(fs *pflag.FlagSet, j *job) {
	c := &j.Crawl
	fs.StringVarP(&j.Out, "out", "o", j.Out, "the run directory `DIR`; an unfinished crawl in it is resumed")
	fs.Int64Var(&c.MaxPages, "max-pages", c.MaxPages, "stop after `N` pages; 0 is no limit")
	fs.Var(&c.MaxBytes, "max-bytes", "stop after so many bytes received, as 4GiB; 0 is no limit")
	fs.Var(&c.MaxTime, "max-time", "stop after so long, as 6h; 0 is no limit")
	fs.IntVar(&c.Concurrency, "concurrency", c.Concurrency, "URLs dealt with at once over all hosts")
	fs.Var(&c.Rate, "rate", "requests a second over all hosts, as 200/s; 0 is no limit")
	fs.Var(&c.HostRate, "host-rate", "requests a second on one host; 0 is no limit")
	fs.IntVar(&c.HostConcurrency, "host-concurrency", c.HostConcurrency, "requests in flight on one host")
	fs.Int64Var(&c.HostMaxPages, "host-max-pages", c.HostMaxPages, "fetch `N` pages of one host at most; 0 is no limit")
	fs.Var(&c.IPRate, "ip-rate", "requests a second at one IP address, over all its hosts; 0 is no limit")
	fs.IntVar(&c.IPConcurrency, "ip-concurrency", c.IPConcurrency, "requests in flight at one IP address, over all its hosts, at least host-concurrency; 0 is no limit")
	fs.BoolVar(&c.IgnoreRobots, "ignore-robots", c.IgnoreRobots, "ignore robots.txt, nofollow and noindex: for sites of your own")
	fs.StringVar(&c.UserAgent, "user-agent", c.UserAgent, "the User-Agent sent")
	fs.StringVar(&c.Contact, "contact", c.Contact, "how to reach you, added to the User-Agent: a mail address or an https `URL`")
	fs.StringArrayVarP(&c.Headers, "header", "H", c.Headers, "a further request header, 'Name: value', for the seeds' origins; a value may be env:NAME or file:PATH (repeatable)")
	bindCookies(fs, j)
	bindRoute(fs, &c.Route)
	fs.Var(&c.MaxBody, "max-body", "a body is cut at this size")
	fs.Var(&c.Timeout, "timeout", "one exchange may take so long")
	fs.StringVar(&c.Compress, "compress", c.Compress, "how the archive is packed: gzip, zstd or none")
	fs.Var(&prefixes{list: &c.AllowNet}, "allow-net", "a private network that may be reached, as 10.1.0.0/16 (repeatable)")
	fs.Var(units.NewList(&c.Threshold), "threshold", "a condition on the summary, as 'pages>=5000'; exit code 3 if it fails (repeatable)")
}

// bindCookies declares the flags about cookies.
func bindCookies(fs *pflag.FlagSet, j *job) {
	c := &j.Crawl
	fs.StringVar(&c.Cookies, "cookies", c.Cookies, "send back the cookies that sites set: on or off")
	fs.StringVar(&c.CookieFile, "cookie-file", c.CookieFile, "a `FILE` of cookies to begin with, in the Netscape format")
}

// bindRoute declares the flags that say by which way servers are reached.
func bindRoute(fs *pflag.FlagSet, r *transport.Route) {
	fs.StringVar(&r.Proxy, "proxy", r.Proxy, "a proxy for every connection: http://, https:// or socks5://[user:password@]host:port, or env:NAME or file:PATH of one; HTTP_PROXY alone is not asked")
	fs.StringVar(&r.ProxyHTTP, "proxy-http", r.ProxyHTTP, "how http URLs go through an http proxy: tunnel, or forward, where the proxy resolves the name itself")
	fs.StringVar(&r.TLSCA, "tls-ca", r.TLSCA, "a PEM `FILE` of root certificates to trust beside the system's")
	fs.StringVar(&r.TLSCert, "tls-cert", r.TLSCert, "a PEM `FILE` with the client certificate, shown to the job's own origins alone")
	fs.StringVar(&r.TLSKey, "tls-key", r.TLSKey, "a PEM `FILE` with the key of --tls-cert")
	fs.BoolVar(&r.TLSInsecure, "tls-insecure", r.TLSInsecure, "believe any certificate: others may read and change everything")
	fs.StringVar(&r.TLSMin, "tls-min", r.TLSMin, "the lowest version of TLS that is spoken: 1.2 or 1.3")
}

// bindLine declares the flags that say how connections are made and used.
func bindLine(fs *pflag.FlagSet, l *transport.Line) {
	fs.StringVar(&l.UnixSocket, "unix-socket", l.UnixSocket, "the `PATH` of a Unix socket that every connection leads to, whatever host the URL names")
	fs.StringVar(&l.ServerName, "sni", l.ServerName, "the `NAME` asked for and verified inside TLS, in place of the URL's host")
	fs.BoolVar(&l.KeepAlive, "keepalive", l.KeepAlive, "use connections again; =false makes a new one for every request")
	fs.IntVar(&l.MaxRedirects, "max-redirects", l.MaxRedirects, "follow `N` redirects of one request at most; 0 counts them as answers")
	fs.BoolVar(&l.Cookies, "cookies", l.Cookies, "each connection's requests send back the cookies that their answers set")
}

// bindScope declares the flags that say which links a crawl follows.
func bindScope(fs *pflag.FlagSet, j *job) {
	c := &j.Crawl
	fs.IntVar(&c.MaxDepth, "max-depth", c.MaxDepth, "links away from a seed; 0 is the seeds alone, -1 no limit")
	fs.StringVar(&c.Scope, "scope", c.Scope, "which links are followed: host, domain, prefix or any")
	fs.StringVar(&c.Requisites, "requisites", c.Requisites, "images, styles and scripts of a page: anywhere, scope or none")
	fs.StringVar(&c.Sitemaps, "sitemaps", c.Sitemaps, "find pages through sitemaps, too: auto (where the scope is host or domain) or off")
	fs.Var(units.NewList(&c.Allow), "allow", "a page's URL must match this `RE` (repeatable: one of them)")
	fs.StringSliceVar(&c.StripParams, "strip-params", c.StripParams, "parameters taken out of links: names, prefixes as utm_*, or name=hex for long hex values only; '' is none")
	fs.StringVar(&c.Traps, "traps", c.Traps, "leave what has no end after at most 500 requests: on or off")
	fs.Var(units.NewList(&c.Deny), "deny", "no URL may match this `RE` (repeatable)")
}

// prefixes is a repeatable flag of networks. A bare address is a network of one.
type prefixes struct {
	list    *[]netip.Prefix
	changed bool
}

// Type names the value in help texts.
func (p *prefixes) Type() string { return "CIDR" }

// String renders the networks.
func (p *prefixes) String() string {
	if p.list == nil {
		return ""
	}
	return strings.Join(p.GetSlice(), ",")
}

// Set adds a network; the first one replaces the default.
func (p *prefixes) Set(text string) error {
	if !p.changed {
		p.changed = true
		return p.Replace([]string{text})
	}
	return p.Append(text)
}

// Append adds a network.
func (p *prefixes) Append(text string) error {
	n, err := units.ParseNetwork(text)
	if err == nil {
		*p.list = append(*p.list, n)
	}
	return err
}

// Replace makes the texts the list.
func (p *prefixes) Replace(texts []string) error {
	list := make([]netip.Prefix, 0, len(texts))
	for _, t := range texts {
		n, err := units.ParseNetwork(t)
		if err != nil {
			return err
		}
		list = append(list, n)
	}
	*p.list = list
	return nil
}

// GetSlice returns the networks as text.
func (p *prefixes) GetSlice() []string {
	texts := make([]string, 0, len(*p.list))
	for _, n := range *p.list {
		texts = append(texts, n.String())
	}
	return texts
}
