package warc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// Limits of what is read. They hold for every record.
type Limits struct {
	MaxHeader int   // bytes of a record header. Defaults to 256 KiB.
	MaxBlock  int64 // bytes of a block. Defaults to 128 MiB.
}

func (l Limits) withDefaults() Limits {
	if l.MaxHeader <= 0 {
		l.MaxHeader = 256 << 10
	}
	if l.MaxBlock <= 0 {
		l.MaxBlock = 128 << 20
	}
	return l
}

// Reader reads the records of a file one after the other. Not safe for concurrent use.
type Reader struct {
	name   string
	limits Limits
	source *source
	gzip   *gzip.Reader

	kind     layout
	inMember bool          // between the first record of a gzip member and its end
	member   int64         // offset of the gzip member
	stream   counted       // what records are parsed from: the source, or what gzip makes of it
	inflated *bufio.Reader // over gzip
	unpacked int64         // decompressed bytes of the members before this one
	shared   bool          // the member at hand holds several records
	lost     bool          // something was skipped: counts of decompressed bytes mean nothing any more

	block  bytes.Buffer
	record Record
	wasted int64 // bytes read more than once because of damage
	probe  *probe
}

// layout is what a file is made of. It is known from its first readable bytes on.
type layout int

const (
	unknownLayout layout = iota
	plainLayout
	gzipLayout
)

// NewReader returns a Reader of file from its start. Name is for messages.
func NewReader(file io.ReaderAt, name string, limits Limits) *Reader {
	return &Reader{
		name:     name,
		limits:   limits.withDefaults(),
		source:   newSource(file, 0),
		gzip:     new(gzip.Reader),
		inflated: bufio.NewReaderSize(nil, streamBuffer),
	}
}

// Next returns the next record, which is valid until the next call; at the end of the file the error is [io.EOF]. A [*DamageError]
// names a stretch without readable records; the call after it goes on behind that stretch. Any other error is final.
func (r *Reader) Next() (*Record, error) {
	start, err := r.begin()
	if err == io.EOF {
		return nil, err
	}
	if err == nil {
		err = r.read(start)
	}
	if err == nil {
		return &r.record, nil
	}
	return nil, r.skipDamage(start, err)
}

// begin goes to the start of the next record and returns the offset to report if it is damaged.
func (r *Reader) begin() (int64, error) {
	for {
		if r.inMember {
			err := skipLineEnds(&r.stream)
			if err != io.EOF {
				r.shared = true
				return r.member, err
			}
			r.endMember()
		}
		if r.kind == plainLayout {
			r.stream = counted{Reader: r.source.buffer}
			err := skipLineEnds(&r.stream)
			r.stream.n = 0
			return r.source.position(), err
		}
		start := r.source.position()
		magic, err := r.source.buffer.Peek(2)
		if len(magic) == 0 {
			return start, err
		}
		if isGzip(magic) {
			return start, r.openMember(start)
		}
		if r.kind == gzipLayout || !r.atMark() {
			return start, ErrNoRecord
		}
		r.kind = plainLayout
	}
}

// atMark reports whether a plain record starts here.
func (r *Reader) atMark() bool {
	b, err := r.source.buffer.Peek(len(recordMark))
	return err == nil && bytes.Equal(b, recordMark)
}

func isGzip(magic []byte) bool { return len(magic) >= 2 && magic[0] == 0x1f && magic[1] == 0x8b }

func (r *Reader) openMember(start int64) error {
	r.member, r.shared = start, false
	if err := r.gzip.Reset(r.source.buffer); err != nil {
		return fmt.Errorf("gzip header: %w", noEOF(err))
	}
	r.kind = gzipLayout
	r.gzip.Multistream(false)
	r.inflated.Reset(r.gzip)
	r.stream = counted{Reader: r.inflated}
	r.inMember = true
	return nil
}

func (r *Reader) endMember() {
	r.unpacked += r.stream.n
	r.inMember = false
}

// read parses the record at hand.
func (r *Reader) read(start int64) error {
	from := r.stream.n
	version, header, err := parseHead(&r.stream, r.limits.MaxHeader)
	if err != nil {
		return err
	}
	size, err := contentLength(header)
	if err != nil {
		return err
	}
	if size > r.limits.MaxBlock {
		return r.skipLarge(size)
	}
	if err := readBlock(&r.stream, &r.block, size); err != nil {
		return err
	}
	if err := readTrailer(&r.stream); err != nil {
		return err
	}
	r.record = Record{Version: version, Header: header, Block: r.block.Bytes()}
	return r.locate(start, from)
}

// locate finds the record's position, now that it is known whether it has the gzip member for itself. Reading to the end of the
// member also checks its checksum, so a record that fails it is never returned.
func (r *Reader) locate(start, from int64) error {
	if r.kind == plainLayout {
		r.record.Position = Position{Offset: start, Length: r.stream.n - from}
		return nil
	}
	length := r.stream.n - from
	err := skipLineEnds(&r.stream)
	if err != nil && err != io.EOF {
		return err
	}
	if err == io.EOF && !r.shared {
		r.endMember()
		r.record.Position = Position{Offset: start, Length: r.source.position() - start}
		return nil
	}
	if r.lost {
		return errors.New("record in a shared gzip member behind damage has no position")
	}
	r.record.Position = Position{Offset: r.unpacked + from, Length: -length}
	return nil
}

// skipLarge passes over a block that is over the limit, so that what follows is found where it should be.
func (r *Reader) skipLarge(size int64) error {
	if _, err := io.CopyN(io.Discard, &r.stream, size); err != nil {
		return noEOF(err)
	}
	if err := readTrailer(&r.stream); err != nil {
		return err
	}
	return &largeError{size: size, max: r.limits.MaxBlock}
}

// largeError is damage of a kind: the record is skipped, but what is behind it needs no search.
type largeError struct{ size, max int64 }

func (e *largeError) Error() string {
	return fmt.Sprintf("block of %d bytes: %v of %d bytes", e.size, ErrTooLarge, e.max)
}

func (e *largeError) Unwrap() error { return ErrTooLarge }

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
