package fieldline

import (
	"testing"
)

func TestNext(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		in, name, value, last, rest string
		ok                          bool
	}{
		{"A: b\r\nC: d\r\n", "A", "b", "", "C: d\r\n", true},
		{"A:b\nC: d", "A", "b", "", "C: d", true},
		{"A \t:  b\t \r\n", "A \t", "b", "", "", true},
		{"A: b\r\n c\r\n\td \r\nE: f\r\n", "A", "b\r\n c\r\n\td", "\td ", "E: f\r\n", true},
		{"A: b\r\n  \r\n\r\n", "A", "b", "  ", "\r\n", true},
		{"A:\r\n\r\n", "A", "", "", "\r\n", true},
		{": b\r\n", "", "b", "", "", true},
		{"\r\nA: b", "", "", "", "A: b", false},
		{"no field\r\n at all\r\nA: b\r\n", "", "", "", "A: b\r\n", false},
		{"A: \u00a0b\u00a0\r\n", "A", "\u00a0b\u00a0", "", "", true},
		{"", "", "", "", "", false},
	} {
		l, rest, ok := Next([]byte(row.in))
		if string(l.Name) != row.name || string(Trim(l.Value)) != row.value || string(l.Last) != row.last || string(rest) != row.rest || ok != row.ok {
			t.Errorf("%q: %q %q %q, rest %q, %v", row.in, l.Name, l.Value, l.Last, rest, ok)
		}
	}
}

// Nothing of a value is lost to those who judge it.
func TestValueIsWhole(t *testing.T) {
	t.Parallel()
	if l, rest, ok := Next([]byte("A: b\r\r\n c\r\nD: e")); !ok || string(l.Value) != " b\r\r\n c\r\n" || string(rest) != "D: e" {
		t.Errorf("%q, %q, %v", l.Value, rest, ok)
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]string{"a\r\nb": {"a", "b"}, "a\nb": {"a", "b"}, "\n": {"", ""}, "a\r": {"a\r", ""}, "a\r\r\n": {"a\r", ""}, "": {"", ""}} {
		if line, rest := Cut([]byte(in)); string(line) != want[0] || string(rest) != want[1] {
			t.Errorf("%q: %q, %q", in, line, rest)
		}
	}
}
