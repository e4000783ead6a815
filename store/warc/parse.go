package warc

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
)

const maxFields = 1000

// counted counts the bytes that go out of a buffered reader.
type counted struct {
	*bufio.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counted) discard(n int) error {
	n, err := c.Discard(n)
	c.n += int64(n)
	return err
}

// line reads one line without its end into buf. The line and its end may have max bytes at most.
func (c *counted) line(buf []byte, max int) ([]byte, error) {
	buf = buf[:0]
	for {
		part, err := c.ReadSlice('\n')
		c.n += int64(len(part))
		if len(buf)+len(part) > max {
			return buf, fmt.Errorf("header: %w of %d bytes", ErrTooLarge, max)
		}
		buf = append(buf, part...)
		switch err {
		case nil:
			return bytes.TrimRight(buf, "\r\n"), nil
		case bufio.ErrBufferFull:
		case io.EOF:
			return buf, io.ErrUnexpectedEOF
		default:
			return buf, err
		}
	}
}

// parseHead reads the version line and the header up to and with the empty line.
func parseHead(c *counted, max int) (version string, h Header, err error) {
	start := c.n
	left := func() int { return max - int(c.n-start) }
	line, err := c.line(nil, left())
	if err != nil {
		return "", nil, err
	}
	if !bytes.HasPrefix(line, recordMark) {
		return "", nil, ErrNoRecord
	}
	version = string(line[len("WARC/"):])
	for {
		if line, err = c.line(line, left()); err != nil {
			return "", nil, err
		}
		if len(line) == 0 {
			return version, h, nil
		}
		if h, err = parseField(h, line); err != nil {
			return "", nil, err
		}
	}
}

func parseField(h Header, line []byte) (Header, error) {
	if line[0] == ' ' || line[0] == '\t' {
		if len(h) == 0 {
			return h, fmt.Errorf("%w: continuation without a field", ErrHeader)
		}
		h[len(h)-1].Value += " " + strings.Trim(string(line), " \t")
		return h, nil
	}
	name, value, ok := strings.Cut(string(line), ":")
	if name = strings.TrimSpace(name); !ok || name == "" {
		return h, fmt.Errorf("%w: line without a field name", ErrHeader)
	}
	if len(h) >= maxFields {
		return h, fmt.Errorf("header: %w of %d fields", ErrTooLarge, maxFields)
	}
	h.Add(name, strings.TrimSpace(value))
	return h, nil
}

// contentLength wants digits and nothing else: signs, hex and lists are how parsers are made to disagree.
func contentLength(h Header) (int64, error) {
	s := h.Get("Content-Length")
	if s == "" || len(s) > 18 {
		return 0, fmt.Errorf("%w: Content-Length %.40q", ErrHeader, s)
	}
	var n int64
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, fmt.Errorf("%w: Content-Length %.40q", ErrHeader, s)
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, nil
}

// readBlock reads n bytes into buf, which grows with what is there and not with what is promised.
func readBlock(c *counted, buf *bytes.Buffer, n int64) error {
	buf.Reset()
	got, err := buf.ReadFrom(io.LimitReader(c, n))
	if err == nil && got < n {
		err = fmt.Errorf("block of %d bytes ends after %d: %w", n, got, io.ErrUnexpectedEOF)
	}
	return err
}

// skipLineEnds takes the line ends that some writers put between records.
func skipLineEnds(c *counted) error {
	for {
		b, err := c.Peek(1)
		if len(b) == 0 {
			return err
		}
		if b[0] != '\r' && b[0] != '\n' {
			return nil
		}
		if err := c.discard(1); err != nil {
			return err
		}
	}
}

// readTrailer takes the two line ends after a block. The end of the file will do as well, unless strict.
func readTrailer(c *counted, strict bool) error {
	for i := range 2 {
		b, err := c.Peek(2)
		switch {
		case strict && (len(b) < 2 || b[0] != '\r' || b[1] != '\n'):
			return cmp.Or(noEOF(err), ErrTrailer)
		case len(b) == 0 && err == io.EOF:
			return nil
		case len(b) < 2 && err != io.EOF:
			return err
		case b[0] == '\n', len(b) == 1 && b[0] == '\r':
			err = c.discard(1)
		case len(b) == 2 && b[0] == '\r' && b[1] == '\n':
			err = c.discard(2)
		case i == 0:
			return ErrTrailer
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
