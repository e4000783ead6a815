package target

import (
	"strconv"
	"unicode/utf8"

	"tandem/internal/transport"
)

// values are what the placeholders of a send stand for.
type values struct {
	send int64
	seed uint64
	row  []string // of the feed
}

const (
	hexDigits = "0123456789abcdef"
	upperHex  = "0123456789ABCDEF" // of percent-encodings (RFC 3986 section 2.1)
)

// fill renders what differs from send to send into req, whose other fields are set. The body goes into buf's memory; the URI and
// the header values become one new string.
func (t *template) fill(req *transport.Request, buf []byte, v *values) {
	if t.body != nil {
		buf = t.body.appendTo(buf, v)
	} else {
		buf = append(buf, req.Body...)
	}
	body := len(buf)
	buf = t.uri.appendTo(buf, v)
	uri := len(buf)
	var room [16]int
	ends := room[:0]
	for i := range t.header {
		buf = t.header[i].value.appendTo(buf, v)
		ends = append(ends, len(buf))
	}
	texts := string(buf[body:])
	if t.uri != nil {
		req.Target.URI = texts[:uri-body]
	}
	from := uri
	for i, end := range ends {
		req.Header[t.header[i].at][1] = texts[from-body : end-body]
		from = end
	}
	req.Body = buf[:body] // its memory beyond stays with it for the next send
}

// appendTo renders t.
func (t text) appendTo(dst []byte, v *values) []byte {
	for i := range t {
		switch p := &t[i]; p.kind {
		case literal:
			dst = append(dst, p.literal...)
		case column:
			dst = appendEscaped(dst, v.row[p.column], p.escape)
		case seq:
			dst = strconv.AppendInt(dst, v.send, 10)
		case random:
			dst = appendHex(dst, hash(v.seed, streamRandom, uint64(v.send)), 16)
		case uuid:
			dst = appendUUID(dst, hash(v.seed, streamUUID, uint64(v.send)), hash(v.seed, streamUUIDLow, uint64(v.send)))
		}
	}
	return dst
}

// appendHex appends the last digits hexadecimal digits of x.
func appendHex(dst []byte, x uint64, digits int) []byte {
	for d := digits - 1; d >= 0; d-- {
		dst = append(dst, hexDigits[x>>(4*d)&15])
	}
	return dst
}

// appendUUID appends 122 of the 128 bits as a UUID of version 4 (RFC 9562 section 5.4).
func appendUUID(dst []byte, high, low uint64) []byte {
	high = high&^0xf000 | 0x4000
	low = low&^(3<<62) | 2<<62
	dst = append(appendHex(dst, high>>32, 8), '-')
	dst = append(appendHex(dst, high>>16, 4), '-')
	dst = append(appendHex(dst, high, 4), '-')
	dst = append(appendHex(dst, low>>48, 4), '-')
	return appendHex(dst, low, 12)
}

func appendEscaped(dst []byte, s string, how escape) []byte {
	switch how {
	case percent:
		return appendPercent(dst, s)
	case jsonText:
		return appendJSON(dst, s)
	}
	return append(dst, s...)
}

// appendPercent keeps RFC 3986's unreserved bytes (section 2.3) alone.
func appendPercent(dst []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if unreserved(c) {
			dst = append(dst, c)
			continue
		}
		dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
	}
	return dst
}

func unreserved(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return c == '-' || c == '.' || c == '_' || c == '~'
}

// appendJSON writes s as what stands between the quotes of a JSON string (RFC 8259 section 7). Bytes that are no UTF-8 become U+FFFD.
func appendJSON(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += size
			continue
		}
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < ' ' || c == 0x7f:
			dst = appendHex(append(dst, '\\', 'u'), uint64(c), 4)
		default:
			dst = append(dst, c)
		}
		i++
	}
	return dst
}
