package extract

import "bytes"

// scanner walks over the start tags of HTML text as the tokenizer of the standard would
// find them (HTML, section 13.2.5), without copying and without a tree.
type scanner struct {
	src []byte
	pos int
	xml bool // XHTML or SVG: CDATA sections exist, an empty-element tag has no text
	// markup is set for HTML inside Markdown: no element swallows tags as text.
	markup bool
}

// tag is a start tag. Its slices point into the source.
type tag struct {
	name        [maxName]byte // lower-case; longer names than maxName are cut
	nameLen     int
	attrs       attrs
	selfClosing bool
	text        []byte // content of script, style, title and the like
}

const maxName = 12

func (t *tag) is(name string) bool { return string(t.name[:t.nameLen]) == name }

// next reads up to and including the next start tag. It returns false at the end of the source.
func (s *scanner) next(t *tag) bool {
	for {
		i := bytes.IndexByte(s.src[s.pos:], '<')
		if i < 0 || s.pos+i+1 >= len(s.src) {
			s.pos = len(s.src)
			return false
		}
		s.pos += i + 1
		switch c := s.src[s.pos]; {
		case isAlpha(c):
			if s.startTag(t) {
				return true
			}
		case c == '/':
			s.endTag()
		case c == '!':
			s.declaration()
		case c == '?':
			s.skipPast(">")
		}
	}
}

// startTag reads a tag whose name starts at pos. It is false if the source ends inside the tag, which
// is then no tag.
func (s *scanner) startTag(t *tag) bool {
	s.readName(t)
	t.attrs.reset()
	if !s.readAttrs(t) {
		return false
	}
	t.text = nil
	if s.markup || s.xml && t.selfClosing {
		return true
	}
	switch string(t.name[:t.nameLen]) {
	case "script":
		s.rawText(t, s.scriptEnd())
	case "style", "textarea", "title", "iframe", "noembed", "xmp":
		s.rawText(t, s.rawEnd(t.name[:t.nameLen], s.pos))
	case "plaintext":
		s.rawText(t, len(s.src))
	}
	return true
}

func (s *scanner) rawText(t *tag, end int) {
	t.text = s.src[s.pos:end]
	s.pos = end
}

func (s *scanner) readName(t *tag) {
	start := s.pos
	t.nameLen = 0
	for s.pos < len(s.src) && !endsName(s.src[s.pos]) {
		if t.nameLen < maxName {
			t.name[t.nameLen] = lower(s.src[s.pos])
			t.nameLen++
		}
		s.pos++
	}
	if s.pos-start > maxName {
		t.nameLen = 0
	}
}

// endTag skips a tag that starts with '/' at pos. End tags may have attributes, and a '>' in
// one of them does not end the tag.
func (s *scanner) endTag() {
	s.pos++
	switch {
	case s.pos >= len(s.src):
	case isAlpha(s.src[s.pos]):
		for s.pos < len(s.src) && !endsName(s.src[s.pos]) {
			s.pos++
		}
		s.readAttrs(nil)
	default:
		s.skipPast(">")
	}
}

// declaration skips a comment, a doctype or, in XML, a CDATA section.
func (s *scanner) declaration() {
	rest := s.src[s.pos+1:]
	switch {
	case bytes.HasPrefix(rest, []byte("--")):
		s.pos += 3
		s.comment()
	case s.xml && bytes.HasPrefix(rest, []byte("[CDATA[")):
		s.skipPast("]]>")
	default:
		s.skipPast(">")
	}
}

// comment skips a comment whose text starts at pos. "<!-->" and "<!--->" are whole comments; "--!>"
// ends one as well as "-->".
func (s *scanner) comment() {
	rest := s.src[s.pos:]
	if bytes.HasPrefix(rest, []byte(">")) || bytes.HasPrefix(rest, []byte("->")) {
		s.skipPast(">")
		return
	}
	for {
		i := bytes.Index(s.src[s.pos:], []byte("--"))
		if i < 0 {
			s.pos = len(s.src)
			return
		}
		s.pos += i + 1 // at the second '-', which may be the first of the next pair
		tail := s.src[s.pos+1:]
		if bytes.HasPrefix(tail, []byte(">")) || bytes.HasPrefix(tail, []byte("!>")) {
			s.skipPast(">")
			return
		}
	}
}

func (s *scanner) skipPast(end string) {
	if i := bytes.Index(s.src[s.pos:], []byte(end)); i >= 0 {
		s.pos += i + len(end)
	} else {
		s.pos = len(s.src)
	}
}

// rawEnd finds the '<' of the end tag with the given name, or the end of the source.
func (s *scanner) rawEnd(name []byte, from int) int {
	for {
		i := bytes.IndexByte(s.src[from:], '<')
		if i < 0 {
			return len(s.src)
		}
		from += i
		if s.tagAt(from, "/", name) {
			return from
		}
		from++
	}
}

// tagAt reports whether '<', slash and name stand at i, followed by what ends a tag name.
func (s *scanner) tagAt(i int, slash string, name []byte) bool {
	i++ // the '<'
	end := i + len(slash) + len(name)
	if end >= len(s.src) || string(s.src[i:i+len(slash)]) != slash || !endsName(s.src[end]) {
		return false
	}
	return bytes.EqualFold(s.src[i+len(slash):end], name)
}

// scriptEnd finds the end tag of a script. Inside "<!--" a nested "<script" hides the next
// end tag: a habit of the nineties that the standard keeps.
func (s *scanner) scriptEnd() int {
	name := []byte("script")
	escaped, nested := false, false
	for i := s.pos; ; i++ {
		if escaped {
			for i < len(s.src) && s.src[i] != '<' && s.src[i] != '-' {
				i++
			}
		} else if j := bytes.IndexByte(s.src[i:], '<'); j >= 0 {
			i += j
		} else {
			return len(s.src)
		}
		switch {
		case i >= len(s.src):
			return len(s.src)
		case s.src[i] == '-':
			if bytes.HasPrefix(s.src[i:], []byte("-->")) {
				escaped, nested = false, false
			}
		case nested:
			nested = !s.tagAt(i, "/", name)
		case s.tagAt(i, "/", name):
			return i
		case escaped:
			nested = s.tagAt(i, "", name)
		case bytes.HasPrefix(s.src[i:], []byte("<!--")):
			escaped = true
			i++ // the dashes may be those of "-->" already
		}
	}
}

func isAlpha(c byte) bool { c |= 0x20; return 'a' <= c && c <= 'z' }

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

func endsName(c byte) bool { return c == '>' || c == '/' || isBlank(c) }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c |= 0x20
	}
	return c
}
