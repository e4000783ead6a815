package warc

import (
	"bufio"
	"io"
	"math"
)

// source reads a file from any offset on and knows where it is. bufio.Reader is what flate takes single bytes from, so that a gzip
// member is read to its last byte and not further.
type source struct {
	file    io.ReaderAt
	section *io.SectionReader
	buffer  *bufio.Reader
	start   int64 // offset of the section in the file
}

const (
	sourceBuffer = 64 << 10
	streamBuffer = 32 << 10
)

func newSource(file io.ReaderAt, offset int64) *source {
	s := &source{file: file, buffer: bufio.NewReaderSize(nil, sourceBuffer)}
	s.seek(offset)
	return s
}

func (s *source) seek(offset int64) {
	s.start = offset
	s.section = io.NewSectionReader(s.file, offset, math.MaxInt64-offset)
	s.buffer.Reset(s.section)
}

// position is the offset in the file of the next byte that buffer gives.
func (s *source) position() int64 {
	read, _ := s.section.Seek(0, io.SeekCurrent)
	return s.start + read - int64(s.buffer.Buffered())
}
