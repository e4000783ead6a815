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
	if r.kind != plainLayout {
		if i := bytes.Index(b, gzipMark); i >= 0 {
			next = i
		}
	}
	if r.kind != gzipLayout {
		if i := bytes.Index(b[:next], recordMark); i >= 0 {
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
	if r.probe == nil {
		r.probe = newProbe()
	}
	return r.probe.startsRecord(r.source.file, offset)
}

// probe unpacks the first bytes of what may be a gzip member.
type probe struct {
	buffer *bufio.Reader
	gzip   *gzip.Reader
}

// probeBytes is enough of a member for its header and the tables of a deflate block.
const probeBytes = 4 << 10

func newProbe() *probe {
	return &probe{buffer: bufio.NewReaderSize(nil, 512), gzip: new(gzip.Reader)}
}

func (p *probe) startsRecord(file io.ReaderAt, offset int64) bool {
	p.buffer.Reset(io.NewSectionReader(file, offset, probeBytes))
	if p.gzip.Reset(p.buffer) != nil {
		return false
	}
	var got [7]byte // len(recordMark)
	_, err := io.ReadFull(p.gzip, got[:])
	return err == nil && bytes.Equal(got[:], recordMark)
}
