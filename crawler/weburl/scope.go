package weburl

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// ScopeKind says how far from its seeds a crawl may go.
type ScopeKind string

// The kinds of scope. In all of them http and https are the same place: a site that sends its visitors
// from one to the other stays in scope.
const (
	// ScopeHost keeps to the host names of the seeds, each on its port.
	ScopeHost ScopeKind = "host"
	// ScopeDomain keeps to the registrable domains of the seeds by the public suffix list, on any port.
	// An IP address, a name of one label and a name under .localhost stand for themselves.
	ScopeDomain ScopeKind = "domain"
	// ScopePrefix keeps to the folders of the seeds: host and port as in ScopeHost, path up to
	// the seed's last '/'.
	ScopePrefix ScopeKind = "prefix"
	// ScopeAny goes everywhere.
	ScopeAny ScopeKind = "any"
)

// Scope decides whether a URL belongs to a crawl. It does not change once it is made and
// is safe for concurrent use.
type Scope struct {
	kind    ScopeKind
	places  map[string][]string // host:port → path prefixes (ScopePrefix), or nil
	domains map[string]struct{}
}

// NewScope makes the scope of the given kind around seeds. ScopeAny needs no seeds; the others without
// seeds contain nothing.
func NewScope(kind string, seeds []URL) (*Scope, error) {
	s := &Scope{kind: ScopeKind(kind), places: map[string][]string{}, domains: map[string]struct{}{}}
	switch s.kind {
	case ScopeHost, ScopeDomain, ScopePrefix, ScopeAny:
	default:
		return nil, fmt.Errorf("make scope %q: the kinds are host, domain, prefix and any", kind)
	}
	for _, seed := range seeds {
		if seed.IsZero() {
			continue
		}
		place := placeOf(seed)
		path := seed.Path()
		s.places[place] = append(s.places[place], path[:strings.LastIndexByte(path, '/')+1])
		s.domains[registrable(bareHost(seed))] = struct{}{}
	}
	return s, nil
}

// Contains reports whether u is in scope. It takes well under a microsecond.
func (s *Scope) Contains(u URL) bool {
	_, ok := s.Match(u)
	return ok
}

// Match is Contains, and says which place of the scope u belongs to: "host" or "host:port" for ScopeHost, the registrable domain for
// ScopeDomain, "host/folder/" for ScopePrefix, "" for ScopeAny. Where ok is false, place is of no use.
func (s *Scope) Match(u URL) (place string, ok bool) {
	if u.IsZero() {
		return "", false
	}
	switch s.kind {
	case ScopeAny:
		return "", true
	case ScopeHost:
		place = placeOf(u)
		_, ok = s.places[place]
		return place, ok
	case ScopeDomain:
		return s.inDomain(bareHost(u))
	case ScopePrefix:
		return s.inFolder(u)
	}
	return "", false
}

// inFolder looks among the seeds' folders on the host of u.
func (s *Scope) inFolder(u URL) (place string, ok bool) {
	place = placeOf(u)
	path := u.Path()
	for _, prefix := range s.places[place] {
		if strings.HasPrefix(path, prefix) {
			return place + prefix, true
		}
	}
	return place, false
}

// Places lists what the scope consists of, in the form that Match gives and in order; nil for ScopeAny.
func (s *Scope) Places() []string {
	var all []string
	switch s.kind {
	case ScopeAny:
	case ScopeHost:
		all = slices.Collect(maps.Keys(s.places))
	case ScopeDomain:
		all = slices.Collect(maps.Keys(s.domains))
	case ScopePrefix:
		for place, prefixes := range s.places {
			for _, prefix := range prefixes {
				all = append(all, place+prefix)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// inDomain looks for a seed's domain among the ends of host first, since most hosts are
// foreign and the public suffix list is slow. A match must be confirmed by the list:
// "a.s3.amazonaws.com" ends in "amazonaws.com" but belongs to somebody else.
func (s *Scope) inDomain(host string) (domain string, ok bool) {
	if _, ok := s.domains[host]; ok {
		return host, true
	}
	for rest := host; ; {
		dot := strings.IndexByte(rest, '.')
		if dot < 0 {
			return host, false
		}
		rest = rest[dot+1:]
		if _, ok := s.domains[rest]; ok {
			return rest, registrable(host) == rest
		}
	}
}

// registrable returns the domain that somebody registered and that host is part of, or
// host itself where there is no such thing.
func registrable(host string) string {
	if strings.HasPrefix(host, "[") || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return host
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host
	}
	return domain
}

// placeOf names host and port; the default ports of both schemes are the same place.
func placeOf(u URL) string {
	if u.port == defaultPort(u.secure()) {
		return bareHost(u)
	}
	return u.HostPort()
}

// bareHost is the host without the dot that a fully qualified name may end in.
func bareHost(u URL) string { return strings.TrimSuffix(u.Host(), ".") }
