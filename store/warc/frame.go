package warc

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

var (
	frameMark = []byte{0x28, 0xb5, 0x2f, 0xfd} // of a Zstandard frame (RFC 8878, section 3.1.1)
	dictMark  = []byte{0x5d, 0x2a, 0x4d, 0x18} // of the skippable frame that holds a file's dictionary
)

func isFrame(magic []byte) bool { return bytes.HasPrefix(magic, frameMark) }

// isSkippable reports a frame that decoders pass over (RFC 8878, section 3.1.2): the dictionary is in one, and others may lie between records.
func isSkippable(magic []byte) bool {
	return len(magic) >= 4 && magic[0]&0xf0 == 0x50 && bytes.Equal(magic[1:4], dictMark[1:])
}

// frame passes on the bytes of one Zstandard frame and no more. A decoder does not tell where a frame ended, and would go on with the next.
type frame struct {
	in      *bufio.Reader
	left    int64 // bytes of the part at hand
	begun   bool  // the header is behind
	last    bool  // no block comes after the part at hand
	checked bool  // a checksum comes after the last block
	ended   bool  // so does nothing any more
	n       int64 // bytes passed on
}

func (f *frame) reset(in *bufio.Reader) { *f = frame{in: in} }

// Read passes bytes on. At the end of the frame it is io.EOF, where the file ends before that io.ErrUnexpectedEOF.
func (f *frame) Read(p []byte) (int, error) {
	if f.left == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	if int64(len(p)) > f.left {
		p = p[:f.left]
	}
	n, err := f.in.Read(p)
	f.left -= int64(n)
	f.n += int64(n)
	return n, noEOF(err)
}

// skip passes over the rest of the frame.
func (f *frame) skip() error {
	for {
		n, err := io.CopyN(io.Discard, f.in, f.left)
		f.left -= n
		if err != nil {
			return noEOF(err)
		}
		if err := f.next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

var errReserved = errors.New("zstd frame: reserved bits are set")

// next looks at the part that follows: the header, or a block with its own.
func (f *frame) next() error {
	switch {
	case f.ended:
		return io.EOF
	case !f.begun:
		return f.nextHeader()
	case f.last:
		f.ended = true
		if f.checked {
			f.left = 4
			return nil
		}
		return io.EOF
	}
	return f.nextBlock()
}

func (f *frame) nextHeader() error {
	b, err := f.in.Peek(5)
	if err != nil {
		return noEOF(err)
	}
	descriptor := b[4]
	if descriptor&0x08 != 0 {
		return errReserved
	}
	single := descriptor&0x20 != 0
	f.left = 5 + int64([...]int{0, 1, 2, 4}[descriptor&3]) // dictionary id
	switch size := descriptor >> 6; {
	case size > 0:
		f.left += 1 << size
	case single:
		f.left++
	}
	if !single {
		f.left++ // window
	}
	f.begun, f.checked = true, descriptor&0x04 != 0
	return nil
}

func (f *frame) nextBlock() error {
	b, err := f.in.Peek(3)
	if err != nil {
		return noEOF(err)
	}
	h := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	size := int64(h >> 3)
	switch kind := h >> 1 & 3; kind {
	case 1: // one byte, repeated
		size = 1
	case 3:
		return errReserved
	}
	if size > maxRaw {
		return fmt.Errorf("zstd block of %d bytes: %w of %d", size, ErrTooLarge, maxRaw)
	}
	f.last, f.left = h&1 != 0, 3+size
	return nil
}

// skippableSize reads how long a skippable frame is, header and all.
func skippableSize(in *bufio.Reader) (int64, error) {
	b, err := in.Peek(8)
	if err != nil {
		return 0, noEOF(err)
	}
	return 8 + int64(binary.LittleEndian.Uint32(b[4:])), nil
}
