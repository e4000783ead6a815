package procpool

// The protocol between a pool and its worker, version 1.
//
// Two pipes carry frames: descriptor 3 of the worker from the pool, descriptor 4 to the pool. Descriptor 5 is the mark,
// see mark.go. A frame is
//
//	length   4 bytes, big endian: the number of bytes that follow, 9 up to the limit of the receiver
//	type     1 byte
//	id       8 bytes, big endian: the call that the frame is about, 0 if none
//	payload  the rest
//
// To the worker:
//
//	hello    JSON: protocol version, tasks with versions, limits to apply. The first frame.
//	call     task number in hello's list (uvarint) · deadline in Unix nanoseconds, 0 if none (varint) ·
//	         0, or 1 · path length (uvarint) · path · offset (varint) · length (varint) · then the input
//	cancel   stop this call: drop it if it has not started, else cancel its context. It is answered in any case.
//	recall   give back every call that has not started
//
// From the worker:
//
//	ready    JSON: protocol version, tasks with versions, limits really applied, or an error. The first frame.
//	result   the call's encoded output
//	failed   cause (1 byte: 0 none, 1 cancelled, 2 deadline) · text: the task returned an error
//	panicked length of the value's text (uvarint) · value · stack
//	dropped  the call was not started and will not be
//	toolarge size of the result (uvarint), which is beyond the limit
//	recycle  the worker holds too much memory between calls: it starts no more and drops what it has
//
// Every call is answered by exactly one of result, failed, panicked, dropped and toolarge. End of file on descriptor 3
// ends the worker. A frame that breaks these rules ends the conversation: the pool kills the worker.

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const protocolVersion = 1

type frameType byte

const (
	frameHello frameType = iota + 1
	frameReady
	frameCall
	frameCancel
	frameRecall
	frameResult
	frameFailed
	framePanicked
	frameDropped
	frameTooLarge
	frameRecycle
)

const (
	frameOverhead = 9        // type and id, counted by the length
	frameHead     = 13       // length, type and id
	frameSlack    = 64 << 10 // room for what accompanies an input or a result
	eagerBytes    = 1 << 20  // a larger body is allocated only as its bytes arrive
)

type frame struct {
	kind frameType
	id   uint64
	body []byte
}

var errFrame = errors.New("garbled frame")

// appendFrameHead appends the head of a frame whose payload of n bytes follows.
func appendFrameHead(dst []byte, kind frameType, id uint64, n int) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(frameOverhead+n))
	dst = append(dst, byte(kind))
	return binary.BigEndian.AppendUint64(dst, id)
}

func appendFrame(dst []byte, f frame) []byte {
	return append(appendFrameHead(dst, f.kind, f.id, len(f.body)), f.body...)
}

// frameReader reads frames whose payload is at most max bytes.
type frameReader struct {
	r   *bufio.Reader
	max int
}

func newFrameReader(r io.Reader, max int) *frameReader {
	return &frameReader{bufio.NewReaderSize(r, 64<<10), max}
}

// next returns the next frame, whose body belongs to the caller; io.EOF at the end of the stream; an error that wraps
// errFrame when the bytes are not a frame or end within one.
func (fr *frameReader) next() (frame, error) {
	head, err := fr.r.Peek(frameHead)
	if err != nil {
		if errors.Is(err, io.EOF) && len(head) > 0 {
			return frame{}, fmt.Errorf("%w: the stream ends within a head: %w", errFrame, io.ErrUnexpectedEOF)
		}
		return frame{}, err
	}
	length := int64(binary.BigEndian.Uint32(head))
	f := frame{kind: frameType(head[4]), id: binary.BigEndian.Uint64(head[5:])}
	n := length - frameOverhead
	if n < 0 || n > int64(fr.max) || f.kind < frameHello || f.kind > frameRecycle {
		return frame{}, fmt.Errorf("%w: length %d, type %d, limit %d: % x", errFrame, length, f.kind, fr.max, head)
	}
	if _, err := fr.r.Discard(frameHead); err != nil {
		return frame{}, err
	}
	if f.body, err = fr.body(n); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return frame{}, fmt.Errorf("%w: the stream ends within a payload of %d bytes: %w", errFrame, n, io.ErrUnexpectedEOF)
		}
		return frame{}, err
	}
	return f, nil
}

// await waits until there is something to read, or nothing any more.
func (fr *frameReader) await() { _, _ = fr.r.Peek(1) }

func (fr *frameReader) body(n int64) ([]byte, error) {
	if n == 0 {
		return nil, nil
	}
	if n <= eagerBytes {
		b := make([]byte, n)
		_, err := io.ReadFull(fr.r, b)
		return b, err
	}
	var b bytes.Buffer
	b.Grow(eagerBytes)
	_, err := io.CopyN(&b, fr.r, n)
	return b.Bytes(), err
}

// ready reports whether the next frame can be had without waiting.
func (fr *frameReader) ready() bool {
	if fr.r.Buffered() < frameHead {
		return false
	}
	head, err := fr.r.Peek(frameHead)
	return err == nil && int64(fr.r.Buffered()) >= 4+int64(binary.BigEndian.Uint32(head))
}
