package text

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Marks that the inline renderer leaves in its output. Control characters were taken out of the input before, so
// they cannot come from there.
const (
	deleted   = '\x02'
	hardBreak = "\x04"
)

// longestTarget is how far behind a link's text its target may end.
const longestTarget = 1024

// inlineText renders the inline part of Markdown. Delimiters are written as they come; when the second of a pair
// turns up, both are marked as deleted. Whatever has no partner stays as it was typed. Each search that fails is
// remembered, so the time is linear for any input.
type inlineText struct {
	src   string
	pos   int
	out   []byte
	links []int            // where "[" or "![" stands in out
	marks map[string][]int // where unmatched emphasis stands in out
	none  map[string]bool  // closers that do not come any more
	ahead map[string]int   // where those that do come are
}

func renderInline(src string) string {
	if !strings.ContainsAny(src, "\\`*_~[]<&\n!") {
		return src
	}
	r := inlineText{src: src, out: make([]byte, 0, len(src)), marks: map[string][]int{}, none: map[string]bool{}, ahead: map[string]int{}}
	for r.pos < len(src) {
		r.step()
	}
	return strings.ReplaceAll(string(r.out), string(deleted), "")
}

func (r *inlineText) step() {
	c := r.src[r.pos]
	switch c {
	case '\\':
		r.escape()
	case '`':
		r.codeSpan()
	case '*', '_', '~':
		r.emphasis(c)
	case '!':
		if strings.HasPrefix(r.src[r.pos:], "![") {
			r.openLink(2)
			return
		}
		r.copy(1)
	case '[':
		r.openLink(1)
	case ']':
		r.closeLink()
	case '<':
		r.angle()
	case '&':
		r.entity()
	case '\n':
		r.newline()
	default:
		n := strings.IndexAny(r.src[r.pos+1:], "\\`*_~[]<&\n!")
		if n < 0 {
			n = len(r.src) - r.pos - 1
		}
		r.copy(n + 1)
	}
}

func (r *inlineText) copy(n int) {
	r.out = append(r.out, r.src[r.pos:r.pos+n]...)
	r.pos += n
}

// find returns where closing comes next, or -1. No stretch is searched twice.
func (r *inlineText) find(closing string) int {
	if r.none[closing] {
		return -1
	}
	if at, known := r.ahead[closing]; known && at >= r.pos {
		return at
	}
	i := strings.Index(r.src[r.pos:], closing)
	if i < 0 {
		r.none[closing] = true
		return -1
	}
	r.ahead[closing] = r.pos + i
	return r.pos + i
}

func (r *inlineText) escape() {
	r.pos++
	if r.pos == len(r.src) {
		r.out = append(r.out, '\\')
		return
	}
	switch c := r.src[r.pos]; {
	case c == '\n':
		r.out = append(r.out, hardBreak...)
		r.pos++
	case c < utf8.RuneSelf && unicode.In(rune(c), unicode.Punct, unicode.Symbol):
		r.copy(1)
	default:
		r.out = append(r.out, '\\')
	}
}

// newline is a space, or a line break when two spaces come before it.
func (r *inlineText) newline() {
	if strings.HasSuffix(r.src[:r.pos], "  ") {
		r.out = append(r.out, hardBreak...)
	} else {
		r.out = append(r.out, '\n')
	}
	r.pos++
}

func (r *inlineText) codeSpan() {
	ticks := runLength(r.src[r.pos:], '`')
	start := r.pos + ticks
	mark := r.src[r.pos:start]
	if ticks > 16 || r.none[mark] {
		r.copy(ticks)
		return
	}
	for i := start; ; {
		next := strings.IndexByte(r.src[i:], '`')
		if next < 0 {
			r.none[mark] = true
			r.copy(ticks)
			return
		}
		i += next
		n := runLength(r.src[i:], '`')
		if n == ticks {
			r.out = append(r.out, strings.TrimSpace(r.src[start:i])...)
			r.pos = i + n
			return
		}
		i += n
	}
}

func runLength(s string, c byte) int {
	n := 0
	for n < len(s) && s[n] == c {
		n++
	}
	return n
}

