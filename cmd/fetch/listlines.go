package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// maxListLine caps one line of a list in bytes, and one CSV row of several.
const maxListLine = 1 << 20

// errLongLine is returned for a line over maxListLine, which has been skipped.
var errLongLine = errors.New("line is too long")

// lineReader reads lines and counts them.
type lineReader struct {
	r   *bufio.Reader
	n   int // number of the line that next returned; the first is 1
	buf []byte

	kept [][]byte // lines since mark, nil for one that was too long
	keep bool
	back [][]byte // lines to return again
}

// next returns the next line without its end, valid until the call after it. The
// error is io.EOF at the end and errLongLine for a line that was skipped.
func (l *lineReader) next() ([]byte, error) {
	var line []byte
	var err error
	if len(l.back) > 0 {
		if line, l.back = l.back[0], l.back[1:]; line == nil {
			err = errLongLine
		}
	} else {
		line, err = l.read()
	}
	if err != nil && !errors.Is(err, errLongLine) {
		return nil, err
	}
	l.n++
	if l.keep {
		var c []byte
		if err == nil {
			c = append([]byte{}, line...) // not nil, even when empty
		}
		l.kept = append(l.kept, c)
	}
	return line, err
}

func (l *lineReader) read() ([]byte, error) {
	l.buf = l.buf[:0]
	long := false
	for {
		part, err := l.r.ReadSlice('\n')
		if long = long || len(l.buf)+len(part) > maxListLine; !long {
			l.buf = append(l.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !(errors.Is(err, io.EOF) && (long || len(l.buf) > 0)):
			return nil, err
		case long:
			return nil, errLongLine
		}
		return bytes.TrimSuffix(bytes.TrimSuffix(l.buf, []byte("\n")), []byte("\r")), nil
	}
}

// filled is next without the empty lines.
func (l *lineReader) filled() ([]byte, error) {
	for {
		line, err := l.next()
		if err != nil || len(bytes.TrimSpace(line)) > 0 {
			return line, err
		}
	}
}

// mark makes it possible to return to the line after the present one.
func (l *lineReader) mark() int {
	l.kept, l.keep = nil, true
	return l.n
}

// rewind returns to mark, which next was called after.
func (l *lineReader) rewind(mark int) {
	l.back = append(l.kept, l.back...)
	l.n = mark
	l.forget()
}

// forget gives the mark up.
func (l *lineReader) forget() { l.kept, l.keep = nil, false }

// decodeText takes a byte order mark off and turns UTF-16, which spreadsheets
// export, into UTF-8.
func decodeText(r *bufio.Reader) *bufio.Reader {
	head, _ := r.Peek(3) // a short list gives less
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = r.Discard(3) // they were just peeked
		return r
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return r
	}
	_, _ = r.Discard(2)
	return bufio.NewReaderSize(&utf16Reader{r: r, order: order}, 64<<10)
}

// utf16Reader reads UTF-16 as UTF-8. Halves of pairs become U+FFFD.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
	rune  [utf8.UTFMax]byte
	left  []byte // of rune
}

// Read implements io.Reader.
func (u *utf16Reader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(u.left) == 0 {
			c, err := u.next()
			if err != nil {
				if n > 0 {
					return n, nil
				}
				return 0, err
			}
			u.left = utf8.AppendRune(u.rune[:0], c)
		}
		copied := copy(p[n:], u.left)
		u.left = u.left[copied:]
		n += copied
	}
	return n, nil
}

func (u *utf16Reader) next() (rune, error) {
	var unit [2]byte
	if _, err := io.ReadFull(u.r, unit[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return utf8.RuneError, nil
		}
		return 0, err
	}
	c := rune(u.order.Uint16(unit[:]))
	if !utf16.IsSurrogate(c) {
		return c, nil
	}
	if next, err := u.r.Peek(2); err == nil {
		if pair := utf16.DecodeRune(c, rune(u.order.Uint16(next))); pair != utf8.RuneError {
			_, _ = u.r.Discard(2) // they were just peeked
			return pair, nil
		}
	}
	return utf8.RuneError, nil
}
