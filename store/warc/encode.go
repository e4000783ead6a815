package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/klauspost/compress/gzip"
)

// DefaultLevel is the gzip level that costs the crawler least per byte saved.
const DefaultLevel = 1

// EncoderConfig says how records are written.
type EncoderConfig struct {
	Compression Compression // Defaults to Gzip.
	Level       int         // gzip level, 1 (fast) to 9 (small); Zstd always has its fastest. Defaults to DefaultLevel.
}

// Validate reports an unknown compression and a level out of range.
func (c EncoderConfig) Validate() error {
	err := c.Compression.Validate()
	if c.Level < 0 || c.Level > gzip.BestCompression {
		err = errors.Join(err, fmt.Errorf("gzip level %d: want 1 to %d", c.Level, gzip.BestCompression))
	}
	return err
}

// Encoder turns records into bytes, each record into one gzip member or Zstandard frame. Not safe for concurrent use; worth reusing.
type Encoder struct {
	packer packer
	head   []byte // reused
}

// packer writes the parts of one record packed, so that they are unpacked alone. Stored says that trying to make them smaller would only
// cost time.
type packer interface {
	pack(dst io.Writer, stored bool, parts ...[]byte) error
}

// NewEncoder returns an Encoder.
func NewEncoder(cfg EncoderConfig) (*Encoder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	var p packer
	var err error
	switch cfg.Compression.orDefault() {
	case Zstd:
		p, err = newZstdPacker()
	case None:
		p = plainPacker{}
	default:
		p, err = newGzipPacker(max(cfg.Level, DefaultLevel))
	}
	return &Encoder{packer: p}, err
}

// Encode appends r to dst and returns how many bytes that took. On an error dst is as it was.
func (e *Encoder) Encode(dst *bytes.Buffer, r *Record) (int, error) {
	start := dst.Len()
	if err := e.EncodeTo(dst, r); err != nil {
		dst.Truncate(start)
		return 0, err
	}
	return dst.Len() - start, nil
}

// EncodeTo writes r to dst. On an error a part of it may be there.
func (e *Encoder) EncodeTo(dst io.Writer, r *Record) error {
	head, err := appendHead(e.head[:0], r)
	e.head = head
	if err != nil {
		return err
	}
	if err := e.packer.pack(dst, r.Stored || len(r.Block) < smallBlock && !r.Packed, head, r.Block, trailer); err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	return nil
}

const recordEnd = "\r\n\r\n"

var trailer = []byte(recordEnd)

// smallBlock is the size below which a block is stored unless its record says otherwise: compressing a request or metadata record saves a
// third of its 600 bytes, but three of them cost half as much time as a page of 16 KB.
const smallBlock = 512

// plainPacker leaves records as they are.
type plainPacker struct{}

func (plainPacker) pack(dst io.Writer, _ bool, parts ...[]byte) error {
	return writeParts(dst, parts...)
}

func sizeOf(parts [][]byte) (n int) {
	for _, p := range parts {
		n += len(p)
	}
	return n
}

func writeParts(w io.Writer, parts ...[]byte) error {
	for _, p := range parts {
		if len(p) == 0 {
			continue
		}
		if _, err := w.Write(p); err != nil {
			return err
		}
	}
	return nil
}

func appendHead(b []byte, r *Record) ([]byte, error) {
	b = append(b, "WARC/1.1\r\n"...)
	for _, f := range r.Header {
		if err := CheckField(f); err != nil {
			return b, err
		}
		b = append(b, f.Name...)
		b = append(b, ": "...)
		b = append(b, f.Value...)
		b = append(b, "\r\n"...)
	}
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(r.Block)), 10)
	return append(b, recordEnd...), nil
}
