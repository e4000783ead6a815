package extract

import (
	"bytes"
	"io"
	"unicode/utf8"
)

// xmlStream reads the tags and texts of an XML file in constant memory, as sitemaps and feeds need it: elements may
// nest as deep as they like (nothing is stacked), no entity is resolved but the five of XML and the numeric
// ones, a DTD is skipped unread, and what is not well-formed is read past.
type xmlStream struct {
	r   io.Reader
	err error // from r
	buf []byte
	pos int // next byte in buf

	label string // the charset that the file is said to have

	tag     xmlTag
	text    []byte // since the last call of keepText, entities decoded
	keeping bool   // text is wanted
	over    bool   // it did not fit

	attrName, attrValue []byte // buffers of the attribute being read
}

// xmlTag is a start tag or an end tag.
type xmlTag struct {
	prefix, name string // of "media:content": "media" and "content"; "" if longer than maxXMLName
	end          bool
	empty        bool // <name/>
	attrs        map[string]string
}

const (
	xmlBuffer   = 32 << 10
	maxXMLName  = 64
	maxXMLValue = 16 << 10 // of an attribute, or of a text that is wanted; a URL is at most half as long
)

func newXMLStream(r io.Reader, label string) *xmlStream {
	return &xmlStream{r: r, label: label, buf: make([]byte, 0, xmlBuffer), tag: xmlTag{attrs: map[string]string{}}}
}

// more makes sure that there is a byte at pos.
func (s *xmlStream) more() bool {
	for s.pos == len(s.buf) {
		if s.err != nil {
			return false
		}
		var n int
		n, s.err = s.r.Read(s.buf[:cap(s.buf)])
		s.buf, s.pos = s.buf[:n], 0
	}
	return true
}

// peek returns the next byte without taking it; 0 at the end.
func (s *xmlStream) peek() byte {
	if !s.more() {
		return 0
	}
	return s.buf[s.pos]
}

// until takes everything before the next c and gives it to use in pieces; c itself stays. False at the end.
func (s *xmlStream) until(c byte, use func([]byte)) bool {
	for s.more() {
		rest := s.buf[s.pos:]
		i := bytes.IndexByte(rest, c)
		if i < 0 {
			i = len(rest)
		}
		if use != nil && i > 0 {
			use(rest[:i])
		}
		s.pos += i
		if i < len(rest) {
			return true
		}
	}
	return false
}

// past takes everything up to and including end, whose last byte is '>', and gives what is before it to use.
func (s *xmlStream) past(end string, use func([]byte)) bool {
	front := end[:len(end)-1]
	var tail []byte // may be the beginning of end
	flush := func(n int) {
		if use != nil && n > 0 {
			use(tail[:n])
		}
		tail = append(tail[:0], tail[n:]...)
	}
	for {
		ok := s.until('>', func(piece []byte) {
			tail = append(tail, piece...)
			flush(max(0, len(tail)-len(front)))
		})
		if !ok {
			flush(len(tail))
			return false
		}
		s.pos++
		if string(tail) == front {
			return true
		}
		tail = append(tail, '>')
		flush(max(0, len(tail)-len(front)))
	}
}

// keepText starts a text: what follows, up to the next call, is collected.
func (s *xmlStream) keepText(keep bool) { s.keeping, s.over, s.text = keep, false, s.text[:0] }

// takeText ends a text and returns it as UTF-8; ok is false if it was too long. It is good until the next text.
func (s *xmlStream) takeText() (text []byte, ok bool) {
	s.keeping = false
	if s.over {
		return nil, false
	}
	return s.utf8(s.text), true
}

// collect appends to the text.
func (s *xmlStream) collect(piece []byte) {
	if !s.keeping || s.over {
		return
	}
	if s.over = len(s.text)+len(piece) > maxXMLValue; !s.over {
		s.text = append(s.text, piece...)
	}
}

// utf8 believes bytes that are UTF-8 before it believes the declaration, which is wrong more often.
func (s *xmlStream) utf8(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	enc, name := lookup(s.label)
	if enc == nil || name == "utf-8" || name == iso2022jp {
		enc, _ = lookup("windows-1252")
	}
	return convert(b, enc)
}

// next reads up to and including the next tag, into s.tag. False at the end of the file.
func (s *xmlStream) next() bool {
	for {
		from := len(s.text)
		if !s.until('<', s.collect) {
			return false
		}
		if s.keeping && !s.over {
			s.text = append(s.text[:from], xmlUnescape(s.text[from:])...)
		}
		s.pos++
		switch c := s.peek(); {
		case c == '?':
			s.past("?>", nil)
		case c == '!':
			s.pos++
			s.declaration()
		case c == '/':
			s.pos++
			s.tag.end, s.tag.empty = true, false
			s.name()
			s.attrs()
			return true
		case isAlpha(c), c == '_', c >= utf8.RuneSelf:
			s.tag.end = false
			s.name()
			s.attrs()
			return true
		}
	}
}

