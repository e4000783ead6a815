package target

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"tandem/internal/transport"
	"tandem/internal/units"
)

// Config says what a load run requests, from one of three sources: URLs, Targets or From. Its yaml keys are named like the flags of
// `fetch load`.
type Config struct {
	// URLs are requested in turn, the user's own words: they may be loopback or private literal addresses.
	URLs []string `yaml:"urls" doc:"http or https URLs, requested in turn"`
	// Targets is a file of targets; "-" is standard input. See docs/formats.md.
	Targets string `yaml:"targets" doc:"a file of targets; - is standard input"`
	// TargetsFormat is how Targets is read. Defaults to "auto", which looks at its first line.
	TargetsFormat string `yaml:"targets-format" check:"oneof=auto|http|json|jsonl" doc:"how targets is written: auto, http, json or jsonl"`
	// From is the run directory of a finished crawl, whose pages are requested with GET or HEAD.
	From string `yaml:"from" doc:"the run directory of a finished crawl, whose pages are requested"`
	// Base is the scheme and host, and a path before theirs, that the pages of From are requested at. Defaults to where they were found,
	// and then only those of the hosts of the crawl's seeds are requested.
	Base string `yaml:"base" doc:"request the pages of from at this URL instead of where they were found"`
	// Order is how often the pages of From are requested: "inlinks" draws them by the number of pages that link to them, plus one,
	// "uniform" draws all alike, "sequence" goes through them in order. Defaults to "inlinks".
	Order string `yaml:"order" check:"oneof=inlinks|uniform|sequence" doc:"how pages of from are dealt: inlinks, uniform or sequence"`
	// Requisites says which of From are requested: "none" of the images, styles and scripts of pages, pages "with" them, or them "only".
	// Defaults to "none".
	Requisites string `yaml:"requisites" check:"oneof=none|with|only" doc:"images, styles and scripts of from: none, with or only"`
	// Method is for targets that name none. Defaults to GET.
	Method string `yaml:"method" doc:"request method"`
	// Headers are further request headers, "Name: value"; a target's own of the same name replace them.
	Headers []string `yaml:"header" doc:"further request headers, 'Name: value'; a value may be env:NAME or file:PATH"`
	// Body is for targets that have none.
	Body string `yaml:"body" doc:"request body"`
	// Feed is a CSV file with a header line, or a JSONL file, whose columns are placeholders: {{name}}.
	Feed string `yaml:"feed" doc:"a .csv or .jsonl file whose columns fill {{placeholders}}, a row a request"`
	// FeedOrder is which row a send takes: "sequence", where send i takes row i modulo their number, or "random". Defaults to "sequence".
	FeedOrder string `yaml:"feed-order" check:"oneof=sequence|random" doc:"which row a request takes: sequence or random"`
	// Seed is what everything drawn by lot is computed from, {{random}} and {{uuid}} too: the same seed sends the same. Defaults to 0.
	Seed uint64 `yaml:"seed" doc:"of what is drawn by lot: targets by weight, random rows, {{random}} and {{uuid}}; the same seed sends the same"`
	// Checks are conditions that every answer must keep.
	Checks []Check `yaml:"check" doc:"conditions on every answer, such as status=2xx or body~<title>"`

	// Stdin is what Targets "-" reads. It has to be set for that.
	Stdin io.Reader `yaml:"-"`
}

// DefaultConfig returns the defaults, which lack only a source.
func DefaultConfig() Config {
	return Config{TargetsFormat: "auto", Method: "GET", FeedOrder: "sequence"}
}

// Validate reports everything that is wrong with c at once, as far as it shows without opening the files that c names.
func (c *Config) Validate() error {
	var errs []error
	check := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	sources := 0
	for _, given := range []bool{len(c.URLs) > 0, c.Targets != "", c.From != ""} {
		if given {
			sources++
		}
	}
	check(sources == 0, "urls: nothing to request; want at least one URL, targets or from")
	check(sources > 1, "urls, targets and from: want one of them")
	oneOf := func(name, value string, want ...string) {
		check(value != "" && !slices.Contains(want, value), "%s %q: want %s", name, value, strings.Join(want, ", "))
	}
	oneOf("targets-format", c.TargetsFormat, "auto", "http", "json", "jsonl")
	oneOf("order", c.Order, "inlinks", "uniform", "sequence")
	oneOf("requisites", c.Requisites, "none", "with", "only")
	oneOf("feed-order", c.FeedOrder, "sequence", "random")
	check(c.Targets == "-" && c.Stdin == nil, "targets -: there is no standard input here")
	check(c.Targets == "" && c.TargetsFormat != "" && c.TargetsFormat != "auto", "targets-format: goes with targets")
	check(c.Feed == "" && c.FeedOrder == "random", "feed-order: goes with feed")
	errs = append(errs, c.validateFrom()...)
	_, err := c.fields(nil)
	errs = append(errs, err)
	if c.Feed == "" {
		if _, bodyErr := parseText(c.Body, nil, asIs); bodyErr != nil {
			err = errors.Join(err, fmt.Errorf("body: %w", bodyErr))
			errs = append(errs, fmt.Errorf("body: %w", bodyErr))
		}
	}
	if c.Feed == "" && len(c.URLs) > 0 && err == nil && !slices.ContainsFunc(c.Checks, func(k Check) bool { return k.op == "" }) {
		_, err = c.urls(nil)
		errs = append(errs, err)
	}
	for i := range c.Checks {
		check(c.Checks[i].op == "", "check %d: it is empty; %s", i+1, wantCheck)
	}
	return errors.Join(errs...)
}

// validateFrom is about the fields that go with From.
func (c *Config) validateFrom() (errs []error) {
	if c.From == "" {
		for _, f := range []struct{ name, value string }{{"base", c.Base}, {"order", c.Order}, {"requisites", c.Requisites}} {
			if f.value != "" {
				errs = append(errs, fmt.Errorf("%s: goes with from, the run directory of a crawl", f.name))
			}
		}
		return errs
	}
	if c.Method != "" && c.Method != "GET" && c.Method != "HEAD" {
		errs = append(errs, fmt.Errorf("method %q: the pages of a crawl are requested with GET or HEAD only", c.Method))
	}
	if c.Body != "" {
		errs = append(errs, errors.New("body: the pages of a crawl are requested without one"))
	}
	if c.Base != "" {
		if _, err := parseBase(c.Base); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// fields reads the run's header fields.
func (c *Config) fields(f *feed) ([]field, error) {
	var list []field
	var errs []error
	for _, text := range c.Headers {
		name, given, ok := strings.Cut(text, ":")
		if !ok {
			errs = append(errs, errors.New("header without a colon: want 'Name: value'")) // it may be a secret: not quoted
			continue
		}
		h := field{name: strings.TrimSpace(name)}
		given = strings.TrimSpace(given)
		var err error
		if h.value, err = units.Reveal(given); err != nil {
			errs = append(errs, fmt.Errorf("header %s: %w", h.name, err))
			continue
		}
		one := transport.Request{Target: transport.Target{Scheme: "http", HostPort: "x:80"}, Header: [][2]string{{h.name, h.value}}}
		if err := one.Validate(); err != nil {
			errs = append(errs, err)
			continue
		}
		if isTemplate(given) && !units.IsReference(given) && (f != nil || c.Feed == "") {
			if h.text, err = parseText(given, f, asIs); err != nil {
				errs = append(errs, fmt.Errorf("header %s: %w", h.name, err))
			} else if f != nil {
				f.keep(h.text, "a header", notInField)
			}
		}
		list = append(list, h)
	}
	return list, errors.Join(errs...)
}
