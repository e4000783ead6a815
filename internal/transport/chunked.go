package transport

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"

	"tandem/internal/fieldline"
)

const (
	maxChunkLine = 4 << 10 // a chunk's size line with its extensions
	freeFraming  = 64 << 10
)

// chunks reads a chunked body (RFC 9112 section 7.1) to the end of its trailers. Bare LF line ends are accepted. The framing is
// bounded: extensions and tiny chunks must not cost more than the payload they bring, by far.
func (b *body) chunks() error {
	for {
		line, err := b.line()
		if err != nil {
			return err
		}
		size, err := parseChunkSize(line)
		if err != nil {
			return err
		}
		if size == 0 {
			return b.trailers()
		}
		if err := b.sized(size); err != nil {
			return err
		}
		end, err := b.line()
		if err != nil {
			return err
		}
		if len(end) != 0 {
			return fmt.Errorf("%w: %.20q after %d bytes", errChunk, end, size)
		}
	}
}

// trailers reads the fields after the last chunk, which are kept in the record and otherwise ignored.
func (b *body) trailers() error {
	for left := b.c.maxHeader; ; {
		line, err := b.line()
		if err != nil || len(line) == 0 {
			return err
		}
		if left -= len(line); left < 0 {
			return errTrailer
		}
	}
}

// line reads one line of framing. The line has lost its end and is valid until the next read.
func (b *body) line() ([]byte, error) {
	line, err := b.c.br.ReadSlice('\n')
	if b.record {
		if err := b.room(len(line)); err != nil {
			return nil, err
		}
		b.resp.buf = append(b.resp.buf, line...)
	}
	switch {
	case errors.Is(err, bufio.ErrBufferFull) || len(line) > maxChunkLine:
		return nil, fmt.Errorf("%w: line of more than %d bytes", errChunk, maxChunkLine)
	case err != nil:
		return nil, unexpected(err)
	}
	b.framing -= int64(len(line))
	if b.framing+8*b.resp.BodyLen < 0 {
		return nil, fmt.Errorf("%w: more framing than payload", errChunk)
	}
	if b.record && b.framing+b.limit/16 < 0 { // what is kept of it is bounded: see withFraming
		return nil, errLimit
	}
	line, _ = fieldline.Cut(line)
	return line, nil
}

// dechunk appends the payload in raw, n bytes of it, to dst. The framing was read and found good before.
func dechunk(dst, raw []byte, n int64) []byte {
	dst = slices.Grow(dst, int(n))
	for piece := range pieces(raw, n) {
		dst = append(dst, piece...)
	}
	return dst
}

// pieces yields the payload in raw, n bytes of it, chunk by chunk. The framing was read and found good before. A piece may be
// overwritten by those before it while the loop has it.
func pieces(raw []byte, n int64) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for left := n; left > 0; {
			line, rest := fieldline.Cut(raw)
			size, err := parseChunkSize(line)
			size = min(size, left, int64(len(rest)))
			if err != nil || size == 0 {
				return
			}
			_, raw = fieldline.Cut(rest[size:]) // before the piece goes out
			if !yield(rest[:size]) {
				return
			}
			left -= size
		}
	}
}

// parseChunkSize reads hexadecimal digits, ignoring extensions behind them.
func parseChunkSize(line []byte) (int64, error) {
	digits, _, _ := bytes.Cut(line, []byte{';'})
	digits = bytes.TrimRight(digits, " \t")
	if len(digits) == 0 || len(digits) > 16 {
		return 0, fmt.Errorf("%w: size %.40q", errChunk, line)
	}
	var n int64
	for _, c := range digits {
		d := hexDigit(c)
		if d < 0 || n >= 1<<58 {
			return 0, fmt.Errorf("%w: size %.40q", errChunk, line)
		}
		n = n<<4 | d
	}
	return n, nil
}

func hexDigit(c byte) int64 {
	switch {
	case '0' <= c && c <= '9':
		return int64(c - '0')
	case 'a' <= c && c <= 'f':
		return int64(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int64(c-'A') + 10
	}
	return -1
}
