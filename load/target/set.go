package target

import (
	"slices"
	"strings"

	"tandem/internal/transport"
)

// Set is what a run requests: targets, how sends are dealt to them, and checks. [Config.Open] builds it. It is immutable
// and safe for concurrent use.
type Set struct {
	targets []*target
	pick    picker
	checks  []*Check // those of the whole run first
	common  []int32  // their indexes
	feed    *feed    // nil without one
	seed    uint64
}

// target is one thing to request.
type target struct {
	req      transport.Request // of a template: what every send has in common; Target.URI is its source
	template *template         // nil if every send is the same
	name     string            // the user's; "" is method and URL
	checks   []int32           // indexes into Set.checks
}

// Len is the number of targets, at least 1.
func (s *Set) Len() int { return len(s.targets) }

// Name says what target t is: the user's word for it, else its method and URL, such as "GET http://127.0.0.1:8080/a". A
// template's name has its placeholders in it, so that all of its sends share it. It is made anew at each call.
func (s *Set) Name(t int) string {
	g := s.targets[t]
	if g.name != "" {
		return g.name
	}
	method := g.req.Method
	if method == "" {
		method = "GET"
	}
	uri := g.req.Target.URI
	if !strings.HasPrefix(uri, "/") {
		uri = "/" + uri
	}
	return method + " " + origin(g.req.Target) + uri
}

// Pick returns the target of send i, which is 0 or more. Targets take turns, or they are drawn by weight from a hash of i and
// the run's seed: of n sends a target with share p gets np, give or take what chance does. It costs a few nanoseconds.
func (s *Set) Pick(i int64) int { return s.pick.at(uint64(i)) }

// Static returns target t's request if it is the same for every send, nil if it is a template. It is shared: do not change it.
func (s *Set) Static(t int) *transport.Request {
	if g := s.targets[t]; g.template == nil {
		return &g.req
	}
	return nil
}

// Fill makes req the request of send i to target t. It reuses the memory of Body and Header, so req is either new or was filled
// before, and is used by one goroutine at a time. The texts in it are not overwritten by the next Fill; the body is.
func (s *Set) Fill(i int64, t int, req *transport.Request) {
	g := s.targets[t]
	body, header := req.Body[:0], append(req.Header[:0], g.req.Header...)
	*req = g.req
	req.Header = header
	if g.template == nil {
		req.Body = append(body, g.req.Body...)
		return
	}
	v := values{send: i, seed: s.seed}
	if s.feed != nil {
		v.row = s.feed.row(i)
	}
	g.template.fill(req, body, &v)
}

// CheckNames are the texts of all checks, those of single targets too. Verify returns indexes into it.
func (s *Set) CheckNames() []string {
	names := make([]string, len(s.checks))
	for i, c := range s.checks {
		names[i] = c.text
	}
	return names
}

// NeedsHead reports whether Verify looks at heads.
func (s *Set) NeedsHead() bool {
	return slices.ContainsFunc(s.checks, func(c *Check) bool { return c.needsHead() })
}

// NeedsBody reports whether Verify looks at what is in bodies.
func (s *Set) NeedsBody() bool {
	return slices.ContainsFunc(s.checks, func(c *Check) bool { return c.needsBody() })
}

// Verify returns the index of the first check that an answer of target t breaks, -1 if it keeps all. head is the answer's
// head as received, from the status line to the empty line; body is de-chunked and not content-decoded (checks on what is in it
// decode it themselves). Either may be nil if NeedsHead or NeedsBody says so.
func (s *Set) Verify(t, status int, head, body []byte) int {
	list := s.targets[t].checks
	if len(list) == 0 {
		return -1
	}
	a := answer{status: status, head: head, body: body}
	for _, c := range list {
		if !s.checks[c].holds(&a) {
			return int(c)
		}
	}
	return -1
}

// Hosts lists the distinct scheme://host:port that are reached, sorted.
func (s *Set) Hosts() []string {
	type host struct{ scheme, hostPort string }
	seen := map[host]bool{}
	for _, g := range s.targets {
		seen[host{g.req.Target.Scheme, g.req.Target.HostPort}] = true
	}
	hosts := make([]string, 0, len(seen))
	for h := range seen {
		hosts = append(hosts, h.scheme+"://"+h.hostPort)
	}
	slices.Sort(hosts)
	return hosts
}

// origin is a target's scheme and host, without the scheme's own port.
func origin(t transport.Target) string {
	port := ":80"
	if t.Scheme == "https" {
		port = ":443"
	}
	return t.Scheme + "://" + strings.TrimSuffix(t.HostPort, port)
}
