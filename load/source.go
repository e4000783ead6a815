package load

import (
	"errors"
	"fmt"
	"strings"

	"tandem/internal/transport"
	"tandem/internal/units"
	"tandem/load/engine"
)

// targets is what a run requests.
type targets interface {
	engine.Source
	CheckNames() []string
	Hosts() []string
}

type urls struct {
	reqs []*transport.Request
}

func (u *urls) Len() int { return len(u.reqs) }
func (u *urls) Name(t int) string {
	return u.reqs[t].Method + " " + u.reqs[t].Target.HostPort + u.reqs[t].Target.URI
}
func (u *urls) Pick(i int64) int                    { return int(i % int64(len(u.reqs))) }
func (u *urls) Static(t int) *transport.Request     { return u.reqs[t] }
func (u *urls) Fill(int64, int, *transport.Request) {}
func (u *urls) NeedsHead() bool                     { return false }
func (u *urls) NeedsBody() bool                     { return false }
func (u *urls) Verify(int, int, []byte, []byte) int { return -1 }
func (u *urls) CheckNames() []string                { return nil }
func (u *urls) Hosts() []string {
	var l []string
	m := map[string]bool{}
	for _, r := range u.reqs {
		h := r.Target.Scheme + "://" + r.Target.HostPort
		if !m[h] {
			m[h] = true
			l = append(l, h)
		}
	}
	return l
}

func (c *Config) open() (targets, error) {
	header, errs := [][2]string(nil), []error(nil)
	for _, text := range c.Headers {
		name, value, ok := strings.Cut(text, ":")
		if !ok {
			errs = append(errs, fmt.Errorf("header %q: want 'Name: value'", text))
		}
		value, err := units.Reveal(strings.TrimSpace(value))
		if err != nil {
			errs = append(errs, fmt.Errorf("header %s: %w", name, err))
		}
		header = append(header, [2]string{strings.TrimSpace(name), value})
	}
	reqs := make([]*transport.Request, 0, len(c.URLs))
	for _, raw := range c.URLs {
		target, err := transport.ParseTarget(raw)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		reqs = append(reqs, &transport.Request{Method: c.Method, Target: target, Header: header, Body: []byte(c.Body), Named: true})
	}
	if len(reqs) > 0 && len(errs) == 0 {
		errs = append(errs, reqs[0].Validate())
	}
	return &urls{reqs}, errors.Join(errs...)
}
