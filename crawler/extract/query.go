package extract

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
)

// source is the page that links stand on, for what depends on its charset: the queries of its links (URL standard, query
// state). The charset is looked for when a query needs it, which few do. The zero value is a page in UTF-8.
type source struct {
	body  []byte
	label string
	kind  kind

	known bool
	enc   encoding.Encoding // nil for UTF-8
}

// encodeQuery percent-encodes the letters behind the first '?' of a reference in the page's charset. Links in style sheets
// are UTF-8 always (CSS Values, section 4.5).
func (s *source) encodeQuery(ref string) string {
	if s.known && s.enc == nil {
		return ref
	}
	i := strings.IndexByte(ref, '?')
	if i < 0 || isASCIIText(ref[i:]) {
		return ref
	}
	if !s.known {
		s.known = true
		if s.kind == kindHTML || s.kind == kindXML {
			s.enc = queryEncoding(s.body, s.label, s.kind)
		}
	}
	if s.enc == nil {
		return ref
	}
	query, fragment := ref[i:], ""
	if j := strings.IndexByte(query, '#'); j >= 0 {
		query, fragment = query[:j], query[j:]
	}
	return ref[:i] + percentEncode(query, s.enc) + fragment
}

func isASCIIText(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// percentEncode encodes runs of letters beyond ASCII. What the charset lacks becomes "&#1234;", itself percent-encoded.
func percentEncode(query string, enc encoding.Encoding) string {
	var b strings.Builder
	for query != "" {
		n := strings.IndexFunc(query, func(r rune) bool { return r >= utf8.RuneSelf })
		if n < 0 {
			n = len(query)
		}
		b.WriteString(query[:n])
		query = query[n:]
		if n = strings.IndexFunc(query, func(r rune) bool { return r < utf8.RuneSelf }); n < 0 {
			n = len(query)
		}
		if encoded, err := enc.NewEncoder().String(query[:n]); err == nil {
			percentEncodeBytes(&b, encoded)
		} else {
			for _, r := range query[:n] {
				percentEncodeRune(&b, r, enc)
			}
		}
		query = query[n:]
	}
	return b.String()
}

func percentEncodeRune(b *strings.Builder, r rune, enc encoding.Encoding) {
	if encoded, err := enc.NewEncoder().String(string(r)); err == nil {
		percentEncodeBytes(b, encoded)
		return
	}
	b.WriteString("%26%23" + strconv.Itoa(int(r)) + "%3B")
}

// percentEncodeBytes encodes the special-query set: a two-byte letter may well end in a plain one.
func percentEncodeBytes(b *strings.Builder, encoded string) {
	const hex = "0123456789ABCDEF"
	for i := range len(encoded) {
		switch c := encoded[i]; {
		case c <= ' ', c >= 0x7f, c == '"', c == '#', c == '<', c == '>', c == '\'':
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		default:
			b.WriteByte(c)
		}
	}
}
