package extract

import (
	"bytes"
	"unicode/utf8"
)

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
		case bytes.HasPrefix(v[i:], []byte("\r\n")):
			i += 2
		case i < len(v) && isLineEnd(v[i]):
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
		if bytes.HasPrefix(v[n:], []byte("\r\n")) {
			n++
		}
		n++
	}
	if r == 0 {
		r = utf8.RuneError
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
