package transport

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// follow performs p and follows the redirects of its answers (RFC 9110 section 15.4).
func (s *Session) follow(p *Prepared, resp *Response, start, meant time.Duration) error {
	first := p.req
	req := *first
	for hops := 0; ; hops++ {
		if hops > 0 || s.jar != nil {
			sent := req
			sent.Header = s.jar.with(req.Target, req.Header)
			if err := s.c.prepare(&s.hop, &sent); err != nil {
				return err
			}
			p = &s.hop
		}
		if err := s.attempts(p, resp, start, meant); err != nil {
			return err
		}
		s.jar.keep(req.Target, resp)
		if hops == s.cfg.MaxRedirects {
			return nil
		}
		next, ok, err := redirected(first, &req, resp)
		if !ok || err != nil {
			return err
		}
		req = next
		resp.again(hops + 1)
	}
}

// redirected is the request that the answer to req asks for. ok is false for an answer that asks for none.
func redirected(first, req *Request, resp *Response) (next Request, ok bool, err error) {
	where := resp.Get("Location")
	if where == "" || resp.Truncated != "" {
		return next, false, nil
	}
	next = *req
	switch resp.Status {
	case fasthttp.StatusMovedPermanently, fasthttp.StatusFound:
		if req.method() == fasthttp.MethodPost {
			next.Method = fasthttp.MethodGet
		}
	case fasthttp.StatusSeeOther:
		if req.method() != fasthttp.MethodHead {
			next.Method = fasthttp.MethodGet
		}
	case fasthttp.StatusTemporaryRedirect, fasthttp.StatusPermanentRedirect:
	default:
		return next, false, nil
	}
	if next.Target, err = req.Target.resolve(where); err != nil {
		return next, false, &Error{Phase: PhaseHead, Class: ClassMalformed, HostPort: req.Target.HostPort, Err: fmt.Errorf("follow redirect: %w", err)}
	}
	next.Header = first.Header
	if next.method() != first.method() {
		next.Body, next.Header = nil, without(next.Header, describesBody)
	}
	if !sameOrigin(first.Target, next.Target) {
		next.Header = without(next.Header, boundToOrigin)
	}
	next.Named = first.Named && strings.EqualFold(first.Target.HostPort, next.Target.HostPort)
	return next, true, nil
}

// resolve is what a Location field of t's answer means.
func (t Target) resolve(where string) (Target, error) {
	base, err := url.Parse(t.absolute())
	if err != nil {
		return Target{}, fmt.Errorf("parse URL %q: %w", t.absolute(), err)
	}
	u, err := base.Parse(where)
	if err != nil {
		return Target{}, fmt.Errorf("parse URL %q: %w", where, err)
	}
	next, err := ParseTarget(u.String())
	if err == nil && sameOrigin(t, next) {
		next.Host = t.Host
	}
	return next, err
}

// without is header without the fields whose names leave says.
func without(header [][2]string, leave func(name string) bool) [][2]string {
	kept := make([][2]string, 0, len(header))
	for _, h := range header {
		if !leave(strings.ToLower(h[0])) {
			kept = append(kept, h)
		}
	}
	return kept
}

// describesBody tells the fields that go with a body (RFC 9110 section 15.4).
func describesBody(name string) bool { return strings.HasPrefix(name, "content-") || name == "digest" }

// boundToOrigin tells the fields that another origin must not see: all but those that are known to hold nothing of the kind.
func boundToOrigin(name string) bool {
	switch name {
	case "accept", "accept-encoding", "accept-language", "cache-control", "connection", "pragma", "range", "user-agent":
		return false
	}
	return !strings.HasPrefix(name, "content-")
}

// sameOrigin reports whether a and b are one origin (RFC 6454): scheme, host and port.
func sameOrigin(a, b Target) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.HostPort, b.HostPort)
}
