package framing

import "bytes"

const (
	carryPiece = 1 << 10 // bytes that are taken over at a time, and kept for later heads
	carryKeep  = 4 << 10 // the same with KeepHead
)

// carry holds a head that came in pieces, or that is kept.
type carry struct {
	buf  []byte
	scan scan
}

// reset empties c for another head, or drops it if it is large.
func (c *carry) reset(kept bool) *carry {
	if cap(c.buf) > carryKeep || (!kept && cap(c.buf) > carryPiece) {
		return nil
	}
	c.buf, c.scan = c.buf[:0], scan{}
	return c
}

// add takes n bytes of b over, up to the end of the head if that is among them.
func (c *carry) add(b []byte, limit int) (n int, whole bool, err error) {
	for n < len(b) {
		before := len(c.buf)
		c.buf = append(c.buf, b[n:min(n+carryPiece, len(b))]...)
		end, err := c.scan.find(c.buf, limit)
		if err != nil {
			return n, false, err
		}
		if end > 0 {
			c.buf = c.buf[:end]
			return n + end - before, true, nil
		}
		n += len(c.buf) - before
	}
	return n, false, nil
}

// scan looks for the empty line that ends a head which grows.
type scan struct {
	start int // of the line it is in
	seen  int // bytes in which there is no other line end
	lines int
}

// find returns the length of the head that begins b, 0 if it is not whole. What it has seen it does not look at again: b must begin as
// at the last call. The bounds hold for what there is, and the first bytes must be those of HTTP.
func (s *scan) find(b []byte, limit int) (end int, err error) {
	if s.seen < len(magic) && string(b[:min(len(b), len(magic))]) != magic[:min(len(b), len(magic))] {
		return 0, errNotHTTP
	}
	for {
		i := bytes.IndexByte(b[s.seen:], '\n')
		if i < 0 {
			s.seen = len(b)
			if len(b) > limit {
				return 0, ErrTooLarge
			}
			return 0, nil
		}
		s.seen += i + 1
		if s.seen > limit {
			return 0, ErrTooLarge
		}
		if size := s.seen - s.start; size == 1 || (size == 2 && b[s.start] == '\r') {
			return s.seen, nil
		}
		if s.lines++; s.lines > maxLines {
			return 0, ErrTooLarge
		}
		s.start = s.seen
	}
}

// magic is how every HTTP/1 response begins. A server that speaks something else is known by its first bytes.
const magic = "HTTP/"
