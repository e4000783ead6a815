package robots

import "strings"

// Paths and patterns are compared in one normal form (RFC 9309, section 2.2.2), so that spellings of one URL are equal:
//
//	unreserved characters and !'(),:;@   never percent-encoded: neither means anything else by being encoded
//	/ ? & = + #                          left as they are, since "%26" in a query is not "&"
//	all other bytes                      always percent-encoded, with upper-case digits, and so is a '%' that encodes nothing
//
// A '*' or '$' that a path holds is encoded, so that in patterns these two are always operators.

// plainly and distinct are the first two rows beside letters and digits.
const (
	plainly  = "-._~!'(),:;@"
	distinct = "/?&=+#"
)

func normalPath(path string) string {
	if path == "" {
		return "/"
	}
	return normal(path, "")
}

// normalPattern leaves '*' alone, and '$' at the very end.
func normalPattern(pattern string) string {
	if body, ok := strings.CutSuffix(pattern, "$"); ok {
		return normal(body, "*") + "$"
	}
	return normal(pattern, "*")
}

// normal leaves the bytes of operators alone.
func normal(s, operators string) string {
	i := 0
	for i < len(s) && (isPlain(s[i]) || isOneOf(s[i], distinct) || isOneOf(s[i], operators)) {
		i++
	}
	if i == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:i])
	for ; i < len(s); i++ {
		c := s[i]
		decoded, escaped := unescape(s[i:])
		switch {
		case escaped:
			i += 2
			if c = decoded; isPlain(c) {
				b.WriteByte(c)
				continue
			}
		case isPlain(c), isOneOf(c, distinct), isOneOf(c, operators):
			b.WriteByte(c)
			continue
		}
		const hex = "0123456789ABCDEF"
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// openQuery is a normal form's second one: '/' and '?' mean nothing in a query, so that "?u=http%3A%2F%2Fx" and "?u=http://x"
// are equal. It is no replacement for the first, because where a pattern begins with a '*', nobody knows which part of it
// is the query.
func openQuery(s string) string {
	path, query, ok := strings.Cut(s, "?")
	if !ok || strings.IndexByte(query, '%') < 0 {
		return s
	}
	return path + "?" + strings.NewReplacer("%2F", "/", "%3F", "?").Replace(query)
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

func isPlain(c byte) bool {
	l := c | 0x20
	return 'a' <= l && l <= 'z' || '0' <= c && c <= '9' || isOneOf(c, plainly)
}

func isOneOf(c byte, set string) bool { return strings.IndexByte(set, c) >= 0 }

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
