package transport

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Guard decides which addresses may be dialled: public ones, those of the networks that the user allows, and, for a host:port
// that the user named, the one address which that name plainly stands for. It is immutable and safe for concurrent use.
type Guard struct {
	allow  []netip.Prefix
	refuse []netip.Prefix
	named  map[string]struct{}
}

// NewGuard returns a guard that lets through the networks of allowNet and makes the exception of DESIGN section 4 for the
// host:port pairs in named: a literal address, localhost (and names below it), or a key of Config.Map.
func NewGuard(allowNet []netip.Prefix, named []string) *Guard {
	g := &Guard{refuse: refusedNets(), named: make(map[string]struct{}, len(named))}
	for _, p := range allowNet {
		g.allow = append(g.allow, unmapPrefix(p))
	}
	for _, hp := range named {
		g.named[normalHostPort(hp)] = struct{}{}
	}
	return g
}

// Names reports whether the user named hostport.
func (g *Guard) Names(hostport string) bool {
	if len(g.named) == 0 {
		return false
	}
	_, ok := g.named[normalHostPort(hostport)]
	return ok
}

// Check returns nil if addr may be dialled for a URL at hostport, and otherwise an error that wraps ErrPrivateAddress. It
// knows no Map: the client asks with its own.
func (g *Guard) Check(hostport string, addr netip.AddrPort) error {
	return g.check(hostport, g.Names(hostport), netip.AddrPort{}, addr)
}

// check is Check for a host:port that is mapped to a listener (if mapped is valid).
func (g *Guard) check(hostport string, named bool, mapped, addr netip.AddrPort) error {
	if named && excepted(normalHostPort(hostport), mapped, addr) {
		return nil
	}
	if refused := g.judge(addr.Addr()); refused != nil {
		refused.HostPort = hostport
		return refused
	}
	return nil
}

// excepted reports whether addr is what a named host:port plainly stands for.
func excepted(hostport string, mapped, addr netip.AddrPort) bool {
	if mapped.IsValid() {
		return addr == mapped
	}
	host, port, err := net.SplitHostPort(hostport)
	if err != nil || port != strconv.Itoa(int(addr.Port())) {
		return false
	}
	if literal, err := netip.ParseAddr(host); err == nil {
		return literal == addr.Addr()
	}
	return isLocalhost(host) && addr.Addr().Unmap().IsLoopback()
}

// judge says why a is refused, or returns nil. An address that wraps an IPv4 address is judged twice: as itself and as what it wraps.
func (g *Guard) judge(a netip.Addr) *RefusedError {
	if !a.IsValid() {
		return &RefusedError{}
	}
	given := a
	a = a.WithZone("") // netip.Prefix never contains an address with a zone
	if contains(g.allow, a) {
		return nil
	}
	if a.Is4In6() {
		a = a.Unmap()
	}
	for _, p := range g.refuse {
		if p.Contains(a) {
			return &RefusedError{Addr: given, Inner: a, Range: p}
		}
	}
	if inner, ok := embedded(a); ok {
		if refused := g.judge(inner); refused != nil {
			return &RefusedError{Addr: given, Inner: inner, Range: refused.Range}
		}
	}
	return nil
}

// embedded returns the IPv4 address inside a NAT64 (RFC 6052), 6to4 (RFC 3056) or ISATAP (RFC 5214) address.
func embedded(a netip.Addr) (netip.Addr, bool) {
	b := a.As16()
	switch {
	case a.Is4():
		return netip.Addr{}, false
	case [12]byte(b[:12]) == [12]byte{0x00, 0x64, 0xff, 0x9b}:
		return netip.AddrFrom4([4]byte(b[12:])), true
	case b[0] == 0x20 && b[1] == 0x02:
		return netip.AddrFrom4([4]byte(b[2:6])), true
	case b[8]&^0x03 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe:
		return netip.AddrFrom4([4]byte(b[12:])), true
	}
	return netip.Addr{}, false
}

func contains(nets []netip.Prefix, a netip.Addr) bool {
	for _, p := range nets {
		if p.Contains(a) || (a.Is4In6() && p.Contains(a.Unmap())) {
			return true
		}
	}
	return false
}

// unmapPrefix makes ::ffff:10.0.0.0/104 the same as 10.0.0.0/8.
func unmapPrefix(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96).Masked()
	}
	return p.Masked()
}

// isLocalhost reports whether host is localhost or a name below it (RFC 6761 section 6.3).
func isLocalhost(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// normalHostPort makes spellings of one host:port equal: lower case, no final dot, literal addresses in their normal form.
func normalHostPort(hostport string) string {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return strings.ToLower(hostport)
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return net.JoinHostPort(a.String(), port)
	}
	return net.JoinHostPort(strings.ToLower(strings.TrimSuffix(host, ".")), port)
}
