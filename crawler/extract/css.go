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
	set int // parentheses open in an image-set(…), whose strings are URLs
}

// next returns the next reference as written.
func (s *cssScanner) next() ([]byte, bool) {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '/' && s.at("/*"):
			s.skip("*/", 2)
		case c == '"' || c == '\'':
			if ref := s.str(); s.set == 1 {
				return ref, true
			}
		case c == '@' && s.at("@import") && !s.named(len("@import")):
			s.pos += len("@import")
			s.blanks()
			for s.at("/*") {
				s.skip("*/", 2)
				s.blanks()
			}
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
		case nameBytes[c] || c == '\\':
			if s.ident() {
				if ref, ok := s.url(); ok {
					return ref, true
				}
			}
		default:
			if s.set > 0 {
				s.inSet(c)
			}
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

// named reports whether a name goes on n bytes from here.
func (s *cssScanner) named(n int) bool {
	i := s.pos + n
	return i < len(s.src) && nameBytes[s.src[i]]
}

// nameBytes are those of names.
var nameBytes = func() (is [256]bool) {
	for c := range is {
		is[c] = isAlnum(byte(c)) || c == '-' || c == '_' || c >= utf8.RuneSelf
	}
	return is
}()

// ident skips a name, so that "curl(x)" is not taken for "url(x)". It reports whether that was "url(" with escapes in it.
func (s *cssScanner) ident() (url bool) {
	start := s.pos
	for s.pos < len(s.src) && nameBytes[s.src[s.pos]] {
		s.pos++
	}
	if s.pos == len(s.src) || s.src[s.pos] != '(' && s.src[s.pos] != '\\' {
		return false
	}
	escaped := s.src[s.pos] == '\\' && s.escapes()
	if s.pos == start { // an escaped line end
		s.pos++
		return false
	}
	return s.pos < len(s.src) && s.src[s.pos] == '(' && s.function(s.src[start:s.pos], escaped)
}

// escapes skips the rest of a name that has escapes.
func (s *cssScanner) escapes() (any bool) {
	for s.pos < len(s.src) {
		switch {
		case nameBytes[s.src[s.pos]]:
			s.pos++
		case s.src[s.pos] == '\\' && (s.pos+1 == len(s.src) || !isLineEnd(s.src[s.pos+1])):
			any = true
			rest := s.src[s.pos+1 : min(s.pos+9, len(s.src))]
			_, n := cssHex(rest) // with the blank that ends it
			s.pos = min(s.pos+1+max(n, 1), len(s.src))
		default:
			return any
		}
	}
	return any
}

// function takes the '(' behind a name that matters.
func (s *cssScanner) function(name []byte, escaped bool) (url bool) {
	if escaped {
		if len(name) > len(`\000075\000072\00006c `)+2 {
			return false
		}
		name = cssUnescape(name)
	}
	switch {
	case escaped && bytes.EqualFold(name, []byte("url")):
		s.pos++
		return true
	case s.set == 0 && (bytes.EqualFold(name, []byte("image-set")) || bytes.EqualFold(name, []byte("-webkit-image-set"))):
		s.pos++
		s.set = 1
	}
	return false
}

// inSet counts the parentheses of an image-set.
func (s *cssScanner) inSet(c byte) {
	switch c {
	case '(':
		s.set++
	case ')':
		s.set--
	case ';', '}': // it was never closed
		s.set = 0
	}
}

func isLineEnd(c byte) bool { return c == '\n' || c == '\r' || c == '\f' }

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
		case '\n', '\r', '\f':
			return s.src[start:s.pos]
		case '\\':
			s.pos++
			rest := s.src[min(s.pos, len(s.src)):]
			if _, n := cssHex(rest[:min(len(rest), 8)]); n > 0 {
				s.pos += n - 1
			} else if bytes.HasPrefix(rest, []byte("\r\n")) {
				s.pos++
			}
		}
		s.pos++
	}
	s.pos = len(s.src)
	return s.src[start:]
}

// url reads what follows "url(", by the steps of CSS Syntax, section 4.3.6: the end of the text ends it as well as a ')', and what
// cannot stand in it spoils it up to there.
func (s *cssScanner) url() ([]byte, bool) {
	s.blanks()
	if s.pos < len(s.src) && (s.src[s.pos] == '"' || s.src[s.pos] == '\'') {
		return s.str(), true
	}
	start := s.pos
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case urlBytes[c]:
		case c == ')':
			s.pos++
			return s.src[start : s.pos-1], true
		case isBlank(c):
			end := s.pos
			s.blanks()
			if s.pos == len(s.src) {
				return s.src[start:end], true
			}
			if s.src[s.pos] != ')' {
				return s.badURL()
			}
			s.pos++
			return s.src[start:end], true
		case c == '\\' && (s.pos+1 == len(s.src) || !isLineEnd(s.src[s.pos+1])):
			s.pos++
		default:
			return s.badURL()
		}
		s.pos++
	}
	s.pos = len(s.src)
	return s.src[start:], true
}

// urlBytes are those that stand for themselves in an unquoted url(…).
var urlBytes = func() (is [256]bool) {
	for c := range is {
		is[c] = c > ' ' && c != 0x7f && c != ')' && c != '(' && c != '"' && c != '\'' && c != '\\'
	}
	return is
}()

// badURL skips what is left of a url(…) that is none.
func (s *cssScanner) badURL() ([]byte, bool) {
	for ; s.pos < len(s.src) && s.src[s.pos] != ')'; s.pos++ {
		if s.src[s.pos] == '\\' {
			s.pos++
		}
	}
	s.pos = min(s.pos+1, len(s.src))
	return nil, false
}
