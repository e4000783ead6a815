package weburl

import (
	"slices"
	"strconv"
	"strings"
)

// SURT returns the sort-friendly key under which CDXJ indexes hold the URL, host labels reversed:
// "com,example)/path?query". It follows the rules by which pywb and other Wayback tools
// look a URL up, which join more than Key does: a leading "www." is dropped, as are the scheme,
// its default port, repeated slashes and the slash at the end; escapes are undone as often as it goes, letters are lower-case, query
// arguments are sorted. Different URLs may therefore share a SURT. Session ids
// stay in; those tools strip some well-known ones.
func (u URL) SURT() string {
	if u.href == "" {
		return ""
	}
	buf := make([]byte, 0, len(u.href)+16)
	buf = appendReversed(buf, surtHost(u.Host()))
	if u.port != defaultPort(u.secure()) {
		buf = strconv.AppendUint(append(buf, ':'), uint64(u.port), 10)
	}
	buf = append(buf, ')')
	buf = appendSURTPath(buf, u.Path())
	if q := u.Query(); q != "" {
		args := strings.Split(reescape(q), "&")
		slices.SortFunc(args, compareArgs)
		buf = append(append(buf, '?'), strings.Join(args, "&")...)
	}
	return string(buf)
}

// surtHost drops IPv6 brackets, dots at the ends, and "www." or "www2." at the front.
func surtHost(host string) string {
	host = strings.Trim(host, ".[]")
	if rest, ok := strings.CutPrefix(host, "www"); ok {
		rest = strings.TrimLeft(rest, "0123456789")
		if rest, ok = strings.CutPrefix(rest, "."); ok && rest != "" {
			return rest
		}
	}
	return host
}

// appendReversed appends the labels of host, last one first. IPv4 addresses are reversed too:
// the lookup side does it.
func appendReversed(buf []byte, host string) []byte {
	for {
		dot := strings.LastIndexByte(host, '.')
		buf = append(buf, host[dot+1:]...)
		if dot < 0 {
			return buf
		}
		buf = append(buf, ',')
		host = host[:dot]
	}
}

func appendSURTPath(buf []byte, path string) []byte {
	var kept []string
	for segment := range strings.SplitSeq(unescapeAll(path), "/") {
		switch segment {
		case "", ".":
		case "..":
			if len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
		default:
			kept = append(kept, segment)
		}
	}
	return append(append(buf, '/'), escape(strings.Join(kept, "/"))...)
}

func reescape(s string) string { return escape(unescapeAll(s)) }

// unescapeAll undoes percent-encoding until none is left, in one pass from the right: what is to the
// right of a '%' is then already final. Repeated passes would be quadratic on "%252525…".
func unescapeAll(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := []byte(s)
	at := len(out) // out[at:] is done
	for i := len(s) - 1; i >= 0; i-- {
		b := s[i]
		for b == '%' && at+1 < len(out) {
			hi, ok1 := unhex(out[at])
			lo, ok2 := unhex(out[at+1])
			if !ok1 || !ok2 {
				break
			}
			b, at = hi<<4|lo, at+2
		}
		at--
		out[at] = b
	}
	return string(out[at:])
}

func unhex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// escape percent-encodes control bytes, space, '#', '%' and everything that is not ASCII, and
// lower-cases the rest.
func escape(s string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c <= ' ' || c >= 0x7f || c == '#' || c == '%':
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		case 'A' <= c && c <= 'Z':
			b.WriteByte(c | 0x20)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// compareArgs orders "name=value" by name, then by value; an argument without '=' stands before the
// same name with one.
func compareArgs(a, b string) int {
	aName, aValue, aHas := strings.Cut(a, "=")
	bName, bValue, bHas := strings.Cut(b, "=")
	if c := strings.Compare(aName, bName); c != 0 {
		return c
	}
	if aHas != bHas {
		if bHas {
			return -1
		}
		return 1
	}
	return strings.Compare(aValue, bValue)
}
