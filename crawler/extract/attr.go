package extract

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// attrID names the attributes that matter.
type attrID int

const (
	attrOther attrID = iota
	attrAlt
	attrAs
	attrBackground
	attrCharset
	attrContent
	attrData
	attrHref
	attrHTTPEquiv
	attrImageSrcset
	attrLazyBackground
	attrLazySrc
	attrLazySrcset
	attrName
	attrPoster
	attrRel
	attrSrc
	attrSrcset
	attrStyle
	attrType
	attrXlinkHref
	attrCount
)

// attrOf maps a lower-case attribute name.
func attrOf(name []byte) attrID {
	switch string(name) {
	case "alt":
		return attrAlt
	case "as":
		return attrAs
	case "background":
		return attrBackground
	case "charset":
		return attrCharset
	case "content":
		return attrContent
	case "data":
		return attrData
	case "href":
		return attrHref
	case "http-equiv":
		return attrHTTPEquiv
	case "imagesrcset":
		return attrImageSrcset
	case "data-bg", "data-background":
		return attrLazyBackground
	case "data-src", "data-original", "data-lazy-src", "data-lazy":
		return attrLazySrc
	case "data-srcset", "data-lazy-srcset":
		return attrLazySrcset
	case "name":
		return attrName
	case "poster":
		return attrPoster
	case "rel":
		return attrRel
	case "src":
		return attrSrc
	case "srcset":
		return attrSrcset
	case "style":
		return attrStyle
	case "type":
		return attrType
	case "xlink:href":
		return attrXlinkHref
	}
	return attrOther
}

// maxAttrName is the length of "data-lazy-srcset", the longest name that matters.
const maxAttrName = 16

// attrs holds the values of one tag as written. Of a repeated attribute the first counts.
type attrs struct {
	value [attrCount][]byte
	set   uint32 // bit per attrID
}

func (a *attrs) reset() { a.set = 0 }

func (a *attrs) has(id attrID) bool { return a.set&(1<<id) != 0 }

func (a *attrs) put(name, value []byte) {
	if len(name) < 2 || len(name) > maxAttrName {
		return
	}
	var folded [maxAttrName]byte
	for i, c := range name {
		folded[i] = lower(c)
	}
	id := attrOf(folded[:len(name)])
	if id == attrOther || a.has(id) {
		return
	}
	a.set |= 1 << id
	a.value[id] = value
}

// get returns a value with its entities decoded, nil if the tag does not have it.
func (a *attrs) get(id attrID) []byte {
	if !a.has(id) {
		return nil
	}
	return unescape(a.value[id])
}

// readAttrs reads attributes up to and including '>'. With a nil tag it only skips them. It is false
// if the source ends first.
func (s *scanner) readAttrs(t *tag) bool {
	slash := false // the last thing before '>' was a '/'
	for {
		for s.pos < len(s.src) && (isBlank(s.src[s.pos]) || s.src[s.pos] == '/') {
			slash = s.src[s.pos] == '/'
			s.pos++
		}
		if s.pos >= len(s.src) {
			return false
		}
		if s.src[s.pos] == '>' {
			s.pos++
			if t != nil {
				t.selfClosing = slash
			}
			return true
		}
		slash = false
		name := s.attrName()
		value, ok := s.attrValue()
		if !ok {
			return false
		}
		if t != nil {
			t.attrs.put(name, value)
		}
	}
}

// attrName reads a name; a '=' in front is part of it.
func (s *scanner) attrName() []byte {
	start := s.pos
	for s.pos++; s.pos < len(s.src); s.pos++ {
		if c := s.src[s.pos]; c == '=' || endsName(c) {
			break
		}
	}
	return s.src[start:s.pos]
}

// attrValue reads "= value" if it is there.
func (s *scanner) attrValue() (value []byte, ok bool) {
	i := s.skipBlanks(s.pos)
	if i >= len(s.src) || s.src[i] != '=' {
		return nil, true
	}
	if s.pos = s.skipBlanks(i + 1); s.pos >= len(s.src) {
		return nil, false
	}
	if quote := s.src[s.pos]; quote == '"' || quote == '\'' {
		s.pos++
		n := bytes.IndexByte(s.src[s.pos:], quote)
		if n < 0 {
			s.pos = len(s.src)
			return nil, false
		}
		value = s.src[s.pos : s.pos+n]
		s.pos += n + 1
		return value, true
	}
	start := s.pos
	for s.pos < len(s.src) && s.src[s.pos] != '>' && !isBlank(s.src[s.pos]) {
		s.pos++
	}
	return s.src[start:s.pos], true
}

func (s *scanner) skipBlanks(i int) int {
	for i < len(s.src) && isBlank(s.src[i]) {
		i++
	}
	return i
}

// unescape decodes the entities of an attribute value. There, unlike in text, a name without ';'
// is left alone before '=' or a letter or digit: "?a=1&copy=2" has no © in it.
func unescape(v []byte) []byte {
	if bytes.IndexByte(v, 0) >= 0 {
		v = bytes.ReplaceAll(v, []byte{0}, []byte("\uFFFD"))
	}
	amp := bytes.IndexByte(v, '&')
	if amp < 0 {
		return v
	}
	out := make([]byte, 0, len(v))
	for amp >= 0 {
		out, v = append(out, v[:amp]...), v[amp:]
		n := entityLen(v)
		out, v = appendEntity(out, v[:n], v[n:]), v[n:]
		amp = bytes.IndexByte(v, '&')
	}
	return append(out, v...)
}

// entityLen is the length of "&name" or "&#123" and the ';' behind it.
func entityLen(v []byte) int {
	n := 1
	if n < len(v) && v[n] == '#' {
		n++
	}
	for n < len(v) && n < 40 && isAlnum(v[n]) {
		n++
	}
	if n < len(v) && v[n] == ';' {
		n++
	}
	return n
}

// appendEntity appends what entity stands for, or entity itself.
func appendEntity(out, entity, rest []byte) []byte {
	if len(entity) < 3 {
		return append(out, entity...)
	}
	decoded := html.UnescapeString(string(entity))
	last := decoded[len(decoded)-1]
	switch {
	case entity[1] == '#':
	case entity[len(entity)-1] == ';':
		if last == ';' && decoded != ";" { // only the front of the name is an entity
			return append(out, entity...)
		}
	case isAlnum(last), len(rest) > 0 && (rest[0] == '=' || isAlnum(rest[0])):
		return append(out, entity...)
	}
	return append(out, strings.ReplaceAll(decoded, "\x00", "\uFFFD")...)
}

func isAlnum(c byte) bool { return isAlpha(c) || '0' <= c && c <= '9' }
