package warc

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// wasteLimit bounds how much is read again because of damage: eight times the file and this. Without it a file made of nested
// false starts would take quadratic time.
const wasteLimit = 64 << 20

var (
	recordMark = []byte("WARC/1.")
	gzipMark   = []byte{0x1f, 0x8b, 0x08}
)

// skipDamage moves to the next place where a record starts and describes the stretch between.
func (r *Reader) skipDamage(start int64, cause error) error {
	r.goesOn(false)
	var large *largeError
	inPlace := errors.As(cause, &large)
	if !inPlace && r.inMember && headerDamage(cause) {
		inPlace = r.nextInMember()
	}
	if inPlace {
		end := r.source.position()
		if r.inMember {
			end = r.member
		}
		return &DamageError{Name: r.name, Offset: start, End: end, Err: cause}
	}
	failed := r.source.position()
	from := start + 1
	if r.wasted += failed - start; r.wasted > wasteLimit+8*failed {
		from = max(from, failed)
	}
	r.inMember, r.lost = false, true
	end, err := r.search(from)
	if err != nil {
		return err
	}
	r.source.seek(end)
	return &DamageError{Name: r.name, Offset: start, End: end, Err: noEOF(cause)}
}

// headerDamage reports whether the compressed data may be sound although the record is not.
func headerDamage(err error) bool {
	return errors.Is(err, ErrHeader) || errors.Is(err, ErrNoRecord) || errors.Is(err, ErrTrailer) || errors.Is(err, ErrTooLarge)
}

// nextInMember looks for a line in the decompressed member that starts a record, up to the sound end of the member, behind which
// reading can go on as well. It is false when the compressed data is damaged too.
func (r *Reader) nextInMember() bool {
	for {
		magic, err := r.stream.Peek(len(recordMark))
		if bytes.Equal(magic, recordMark) {
			return true
		}
		if len(magic) == 0 {
			if err == io.EOF {
				r.endMember()
			}
			return err == io.EOF
		}
		if !r.skipLine() {
			return false
		}
	}
}

// skipLine takes the rest of a line, or of the stream. It is false when the stream breaks.
func (r *Reader) skipLine() bool {
	for {
		part, err := r.stream.ReadSlice('\n')
		r.stream.n += int64(len(part))
		if err == nil || err == io.EOF {
			return true
		}
		if err != bufio.ErrBufferFull {
			return false
		}
	}
}

// search returns the first offset from from on where a record, or a gzip member that begins with one, starts, or else the end of
// the file.
func (r *Reader) search(from int64) (int64, error) {
	r.source.seek(from)
	for {
		window, err := r.source.buffer.Peek(sourceBuffer)
		at := r.source.position()
		for i := 0; i < len(window); i++ {
			i += r.nextMark(window[i:])
			if i < len(window) && r.startsRecord(at+int64(i)) {
				return at + int64(i), nil
			}
		}
		if err == io.EOF {
			return at + int64(len(window)), nil
		}
		if err != nil {
			return 0, err
		}
		if _, err := r.source.buffer.Discard(len(window) - len(recordMark) + 1); err != nil {
			return 0, err
		}
	}
}

// nextMark returns where the next mark is in b, or len(b).
func (r *Reader) nextMark(b []byte) int {
	next := len(b)
	for _, m := range [...]struct {
		kind layout
		mark []byte
	}{{gzipLayout, gzipMark}, {zstdLayout, frameMark}, {plainLayout, recordMark}} {
		if !r.mayBe(m.kind) {
			continue
		}
		if i := bytes.Index(b[:next], m.mark); i >= 0 {
			next = i
		}
	}
	return next
}

// startsRecord looks closer at a mark: it must begin a line, or unpack to the mark of a record.
func (r *Reader) startsRecord(offset int64) bool {
	var first [1]byte
	if _, err := r.source.file.ReadAt(first[:], offset); err != nil && err != io.EOF {
		return false
	}
	if first[0] == recordMark[0] {
		if offset == 0 {
			return true
		}
		_, err := r.source.file.ReadAt(first[:], offset-1)
		return err == nil && first[0] == '\n'
	}
	if r.wasted > wasteLimit+8*offset {
		return true // looking would cost more than trying
	}
	if r.probe == nil {
		r.probe = newProbe(r.source.file)
	}
	yes, read := r.probe.startsRecord(offset, first[0] == frameMark[0])
	r.wasted += read
	return yes
}

// probe unpacks the first bytes of what may be a gzip member or a Zstandard frame.
type probe struct {
	file   io.ReaderAt
	buffer *bufio.Reader
	gzip   gzip.Reader
	zstd   *unzstd // made when first needed
}

// probeBytes is enough of a member for its header and the tables of a deflate block; probeFrame of a frame for its first block, which is
// unpacked whole or not at all.
const (
	probeBytes = 4 << 10
	probeFrame = maxRaw + 64
)

func newProbe(file io.ReaderAt) *probe {
	return &probe{file: file, buffer: bufio.NewReaderSize(nil, 512)}
}

// startsRecord also returns how much of the file it read, more or less.
func (p *probe) startsRecord(offset int64, framed bool) (yes bool, read int64) {
	most := int64(probeBytes)
	if framed {
		most = probeFrame
	}
	section := io.NewSectionReader(p.file, offset, most)
	p.buffer.Reset(section)
	stream, err := p.open(framed)
	if err == nil {
		var got [7]byte // len(recordMark)
		_, err = io.ReadFull(stream, got[:])
		yes = err == nil && bytes.Equal(got[:], recordMark)
	}
	read, _ = section.Seek(0, io.SeekCurrent)
	return yes, read
}

func (p *probe) open(framed bool) (io.Reader, error) {
	if !framed {
		return &p.gzip, p.gzip.Reset(p.buffer)
	}
	if p.zstd == nil {
		z, err := newUnzstd(p.file, Limits{}.withDefaults())
		if err != nil {
			return nil, err
		}
		p.zstd = z
	}
	return p.zstd, p.zstd.open(p.buffer)
}
