package imaging

// huffman is one JPEG code table (ITU-T T.81, annex C), for stepping over codes one bit at a time: slow, and
// used for damaged files only.
type huffman struct {
	lowest, count [17]int // by length: the smallest code, and how many there are
	first         [17]int // by length: index of the smallest code's value
	values        []byte
}

// newHuffman reads 16 counts and the values, and returns how many bytes those are; nil if they make no sense.
func newHuffman(p []byte) (t *huffman, used int) {
	t = &huffman{}
	code, total := 0, 0
	for length := 1; length <= 16; length++ {
		n := int(p[length-1])
		t.lowest[length], t.count[length], t.first[length] = code, n, total
		code = (code + n) << 1
		total += n
		if code > 2<<length {
			return nil, 0
		}
	}
	if total > 256 || len(p) < 16+total {
		return nil, 0
	}
	t.values = p[16 : 16+total]
	return t, 16 + total
}

func (t *huffman) next(b *bitReader) (value byte, ok bool) {
	code := 0
	for length := 1; length <= 16; length++ {
		bit, ok := b.bit()
		if !ok {
			return 0, false
		}
		code = code<<1 | bit
		if i := code - t.lowest[length]; i >= 0 && i < t.count[length] {
			return t.values[t.first[length]+i], true
		}
	}
	return 0, false
}

// write writes the code of a value; false if the table has none.
func (t *huffman) write(w *bitWriter, value byte) bool {
	for length := 1; length <= 16; length++ {
		for i := range t.count[length] {
			if t.values[t.first[length]+i] == value {
				w.write(uint32(t.lowest[length]+i), length)
				return true
			}
		}
	}
	return false
}

// bitPosition is a place between two bits: bit of them are taken from the byte at pos.
type bitPosition struct{ pos, bit int }

// bitReader reads entropy-coded bits, in which 0xff is followed by a stuffed zero. It stops before a marker.
type bitReader struct {
	body []byte
	at   bitPosition
}

func (b *bitReader) bit() (int, bool) {
	if b.at.pos >= len(b.body) {
		return 0, false
	}
	c := b.body[b.at.pos]
	if c == 0xff && (b.at.pos+1 >= len(b.body) || b.body[b.at.pos+1] != 0) {
		return 0, false
	}
	v := int(c>>(7-b.at.bit)) & 1
	if b.at.bit++; b.at.bit == 8 {
		b.at = bitPosition{pos: b.at.pos + 1}
		if c == 0xff {
			b.at.pos++
		}
	}
	return v, true
}

func (b *bitReader) skip(n int) bool {
	for range n {
		if _, ok := b.bit(); !ok {
			return false
		}
	}
	return true
}

// restart steps over the padding and the restart marker n that must follow.
func (b *bitReader) restart(n byte) bool {
	pos := b.at.pos
	if b.at.bit > 0 {
		if b.body[pos] == 0xff {
			pos++
		}
		pos++
	}
	if pos+1 >= len(b.body) || b.body[pos] != 0xff || b.body[pos+1] != markerRST0+n {
		return false
	}
	b.at = bitPosition{pos: pos + 2}
	return true
}

// bitWriter writes entropy-coded bits and stuffs zeros after 0xff.
type bitWriter struct {
	out  []byte
	bits uint32 // the last n bits are not written yet
	n    int
}

func (w *bitWriter) write(bits uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		w.bits = w.bits<<1 | bits>>i&1
		if w.n++; w.n == 8 {
			w.out = append(w.out, byte(w.bits))
			if byte(w.bits) == 0xff {
				w.out = append(w.out, 0)
			}
			w.n = 0
		}
	}
}

// flush fills the last byte with ones.
func (w *bitWriter) flush() {
	if w.n > 0 {
		w.write(0xff, 8-w.n)
	}
}
