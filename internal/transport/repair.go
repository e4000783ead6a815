package transport

import (
	"bytes"

	"tandem/internal/fieldline"
)

// repair appends head to dst as fasthttp's strict reader wants it: CRLF line ends, one line per field, no control bytes, no line
// that is no field, and without the framing fields, which parseFraming has judged already. The bytes that are kept and shown
// are always the received ones; this rendering is for the judge alone.
func repair(dst, head []byte) []byte {
	line, rest := fieldline.Cut(head)
	dst = appendClean(dst, line)
	dst = append(dst, "\r\n"...)
	for len(rest) > 0 {
		f, next, ok := nextField(rest)
		rest = next
		if !ok || equalFold(f.name, "Content-Length") || equalFold(f.name, "Transfer-Encoding") || equalFold(f.name, "Trailer") {
			continue
		}
		dst = append(dst, f.name...)
		dst = append(dst, ": "...)
		dst = appendClean(dst, f.value)
		dst = append(dst, "\r\n"...)
	}
	return append(dst, "\r\n"...)
}

// appendClean appends b with spaces in place of control bytes (RFC 9110 section 5.5).
func appendClean(dst, b []byte) []byte {
	if bytes.IndexFunc(b, isControl) < 0 {
		return append(dst, b...)
	}
	for _, c := range b {
		if isControl(rune(c)) {
			c = ' '
		}
		dst = append(dst, c)
	}
	return dst
}

func isControl(r rune) bool { return (r < ' ' && r != '\t') || r == 0x7f }
