package extract

import (
	"bytes"

	"golang.org/x/net/html"
)

// markdown adds the links of CommonMark text: [text](url), ![alt](url), <url>, [ref]: url, and those of HTML
// in between. Code, fenced or in backquotes, has no links. An indented block is read like any
// other text, since it may as well belong to a list.
func (c *collector) markdown(src []byte) {
	src = bytes.Clone(src)
	blankFences(src)
	for start := 0; start < len(src); {
		end := blockEnd(src, start)
		block := src[start:end]
		blankSpans(block)
		c.inline(block)
		c.definitions(block)
		start = end
	}
	p := page{collector: c, hasBase: true, hasTitle: true}
	p.read(scanner{src: src, markup: true})
}

// line returns the end of the line that starts at i, behind its line feed.
func line(src []byte, i int) int {
	if n := bytes.IndexByte(src[i:], '\n'); n >= 0 {
		return i + n + 1
	}
	return len(src)
}

// blockEnd returns the end of the block at start: behind the next empty line.
func blockEnd(src []byte, start int) int {
	for {
		end := line(src, start)
		if end == len(src) || len(bytes.TrimSpace(src[start:end])) == 0 {
			return end
		}
		start = end
	}
}

// blank overwrites with spaces, which keeps line ends and offsets.
func blank(b []byte) {
	for i := range b {
		if b[i] != '\n' {
			b[i] = ' '
		}
	}
}

// blankFences blanks fenced code: from ``` or ~~~ to a fence of the same kind that is at least as
// long, or to the end.
func blankFences(src []byte) {
	var fence byte
	width := 0
	for start := 0; start < len(src); {
		end := line(src, start)
		mark, n, bare := fenceOf(src[start:end])
		switch {
		case fence == 0 && n >= 3 && (mark == '~' || bytes.IndexByte(bare, '`') < 0):
			fence, width = mark, n
			blank(src[start:end])
		case fence != 0:
			if mark == fence && n >= width && len(bytes.TrimSpace(bare)) == 0 {
				fence = 0
			}
			blank(src[start:end])
		}
		start = end
	}
}

// fenceOf returns the run of '`' or '~' that a line starts with, behind blanks and quote marks, and what
// follows it.
func fenceOf(line []byte) (mark byte, n int, rest []byte) {
	line = bytes.TrimLeft(line, " \t>")
	if len(line) == 0 || line[0] != '`' && line[0] != '~' {
		return 0, 0, nil
	}
	mark = line[0]
	for n < len(line) && line[n] == mark {
		n++
	}
	return mark, n, line[n:]
}

// blankSpans blanks `code` in a block. A run of backquotes closes at the next run of the same length; the
// last place of every length is noted first, so that runs without a partner cost nothing.
func blankSpans(block []byte) {
	if bytes.IndexByte(block, '`') < 0 {
		return
	}
	last := map[int]int{} // length of a run → where its last one starts
	for i := 0; i < len(block); {
		n := backquotes(block[i:])
		if n > 0 {
			last[n] = i
		}
		i += max(n, 1)
	}
	for i := 0; i < len(block); {
		n := backquotes(block[i:])
		switch {
		case n == 0 && block[i] == '\\':
			i += 2
		case n == 0:
			i++
		case last[n] <= i:
			i += n
		default:
			end := i + n
			for k := 0; k != n; {
				end += k
				for block[end] != '`' {
					end++
				}
				k = backquotes(block[end:])
			}
			blank(block[i : end+n])
			i = end + n
		}
	}
}

func backquotes(b []byte) int {
	n := 0
	for n < len(b) && b[n] == '`' {
		n++
	}
	return n
}

// inline finds "](" and the bracket that belongs to it, and <autolinks>.
func (c *collector) inline(block []byte) {
	var open []int // positions of '[' without ']'
	for i := 0; i < len(block) && !c.full(); i++ {
		switch block[i] {
		case '\\':
			i++
		case '[':
			open = append(open, i)
		case '<':
			if n := bytes.IndexAny(block[i+1:min(len(block), i+1+c.limits.MaxAttr)], "<> \n"); n > 0 && block[i+1+n] == '>' && bytes.IndexByte(block[i+1:i+1+n], ':') > 0 {
				c.add(markdownText(block[i+1:i+1+n]), mention{})
				i += n + 1
			}
		case ']':
			if len(open) == 0 {
				continue
			}
			start := open[len(open)-1]
			open = open[:len(open)-1]
			if i+1 >= len(block) || block[i+1] != '(' {
				continue
			}
			if ref, ok := destination(block[i+2 : min(len(block), i+2+c.limits.MaxAttr)]); ok {
				c.add(ref, c.bracketMention(block, start, i))
			}
		}
	}
}

// bracketMention tells an image, whose text is its alternative text, from a link.
func (c *collector) bracketMention(block []byte, open, shut int) mention {
	if open == 0 || block[open-1] != '!' {
		return mention{}
	}
	alt := block[open+1 : min(shut, open+1+4*maxText)]
	return mention{requisite: true, alt: markdownText(alt)}
}

// definitions finds "[ref]: url" at the start of a line. Footnotes look alike but for a '^'.
func (c *collector) definitions(block []byte) {
	for start := 0; start < len(block); {
		end := line(block, start)
		def := bytes.TrimLeft(block[start:end], " >")
		start = end
		if len(def) < 4 || def[0] != '[' || def[1] == '^' {
			continue
		}
		_, rest, ok := bytes.Cut(def, []byte("]:"))
		if !ok {
			continue
		}
		if ref, ok := target(bytes.TrimLeft(rest, " \t")); ok {
			c.add(ref, mention{})
		}
	}
}

// destination reads "url)", "url "title")" or "<url>)".
func destination(b []byte) ([]byte, bool) {
	b = bytes.TrimLeft(b, " \t\n")
	ref, ok := target(b)
	return ref, ok && len(ref) > 0
}

// target reads a link destination: in angle brackets, or up to a blank or the parenthesis
// that closes what is not open.
func target(b []byte) ([]byte, bool) {
	if len(b) > 0 && b[0] == '<' {
		end := bytes.IndexAny(b[1:], "<>\n")
		if end < 0 || b[1+end] != '>' {
			return nil, false
		}
		return markdownText(b[1 : 1+end]), true
	}
	depth := 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\':
			i++
		case c == '(':
			if depth++; depth > 32 {
				return nil, false
			}
		case c == ')':
			if depth--; depth < 0 {
				return markdownText(b[:i]), true
			}
		case c <= ' ':
			return markdownText(b[:i]), i > 0
		}
	}
	return markdownText(b), len(b) > 0
}

// markdownText undoes backslashes before punctuation, and entities.
func markdownText(b []byte) []byte {
	if bytes.IndexByte(b, '\\') >= 0 {
		out := make([]byte, 0, len(b))
		for i := 0; i < len(b); i++ {
			if b[i] == '\\' && i+1 < len(b) && isPunct(b[i+1]) {
				i++
			}
			out = append(out, b[i])
		}
		b = out
	}
	if bytes.IndexByte(b, '&') >= 0 {
		return []byte(html.UnescapeString(string(b)))
	}
	return b
}

func isPunct(c byte) bool { return '!' <= c && c <= '~' && !isAlnum(c) }
