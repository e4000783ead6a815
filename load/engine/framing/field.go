package framing

import (
	"bytes"

	"tandem/internal/fieldline"
)

// field is one header field; its slices point into the head. A folded value still has its line breaks.
type field struct {
	name, value []byte
	odd         bool // a strict reader would refuse it
	blankEnd    bool // the last line of its folded value is blank
}

// nextField takes one field off b, with the lines that continue it (obs-fold). ok is false for what is none: the final empty line, a
// line without a colon, a name that is no token.
func nextField(b []byte) (f field, rest []byte, ok bool) {
	l, rest, ok := fieldline.Next(b)
	if !ok {
		return field{}, rest, false
	}
	f = field{
		name: bytes.TrimRight(l.Name, " \t"), value: fieldline.Trim(l.Value),
		odd:      bytes.IndexByte(l.Name, '\t') >= 0 || hasControl(l.Value),
		blankEnd: l.Last != nil && len(bytes.Trim(l.Last, " \t")) == 0,
	}
	return f, rest, isToken(f.name)
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