// declaration reads what begins with "<!".
func (s *xmlStream) declaration() {
	switch s.peek() {
	case '-':
		if s.word("--") {
			s.past("-->", nil)
			return
		}
	case '[':
		if s.word("[CDATA[") {
			s.past("]]>", s.collect)
			return
		}
	}
	s.doctype()
}

// word takes text if it stands here; on a mismatch, what did match is taken all the same.
func (s *xmlStream) word(text string) bool {
	for i := range len(text) {
		if s.peek() != text[i] {
			return false
		}
		s.pos++
	}
	return true
}

// doctype skips a DTD: up to the '>' that is outside brackets, quotes and comments. What it declares does not count.
func (s *xmlStream) doctype() {
	depth := 0
	for s.more() {
		c := s.buf[s.pos]
		s.pos++
		switch c {
		case '[':
			depth++
		case ']':
			depth--
		case '"', '\'':
			s.until(c, nil)
			if s.more() {
				s.pos++
			}
		case '<':
			if s.peek() == '!' {
				s.pos++
				if s.peek() == '-' && s.word("--") {
					s.past("-->", nil)
				}
			}
		case '>':
			if depth <= 0 {
				return
			}
		}
	}
}

// name reads the name of a tag.
func (s *xmlStream) name() {
	clear(s.tag.attrs)
	s.tag.prefix, s.tag.name = "", ""
	var name [maxXMLName]byte
	n := 0
	for s.more() {
		c := s.buf[s.pos]
		if isBlank(c) || c == '>' || c == '/' || c == '<' {
			break
		}
		s.pos++
		if n < maxXMLName {
			name[n] = lower(c)
		}
		n++
	}
	if n > maxXMLName {
		return
	}
	prefix, local, ok := bytes.Cut(name[:n], []byte(":"))
	if !ok {
		prefix, local = nil, prefix
	}
	s.tag.prefix, s.tag.name = string(prefix), string(local)
}

// attrs reads attributes up to and including '>'. A '<' ends the tag, too: in XML it cannot stand there, so a quote
// is missing.
func (s *xmlStream) attrs() {
	s.tag.empty = false
	for s.more() {
		switch c := s.buf[s.pos]; {
		case c == '>':
			s.pos++
			return
		case c == '<':
			return
		case isBlank(c):
			s.pos++
		case c == '/':
			s.pos++
			s.tag.empty = s.peek() == '>'
		default:
			s.attr()
		}
	}
}

// attr reads name="value" and keeps it if it matters.
func (s *xmlStream) attr() {
	name := s.attrName[:0]
	for s.more() {
		c := s.buf[s.pos]
		if isBlank(c) || c == '=' || c == '>' || c == '<' || c == '/' {
			break
		}
		s.pos++
		if len(name) <= maxXMLName {
			name = append(name, lower(c))
		}
	}
	s.attrName = name
	s.blanks()
	if s.peek() != '=' {
		return
	}
	s.pos++
	s.blanks()
	value, ok := s.value()
	if ok && wantedXMLAttr(name) {
		if _, twice := s.tag.attrs[string(name)]; !twice {
			s.tag.attrs[string(name)] = string(s.utf8(xmlUnescape(value)))
		}
	}
}

// wantedXMLAttr names the attributes of feeds that matter.
func wantedXMLAttr(name []byte) bool {
	switch string(name) {
	case "href", "rel", "url", "ispermalink", "xml:base":
		return true
	}
	return false
}

// value reads an attribute's value, good until the next one; ok is false if it is longer than maxXMLValue.
func (s *xmlStream) value() (value []byte, ok bool) {
	quote := s.peek()
	if quote == '"' || quote == '\'' {
		s.pos++
	} else {
		quote = 0
	}
	value, ok = s.attrValue[:0], true
	for s.more() {
		c := s.buf[s.pos]
		if c == '<' || quote == 0 && (isBlank(c) || c == '>') {
			break
		}
		s.pos++
		if quote != 0 && c == quote {
			break
		}
		if len(value) < maxXMLValue {
			value = append(value, c)
		} else {
			ok = false
		}
	}
	s.attrValue = value
	return value, ok
}

func (s *xmlStream) blanks() {
	for s.more() && isBlank(s.buf[s.pos]) {
		s.pos++
	}
}
