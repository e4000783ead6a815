package processor

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zstd"
)

// A part is a file of results. Each result is a Zstandard frame of one JSON
// line behind a skippable frame (RFC 8878, section 3.1.2) that describes it, so
// `zstdcat` prints a part as JSONL, a start reads the heads alone, and a result
// can be read by its place.
//
//	skippable frame:  magic u32 · size u32 · version u8 · kind u8 · crc32c u32 · frame length u32 · key 32 · fingerprint …
//	zstd frame:       {"key":…,"task":…,"version":…,"digest":…,"result":{…}} or "quarantine":{…}
//
// Numbers are little-endian. The checksum covers the fingerprint and the frame.
const (
	skipMagic    = 0x184D2A5A
	headVersion  = 1
	headFixed    = 1 + 1 + 4 + 4 + len(Key{})
	headPrefix   = 8
	maxPrint     = 4 << 10
	maxPartFrame = 1 << 28
)

const (
	kindResult     = 0
	kindQuarantine = 1
)

var (
	errPart    = errors.New("bad part")
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// head is what stands in front of a frame.
type head struct {
	kind     byte
	key      Key
	sum      uint32
	frameLen uint32
	printLen int
}

// size is the bytes of head and frame together.
func (h head) size() int64 { return int64(headPrefix+headFixed+h.printLen) + int64(h.frameLen) }

// appendRecord appends a result as it stands in a part.
func appendRecord(dst []byte, kind byte, key Key, print, frame []byte) []byte {
	sum := crc32.Update(crc32.Checksum(print, castagnoli), castagnoli, frame)
	dst = binary.LittleEndian.AppendUint32(dst, skipMagic)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(headFixed+len(print)))
	dst = append(dst, headVersion, kind)
	dst = binary.LittleEndian.AppendUint32(dst, sum)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(frame)))
	dst = append(dst, key[:]...)
	dst = append(dst, print...)
	return append(dst, frame...)
}

// readHead reads the head at off.
func readHead(f io.ReaderAt, off int64) (head, error) {
	var b [headPrefix + headFixed]byte
	if _, err := f.ReadAt(b[:], off); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return head{}, err
	}
	size := binary.LittleEndian.Uint32(b[4:])
	p := b[headPrefix:]
	h := head{kind: p[1], sum: binary.LittleEndian.Uint32(p[2:]), frameLen: binary.LittleEndian.Uint32(p[6:]), printLen: int(size) - headFixed}
	if binary.LittleEndian.Uint32(b[:]) != skipMagic || p[0] != headVersion || h.printLen < 0 || h.printLen > maxPrint || h.frameLen > maxPartFrame {
		return head{}, fmt.Errorf("%w: no head at %d", errPart, off)
	}
	copy(h.key[:], p[10:])
	return h, nil
}

// readRecord reads fingerprint and frame of the result at off, checked.
func readRecord(f io.ReaderAt, off int64) (h head, print, frame []byte, err error) {
	if h, err = readHead(f, off); err != nil {
		return h, nil, nil, err
	}
	b := make([]byte, h.printLen+int(h.frameLen))
	if _, err := f.ReadAt(b, off+int64(headPrefix+headFixed)); err != nil && !errors.Is(err, io.EOF) {
		return h, nil, nil, err
	}
	if crc32.Checksum(b, castagnoli) != h.sum {
		return h, nil, nil, fmt.Errorf("%w: checksum of the result at %d", errPart, off)
	}
	return h, b[:h.printLen], b[h.printLen:], nil
}

// readPrint reads the fingerprint of the result at off.
func readPrint(f io.ReaderAt, off int64) ([]byte, error) {
	h, err := readHead(f, off)
	if err != nil {
		return nil, err
	}
	b := make([]byte, h.printLen)
	_, err = f.ReadAt(b, off+int64(headPrefix+headFixed))
	return b, err
}

// walkPart calls each with every head in the first size bytes and returns where
// the last whole result ends. With check, checksums are verified, too.
func walkPart(f io.ReaderAt, size int64, check bool, each func(off int64, h head)) (end int64, err error) {
	for off := int64(0); off < size; {
		h, err := readHead(f, off)
		if err == nil && off+h.size() > size {
			err = io.ErrUnexpectedEOF
		}
		if err == nil && check {
			_, _, _, err = readRecord(f, off)
		}
		if err != nil {
			return off, err
		}
		each(off, h)
		off += h.size()
	}
	return size, nil
}

// newCodec returns the compressor and decompressor of parts. Both are safe for
// concurrent use.
func newCodec() (*zstd.Encoder, *zstd.Decoder, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxPartFrame))
	return enc, dec, err
}
