package extract

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// xmlUnescape decodes the entities of XML and numeric references, in place. What is neither stays as it is: a bare
// '&' in a URL is a frequent mistake, and a declared entity is none of ours.
func xmlUnescape(b []byte) []byte {
	amp := bytes.IndexByte(b, '&')
	if amp < 0 {
		return b
	}
	out := b[:amp]
	for b = b[amp:]; len(b) > 0; {
		if b[0] != '&' {
			out, b = append(out, b[0]), b[1:]
			continue
		}
		end := bytes.IndexByte(b[:min(len(b), 12)], ';')
		r, ok := rune(0), false
		if end > 0 {
			r, ok = xmlEntity(b[1:end])
		}
		if !ok {
			out, b = append(out, '&'), b[1:]
			continue
		}
		b = b[end+1:]
		out = utf8.AppendRune(out, r) // never longer than the reference
	}
	return out
}

// xmlEntity is what stands between '&' and ';'.
func xmlEntity(name []byte) (rune, bool) {
	switch string(name) {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := string(name[1:]), 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}
