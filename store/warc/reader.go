package warc

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// Limits of what is read. They hold for every record.
type Limits struct {
	MaxHeader int   // bytes of a record header. Defaults to 256 KiB.
	MaxBlock  int64 // bytes of a block. Defaults to 128 MiB.
	// Strict takes a record without the two line ends behind its block for damage. Defaults to false: the end of the file will do.
	Strict bool
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
	zstd   *unzstd // made when first needed

	kind     layout
	inMember bool          // between the first record of a gzip member or Zstandard frame and its end
	member   int64         // offset of the member
	stream   counted       // what records are parsed from: the source, or what is unpacked of it
	unpack   *bufio.Reader // over gzip or zstd
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
	zstdLayout
)

// NewReader returns a Reader of file from its start. Name is for messages.
func NewReader(file io.ReaderAt, name string, limits Limits) *Reader {
	return &Reader{
		name:   name,
		limits: limits.withDefaults(),
		source: newSource(file, 0),
		gzip:   new(gzip.Reader),
		unpack: bufio.NewReaderSize(nil, streamBuffer),
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
	switch {
	case err == nil:
		return &r.record, nil
	case errors.Is(err, ErrDictionary):
		return nil, err
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
		magic, err := r.source.buffer.Peek(len(frameMark))
		if len(magic) == 0 {
			return start, err
		}
		if isSkippable(magic) && r.mayBe(zstdLayout) {
			r.kind = zstdLayout
			if err := skipSkippable(r.source.buffer); err != nil {
				return start, err
			}
			continue
		}
		if !isGzip(magic) && !isFrame(magic) {
			if r.kind != unknownLayout || !r.atMark() {
				return start, ErrNoRecord
			}
			r.kind = plainLayout
			continue
		}
		if err := r.openMember(start, isFrame(magic)); err != nil {
			return start, err
		}
		if err := skipLineEnds(&r.stream); err != io.EOF {
			return start, err
		}
		r.endMember() // it was empty, or has the line ends of the record before
	}
}

// mayBe reports whether nothing is known against a layout.
func (r *Reader) mayBe(kind layout) bool { return r.kind == unknownLayout || r.kind == kind }

// atMark reports whether a plain record starts here.
func (r *Reader) atMark() bool {
	b, err := r.source.buffer.Peek(len(recordMark))
	return err == nil && bytes.Equal(b, recordMark)
}

func isGzip(magic []byte) bool { return len(magic) >= 2 && magic[0] == 0x1f && magic[1] == 0x8b }

func (r *Reader) openMember(start int64, framed bool) error {
	r.member, r.shared = start, false
	kind, open := gzipLayout, r.openGzip
	if framed {
		kind, open = zstdLayout, r.openFrame
	}
	if !r.mayBe(kind) {
		return ErrNoRecord
	}
	stream, err := open()
	if err != nil {
		return err
	}
	r.kind = kind
	r.unpack.Reset(stream)
	r.stream = counted{Reader: r.unpack}
	r.inMember = true
	return nil
}

func (r *Reader) openGzip() (io.Reader, error) {
	if err := r.gzip.Reset(r.source.buffer); err != nil {
		return nil, fmt.Errorf("gzip header: %w", noEOF(err))
	}
	r.gzip.Multistream(false)
	return r.gzip, nil
}

func (r *Reader) openFrame() (io.Reader, error) {
	if r.zstd == nil {
		z, err := newUnzstd(r.source.file, r.limits)
		if err != nil {
			return nil, err
		}
		r.zstd = z
	}
	return r.zstd, r.zstd.open(r.source.buffer)
}

// goesOn says that the record at hand is not over, so that its next frame, if it has more than one, is its own.
func (r *Reader) goesOn(yes bool) {
	if r.kind == zstdLayout && r.zstd != nil {
		r.zstd.going = yes
	}
}

func (r *Reader) endMember() {
	r.unpacked += r.stream.n
	r.inMember = false
}

// read parses the record at hand.
func (r *Reader) read(start int64) error {
	from := r.stream.n
	r.goesOn(true)
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
	r.goesOn(r.limits.Strict)
	if err := readTrailer(&r.stream, r.limits.Strict); err != nil {
		return err
	}
	r.goesOn(false)
	r.record = Record{Version: version, Header: header, Block: r.block.Bytes()}
	return r.locate(start, from)
}

// locate finds the record's position, now that it is known whether it has the gzip member or frame for itself. Reading to the end of the
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
		return errors.New("record in a shared member behind damage has no position")
	}
	r.record.Position = Position{Offset: r.unpacked + from, Length: -length}
	return nil
}

// skipLarge passes over a block that is over the limit, so that what follows is found where it should be.
func (r *Reader) skipLarge(size int64) error {
	large := &largeError{size: size, max: r.limits.MaxBlock}
	_, err := io.CopyN(io.Discard, &r.stream, size)
	if errors.Is(err, ErrTooLarge) { // where the frame ends is known without unpacking it
		r.inMember, r.lost = false, true
		return cmp.Or(r.zstd.frame.skip(), error(large))
	}
	if err != nil {
		return noEOF(err)
	}
	r.goesOn(false)
	if err := readTrailer(&r.stream, false); err != nil {
		return err
	}
	return large
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
