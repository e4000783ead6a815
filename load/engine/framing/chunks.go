package framing

import "bytes"

// chunks reads a chunked body to the end of its trailers (RFC 9112 section 7.1). Bare LF line ends are accepted. The framing is
// bounded: extensions and tiny chunks must not cost more than the payload they bring, by far.
func (f *Framer) chunks(b []byte) (n int, err error) {
	for n < len(b) && err == nil && f.state != finished {
		switch f.state {
		case inChunk:
			k := min(f.left, int64(len(b)-n))
			n += int(k)
			f.body += k
			f.left -= k
			f.payloadEnd()
		case inExt:
			n, err = f.extension(b, n)
		case inTrailers:
			n, err = f.trailer(b, n)
		case inChunkEnd, inChunkLF:
			err = f.chunkEnd(b[n])
			n++
		default:
			n, err = f.size(b, n)
		}
	}
	return n, err
}

// size reads the digits of a size line and what stands between them and an extension or the line's end.
func (f *Framer) size(b []byte, n int) (int, error) {
	for ; n < len(b); n++ {
		c := b[n]
		if f.line++; f.line > maxLine {
			return n, errLine
		}
		switch {
		case f.state == inSize && hex[c] != 0:
			if f.digits++; f.digits > 16 || f.left >= 1<<58 {
				return n, errSize
			}
			f.left = f.left<<4 | int64(hex[c]-1)
		case f.digits == 0:
			return n, errSize
		case c == '\n':
			return n + 1, f.sizeEnd()
		case f.state == inSizeEnd:
			return n, errSize
		case c == '\r':
			f.state = inSizeEnd
		case c == ';':
			f.state = inExt
			return n + 1, nil
		case c == ' ' || c == '\t':
			f.state = inSpace
		default:
			return n, errSize
		}
	}
	return n, nil
}

// extension reads over chunk extensions (RFC 9112 section 7.1.1).
func (f *Framer) extension(b []byte, n int) (int, error) {
	i := bytes.IndexByte(b[n:], '\n')
	if i < 0 {
		return len(b), f.grow(len(b) - n)
	}
	if err := f.grow(i + 1); err != nil {
		return n, err
	}
	return n + i + 1, f.sizeEnd()
}

// sizeEnd goes on behind a size line.
func (f *Framer) sizeEnd() error {
	f.state = inChunk
	if f.left == 0 {
		f.state, f.cr = inTrailers, false
	}
	f.digits = 0
	return f.lineEnd()
}

// chunkEnd reads the line end behind a chunk's payload.
func (f *Framer) chunkEnd(c byte) error {
	f.line++
	switch {
	case c == '\n':
		f.state = inSize
		return f.lineEnd()
	case c == '\r' && f.state == inChunkEnd:
		f.state = inChunkLF
		return nil
	}
	return errChunkEnd
}

// trailer reads over one line behind the last chunk, or as much of it as there is. The fields in it are ignored.
func (f *Framer) trailer(b []byte, n int) (int, error) {
	i := bytes.IndexByte(b[n:], '\n')
	if i < 0 {
		f.cr = b[len(b)-1] == '\r'
		return len(b), f.grow(len(b) - n)
	}
	if err := f.grow(i + 1); err != nil {
		return n, err
	}
	cr := f.cr
	if i > 0 {
		cr = b[n+i-1] == '\r'
	}
	size := int32(f.line) - 1
	if cr {
		size--
	}
	f.cr = false
	if size == 0 {
		f.state = finished
	} else if f.trailers += size; f.trailers > maxTrailers {
		return n, errTrailers
	}
	return n + i + 1, f.lineEnd()
}

// grow counts k bytes of a line between chunks.
func (f *Framer) grow(k int) error {
	if k > maxLine-int(f.line) {
		return errLine
	}
	f.line += uint16(k)
	return nil
}

// lineEnd ends a line between chunks. Framing beyond a free measure must be in proportion to the payload.
func (f *Framer) lineEnd() error {
	f.framing += int64(f.line)
	f.line = 0
	if f.framing-freeFraming > 8*min(f.body, 1<<59) {
		return errFraming
	}
	return nil
}

// hex is one more than the value of each hexadecimal digit.
var hex = hexDigits()

func hexDigits() (t [256]uint8) {
	for i, c := range []byte("0123456789abcdef") {
		t[c] = uint8(i) + 1
	}
	for i, c := range []byte("ABCDEF") {
		t[c] = uint8(i) + 11
	}
	return t
}
