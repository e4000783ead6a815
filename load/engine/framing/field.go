package framing

import "bytes"

// field is one header field; its slices point into the head. A folded value still has its line breaks.
type field struct {
	name, value []byte
	odd         bool // a strict reader would refuse it
	blankEnd    bool // the last line of its folded value is blank
}

// nextField takes one field off b, with the lines that continue it (obs-fold). ok is false for what is none: the final empty line, a
// line without a colon, a name that is no token.
func nextField(b []byte) (f field, rest []byte, ok bool) {
	line, rest := cutLine(b)
	if len(line) == 0 {
		return field{}, rest, false
	}
	whole := len(b) - len(rest)
	for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
		var more []byte
		more, rest = cutLine(rest)
		whole = len(b) - len(rest)
		f.blankEnd = len(bytes.Trim(more, " \t")) == 0
	}
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return field{}, rest, false
	}
	name, value := line[:colon], b[colon+1:whole]
	f.name, f.value = bytes.TrimRight(name, " \t"), trimSpace(value)
	f.odd = bytes.IndexByte(name, '\t') >= 0 || hasControl(value)
	return f, rest, isToken(f.name)
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

func isToken(b []byte) bool {
	for _, c := range b {
		if !token[c] {
			return false
		}
	}
	return len(b) > 0
}

// hasControl reports whether a value has a control byte other than tabs and line ends.
func hasControl(b []byte) bool {
	for i, c := range b {
		switch {
		case c == '\t', c == '\n', c == '\r' && i+1 < len(b) && b[i+1] == '\n':
		case c < ' ', c == 0x7f:
			return true
		}
	}
	return false
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
