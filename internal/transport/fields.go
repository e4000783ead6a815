package transport

import (
	"bytes"
	"iter"
	"strings"
)

// field is one header field; its slices point into the head. A folded value still has its line breaks.
type field struct {
	name, value []byte
}

// fields yields the well-formed fields of head, which begins with a status line.
func fields(head []byte) iter.Seq[field] {
	return func(yield func(field) bool) {
		for _, rest := cutLine(head); len(rest) > 0; {
			var f field
			var ok bool
			if f, rest, ok = nextField(rest); ok && !yield(f) {
				return
			}
		}
	}
}

// nextField takes one field off b, with the lines that continue it (obs-fold). ok is false for what is none: the final empty
// line, a line without a colon, a name that is no token.
func nextField(b []byte) (f field, rest []byte, ok bool) {
	line, rest := cutLine(b)
	if len(line) == 0 {
		return field{}, nil, false
	}
	whole := len(b) - len(rest)
	for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
		_, rest = cutLine(rest)
		whole = len(b) - len(rest)
	}
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return field{}, rest, false
	}
	f.name = bytes.TrimRight(line[:colon], " \t")
	f.value = trimSpace(b[colon+1 : whole])
	return f, rest, validToken(f.name)
}

// cutLine splits b after its first line; line has lost its LF or CRLF.
func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return b, nil
	}
	line, rest = b[:i], b[i+1:]
	if i > 0 && line[i-1] == '\r' {
		line = line[:i-1]
	}
	return line, rest
}

// trimSpace trims spaces, tabs and line ends, and nothing else that Unicode calls a space.
func trimSpace(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// unfold returns value as one line: each line break with the white space around it becomes one space (RFC 9112 section 5.2).
func unfold(value []byte) string {
	if bytes.IndexByte(value, '\n') < 0 {
		return string(value)
	}
	lines := strings.Split(string(value), "\n")
	for i, line := range lines {
		lines[i] = strings.Trim(line, " \t\r")
	}
	return strings.Join(lines, " ")
}
