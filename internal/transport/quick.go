package transport

import (
	"bytes"

	"tandem/internal/fieldline"
)

// quickHead reads a head of HTTP/1.1 without oddities at the beginning of b, and nothing but what framing needs. n is its length with
// the empty line. ok is false for everything that wants a closer look: incomplete heads, bare line feeds, folded
// lines, interim responses, HTTP/1.0, lengths or codings that are not given once and plainly. What it accepts, parseFraming
// reads in the same way.
func quickHead(b []byte) (fr framing, n int, ok bool) {
	const status = len("HTTP/1.1 200")
	fr.length = -1
	end := bytes.IndexByte(b, '\n')
	if end <= status || string(b[:9]) != "HTTP/1.1 " || b[end-1] != '\r' || b[status] != ' ' && end != status+1 {
		return fr, 0, false
	}
	for _, c := range b[9:status] {
		if c < '0' || c > '9' {
			return fr, 0, false
		}
		fr.status = fr.status*10 + int(c-'0')
	}
	if fr.status < 200 {
		return fr, 0, false
	}
	n = end + 1
	for range maxFields {
		size := bytes.IndexByte(b[n:], '\n')
		if size <= 0 || b[n+size-1] != '\r' {
			return fr, 0, false
		}
		line := b[n : n+size-1]
		n += size + 1
		if len(line) == 0 {
			return fr, n, !fr.chunked || fr.length < 0
		}
		if !fr.quickField(line) {
			return fr, 0, false
		}
	}
	return fr, 0, false
}

// quickField reads one field.
func (fr *framing) quickField(line []byte) bool {
	colon := 0
	for colon < len(line) && tokens[line[colon]] {
		colon++
	}
	if colon == 0 || colon == len(line) || line[colon] != ':' {
		return false
	}
	name := line[:colon]
	switch colon {
	case len("Trailer"):
		return !equalFold(name, "Trailer")
	case len("Connection"):
		if equalFold(name, "Connection") {
			value := fieldline.Trim(line[colon+1:])
			fr.close = fr.close || equalFold(value, "close")
			return fr.close || equalFold(value, "keep-alive")
		}
	case len("Content-Length"):
		if equalFold(name, "Content-Length") {
			length, good := parseLength(fieldline.Trim(line[colon+1:]))
			if !good || fr.length >= 0 {
				return false
			}
			fr.length = length
		}
	case len("Proxy-Connection"):
		return !equalFold(name, "Proxy-Connection")
	case len("Transfer-Encoding"):
		if equalFold(name, "Transfer-Encoding") {
			if fr.chunked || !equalFold(fieldline.Trim(line[colon+1:]), "chunked") {
				return false
			}
			fr.chunked, fr.coded = true, true
		}
	}
	return true
}

// tokens are the bytes of a token (RFC 9110 section 5.6.2).
var tokens = func() (t [256]bool) {
	for i := range t {
		t[i] = tokenByte(byte(i))
	}
	return t
}()
