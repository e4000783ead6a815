package target

import (
	"cmp"
	"errors"
	"fmt"
)

// Open reads what c names, its files too, and builds the set. The error tells all that is wrong with c, or all that is wrong with the
// first file that is. Reading standard input lasts until its end.
func (c *Config) Open() (*Set, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	var f *feed
	if c.Feed != "" {
		var err error
		if f, err = openFeed(c.Feed); err != nil {
			return nil, err
		}
		f.drawn, f.seed = c.FeedOrder == "random", c.Seed
	}
	s, err := c.set(f)
	if err != nil {
		return nil, err
	}
	if f != nil {
		if err := f.verify(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// set builds the set from c's source.
func (c *Config) set(f *feed) (*Set, error) {
	switch {
	case c.Targets != "":
		return c.targets(f)
	case c.From != "":
		return c.crawled(f)
	}
	return c.urls(f)
}

// builder is one for c, without targets.
func (c *Config) builder(f *feed) (*builder, error) {
	b := &builder{
		set:    &Set{feed: f, seed: c.Seed},
		method: cmp.Or(c.Method, "GET"),
		body:   []byte(c.Body),
		checks: map[string]int32{},
		lists:  map[string][]int32{},
	}
	var err error
	if b.header, err = c.fields(f); err != nil {
		return nil, err
	}
	if isTemplate(c.Body) {
		if b.bodyText, err = parseText(c.Body, f, asIs); err != nil {
			return nil, fmt.Errorf("body: %w", err)
		}
	}
	for i := range c.Checks {
		b.set.common = append(b.set.common, b.number(&c.Checks[i]))
	}
	return b, nil
}

// urls is the set of the command line's URLs.
func (c *Config) urls(f *feed) (*Set, error) {
	b, err := c.builder(f)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, raw := range c.URLs {
		if err := b.add(&spec{url: raw, named: true}); err != nil {
			errs = append(errs, describe(raw, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return b.finish(), nil
}

// describe names the URL where the error does not.
func describe(raw string, err error) error {
	if t, ok := errors.AsType[*templateError](err); ok {
		return fmt.Errorf("URL %q: %w", raw, t)
	}
	return err
}

// finish deals the sends: by weight if there are any, else in turn.
func (b *builder) finish() *Set {
	s := b.set
	if b.weighted {
		for i, w := range b.weights {
			b.weights[i] = cmp.Or(w, 1)
		}
		s.pick = weighted(b.weights, s.seed)
	} else {
		s.pick = inTurn(len(s.targets))
	}
	return s
}
