package http2

import "golang.org/x/net/http2/hpack"

// text of a field as it travels.
type text struct {
	raw   []byte
	coded bool // in Huffman's code
}

// word is a name in its two forms.
type word struct{ plain, coded string }

func newWord(s string) word { return word{s, string(hpack.AppendHuffmanString(nil, s))} }

var (
	nameStatus = newWord(":status")
	nameLength = newWord("content-length")
	hopByHop   = [...]word{newWord("connection"), newWord("keep-alive"), newWord("proxy-connection"), newWord("transfer-encoding"), newWord("upgrade")}
)

func (t text) is(w word) bool {
	if t.coded {
		return string(t.raw) == w.coded
	}
	return string(t.raw) == w.plain
}

// number reads a value of up to 18 digits and nothing else; digits is 0 if it is none.
func (t text) number() (n int64, digits int) {
	if !t.coded {
		for _, c := range t.raw {
			if c < '0' || c > '9' || digits == 18 {
				return 0, 0
			}
			n, digits = n*10+int64(c-'0'), digits+1
		}
		return n, digits
	}
	return codedNumber(t.raw)
}

// codedNumber reads digits in Huffman's code: 0, 1 and 2 take five bits, the others six (RFC 7541 appendix B).
func codedNumber(raw []byte) (n int64, digits int) {
	var bits, have uint
	for {
		for have < 6 && len(raw) > 0 {
			bits, have, raw = bits<<8|uint(raw[0]), have+8, raw[1:]
		}
		five, six := bits<<6>>have&0x3f>>1, bits<<6>>have&0x3f
		switch {
		case have >= 5 && five <= 2:
			n, have = n*10+int64(five), have-5
		case have >= 6 && six >= 0x19 && six <= 0x1f:
			n, have = n*10+int64(six-0x19+3), have-6
		case have < 8 && len(raw) == 0 && bits&(1<<have-1) == 1<<have-1: // padding
			return n, digits
		default:
			return 0, 0
		}
		if digits++; digits > 18 {
			return 0, 0
		}
		bits &= 1<<have - 1
	}
}

// integer reads a number with a prefix of so many bits (RFC 7541 section 5.1), up to 28 bits beyond it.
func integer(p []byte, bits int) (n int, rest []byte, ok bool) {
	if len(p) == 0 {
		return 0, nil, false
	}
	most := 1<<bits - 1
	n, p = int(p[0])&most, p[1:]
	if n < most {
		return n, p, true
	}
	for shift := 0; shift < 28 && len(p) > 0; shift += 7 {
		b := p[0]
		n, p = n+int(b&0x7f)<<shift, p[1:]
		if b&0x80 == 0 {
			return n, p, true
		}
	}
	return 0, nil, false
}

// str reads a string (RFC 7541 section 5.2).
func str(p []byte) (t text, rest []byte, ok bool) {
	if len(p) == 0 {
		return t, nil, false
	}
	t.coded = p[0]&0x80 != 0
	n, p, ok := integer(p, 7)
	if !ok || n > len(p) {
		return t, nil, false
	}
	t.raw = p[:n]
	return t, p[n:], true
}
