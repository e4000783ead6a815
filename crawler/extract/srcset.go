package extract

import "bytes"

// srcset adds every candidate of a srcset attribute, by the standard's parsing steps: a URL ends at a blank,
// not at a comma, unless the comma is its last byte; descriptors end at a comma
// outside parentheses.
func (p *page) srcset(v []byte, m mention) {
	for !p.full() {
		v = bytes.TrimLeft(v, " \t\r\n\f,")
		if len(v) == 0 {
			return
		}
		n := 0
		for n < len(v) && !isBlank(v[n]) {
			n++
		}
		ref := v[:n]
		v = v[n:]
		if ref[n-1] == ',' {
			p.add(bytes.TrimRight(ref, ","), m)
			continue
		}
		p.add(ref, m)
		v = v[descriptorsLen(v):]
	}
}

func descriptorsLen(v []byte) int {
	inside := false
	for i, c := range v {
		switch {
		case c == '(':
			inside = true
		case c == ')':
			inside = false
		case c == ',' && !inside:
			return i + 1
		}
	}
	return len(v)
}
