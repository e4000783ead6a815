package target

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/transport"
	"tandem/internal/units"
)

// spec is one target as a source gives it.
type spec struct {
	method string // "" is the run's
	url    string
	header [][2]string // replaces fields of the run with the same name
	body   []byte
	own    bool    // body is the target's own, even if empty
	plain  bool    // body has no placeholders
	found  bool    // the URL is from pages, not the user's: it has no placeholders
	named  bool    // the user named its host:port
	weight float64 // 0 is 1
	name   string
	checks []*Check
}

// part is what of a spec is wrong.
type part uint8

const (
	partURL part = iota
	partMethod
	partHeader
	partBody
)

// fault is what is wrong with a part of a spec, for the source to say where it stands.
type fault struct {
	part   part
	index  int // of a header field
	offset int // bytes into the part's text
	err    error
}

// Error says what is wrong.
func (f *fault) Error() string { return f.err.Error() }

// Unwrap returns the cause.
func (f *fault) Unwrap() error { return f.err }

// at is a fault; the offset of a templateError is kept.
func at(p part, index int, err error) *fault {
	f := &fault{part: p, index: index, err: err}
	if t, ok := errors.AsType[*templateError](err); ok {
		f.offset = t.offset
	}
	return f
}

// builder makes a Set.
type builder struct {
	set      *Set
	method   string
	header   []field // of the run
	body     []byte
	bodyText text // nil if it has no placeholders
	weights  []float64
	weighted bool
	size     int64
	checks   map[string]int32
	lists    map[string][]int32 // of checks, shared by targets
	last     [][2]string        // the header before, to share
}

// field is a header field of the run.
type field struct {
	name, value string
	text        text // nil if it has no placeholders
}

// add makes a spec a target. Errors about the spec are *fault.
func (b *builder) add(s *spec) error {
	if len(b.set.targets) >= maxTargets {
		return fmt.Errorf("more than %s targets: a set holds no more", units.FormatCount(maxTargets))
	}
	if b.size += int64(len(s.url) + len(s.body) + len(s.name)); b.size > maxText.Int64() {
		return fmt.Errorf("more than %v of URLs, headers and bodies: a set holds no more", maxText)
	}
	g := &target{name: s.name}
	g.req.Method, g.req.Named = s.method, s.named
	if g.req.Method == "" {
		g.req.Method = b.method
	}
	var t template
	if err := b.takeURL(g, &t, s); err != nil {
		return at(partURL, 0, err)
	}
	if err := b.takeHeader(g, &t, s); err != nil {
		return err
	}
	if err := b.takeBody(g, &t, s); err != nil {
		return at(partBody, 0, err)
	}
	if t.uri != nil || t.header != nil || t.body != nil {
		g.template = &t
	}
	if err := validate(g, len(g.req.Header)-len(s.header)); err != nil {
		return err
	}
	g.checks = b.takeChecks(s.checks)
	b.weights = append(b.weights, max(s.weight, 0))
	b.weighted = b.weighted || s.weight != 0 && s.weight != 1
	b.set.targets = append(b.set.targets, g)
	return nil
}

// takeHeader joins the run's header and the target's own.
func (b *builder) takeHeader(g *target, t *template, s *spec) error {
	shared := true // with the target before
	for _, f := range b.header {
		if slices.ContainsFunc(s.header, func(h [2]string) bool { return strings.EqualFold(h[0], f.name) }) {
			continue
		}
		if f.text != nil {
			t.header = append(t.header, headerText{len(g.req.Header), f.text})
			shared = false
		}
		g.req.Header = append(g.req.Header, [2]string{f.name, f.value})
	}
	for i, h := range s.header {
		g.req.Header = append(g.req.Header, h)
		if !isTemplate(h[1]) {
			continue
		}
		value, err := parseText(h[1], b.set.feed, asIs)
		if err != nil {
			return at(partHeader, i, err)
		}
		shared = false
		t.header = append(t.header, headerText{len(g.req.Header) - 1, value})
		if b.set.feed != nil {
			b.set.feed.keep(value, "a header", notInField)
		}
	}
	if shared && slices.Equal(g.req.Header, b.last) {
		g.req.Header = b.last
		return nil
	}
	for _, h := range s.header {
		b.size += int64(len(h[0]) + len(h[1]))
	}
	b.last = g.req.Header
	return nil
}

// takeBody has the target's body, or the run's where it has none.
func (b *builder) takeBody(g *target, t *template, s *spec) (err error) {
	switch {
	case !s.own:
		t.body = b.bodyText
		g.req.Body = b.body
	case !s.plain && isTemplate(string(s.body)):
		t.body, err = parseText(string(s.body), b.set.feed, asIs)
		g.req.Body = s.body
	default:
		g.req.Body = s.body
	}
	return err
}

// validate holds a target against what transport sends. Of its header, the first fields are the run's.
func validate(g *target, inherited int) error {
	method := transport.Request{Method: g.req.Method, Target: g.req.Target}
	if err := method.Validate(); err != nil {
		if strings.HasPrefix(err.Error(), "method") {
			return at(partMethod, 0, err)
		}
		return at(partURL, 0, err)
	}
	for i := range g.req.Header {
		one := transport.Request{Target: g.req.Target, Header: g.req.Header[i : i+1]}
		if err := one.Validate(); err != nil {
			return at(partHeader, i-inherited, err)
		}
	}
	return nil
}

// takeChecks numbers the run's checks and the target's own.
func (b *builder) takeChecks(own []*Check) []int32 {
	if len(own) == 0 {
		return b.set.common
	}
	list := slices.Clone(b.set.common)
	key := ""
	for _, c := range own {
		list = append(list, b.number(c))
		key += c.text + "\n"
	}
	if known, ok := b.lists[key]; ok {
		return known
	}
	b.lists[key] = list
	return list
}

func (b *builder) number(c *Check) int32 {
	i, known := b.checks[c.text]
	if !known {
		i = int32(len(b.set.checks))
		b.checks[c.text] = i
		b.set.checks = append(b.set.checks, c)
	}
	return i
}
