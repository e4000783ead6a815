package framing

import (
	"encoding/binary"
	"math/bits"
)

// message is what a head says about how its response ends.
type message struct {
	status  uint16
	chunked bool
	close   bool
	length  int64 // from Content-Length; -1 without
}

// http11 is "HTTP/1.1" as it is loaded.
const http11 = 'H' | 'T'<<8 | 'T'<<16 | 'P'<<24 | '/'<<32 | '1'<<40 | '.'<<48 | '1'<<56

// canonical reads the head that begins b in one pass, if it is whole and written as RFC 9112 wants it: HTTP/1.1, CRLF line ends, names
// that are tokens right before their colons, no control bytes, no folding, each framing field at most once and in its plain form.
// It returns the head's length, or 0 for any other head, which judge decides about. Where canonical answers, judge answers the same.
func canonical(b []byte) (int, message) {
	m := message{length: -1}
	if len(b) < len("HTTP/1.1 200\r\n\r\n") || binary.LittleEndian.Uint64(b) != http11 || b[8] != ' ' || (b[12] != ' ' && b[12] != '\r') {
		return 0, m
	}
	d0, d1, d2 := b[9]-'1', b[10]-'0', b[11]-'0'
	if d0 > 8 || d1 > 9 || d2 > 9 {
		return 0, m
	}
	m.status = (uint16(d0)+1)*100 + uint16(d1)*10 + uint16(d2)
	i := lineEnd(b, 12)
	for range maxLines {
		if i == 0 || i+1 >= len(b) {
			return 0, m
		}
		if b[i] == '\r' && b[i+1] == '\n' {
			return i + 2, m
		}
		colon := nameEnd(b, i)
		if colon == i || colon == len(b) || b[colon] != ':' {
			return 0, m
		}
		end := lineEnd(b, colon+1)
		if end == 0 {
			return 0, m
		}
		switch colon - i {
		case len("Connection"), len("Content-Length"), len("Proxy-Connection"), len("Transfer-Encoding"):
			if !m.plain(b[i:colon], b[colon+1:end-2]) {
				return 0, m
			}
		}
		i = end
	}
	return 0, m
}

// plain takes in a field whose name has one of the lengths that matter; false means that it takes more than this to read it.
func (m *message) plain(name, value []byte) bool {
	for len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	switch first, last := lower(name), lower(name[len(name)-8:]); {
	case len(name) == len("Content-Length") && first == contentLengthFirst && last == contentLengthLast:
		n, ok := parseLength(value)
		if !ok || m.length >= 0 || m.chunked {
			return false
		}
		m.length = n
	case len(name) == len("Connection") && first == connectionFirst && last == connectionLast,
		len(name) == len("Proxy-Connection") && first == proxyConnectionFirst && last == connectionLast:
		if len(value) == len("keep-alive") && lower(value) == keepAliveFirst && lower(value[2:]) == keepAliveLast {
			return true
		}
		m.close = true
		return fold(value, "close")
	case len(name) == len("Transfer-Encoding") && fold(name, "transfer-encoding"):
		if m.chunked || m.length >= 0 || !fold(value, "chunked") {
			return false
		}
		m.chunked = true
	}
	return true
}

// The first and last eight bytes of names and values, as lower returns them.
const (
	contentLengthFirst   = 'c' | 'o'<<8 | 'n'<<16 | 't'<<24 | 'e'<<32 | 'n'<<40 | 't'<<48 | '-'<<56
	contentLengthLast    = 't' | '-'<<8 | 'l'<<16 | 'e'<<24 | 'n'<<32 | 'g'<<40 | 't'<<48 | 'h'<<56
	connectionFirst      = 'c' | 'o'<<8 | 'n'<<16 | 'n'<<24 | 'e'<<32 | 'c'<<40 | 't'<<48 | 'i'<<56
	connectionLast       = 'n' | 'n'<<8 | 'e'<<16 | 'c'<<24 | 't'<<32 | 'i'<<40 | 'o'<<48 | 'n'<<56
	proxyConnectionFirst = 'p' | 'r'<<8 | 'o'<<16 | 'x'<<24 | 'y'<<32 | '-'<<40 | 'c'<<48 | 'o'<<56
	keepAliveFirst       = 'k' | 'e'<<8 | 'e'<<16 | 'p'<<24 | '-'<<32 | 'a'<<40 | 'l'<<48 | 'i'<<56
	keepAliveLast        = 'e' | 'p'<<8 | '-'<<16 | 'a'<<24 | 'l'<<32 | 'i'<<40 | 'v'<<48 | 'e'<<56
)

// lower loads eight bytes with their letters in lower case. b has no control bytes: what else becomes a letter or a dash is none of them.
func lower(b []byte) uint64 { return binary.LittleEndian.Uint64(b) | ' '*ones }

// fold reports whether b is s, which is in lower case, but for the case of its letters.
func fold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range len(b) {
		if c := b[i]; c != s[i] && (c < 'A' || c > 'Z' || c|0x20 != s[i]) {
			return false
		}
	}
	return true
}

// Eight bytes at once.
const (
	ones = 0x0101010101010101
	high = 0x80 * ones
)

// nameEnd returns where the token ends that begins at b[i].
func nameEnd(b []byte, i int) int {
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		x, y := (w|' '*ones)&^high, w^'-'*ones
		letters := (x + (0x80-'a')*ones) &^ (x + (0x7f-'z')*ones)
		noDash := (y&^high + 0x7f*ones) | y
		// The high bit of each byte that is no letter and no dash.
		others := (^letters&noDash | w) & high
		if others != 0 {
			i += bits.TrailingZeros64(others) / 8
			break
		}
		i += 8
	}
	for i < len(b) && token[b[i]] {
		i++
	}
	return i
}

// lineEnd returns where the line ends that goes on at b[i], behind its CRLF. It is 0 if there is no CRLF or a control byte before it.
// It looks at eight bytes at once.
func lineEnd(b []byte, i int) int {
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		// The high bit of each byte that is 0x7f, or below 0x20; above the first such byte it may be set for others, too.
		hits := ((w&^high + ones) | (w - 0x20*ones)) &^ w & high
		if hits == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(hits) / 8
		if b[i] != '\t' {
			return crlf(b, i)
		}
		i++
	}
	for ; i < len(b); i++ {
		if c := b[i]; (c < ' ' && c != '\t') || c == 0x7f {
			return crlf(b, i)
		}
	}
	return 0
}

// crlf returns where a CRLF at b[i] ends, or 0.
func crlf(b []byte, i int) int {
	if i+1 < len(b) && b[i] == '\r' && b[i+1] == '\n' {
		return i + 2
	}
	return 0
}

// token says which bytes a field name may have (RFC 9110 section 5.6.2).
var token = tokens()

func tokens() (t [256]bool) {
	for _, c := range []byte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		t[c] = true
	}
	return t
}
