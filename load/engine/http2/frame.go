package http2

import (
	"encoding/binary"
	"io"
)

// The frame types of RFC 9113 section 6.
const (
	kindData         = 0x0
	kindHeaders      = 0x1
	kindPriority     = 0x2
	kindReset        = 0x3
	kindSettings     = 0x4
	kindPush         = 0x5
	kindPing         = 0x6
	kindGoAway       = 0x7
	kindWindow       = 0x8
	kindContinuation = 0x9
)

// Their flags.
const (
	flagEndStream  = 0x1 // of DATA and HEADERS
	flagAck        = 0x1 // of SETTINGS and PING
	flagEndHeaders = 0x4
	flagPadded     = 0x8
	flagPriority   = 0x20
)

const (
	headSize   = 9         // of a frame, before its payload
	maxFrame   = 16384     // what a peer may send and take unless told otherwise; we tell nothing else
	firstBuf   = 4096      // bytes that a connection reads at once, to begin with
	largestBuf = 64 * 1024 // and in the end
)

// frame is one that was received, or a piece of a DATA frame.
type frame struct {
	kind, flags byte
	stream      uint32
	payload     []byte // without padding; it is the reader's, until the next fill
	size        int    // bytes on the wire
	flow        int    // of these, how many count against the windows
	last        bool   // the frame ends with it
}

func (f *frame) has(flag byte) bool { return f.flags&flag != 0 }

// reader takes frames out of a stream of bytes. DATA comes in the pieces in which it arrived, so that a small buffer is enough; all
// other frames come whole.
type reader struct {
	buf      []byte
	from, to int // what is unread

	inside bool // of a DATA frame
	data   frame
	body   int // bytes of it that are to come
	pad    int
	want   int // size of the frame that is not yet there whole
}

// fill reads once.
func (r *reader) fill(src io.Reader) (n int, err error) {
	r.makeRoom()
	n, err = src.Read(r.buf[r.to:])
	r.to += n
	return n, err
}

func (r *reader) makeRoom() {
	full := r.to == len(r.buf) // the last read could have brought more
	size := len(r.buf)
	switch {
	case size == 0:
		size = firstBuf
	case full && size < largestBuf:
		size *= 2
	}
	size = max(size, r.want)
	switch {
	case size > len(r.buf):
		bigger := make([]byte, size)
		r.to = copy(bigger, r.buf[r.from:r.to])
		r.buf, r.from = bigger, 0
	case r.from == r.to:
		r.from, r.to = 0, 0
	case r.from > 0:
		r.to = copy(r.buf, r.buf[r.from:r.to])
		r.from = 0
	}
}

// next takes the next frame, or piece, out of what is there; ok is false if more has to be read first.
func (r *reader) next(f *frame) (ok bool, bad *broken) {
	if r.inside {
		return r.piece(f, 0), nil
	}
	there := r.buf[r.from:r.to]
	if len(there) < headSize {
		r.want = headSize
		return false, nil
	}
	length := int(there[0])<<16 | int(there[1])<<8 | int(there[2])
	if length > maxFrame {
		return false, r.tooLong(there)
	}
	*f = frame{kind: there[3], flags: there[4], stream: binary.BigEndian.Uint32(there[5:]) & maxStream, size: headSize + length}
	if f.kind == kindData {
		return r.begin(f, there[headSize:], length)
	}
	if len(there) < f.size {
		r.want = f.size
		return false, nil
	}
	r.from += f.size
	r.want = 0
	f.payload, f.last = there[headSize:f.size], true
	return true, nil
}

// begin enters a DATA frame of so many bytes.
func (r *reader) begin(f *frame, there []byte, length int) (ok bool, bad *broken) {
	head := 0 // the byte that says how much padding there is
	r.pad = 0
	if f.has(flagPadded) {
		switch {
		case length == 0:
			return false, protocol(codeFrameSize, "a DATA frame is too short for its padding")
		case len(there) == 0:
			r.want = headSize + 1
			return false, nil
		}
		head, r.pad = 1, int(there[0])
		if r.pad > length-1 {
			return false, protocol(codeProtocol, "a DATA frame is shorter than its padding")
		}
	}
	r.want = 0
	r.inside, r.data, r.body = true, *f, length-head-r.pad
	r.from += headSize + head
	r.piece(f, head)
	f.size += headSize
	return true, nil
}

// piece takes what is there of the DATA frame. more is flow-controlled and was read before.
func (r *reader) piece(f *frame, more int) bool {
	*f = r.data
	there := r.buf[r.from:r.to]
	body := min(r.body, len(there))
	pad := min(r.pad, len(there)-body)
	f.payload, f.flow = there[:body], body+pad+more
	f.size = f.flow
	r.body -= body
	r.pad -= pad
	r.from += body + pad
	f.last = r.body+r.pad == 0
	r.inside = !f.last
	return f.last || body+pad > 0
}

// tooLong explains a frame of more than 16 KiB: most often it is none.
func (r *reader) tooLong(there []byte) *broken {
	if string(there[:5]) == "HTTP/" {
		return &broken{code: codeProtocol, class: classMalformed, err: errHTTP1, hopeless: true}
	}
	return protocol(codeFrameSize, "a frame is longer than SETTINGS_MAX_FRAME_SIZE")
}

// appendFrame appends the head of a frame.
func appendFrame(dst []byte, kind, flags byte, stream uint32, length int) []byte {
	return append(dst, byte(length>>16), byte(length>>8), byte(length), kind, flags, byte(stream>>24), byte(stream>>16), byte(stream>>8), byte(stream))
}

func appendReset(dst []byte, stream uint32, code errorCode) []byte {
	return binary.BigEndian.AppendUint32(appendFrame(dst, kindReset, 0, stream, 4), uint32(code))
}

func appendWindow(dst []byte, stream, increment uint32) []byte {
	return binary.BigEndian.AppendUint32(appendFrame(dst, kindWindow, 0, stream, 4), increment)
}

func appendGoAway(dst []byte, code errorCode) []byte {
	dst = appendFrame(dst, kindGoAway, 0, 0, 8)
	dst = binary.BigEndian.AppendUint32(dst, 0) // the server has opened no stream
	return binary.BigEndian.AppendUint32(dst, uint32(code))
}

// appendHeaders appends a header block, in as many frames as it takes.
func appendHeaders(dst []byte, stream uint32, block []byte, prefix, flags byte) []byte {
	size := len(block)
	if prefix != 0 {
		size++
	}
	first := min(size, maxFrame)
	if first == size {
		flags |= flagEndHeaders
	}
	dst = appendFrame(dst, kindHeaders, flags, stream, first)
	if prefix != 0 {
		dst = append(dst, prefix)
		first--
	}
	dst = append(dst, block[:first]...)
	for block = block[first:]; len(block) > 0; {
		n := min(len(block), maxFrame)
		end := byte(0)
		if n == len(block) {
			end = flagEndHeaders
		}
		dst = append(appendFrame(dst, kindContinuation, end, stream, n), block[:n]...)
		block = block[n:]
	}
	return dst
}
