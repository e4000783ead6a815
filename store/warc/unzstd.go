package warc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// unzstd unpacks the Zstandard frames of a file one at a time. It starts no goroutine.
type unzstd struct {
	frame   frame
	decoder *zstd.Decoder
	out     int64 // bytes of the frame at hand
	most    int64 // that a frame may unpack to, beside maxGrowth times its size
	going   bool  // a record is not over: it goes on in the next frame
}

// maxGrowth is what deflate can do at best. Zstandard can do 30,000 times, which no record over the limits has a use for.
const maxGrowth = 1032

// newUnzstd returns one for a file, whose dictionary it reads if there is one. What is wrong with that is ErrDictionary.
func newUnzstd(file io.ReaderAt, limits Limits) (*unzstd, error) {
	options := []zstd.DOption{zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow)}
	dictionary, err := readDictionary(file)
	if err == nil && dictionary != nil {
		options = append(options, zstd.WithDecoderDicts(dictionary))
	}
	var d *zstd.Decoder
	if err == nil {
		d, err = zstd.NewReader(nil, options...)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDictionary, err)
	}
	return &unzstd{decoder: d, most: limits.MaxBlock + int64(limits.MaxHeader) + 1<<20}, nil
}

// readDictionary reads the dictionary at the start of a file, or nil if there is none.
func readDictionary(file io.ReaderAt) ([]byte, error) {
	in := bufio.NewReaderSize(io.NewSectionReader(file, 0, 8+maxWindow), 4<<10)
	magic, err := in.Peek(len(dictMark))
	if !bytes.Equal(magic, dictMark) {
		return nil, nil
	}
	size, err := skippableSize(in)
	if err != nil {
		return nil, err
	}
	if size > 8+maxWindow {
		return nil, fmt.Errorf("%d bytes: %w of %d", size-8, ErrTooLarge, maxWindow)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(in, b); err != nil {
		return nil, noEOF(err)
	}
	if b = b[8:]; !isFrame(b) {
		return b, nil
	}
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(maxWindow))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.DecodeAll(b, nil)
}

// open begins with the frame that in is at.
func (z *unzstd) open(in *bufio.Reader) error {
	z.frame.reset(in)
	z.out, z.going = 0, false
	return z.decoder.Reset(&z.frame)
}

// Read unpacks. At the end of the frame it is io.EOF, unless the record is said to be going on: then the next frame follows.
func (z *unzstd) Read(p []byte) (int, error) {
	for {
		n, err := z.decoder.Read(p)
		z.out += int64(n)
		switch {
		case z.out > z.most+maxGrowth*z.frame.n:
			return 0, fmt.Errorf("zstd frame: %w: %d bytes unpack to more than %d", ErrTooLarge, z.frame.n, z.out)
		case n > 0 && err == io.EOF, err == nil:
			return n, nil
		case errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded):
			return n, fmt.Errorf("zstd frame: window: %w of %d bytes", ErrTooLarge, maxWindow)
		case err != io.EOF:
			return n, fmt.Errorf("zstd frame: %w", err)
		case !z.frame.ended || z.frame.left > 0:
			return n, io.ErrUnexpectedEOF
		case !z.going:
			return n, io.EOF
		}
		if err := z.goOn(); err != nil {
			return n, err
		}
	}
}

// goOn opens the frame behind the one at hand. Others than Zstandard frames are passed over.
func (z *unzstd) goOn() error {
	in := z.frame.in
	for {
		magic, err := in.Peek(len(frameMark))
		switch {
		case isFrame(magic):
			z.frame.reset(in)
			z.out = 0
			return z.decoder.Reset(&z.frame)
		case !isSkippable(magic):
			if len(magic) < len(frameMark) && err != nil {
				return noEOF(err)
			}
			return ErrNoRecord
		}
		if err := skipSkippable(in); err != nil {
			return err
		}
	}
}

// skipSkippable passes over a skippable frame.
func skipSkippable(in *bufio.Reader) error {
	size, err := skippableSize(in)
	if err != nil {
		return err
	}
	_, err = io.CopyN(io.Discard, in, size)
	return noEOF(err)
}