// emphasis handles a run of delimiters. Underscores inside words are letters, and a single "~" is a tilde.
func (r *inlineText) emphasis(c byte) {
	n := runLength(r.src[r.pos:], c)
	if n > 3 || c == '~' && n != 2 {
		r.copy(n)
		return
	}
	before, _ := utf8.DecodeLastRuneInString(r.src[:r.pos])
	after, _ := utf8.DecodeRuneInString(r.src[r.pos+n:])
	canOpen := r.pos+n < len(r.src) && !unicode.IsSpace(after)
	canClose := r.pos > 0 && !unicode.IsSpace(before)
	if c == '_' {
		canOpen, canClose = canOpen && !inWord(before), canClose && !inWord(after)
	}
	mark := r.src[r.pos : r.pos+n]
	if open := r.marks[mark]; canClose && len(open) > 0 {
		at := open[len(open)-1]
		r.marks[mark] = open[:len(open)-1]
		for i := range n {
			r.out[at+i] = deleted
		}
		r.pos += n
		return
	}
	if canOpen {
		r.marks[mark] = append(r.marks[mark], len(r.out))
	}
	r.copy(n)
}

func inWord(c rune) bool {
	return c != utf8.RuneError && (unicode.IsLetter(c) || unicode.IsDigit(c))
}

func (r *inlineText) openLink(n int) {
	r.links = append(r.links, len(r.out))
	r.copy(n)
}

// closeLink looks at what follows "]": "(target)" or "[name]" makes a link of the text before it.
func (r *inlineText) closeLink() {
	if len(r.links) == 0 {
		r.copy(1)
		return
	}
	at := r.links[len(r.links)-1]
	r.links = r.links[:len(r.links)-1]
	size := targetSize(r.src[r.pos+1 : min(len(r.src), r.pos+1+longestTarget)])
	if size == 0 {
		r.copy(1)
		return
	}
	if r.out[at] == '!' {
		r.out[at+1] = deleted
	}
	r.out[at] = deleted
	r.pos += 1 + size
}

// targetSize returns the length of "(target "title")" or "[name]" at the start of s, or 0.
func targetSize(s string) int {
	if s == "" {
		return 0
	}
	switch s[0] {
	case '[':
		return strings.IndexByte(s, ']') + 1
	case '(':
		return parenthesised(s)
	}
	return 0
}

// parenthesised returns the length of a balanced "(…)"; parentheses in quotes or behind a backslash do not count.
func parenthesised(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			if depth++; depth > 32 {
				return 0
			}
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			if end := strings.IndexByte(s[i+1:], '"'); end >= 0 && i > 0 && s[i-1] == ' ' {
				i += end + 1
			}
		case '\n':
			if strings.HasPrefix(s[i:], "\n\n") {
				return 0
			}
		}
	}
	return 0
}

// angle is an autolink, a comment, an HTML tag, or a "less than".
func (r *inlineText) angle() {
	if strings.HasPrefix(r.src[r.pos:], "<!--") {
		if end := r.find("-->"); end >= 0 {
			r.pos = end + 3
			return
		}
	}
	end := r.find(">")
	if end < 0 {
		r.copy(1)
		return
	}
	inside := r.src[r.pos+1 : end]
	switch {
	case autolink(inside):
		r.out = append(r.out, strings.TrimPrefix(inside, "mailto:")...)
		r.pos = end + 1
	case htmlTag(inside):
		r.pos = end + 1
		r.tag(strings.ToLower(inside[:tagName(inside, 0)]))
	default:
		r.copy(1)
	}
}

// tag is called behind a tag, which is left out: so is the content of those that show none. A line break becomes one.
func (r *inlineText) tag(name string) {
	switch name {
	case "script", "style":
		if closing := r.find("</" + name); closing >= 0 {
			r.pos = closing
		}
	case "br", "p", "li", "tr", "div", "hr":
		r.out = append(r.out, hardBreak...)
	}
}

func autolink(s string) bool {
	return !strings.ContainsAny(s, " \n<") && (strings.Contains(s, "://") || strings.HasPrefix(s, "mailto:") || strings.Contains(s, "@") && !strings.HasPrefix(s, "/"))
}

func htmlTag(s string) bool {
	s = strings.TrimPrefix(s, "/")
	return s != "" && (tagName(s, 0) > 0 || s[0] == '!' || s[0] == '?') && !strings.Contains(s, "<")
}

// entity decodes one character reference.
func (r *inlineText) entity() {
	end := strings.IndexByte(r.src[r.pos:min(len(r.src), r.pos+40)], ';')
	if end < 0 {
		r.copy(1)
		return
	}
	ref := r.src[r.pos : r.pos+end+1]
	if decoded := html.UnescapeString(ref); decoded != ref {
		if decoded >= " " {
			r.out = append(r.out, decoded...)
		}
		r.pos += end + 1
		return
	}
	r.copy(1)
}
