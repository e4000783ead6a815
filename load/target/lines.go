package target

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// lines reads a file line by line, and knows where it is.
type lines struct {
	name string
	in   *bufio.Reader
	buf  []byte
	n    int  // of the last line, from 1
	held bool // the last line is to be read again
}

func newLines(name string, in io.Reader) *lines {
	return &lines{name: name, in: bufio.NewReaderSize(in, 64<<10)}
}

// next returns the next line without its end, valid until the call after; io.EOF ends the file.
func (l *lines) next() ([]byte, error) {
	if l.held {
		l.held = false
		return l.buf, nil
	}
	l.buf = l.buf[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		if l.buf = append(l.buf, part...); int64(len(l.buf)) > maxLine.Int64() {
			return nil, fmt.Errorf("%s:%d:1: a line of more than %v", l.name, l.n+1, maxLine)
		}
		switch {
		case err == nil || errors.Is(err, io.EOF) && len(l.buf) > 0:
			if l.n++; l.n == 1 {
				l.buf = bytes.TrimPrefix(l.buf, []byte("\ufeff"))
			}
			l.buf = bytes.TrimSuffix(bytes.TrimSuffix(l.buf, []byte("\n")), []byte("\r"))
			return l.buf, nil
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("read %s: %w", l.name, cause(err))
		}
	}
}

// again has the last line read once more.
func (l *lines) again() { l.held = true }

// indent is how many blanks a line begins with.
func indent(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " \t")) }
