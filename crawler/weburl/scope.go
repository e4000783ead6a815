package weburl

import (
	"fmt"
	"net/netip"
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
	if u.IsZero() {
		return false
	}
	switch s.kind {
	case ScopeAny:
		return true
	case ScopeHost:
		_, ok := s.places[placeOf(u)]
		return ok
	case ScopeDomain:
		return s.inDomain(bareHost(u))
	case ScopePrefix:
		for _, prefix := range s.places[placeOf(u)] {
			if strings.HasPrefix(u.Path(), prefix) {
				return true
			}
		}
	}
	return false
}

// inDomain looks for a seed's domain among the ends of host first, since most hosts are
// foreign and the public suffix list is slow. A match must be confirmed by the list:
// "a.s3.amazonaws.com" ends in "amazonaws.com" but belongs to somebody else.
func (s *Scope) inDomain(host string) bool {
	if _, ok := s.domains[host]; ok {
		return true
	}
	for rest := host; ; {
		dot := strings.IndexByte(rest, '.')
		if dot < 0 {
			return false
		}
		rest = rest[dot+1:]
		if _, ok := s.domains[rest]; ok {
			return registrable(host) == rest
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
