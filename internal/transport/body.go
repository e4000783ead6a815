package transport

import (
	"context"
	"errors"
	"io"
	"sync"
)

// errLimit ends a body that is larger than is wanted.
var errLimit = errors.New("body limit reached")

// body reads one payload into a response. What it keeps grows by what is received.
type body struct {
	c       *conn
	resp    *Response
	limit   int64 // payload bytes that are wanted
	framing int64 // bytes of chunk framing still accepted
	record  bool  // framing goes to resp.buf, too
	discard bool

	ctx       context.Context // of the exchange, for waiting
	large     *large
	most      int64 // payload bytes that may come
	announced bool  // most was announced
}

// smallest and largest piece that is read at once.
const (
	minPiece = 4 << 10
	maxPiece = 256 << 10
)

// read reads the body that fr announces.
func (b *body) read(fr *framing) error {
	b.most = b.limit
	if fr.length >= 0 && !fr.chunked {
		b.most, b.announced = min(fr.length, b.limit), true
	}
	switch {
	case fr.chunked:
		return b.chunks()
	case fr.length >= 0:
		return b.sized(fr.length)
	}
	return b.toEnd()
}

// sized reads n bytes, or as many as are wanted.
func (b *body) sized(n int64) error {
	want := min(n, b.limit-b.resp.BodyLen)
	if err := b.payload(want); err != nil {
		return unexpected(err)
	}
	if want < n {
		return errLimit
	}
	return nil
}

// toEnd reads until the server closes.
func (b *body) toEnd() error {
	err := b.payload(b.limit)
	if err == nil {
		if _, err = b.c.br.Peek(1); err == nil {
			return errLimit
		}
	}
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// payload reads n bytes of payload, fewer with an error.
func (b *body) payload(n int64) error {
	if b.discard {
		return b.skip(n)
	}
	for n > 0 {
		size := int(min(n, int64(max(minPiece, min(len(b.resp.buf), maxPiece)))))
		if err := b.room(size); err != nil {
			return err
		}
		tail := b.resp.buf[len(b.resp.buf):cap(b.resp.buf)]
		got, err := b.c.br.Read(tail[:min(int64(len(tail)), n)])
		n -= int64(got)
		b.keep(tail[:got])
		if err != nil {
			return err
		}
	}
	return nil
}

// keep counts piece, which was read behind the end of resp.buf, and takes it in.
func (b *body) keep(piece []byte) {
	b.resp.buf = b.resp.buf[:len(b.resp.buf)+len(piece)]
	b.resp.BodyLen += int64(len(piece))
}

// skip reads n bytes for nobody, many at once if there are many.
func (b *body) skip(n int64) error {
	for n > 0 {
		var got int
		var err error
		if n > 2*readBuffer && b.c.br.Buffered() == 0 {
			got, err = b.drain(n)
		} else {
			got, err = b.c.br.Discard(int(min(n, max(int64(b.c.br.Buffered()), readBuffer))))
		}
		n -= int64(got)
		b.resp.BodyLen += int64(got)
		if err != nil {
			return err
		}
	}
	return nil
}

// drains are buffers for bytes that nobody wants.
var drains = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// drain reads up to n bytes, past the read buffer, which is empty.
func (b *body) drain(n int64) (int, error) {
	space := drains.Get().(*[64 << 10]byte)
	defer drains.Put(space)
	return b.c.br.Read(space[:min(n, int64(len(space)))])
}
