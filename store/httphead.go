package store

import (
	"bytes"
	"strings"
)

var httpMark = []byte("HTTP/")

const minHead = 4

// headLength returns the bytes of an HTTP head with its empty line, or 0 when there is no empty line. Bare line feeds will do.
func headLength(b []byte) int {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '\n')
		if i < 0 {
			return 0
		}
		at += i + 1
		rest := b[at:]
		switch {
		case len(rest) > 0 && rest[0] == '\n':
			return at + 1
		case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
			return at + 2
		}
	}
}

// parseStatus reads the code of a status line, or returns 0.
func parseStatus(head []byte) int {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	fields := bytes.Fields(line)
	if len(fields) < 2 || len(fields[1]) != 3 || !bytes.HasPrefix(fields[0], httpMark) {
		return 0
	}
	n := 0
	for _, c := range fields[1] {
		if c < '0' || c > '9' {
			return 0
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// headerValue returns the first value of name in an HTTP head, without parsing the rest.
func headerValue(head []byte, name string) string {
	_, head, _ = bytes.Cut(head, []byte("\n"))
	for len(head) > 0 {
		var line []byte
		line, head, _ = bytes.Cut(head, []byte("\n"))
		if len(line) > len(name) && line[len(name)] == ':' && strings.EqualFold(string(line[:len(name)]), name) {
			return strings.TrimSpace(string(line[len(name)+1:]))
		}
	}
	return ""
}
