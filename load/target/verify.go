package target

import (
	"bytes"
	"strings"

	"tandem/internal/fieldline"
	"tandem/internal/units"
	"tandem/store"
)

// maxDecoded bounds what a coded body is unpacked to for a check.
const maxDecoded = int64(64 * units.MiB)

// answer is what checks look at.
type answer struct {
	status     int
	head, body []byte

	decoded bool // the next two are known
	plain   []byte
	garbled bool // the body is not in the coding that its head names
}

// holds reports whether a keeps c.
func (c *Check) holds(a *answer) bool {
	switch c.subject {
	case onStatus:
		if c.class {
			return (int64(a.status/100) == c.number) == (c.op == "=")
		}
		return c.compare(int64(a.status))
	case onSize:
		return c.compare(int64(len(a.body)))
	case onHeader:
		return c.header(a.head)
	}
	plain, ok := a.text()
	if !ok {
		return false
	}
	if c.subject == onJSON {
		value, found := lookup(plain, c.path)
		if !found {
			return c.negated()
		}
		plain = value
	}
	return c.matches(plain) != c.negated()
}

func (c *Check) negated() bool { return c.op[0] == '!' }

func (c *Check) compare(n int64) bool {
	switch c.op {
	case "=":
		return n == c.number
	case "!=":
		return n != c.number
	case "<":
		return n < c.number
	case "<=":
		return n <= c.number
	case ">":
		return n > c.number
	}
	return n >= c.number
}

// matches is the operator without its negation.
func (c *Check) matches(b []byte) bool {
	switch c.op {
	case "~", "!~":
		return c.re.Match(b)
	case "*=":
		return bytes.Contains(b, []byte(c.value))
	}
	return string(b) == c.value
}

// header reports whether some field of the name matches, for a negated check whether none does.
func (c *Check) header(head []byte) bool {
	for {
		value, rest, ok := nextField(head, c.name)
		if !ok {
			return c.negated()
		}
		if c.matches(value) {
			return !c.negated()
		}
		head = rest
	}
}

// nextField finds the next field of a name, in any letter case, in what is left of a head.
func nextField(head []byte, name string) (value, rest []byte, ok bool) {
	for len(head) > 0 {
		var l fieldline.Line
		if l, head, ok = fieldline.Next(head); ok && strings.EqualFold(string(bytes.TrimRight(l.Name, " \t")), name) {
			return fieldline.Trim(l.Value), head, true
		}
	}
	return nil, nil, false
}

// text is the body without its content codings; ok is false if it cannot be had.
func (a *answer) text() (plain []byte, ok bool) {
	if a.decoded {
		return a.plain, !a.garbled
	}
	a.decoded, a.plain = true, a.body
	r := store.Response{Body: a.body}
	for head := a.head; ; {
		value, rest, found := nextField(head, "content-encoding")
		if !found {
			break
		}
		r.Header = append(r.Header, store.HeaderField{Name: "Content-Encoding", Value: string(value)})
		head = rest
	}
	if len(r.Header) > 0 {
		plain, cut, err := r.Decode(maxDecoded)
		a.plain, a.garbled = plain, err != nil || cut
	}
	return a.plain, !a.garbled
}
