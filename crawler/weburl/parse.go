package weburl

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	whatwgerrors "github.com/nlnwa/whatwg-url/errors"
	whatwg "github.com/nlnwa/whatwg-url/url"
)

// Parse reads an absolute URL. The error is an *Error.
func Parse(raw string) (URL, error) {
	return parse(URL{}, raw)
}

// Resolve reads ref as a link found on the page u: absolute, or relative to u in
// any of the forms browsers know. The error is an *Error.
// On the zero URL it does what Parse does.
func (u URL) Resolve(ref string) (URL, error) {
	return parse(u, ref)
}

func parse(base URL, raw string) (URL, error) {
	ref, err := clean(raw)
	if err == nil {
		var u URL
		if u, err = resolve(base, ref); err == nil {
			return u, nil
		}
	}
	return URL{}, &Error{Raw: raw, Err: err}
}

func resolve(base URL, ref string) (URL, error) {
	secure, absolute, err := classify(base, ref)
	if err != nil {
		return URL{}, err
	}
	var u URL
	var ok bool
	if absolute {
		u, ok = fastAbsolute(ref, secure)
	} else {
		u, ok = base.fastRelative(ref)
	}
	if !ok {
		if u, err = slow(base, ref); err != nil {
			return URL{}, err
		}
	}
	if len(u.href) > MaxLength || int(u.hostEnd)-u.hostStart() > maxHost {
		return URL{}, ErrTooLong
	}
	return u, nil
}

// clean does what the standard does before it looks at the first character: it trims control
// bytes and spaces and removes tabs and line ends. It also cuts the fragment, which the
// first '#' starts wherever it stands in an http URL.
func clean(raw string) (string, error) {
	ref := strings.TrimFunc(raw, func(r rune) bool { return r <= ' ' })
	if i := strings.IndexByte(ref, '#'); i >= 0 {
		// A blank before '#' is part of the path; an empty fragment keeps it from being trimmed.
		if i > 0 && ref[i-1] <= ' ' {
			i++
		}
		ref = ref[:i]
	}
	if len(ref) > MaxLength {
		if _, _, err := classify(URL{href: "http:"}, ref); err != nil {
			return "", err // a long data: URL is foreign in the first place
		}
		return "", ErrTooLong
	}
	if strings.ContainsAny(ref, "\t\n\r") {
		ref = strings.Map(func(r rune) rune {
			if r == '\t' || r == '\n' || r == '\r' {
				return -1
			}
			return r
		}, ref)
	}
	return ref, nil
}

// classify looks for a scheme. Without one, ref is relative and needs a base.
func classify(base URL, ref string) (secure, absolute bool, err error) {
	scheme, ok := schemeOf(ref)
	switch {
	case !ok && base.IsZero():
		return false, false, fmt.Errorf("%w: the url is relative", ErrScheme)
	case !ok:
		return false, false, nil
	case strings.EqualFold(scheme, "http"):
		return false, true, nil
	case strings.EqualFold(scheme, "https"):
		return true, true, nil
	}
	return false, false, ErrScheme
}

// schemeOf returns what stands before the ':' if it has the form of a scheme.
func schemeOf(ref string) (string, bool) {
	for i := 0; i < len(ref); i++ {
		c := ref[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return ref[:i], true
		default:
			return "", false
		}
	}
	return "", false
}

// slow asks the library. base may be zero if ref is absolute.
//
// The library joins path segments and repeated '@' by growing strings, which is quadratic: 8 KiB of '@'
// take 90 ms. No honest link has more than one '@' before its path or a thousand segments.
func slow(base URL, ref string) (URL, error) {
	if strings.Count(ref, "/")+strings.Count(ref, `\`)+strings.Count(base.Path(), "/") > maxSegments {
		return URL{}, fmt.Errorf("%w: more than %d path segments", ErrTooLong, maxSegments)
	}
	if authority, ok := authorityOf(base, ref); ok && strings.Count(authority, "@") > 1 {
		return URL{}, ErrCredentials
	}
	parsed, err := whatwg.ParseRef(base.href, ref)
	if err != nil {
		return URL{}, fmt.Errorf("%w: %s", ErrInvalid, whatwgerrors.Type(err))
	}
	if s := parsed.Scheme(); s != "http" && s != "https" {
		return URL{}, ErrScheme
	}
	if parsed.Username() != "" || parsed.Password() != "" {
		return URL{}, ErrCredentials
	}
	host := parsed.Hostname()
	if host == "" || host != base.Host() && signedAddress(ref, host) {
		return URL{}, fmt.Errorf("%w: the host is missing or malformed", ErrInvalid)
	}
	if strings.Contains(host, "xn--") && !settled(host) {
		return URL{}, fmt.Errorf("%w: the host has no name of its own", ErrInvalid)
	}
	href := parsed.Href(true)
	if len(href) > MaxLength {
		return URL{}, ErrTooLong
	}
	hostEnd := len(parsed.Scheme()) + len("://") + len(host)
	pathStart, port := hostEnd, defaultPort(parsed.Scheme() == "https")
	if p := parsed.Port(); p != "" {
		pathStart += 1 + len(p)
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return URL{}, fmt.Errorf("%w: port %s", ErrInvalid, p)
		}
		port = uint16(n)
	}
	return newURL(encodeCarets(href, pathStart), hostEnd, pathStart, port), nil
}

// settled reports whether the library takes a punycode name that it made for a name. There are a few
// that it makes and refuses ("≠" becomes "xn--1ch"); a canonical form must be one that can be read back.
func settled(host string) bool {
	again, err := whatwg.Parse("http://" + host + "/")
	return err == nil && again.Hostname() == host
}

// encodeCarets does what the standard asks for since 2025 and browsers always did: '^' is
// percent-encoded in a path, though not in a query.
func encodeCarets(href string, pathStart int) string {
	path, query := href[pathStart:], ""
	if i := strings.IndexByte(path, '?'); i >= 0 {
		path, query = path[:i], path[i:]
	}
	if strings.IndexByte(path, '^') < 0 {
		return href
	}
	return href[:pathStart] + strings.ReplaceAll(path, "^", "%5E") + query
}

// signedAddress reports a spelling that the library takes for an IPv4 address although
// the standard does not: a number with a sign ("http://-1/" would be 255.255.255.255).
func signedAddress(ref, host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil || !addr.Is4() {
		return false
	}
	authority, _ := authorityOf(URL{}, ref)
	authority = strings.ToLower(authority)
	return strings.ContainsAny(authority, "+-") || strings.Contains(authority, "%2b") || strings.Contains(authority, "%2d")
}

// authorityOf returns the part of ref that names credentials, host and port, as written. ok is false
// where ref has none: it is relative to base.
func authorityOf(base URL, ref string) (authority string, ok bool) {
	scheme, absolute := schemeOf(ref)
	if absolute {
		ref = ref[len(scheme)+1:]
	}
	rest := strings.TrimLeft(ref, `/\`)
	if len(ref)-len(rest) < 2 && (!absolute || strings.EqualFold(scheme, base.Scheme())) {
		return "", false
	}
	if i := strings.IndexAny(rest, `/\?#`); i >= 0 {
		rest = rest[:i]
	}
	return rest, true
}
