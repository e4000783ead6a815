package http2

import (
	"strconv"

	"golang.org/x/net/http2/hpack"
)

// head is what a header block of the server says. Without want, only what the framing needs is decoded; other fields are skipped.
type head struct {
	status int   // 0: none
	length int64 // announced; -1: not
	bad    *broken

	want    bool
	text    []byte // with want: "HTTP/2 200\r\nname: value\r\n…"
	regular bool   // a field that is no pseudo-field was there
	value   []byte // scratch
}

func (h *head) reset(want bool) {
	*h = head{length: -1, want: want, text: h.text[:0], value: h.value[:0]}
}

// parse reads a whole header block. What is wrong with the block itself is an error of the connection; what is wrong with what it
// says is h.bad. There is no dynamic table: we have told the server that its size is 0.
func (h *head) parse(block []byte) *broken {
	begun := false
	for p := block; len(p) > 0; {
		var ok bool
		switch b := p[0]; {
		case b&0x80 != 0:
			p, ok = h.indexed(p)
		case b&0xc0 == 0x40:
			p, ok = h.literal(p, 6)
		case b&0xe0 == 0x20:
			var size int
			if size, p, ok = integer(p, 5); ok && begun {
				return errUpdate
			}
			if ok = ok && size == 0; ok {
				continue
			}
		default:
			p, ok = h.literal(p, 4)
		}
		if !ok {
			return errBlock
		}
		begun = true
	}
	if h.want && h.bad == nil {
		h.statusLine()
	}
	return nil
}

var (
	errBlock  = protocol(codeCompression, "a header block is not HPACK, or refers to a dynamic table that we do not keep")
	errUpdate = protocol(codeCompression, "a header block changes the table in its midst") // RFC 7541 section 4.2
)

func (h *head) indexed(p []byte) (rest []byte, ok bool) {
	index, rest, ok := integer(p, 7)
	if !ok || index == 0 || index > tableSize {
		return nil, false
	}
	value := static[index][1]
	if index >= tableStatus && index <= tableLastPseudo {
		h.setStatus(int(value[0]-'0')*100 + int(value[1]-'0')*10 + int(value[2]-'0'))
		return rest, true
	}
	h.value = append(h.value[:0], value...)
	return rest, h.known(index, text{raw: h.value})
}

func (h *head) literal(p []byte, bits int) (rest []byte, ok bool) {
	index, p, ok := integer(p, bits)
	if !ok || index > tableSize {
		return nil, false
	}
	var name, value text
	if index == 0 {
		if name, p, ok = str(p); !ok {
			return nil, false
		}
	}
	if value, p, ok = str(p); !ok {
		return nil, false
	}
	if index == 0 {
		return p, h.unknown(name, value)
	}
	return p, h.known(index, value)
}

// known takes a field whose name is in the static table.
func (h *head) known(index int, value text) (ok bool) {
	switch {
	case index >= tableStatus && index <= tableLastPseudo:
		return h.statusText(value)
	case index < tableStatus:
		h.fault("a pseudo-field of requests in an answer")
		return true
	case index == tableContentLength:
		h.setLength(value)
	case index == tableTransferEncoding:
		h.fault("a field that belongs to a connection of HTTP/1")
	}
	h.regular = true
	if !h.want {
		return true
	}
	return h.keep(text{raw: []byte(static[index][0])}, value)
}

const tableTransferEncoding = 57

// unknown takes a field whose name is spelt out.
func (h *head) unknown(name, value text) (ok bool) {
	switch {
	case len(name.raw) == 0:
		h.fault("a field without a name")
		return true
	case name.is(nameStatus):
		return h.statusText(value)
	case name.raw[0] == ':' && !name.coded, name.raw[0]>>1 == 0x5c && name.coded:
		h.fault("an unknown pseudo-field")
		return true
	case name.is(nameLength):
		h.setLength(value)
	}
	for _, n := range hopByHop {
		if name.is(n) {
			h.fault("a field that belongs to a connection of HTTP/1")
		}
	}
	h.regular = true
	return h.keep(name, value)
}

func (h *head) fault(why string) {
	if h.bad == nil {
		h.bad = protocol(codeProtocol, why)
	}
}

func (h *head) setStatus(code int) {
	if h.regular || h.status != 0 || code < 100 {
		h.fault("a status that comes late, twice or below 100")
		return
	}
	h.status = code
}

func (h *head) statusText(value text) bool {
	code, digits := value.number()
	if digits != 3 {
		h.fault("a status that is no number of three digits")
		return true
	}
	h.setStatus(int(code))
	return true
}

func (h *head) setLength(value text) {
	n, digits := value.number()
	if digits == 0 || h.length >= 0 && h.length != n {
		h.fault("an invalid content-length")
		return
	}
	h.length = n
}

// keep adds a field to the text if that is wanted. ok is false if it is not in Huffman's code after all.
func (h *head) keep(name, value text) (ok bool) {
	if !h.want || h.bad != nil {
		return true
	}
	h.statusLine()
	from := len(h.text)
	if !h.decode(name) {
		return false
	}
	for _, c := range h.text[from:] {
		if c <= ' ' || c >= 0x7f || 'A' <= c && c <= 'Z' || c == ':' {
			h.fault("a field's name that is not valid")
		}
	}
	h.text = append(h.text, ": "...)
	from = len(h.text)
	if !h.decode(value) {
		return false
	}
	for _, c := range h.text[from:] {
		if c == 0 || c == '\r' || c == '\n' {
			h.fault("a field's value that is not valid")
		}
	}
	h.text = append(h.text, "\r\n"...)
	return true
}

func (h *head) statusLine() {
	if len(h.text) == 0 && h.status != 0 {
		h.text = append(strconv.AppendInt(append(h.text, "HTTP/2 "...), int64(h.status), 10), "\r\n"...)
	}
}

func (h *head) decode(t text) (ok bool) {
	if !t.coded {
		h.text = append(h.text, t.raw...)
		return true
	}
	_, err := hpack.HuffmanDecode((*appender)(&h.text), t.raw)
	return err == nil
}

type appender []byte

// Write appends p. It does not fail.
func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}
