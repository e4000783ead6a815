package transport

import (
	"bytes"
	"iter"
	"strings"

	"tandem/internal/fieldline"
)

// field is one header field; its slices point into the head. A folded value still has its line breaks.
type field struct {
	name, value []byte
}

// fields yields the well-formed fields of head, which begins with a status line.
func fields(head []byte) iter.Seq[field] {
	return func(yield func(field) bool) {
		for _, rest := fieldline.Cut(head); len(rest) > 0; {
			var f field
			var ok bool
			if f, rest, ok = nextField(rest); ok && !yield(f) {
				return
			}
		}
	}
}

// nextField takes one field off b. ok is false for what is none: the final empty line, after which rest is nil, a line without a
// colon, a name that is no token.
func nextField(b []byte) (f field, rest []byte, ok bool) {
	l, rest, ok := fieldline.Next(b)
	if !ok {
		if line, _ := fieldline.Cut(b); len(line) == 0 {
			return field{}, nil, false
		}
		return field{}, rest, false
	}
	f = field{bytes.TrimRight(l.Name, " \t"), fieldline.Trim(l.Value)}
	return f, rest, validToken(f.name)
}

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
