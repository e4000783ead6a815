package transport

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/valyala/fasthttp"
)

const (
	maxInterim = 8    // interim responses that are skipped
	maxFields  = 1000 // lines in a head
)

// readHead reads heads until a final one, which it appends to dst. The interim ones are dropped, and bounded in number and, all
// together, in bytes.
func (c *conn) readHead(dst []byte, limit int) ([]byte, framing, error) {
	left := limit
	for range maxInterim + 1 {
		head, err := c.readOneHead(dst[:0], left)
		if err != nil {
			return head, framing{}, err
		}
		fr, err := c.codec.parse(head)
		if err != nil || fr.status >= 200 {
			return head, fr, err
		}
		if fr.status == fasthttp.StatusSwitchingProtocols {
			return head, fr, errUnasked101
		}
		dst, left = head, left-len(head)
	}
	return dst, framing{}, errManyInterim
}

// readOneHead reads up to and with the empty line. It looks at the first bytes as they come, so that a server which speaks
// something else is known by its first word and not by a timeout.
func (c *conn) readOneHead(dst []byte, limit int) ([]byte, error) {
	if err := c.expectHTTP(); err != nil {
		return dst, err
	}
	for lines, start := 0, 0; ; {
		part, err := c.br.ReadSlice('\n')
		if len(dst)+len(part) > limit {
			return dst, errHeadTooLarge
		}
		dst = append(dst, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return dst, unexpected(err)
		}
		if line := dst[start:]; len(line) == 1 || (len(line) == 2 && line[0] == '\r') {
			return dst, nil
		}
		if lines++; lines > maxFields {
			return dst, errHeadTooLarge
		}
		start = len(dst)
	}
}

func (c *conn) expectHTTP() error {
	const magic = "HTTP/"
	for i := 1; i <= len(magic); i++ {
		b, err := c.br.Peek(i)
		if len(b) < i {
			if i == 1 {
				return err
			}
			return unexpected(err)
		}
		if b[i-1] != magic[i-1] {
			seen, _ := c.br.Peek(min(c.br.Buffered(), 40))
			return fmt.Errorf("%w: it begins %q", errNotHTTP, seen)
		}
	}
	return nil
}

// unexpected turns the end of the stream into an unexpected end.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// codec holds what judging a head needs, for use one head after another.
type codec struct {
	header  fasthttp.ResponseHeader
	src     bytes.Reader
	br      *bufio.Reader
	scratch []byte
}

const codecBuffer = 4 << 10

// parse has fasthttp judge head, and again after repair if it refuses. The framing is our own reading, because fasthttp takes
// "Connection: Close" for keep-alive, knows no list of Content-Lengths and keeps a connection on which both lengths were given.
func (k *codec) parse(head []byte) (framing, error) {
	fr, err := parseFraming(head)
	if err != nil {
		return fr, err
	}
	if err := k.judge(head); err != nil {
		k.scratch = repair(k.scratch[:0], head)
		if err = k.judge(k.scratch); err != nil {
			return fr, fmt.Errorf("%w: %w", errMalformedHead, err)
		}
		fr.close = true // it was not written as HTTP/1.1 wants it: take this answer and no other
	}
	if k.header.StatusCode() != fr.status {
		return fr, fmt.Errorf("%w: status %d or %d", errMalformedHead, fr.status, k.header.StatusCode())
	}
	return fr, nil
}

func (k *codec) judge(head []byte) error {
	k.src.Reset(head)
	if len(head) > codecBuffer || k.br == nil {
		k.br = bufio.NewReaderSize(&k.src, max(len(head), codecBuffer))
		defer k.shrink()
	} else {
		k.br.Reset(&k.src)
	}
	k.header.Reset()
	k.header.DisableNormalizing()
	k.header.SetNoDefaultContentType(true)
	return k.header.Read(k.br)
}

// shrink drops what an unusually large head left behind.
func (k *codec) shrink() {
	if k.br.Size() > codecBuffer {
		k.br, k.scratch = nil, nil
	}
}
