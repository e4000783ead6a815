package extract

import (
	"bytes"
	"unicode/utf8"
)

// css adds what a style sheet loads: url(…) anywhere outside comments and strings, and @import "…".
func (c *collector) css(src []byte) {
	s := cssScanner{src: src}
	for !c.full() {
		ref, ok := s.next()
		if !ok {
			return
		}
		if len(ref) <= c.limits.MaxAttr {
			c.add(cssUnescape(ref), mention{requisite: true, utf8: true})
		}
	}
}

// cssScanner finds references in the order of the text.
type cssScanner struct {
	src []byte
	pos int
}

// next returns the next reference as written.
func (s *cssScanner) next() ([]byte, bool) {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '/' && s.at("/*"):
			s.skip("*/", 2)
		case c == '"' || c == '\'':
			s.str()
		case c == '\\':
			s.pos += 2
		case c == '@' && s.at("@import"):
			s.pos += len("@import")
			s.blanks()
			if s.pos < len(s.src) && (s.src[s.pos] == '"' || s.src[s.pos] == '\'') {
				return s.str(), true
			}
		case c == '@' && s.at("@namespace"):
			s.skip(";", 1)
		case (c == 'u' || c == 'U') && s.at("url("):
			s.pos += len("url(")
			if ref, ok := s.url(); ok {
				return ref, true
			}
		case isAlpha(c):
			s.ident()
		default:
			s.pos++
		}
	}
	return nil, false
}

// at compares without regard to case; word is lower-case.
func (s *cssScanner) at(word string) bool {
	if len(s.src)-s.pos < len(word) {
		return false
	}
	return bytes.EqualFold(s.src[s.pos:s.pos+len(word)], []byte(word))
}

func (s *cssScanner) skip(end string, from int) {
	start := min(s.pos+from, len(s.src))
	if i := bytes.Index(s.src[start:], []byte(end)); i >= 0 {
		s.pos = start + i + len(end)
	} else {
		s.pos = len(s.src)
	}
}

func (s *cssScanner) blanks() {
	for s.pos < len(s.src) && isBlank(s.src[s.pos]) {
		s.pos++
	}
}

// ident skips a name, so that "curl(x)" is not taken for "url(x)".
func (s *cssScanner) ident() {
	for s.pos < len(s.src) && (isAlnum(s.src[s.pos]) || s.src[s.pos] == '-' || s.src[s.pos] == '_') {
		s.pos++
	}
}

// str reads the string that starts at pos. A line end that is not escaped ends it as well.
func (s *cssScanner) str() []byte {
	quote := s.src[s.pos]
	s.pos++
	start := s.pos
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case quote:
			s.pos++
			return s.src[start : s.pos-1]
		case '\n':
			return s.src[start:s.pos]
		case '\\':
			s.pos++
		}
		s.pos++
	}
	s.pos = len(s.src)
	return s.src[start:]
}

// url reads what follows "url(".
func (s *cssScanner) url() ([]byte, bool) {
	s.blanks()
	if s.pos < len(s.src) && (s.src[s.pos] == '"' || s.src[s.pos] == '\'') {
		return s.str(), true
	}
	start := s.pos
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == ')':
			s.pos++
			return s.src[start : s.pos-1], true
		case isBlank(c):
			end := s.pos
			if s.blanks(); s.pos < len(s.src) && s.src[s.pos] == ')' {
				return s.src[start:end], true
			}
			return nil, false
		case c == '"' || c == '\'' || c == '(':
			return nil, false
		case c == '\\':
			s.pos++
		}
		s.pos++
	}
	s.pos = len(s.src)
	return nil, false
}

// cssUnescape decodes "\26 " and "\(" and drops escaped line ends.
func cssUnescape(v []byte) []byte {
	i := bytes.IndexByte(v, '\\')
	if i < 0 {
		return v
	}
	out := append(make([]byte, 0, len(v)), v[:i]...)
	for i < len(v) {
		if v[i] != '\\' {
			out = append(out, v[i])
			i++
			continue
		}
		i++
		r, n := cssHex(v[i:])
		switch {
		case n > 0:
			out = utf8.AppendRune(out, r)
			i += n
		case i < len(v) && v[i] == '\n':
			i++
		case i < len(v):
			out = append(out, v[i])
			i++
		}
	}
	return out
}

// cssHex reads up to six hex digits and one blank behind them.
func cssHex(v []byte) (r rune, n int) {
	for n < len(v) && n < 6 {
		digit, ok := unhex(v[n])
		if !ok {
			break
		}
		r = r<<4 | digit
		n++
	}
	if n > 0 && n < len(v) && isBlank(v[n]) {
		n++
	}
	return r, n
}

func unhex(c byte) (rune, bool) {
	switch l := c | 0x20; {
	case '0' <= c && c <= '9':
		return rune(c - '0'), true
	case 'a' <= l && l <= 'f':
		return rune(l-'a') + 10, true
	}
	return 0, false
}
