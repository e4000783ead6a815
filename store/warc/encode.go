package warc

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"github.com/klauspost/compress/gzip"
)

// DefaultLevel is the gzip level that costs the crawler least per byte saved.
const DefaultLevel = 1

// EncoderConfig says how records are written.
type EncoderConfig struct {
	Level int  // gzip level 1 (fast) to 9 (small). Defaults to DefaultLevel.
	Plain bool // no gzip. Defaults to false.
}

// Validate reports a level out of range.
func (c EncoderConfig) Validate() error {
	if c.Level < 0 || c.Level > gzip.BestCompression {
		return fmt.Errorf("gzip level %d: want 1 to %d", c.Level, gzip.BestCompression)
	}
	return nil
}

// Encoder turns records into bytes, each record into one gzip member. Not safe for concurrent use; worth reusing.
type Encoder struct {
	plain  bool
	packed *gzip.Writer // for what compresses
	stored *gzip.Writer // for what is compressed already; made when first needed
	head   []byte       // reused
}

// NewEncoder returns an Encoder.
func NewEncoder(cfg EncoderConfig) (*Encoder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Level == 0 {
		cfg.Level = DefaultLevel
	}
	e := &Encoder{plain: cfg.Plain}
	if !cfg.Plain {
		gz, err := gzip.NewWriterLevel(nil, cfg.Level)
		if err != nil {
			return nil, err
		}
		e.packed = gz
	}
	return e, nil
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
	if e.plain {
		return writeParts(dst, head, r.Block)
	}
	gz, err := e.compressor(r.Stored || len(r.Block) < smallBlock)
	if err != nil {
		return err
	}
	gz.Reset(dst)
	if err = writeParts(gz, head, r.Block); err == nil {
		err = gz.Close()
	}
	if err != nil {
		return fmt.Errorf("compress record: %w", err)
	}
	return nil
}

const trailer = "\r\n\r\n"

// smallBlock is the size below which a block is stored: compressing a request or metadata record saves 100 bytes and costs as much
// time as 1 KB of page.
const smallBlock = 512

func (e *Encoder) compressor(stored bool) (*gzip.Writer, error) {
	if !stored {
		return e.packed, nil
	}
	if e.stored == nil {
		gz, err := gzip.NewWriterLevel(nil, gzip.NoCompression)
		if err != nil {
			return nil, err
		}
		e.stored = gz
	}
	return e.stored, nil
}

// writeParts writes the parts of a record and its end.
func writeParts(w io.Writer, parts ...[]byte) error {
	for _, p := range append(parts, []byte(trailer)) {
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
	return append(b, trailer...), nil
}

// CheckField reports whether f can be a header line: the name must be a token (WARC 1.1, section 4), the value free of control
// characters except the tab. Everything that could start another line is refused.
func CheckField(f Field) error {
	if f.Name == "" {
		return fmt.Errorf("write field %q: %w: empty name", f.Name, ErrHeader)
	}
	for i := range len(f.Name) {
		if !isToken(f.Name[i]) {
			return fmt.Errorf("write field %q: %w: the name is no token", f.Name, ErrHeader)
		}
	}
	for i := range len(f.Value) {
		if c := f.Value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("write field %q: %w: control character in the value", f.Name, ErrHeader)
		}
	}
	return nil
}

func isToken(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), c) >= 0
}
