package warc

import (
	"bufio"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// ReadAt reads the record at pos, as [Reader] reported it or as an index says. A Length of 0 stands for "to its end". The checksum of
// a gzip member or Zstandard frame is checked. Safe for concurrent use as far as file is.
func ReadAt(file io.ReaderAt, pos Position, limits Limits) (*Record, error) {
	if pos.Offset < 0 {
		return nil, fmt.Errorf("read record at %d: %w", pos.Offset, ErrNoRecord)
	}
	if pos.Length < 0 {
		return readUnpacked(file, pos, limits)
	}
	var section io.ReaderAt = file
	if pos.Length > 0 {
		section = &window{file: file, end: pos.Offset + pos.Length}
	}
	r := NewReader(section, "", limits)
	r.source.seek(pos.Offset)
	start, err := r.begin()
	if err == nil {
		err = r.read(start)
	}
	if err != nil {
		return nil, fmt.Errorf("read record at %d: %w", pos.Offset, noEOF(err))
	}
	record := r.record
	return &record, nil
}

// window is a file that ends at end.
type window struct {
	file io.ReaderAt
	end  int64
}

func (w *window) ReadAt(p []byte, off int64) (int, error) {
	left := w.end - off
	if left <= 0 {
		return 0, io.EOF
	}
	if int64(len(p)) <= left {
		return w.file.ReadAt(p, off)
	}
	n, err := w.file.ReadAt(p[:left], off)
	if err == nil {
		err = io.EOF
	}
	return n, err
}

// readUnpacked reads a record out of a gzip member or frame that it shares with others.
func readUnpacked(file io.ReaderAt, pos Position, limits Limits) (*Record, error) {
	fail := func(err error) (*Record, error) {
		return nil, fmt.Errorf("read record at %d of the decompressed file: %w", pos.Offset, noEOF(err))
	}
	whole, err := unpackAll(file)
	if err != nil {
		return fail(err)
	}
	if _, err := io.CopyN(io.Discard, whole, pos.Offset); err != nil {
		return fail(err)
	}
	r := NewReader(file, "", limits)
	r.kind = plainLayout
	r.stream = counted{Reader: bufio.NewReaderSize(io.LimitReader(whole, -pos.Length), streamBuffer)}
	if err := r.read(pos.Offset); err != nil {
		return fail(err)
	}
	record := r.record
	record.Position = pos
	return &record, nil
}

// unpackAll returns what all members or frames of a file unpack to, one after the other.
func unpackAll(file io.ReaderAt) (io.Reader, error) {
	in := newSource(file, 0).buffer
	if magic, _ := in.Peek(len(frameMark)); isGzip(magic) {
		return gzip.NewReader(in)
	}
	z, err := newUnzstd(file, Limits{}.withDefaults())
	if err != nil {
		return nil, err
	}
	return z.decoder, z.decoder.Reset(in)
}
