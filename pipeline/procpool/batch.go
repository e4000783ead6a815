package procpool

import (
	"io"
	"sync"
	"time"
)

const (
	batchBytes = 32 << 10               // that a worker collects before it writes
	batchDelay = 500 * time.Microsecond // after which it writes what it has collected
)

// batchWriter collects frames and writes many at once: when it has collected enough, when the worker is about to wait,
// or when the oldest frame has waited for long enough. It is safe for concurrent use.
type batchWriter struct {
	w io.Writer

	mu    sync.Mutex // guards the fields below, and writing
	buf   []byte
	timer *time.Timer // flushes buf; armed while buf is not empty
	err   error       // of the first write that failed
}

// add appends a frame to what is to be written.
func (b *batchWriter) add(append func([]byte) []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	first := len(b.buf) == 0
	b.buf = append(b.buf)
	switch {
	case len(b.buf) >= batchBytes:
		b.write()
	case first && b.timer == nil:
		b.timer = time.AfterFunc(batchDelay, func() { _ = b.flush() })
	case first:
		b.timer.Reset(batchDelay)
	}
}

// drop adds a dropped frame.
func (b *batchWriter) drop(id uint64) {
	b.add(func(dst []byte) []byte { return appendFrame(dst, frame{kind: frameDropped, id: id}) })
}

// pending reports whether there is something to flush.
func (b *batchWriter) pending() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.buf) > 0
}

// flush writes what has been collected.
func (b *batchWriter) flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.write()
	return b.err
}

// failed reports whether writing has failed, so that nobody reads.
func (b *batchWriter) failed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err != nil
}

// write writes the buffer. The caller holds mu.
func (b *batchWriter) write() {
	if len(b.buf) == 0 {
		return
	}
	if b.timer != nil {
		b.timer.Stop()
	}
	if b.err == nil {
		_, b.err = b.w.Write(b.buf)
	}
	if cap(b.buf) > 4*batchBytes {
		b.buf = nil // one large result is no reason to keep that much
	}
	b.buf = b.buf[:0]
}
