package weburl

import (
	"crypto/sha256"
	"strconv"
	"strings"
)

// MaxLength is the longest URL in bytes that Parse and Resolve accept, not counting the
// fragment and surrounding white space, both as written and in canonical form.
const MaxLength = 8 << 10

// maxSegments bounds the path segments, of page and link together, of a link that is not plain.
const maxSegments = 1024

// maxHost is what DNS can carry in text form, with one byte for a final dot.
const maxHost = 254

// Key names a URL in seen-sets and in the frontier: the first 128 bits of the SHA-256
// of its canonical form.
type Key [16]byte

// URL is a canonical absolute http or https URL without fragment and without
// credentials. The zero value is no URL; every other value came from Parse or
// Resolve. Values compare with ==.
type URL struct {
	href      string // scheme://host[:port]path[?query]
	hostEnd   uint16 // end of the host name in href
	pathStart uint16 // index of the first '/' of the path
	queryAt   uint16 // index of '?', len(href) if there is none
	port      uint16 // effective port
}

// newURL completes a URL whose href is canonical and whose offsets are known.
func newURL(href string, hostEnd, pathStart int, port uint16) URL {
	queryAt := len(href)
	if i := strings.IndexByte(href[pathStart:], '?'); i >= 0 {
		queryAt = pathStart + i
	}
	return URL{
		href:      href,
		hostEnd:   uint16(hostEnd),
		pathStart: uint16(pathStart),
		queryAt:   uint16(queryAt),
		port:      port,
	}
}

// IsZero reports whether u is the zero value.
func (u URL) IsZero() bool { return u.href == "" }

// String returns the canonical form. It is accepted back by Parse unchanged.
func (u URL) String() string { return u.href }

// Key returns the URL's name in 16 bytes.
func (u URL) Key() Key {
	var text [256]byte // most URLs fit: they are not copied to the heap
	return KeyOf(append(text[:0], u.href...))
}

// KeyOf returns the key of the URL whose canonical form is href, which it does not check.
func KeyOf(href []byte) Key {
	sum := sha256.Sum256(href)
	return Key(sum[:16])
}

// Scheme returns "http" or "https", "" for the zero value.
func (u URL) Scheme() string {
	if u.href == "" {
		return ""
	}
	return u.href[:u.hostStart()-len("://")]
}

// Host returns the host name without port: lower-case, punycode, dotted IPv4, IPv6 in
// brackets.
func (u URL) Host() string {
	if u.href == "" {
		return ""
	}
	return u.href[u.hostStart():u.hostEnd]
}

// Port returns the port that a connection goes to: the written one or the scheme's.
func (u URL) Port() int { return int(u.port) }

// HostPort returns "host:port", always with the port, as a dialler takes it.
func (u URL) HostPort() string {
	if u.hostEnd != u.pathStart { // the port is written out
		return u.href[u.hostStart():u.pathStart]
	}
	return u.Host() + ":" + strconv.Itoa(int(u.port))
}

// Authority returns the host as the Host header spells it: with the port only if
// it is not the scheme's default.
func (u URL) Authority() string {
	if u.href == "" {
		return ""
	}
	return u.href[u.hostStart():u.pathStart]
}

// Origin returns "scheme://host", followed by ":port" if that is not the default.
func (u URL) Origin() string { return u.href[:u.pathStart] }

// Path returns the path, which starts with '/', as it is sent: percent-encoded.
func (u URL) Path() string { return u.href[u.pathStart:u.queryAt] }

// Query returns the text after '?', "" if there is none. A URL that ends in '?' differs
// from the one without; RequestURI and String keep the '?'.
func (u URL) Query() string {
	if int(u.queryAt) == len(u.href) {
		return ""
	}
	return u.href[u.queryAt+1:]
}

// RequestURI returns path and query, as the request line takes it and as robots
// rules match it.
func (u URL) RequestURI() string { return u.href[u.pathStart:] }

func (u URL) secure() bool { return len(u.href) > 4 && u.href[4] == 's' }

func (u URL) hostStart() int {
	if u.secure() {
		return len("https://")
	}
	return len("http://")
}

func defaultPort(secure bool) uint16 {
	if secure {
		return 443
	}
	return 80
}
