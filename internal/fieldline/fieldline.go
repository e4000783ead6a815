package fieldline

import "bytes"

// Line is one field line, with the lines that continue it (obs-fold). Its slices point into the head.
type Line struct {
	Name  []byte // as it stands before the colon, white space behind it included
	Value []byte // all behind the colon, white space and line ends included
	Last  []byte // the last of the lines that continue it, without its line end; nil without one
}

// Next takes one field line off b. ok is false for what is none: an empty line, or a line without a colon. rest is what follows, either way.
func Next(b []byte) (l Line, rest []byte, ok bool) {
	line, rest := Cut(b)
	if len(line) == 0 {
		return Line{}, rest, false
	}
	whole := len(b) - len(rest)
	for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
		l.Last, rest = Cut(rest)
		whole = len(b) - len(rest)
	}
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return Line{}, rest, false
	}
	l.Name, l.Value = line[:colon], b[colon+1:whole]
	return l, rest, true
}

// Cut splits b after its first line; line has lost its LF or CRLF. Without a line end, line is all of b.
func Cut(b []byte) (line, rest []byte) {
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

// Trim trims spaces, tabs and line ends, and nothing else that Unicode calls a space.
func Trim(b []byte) []byte {
	for len(b) > 0 && IsSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && IsSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// IsSpace reports whether c is a space, a tab or a part of a line end.
func IsSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
