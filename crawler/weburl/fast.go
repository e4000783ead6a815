package weburl

import (
	"net/netip"
	"strings"
)

// The fast path canonicalises what most links are made of: a lower-case ASCII host name,
// and a path and query of characters that the standard leaves alone. Everything it is not
// sure of it declines, and the library decides.

// byteClass says what the standard does with a byte.
type byteClass uint8

const (
	plainPath  byteClass = 1 << iota // stays as it is in a path
	plainQuery                       // stays as it is in a query
	plainHost                        // may stand in a host name that needs no mapping
)

// classes is read only.
var classes = func() (table [256]byteClass) {
	for c := range table {
		switch b := byte(c); {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9', b == '-', b == '.':
			table[c] = plainPath | plainQuery | plainHost
		case 'A' <= b && b <= 'Z', strings.IndexByte("_~!$&()*+,;=:@%", b) >= 0:
			table[c] = plainPath | plainQuery
		case b == '/', b == '?':
			table[c] = plainQuery // in a path they are structure
		case b == '\'':
			table[c] = plainPath
		}
	}
	return table
}()

// fastAbsolute parses "http://host…" or "https://host…"; ok is false if the library has to.
func fastAbsolute(s string, secure bool) (u URL, ok bool) {
	hostStart := len("http://")
	if secure {
		hostStart = len("https://")
	}
	if len(s) <= hostStart || s[:hostStart] != prefix(secure) {
		return URL{}, false
	}
	hostEnd := hostStart
	for hostEnd < len(s) && classes[s[hostEnd]]&plainHost != 0 {
		hostEnd++
	}
	if !plainHostName(s[hostStart:hostEnd]) {
		return URL{}, false
	}
	port, portEnd, ok := fastPort(s, hostEnd)
	if !ok || portEnd < len(s) && s[portEnd] != '/' && s[portEnd] != '?' {
		return URL{}, false
	}
	pathStart := portEnd
	if portEnd == hostEnd || port == defaultPort(secure) {
		port, pathStart = defaultPort(secure), hostEnd
	}

	var stack [512]byte
	buf := append(stack[:0], s[:pathStart]...)
	buf = append(buf, '/')
	buf, ok = appendPath(buf, pathStart, strings.TrimPrefix(s[portEnd:], "/"))
	if !ok {
		return URL{}, false
	}
	if string(buf) == s { // compares without allocating
		return newURL(s, hostEnd, pathStart, port), true
	}
	return newURL(string(buf), hostEnd, pathStart, port), true
}

// fastRelative resolves a reference that has no scheme.
func (u URL) fastRelative(ref string) (_ URL, ok bool) {
	if ref == "" {
		return u, true
	}
	var stack [512]byte
	buf := stack[:0]
	switch {
	case strings.HasPrefix(ref, "//"):
		return fastAbsolute(u.Scheme()+":"+ref, u.secure())
	case ref[0] == '/':
		buf, ref = append(buf, u.href[:u.pathStart+1]...), ref[1:]
	case ref[0] == '?':
		buf = append(buf, u.href[:u.queryAt]...)
		if buf, ok = appendQuery(buf, ref); !ok {
			return URL{}, false
		}
		return newURL(string(buf), int(u.hostEnd), int(u.pathStart), u.port), true
	default:
		dir := strings.LastIndexByte(u.href[:u.queryAt], '/') + 1
		buf = append(buf, u.href[:dir]...)
	}
	if buf, ok = appendPath(buf, int(u.pathStart), ref); !ok {
		return URL{}, false
	}
	return newURL(string(buf), int(u.hostEnd), int(u.pathStart), u.port), true
}

func prefix(secure bool) string {
	if secure {
		return "https://"
	}
	return "http://"
}

// plainHostName reports whether a host of plainHost bytes is canonical as it stands: no empty label,
// no punycode to check, and either a strict dotted IPv4 address or a last label that
// cannot be a number.
func plainHostName(host string) bool {
	if host == "" || host[len(host)-1] == '.' || len(host) > maxHost {
		return false
	}
	last := 0 // start of the last label
	for i := 0; i < len(host); i++ {
		if i == last && (host[i] == '.' || strings.HasPrefix(host[i:], "xn--")) {
			return false
		}
		if host[i] == '.' {
			last = i + 1
		}
	}
	if c := host[last]; c >= 'a' && c <= 'z' {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Is4()
}

// fastPort reads ":digits" at s[i:], if it is there, and returns where it ends.
func fastPort(s string, i int) (port uint16, end int, ok bool) {
	if i >= len(s) || s[i] != ':' {
		return 0, i, true
	}
	n := 0
	for end = i + 1; end < len(s) && '0' <= s[end] && s[end] <= '9'; end++ {
		if n = n*10 + int(s[end]-'0'); n == 0 || n > 0xffff {
			return 0, 0, false
		}
	}
	return uint16(n), end, end > i+1
}

// appendPath appends the path and query in ref to buf, which ends with the '/' that
// ref's first segment follows. buf[floor] is the first '/' of the path; dot-dot segments
// stop there.
func appendPath(buf []byte, floor int, ref string) (_ []byte, ok bool) {
	for {
		end := 0
		for end < len(ref) && classes[ref[end]]&plainPath != 0 {
			end++
		}
		segment := ref[:end]
		if strings.IndexByte(segment, '%') >= 0 && hasEncodedDot(segment) {
			return nil, false
		}
		closed := end < len(ref) && ref[end] == '/'
		switch {
		case segment == ".":
		case segment == "..":
			buf = parent(buf, floor)
		case closed:
			buf = append(append(buf, segment...), '/')
		default:
			buf = append(buf, segment...)
		}
		switch {
		case end == len(ref):
			return buf, true
		case closed:
			ref = ref[end+1:]
		case ref[end] == '?':
			return appendQuery(buf, ref[end:])
		default:
			return nil, false
		}
	}
}

// parent cuts the last segment off buf, which ends with '/'.
func parent(buf []byte, floor int) []byte {
	i := len(buf) - 2
	for i > floor && buf[i] != '/' {
		i--
	}
	return buf[:max(i, floor)+1]
}

// hasEncodedDot reports a "%2e", which the standard takes for a dot in dot segments.
func hasEncodedDot(segment string) bool {
	for i := 0; i+2 < len(segment); i++ {
		if segment[i] == '%' && segment[i+1] == '2' && segment[i+2]|0x20 == 'e' {
			return true
		}
	}
	return false
}

func appendQuery(buf []byte, query string) (_ []byte, ok bool) {
	for i := 0; i < len(query); i++ {
		if classes[query[i]]&plainQuery == 0 {
			return nil, false
		}
	}
	return append(buf, query...), true
}
