package crawler

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"

	"tandem/crawler/weburl"
)

// maxSaid is how much of a body is looked at.
const maxSaid = 64 << 10

// isText tells media types whose words can be compared.
func isText(contentType string) bool {
	t := mediaType(contentType)
	return t == "" || strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "xml") || strings.HasSuffix(t, "json")
}

// saidBy hashes what a page says: its words in their order, and its images.
// Markup, scripts, numbers, ids and the names of days and months are left out,
// and so are the words of echo, if that is a URL: pages that only repeat their
// own address say nothing.
func saidBy(body []byte, echo weburl.URL) uint32 {
	r := textReader{body: body[:min(len(body), maxSaid)], sum: seedHash}
	if !echo.IsZero() {
		r.echo = make(map[uint64]bool)
		for _, w := range strings.FieldsFunc(echo.RequestURI(), func(c rune) bool { return c < 0x80 && !isWordByte(byte(c)) }) {
			r.echo[wordHash([]byte(w))] = true
		}
	}
	for r.at < len(r.body) {
		switch c := r.body[r.at]; {
		case c == '<':
			r.tag()
		case isWordByte(c):
			r.word()
		default:
			r.at++
		}
	}
	return uint32(mix(r.sum))
}

type textReader struct {
	body []byte
	at   int
	sum  uint64
	echo map[uint64]bool
}

// textClass is what a byte is in a word: 1 a letter, 2 a digit, 0 neither. It is
// read only, as is dateWords.
var textClass = func() (table [256]uint8) {
	for c := range table {
		switch b := byte(c); {
		case '0' <= b && b <= '9':
			table[c] = 2
		case 'a' <= b|0x20 && b|0x20 <= 'z', b >= 0x80:
			table[c] = 1
		}
	}
	return table
}()

// dateWords are the hashes of the English names of days and months and their
// short forms, each in a place that its last bits name, or in the next free one.
var dateWords = func() (table [256]uint64) {
	const names = "january february march april may june july august september october november december" +
		" monday tuesday wednesday thursday friday saturday sunday jan feb mar apr jun jul aug sep sept oct nov dec" +
		" mon tue tues wed thu thur thurs fri sat sun"
	for name := range strings.FieldsSeq(names) {
		h := wordHash([]byte(name))
		i := h & 255
		for table[i] != 0 {
			i = (i + 1) & 255
		}
		table[i] = h
	}
	return table
}()

func isWordByte(c byte) bool { return textClass[c] != 0 }

func isDateWord(h uint64) bool {
	for i := h & 255; dateWords[i] != 0; i = (i + 1) & 255 {
		if dateWords[i] == h {
			return true
		}
	}
	return false
}

func (r *textReader) add(h uint64) { r.sum = (bits.RotateLeft64(r.sum, 23) ^ h) * 0x9e3779b97f4a7c15 }

// word takes a word, or drops it if it is none.
func (r *textReader) word() {
	start, digits := r.at, 0
	at := start
	for ; at < len(r.body); at++ {
		class := textClass[r.body[at]]
		if class == 0 {
			break
		}
		digits += int(class >> 1)
	}
	r.at = at
	w := r.body[start:at]
	if digits > 0 && (digits == len(w) || len(w) >= 8 && isID(string(w))) {
		return
	}
	if h := wordHash(w); !isDateWord(h) && !r.echo[h] {
		r.add(h)
	}
}

// wordHash does not tell capitals from small letters: in ASCII they differ in
// one bit, which digits have set as well.
func wordHash(w []byte) uint64 {
	const small = 0x2020202020202020
	h := seedHash ^ uint64(len(w))
	for ; len(w) >= 8; w = w[8:] {
		h = mix(h ^ (binary.LittleEndian.Uint64(w) | small))
	}
	last := uint64(0)
	for _, c := range w {
		last = last<<8 | uint64(c|0x20)
	}
	return mix(h ^ last)
}

// tag skips a tag, and with it what a script or a style says. The source of an
// image counts: pages of pictures differ in those.
func (r *textReader) tag() {
	rest := r.body[r.at+1:]
	if len(rest) == 0 || !(rest[0] == '/' || rest[0] == '!' || rest[0] == '?' || 'a' <= rest[0]|0x20 && rest[0]|0x20 <= 'z') {
		r.at++
		return
	}
	end := bytes.IndexByte(rest, '>')
	if bytes.HasPrefix(rest, []byte("!--")) {
		if end = bytes.Index(rest, []byte("-->")); end >= 0 {
			end += 2
		}
	}
	if end < 0 {
		r.at = len(r.body)
		return
	}
	inside := rest[:end]
	r.at += end + 2
	switch {
	case hasName(inside, "script"):
		r.skipTo("</script")
	case hasName(inside, "style"):
		r.skipTo("</style")
	case hasName(inside, "img"):
		r.image(inside)
	}
}

func hasName(tag []byte, name string) bool {
	return len(tag) >= len(name) && bytes.EqualFold(tag[:len(name)], []byte(name)) && (len(tag) == len(name) || !isWordByte(tag[len(name)]))
}

// skipTo goes on at an end tag, or at the end of the page.
func (r *textReader) skipTo(end string) {
	for at := r.at; ; {
		i := bytes.IndexByte(r.body[at:], '<')
		if i < 0 {
			r.at = len(r.body)
			return
		}
		at += i
		if len(r.body)-at >= len(end) && bytes.EqualFold(r.body[at:at+len(end)], []byte(end)) {
			r.at = at
			return
		}
		at++
	}
}

// image takes the path of an image as it is written, numbers included.
func (r *textReader) image(tag []byte) {
	_, src, ok := bytes.Cut(tag, []byte("src="))
	if !ok {
		return
	}
	src = bytes.TrimLeft(src, `"'`)
	if i := bytes.IndexAny(src, `"' ?>`); i >= 0 {
		src = src[:i]
	}
	r.add(wordHash(src))
}
