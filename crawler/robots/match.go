package robots

import "strings"

// Paths and patterns are compared in one normal form (RFC 9309, section 2.2.2): unreserved characters are not
// percent-encoded, bytes beyond ASCII are, with upper-case digits, and so is a '%' that encodes nothing. A '*' or '$' that a path holds is
// encoded, so that in patterns these two are always operators.

func normalPath(path string) string {
	if path == "" {
		return "/"
	}
	return normal(path, "*$")
}

// normalPattern leaves '*' alone, and '$' at the very end.
func normalPattern(pattern string) string {
	if body, ok := strings.CutSuffix(pattern, "$"); ok {
		return normal(body, "$") + "$"
	}
	return normal(pattern, "$")
}

// normal percent-encodes the bytes of encode as well.
func normal(s, encode string) string {
	for i := 0; ; i++ {
		if i == len(s) {
			return s
		}
		if c := s[i]; c == '%' || c >= 0x80 || strings.IndexByte(encode, c) >= 0 {
			break
		}
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); i++ {
		c := s[i]
		decoded, escaped := unescape(s[i:])
		switch {
		case escaped && isUnreserved(decoded):
			b.WriteByte(decoded)
			i += 2
		case escaped:
			b.Write([]byte{'%', hex[decoded>>4], hex[decoded&15]})
			i += 2
		case c >= 0x80 || c == '%' || strings.IndexByte(encode, c) >= 0:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// unescape decodes the "%41" at the start of s.
func unescape(s string) (byte, bool) {
	if len(s) < 3 || s[0] != '%' {
		return 0, false
	}
	hi, ok1 := unhex(s[1])
	lo, ok2 := unhex(s[2])
	return hi<<4 | lo, ok1 && ok2
}

func unhex(c byte) (byte, bool) {
	switch l := c | 0x20; {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= l && l <= 'f':
		return l - 'a' + 10, true
	}
	return 0, false
}

func isUnreserved(c byte) bool {
	l := c | 0x20
	return 'a' <= l && l <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

func isWild(pattern string) bool {
	return strings.IndexByte(pattern, '*') >= 0 || strings.HasSuffix(pattern, "$")
}

// match reports whether path starts with pattern, where '*' stands for anything and a '$' at the end for
// the end of the path. Taking the first place for every piece between two '*' is
// enough, since a later place would leave less room for the next one: no backtracking.
func match(pattern, path string) bool {
	pattern, anchored := strings.CutSuffix(pattern, "$")
	piece, pattern, more := strings.Cut(pattern, "*")
	path, ok := strings.CutPrefix(path, piece)
	if !ok {
		return false
	}
	for more {
		piece, pattern, more = strings.Cut(pattern, "*")
		if !more && anchored {
			return strings.HasSuffix(path, piece)
		}
		i := strings.Index(path, piece)
		if i < 0 {
			return false
		}
		path = path[i+len(piece):]
	}
	return !anchored || path == ""
}
