package store

import (
	"bufio"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

const (
	maxCodings = 3
	// maxRatio and ratioFree bound what a small body may unpack to. Deflate cannot pass 1032; pages stay under 100.
	maxRatio   = 200
	ratioFree  = 1 << 20
	zstdWindow = 8 << 20 // RFC 9659
)

// Decode takes the content codings off the body: gzip, x-gzip, deflate (zlib or raw), br, zstd, at most three on each other. At most max
// bytes come out, and at most 1 MiB more than 200 times what went in; truncated tells that there was more, or that the coded
// data breaks off. A coding that is unknown, or not what the data is in, is [ErrCoding]. Without a coding the body is returned
// as it is, cut at max.
func (r *Response) Decode(max int64) (body []byte, truncated bool, err error) {
	codings, err := r.codings()
	if err != nil {
		return nil, false, err
	}
	body, truncated = r.Body, r.Truncated
	for i := len(codings) - 1; i >= 0; i-- {
		limit := min(max, int64(len(r.Body))*maxRatio+ratioFree)
		var cut bool
		body, cut, err = decodeOne(codings[i], body, limit)
		if err != nil {
			return nil, false, fmt.Errorf("decode %q: %w", codings[i], err)
		}
		truncated = truncated || cut
	}
	if int64(len(body)) > max {
		body, truncated = body[:max], true
	}
	return body, truncated, nil
}

func (r *Response) codings() ([]string, error) {
	var codings []string
	for _, f := range r.Header {
		if !strings.EqualFold(f.Name, "Content-Encoding") {
			continue
		}
		for c := range strings.SplitSeq(f.Value, ",") {
			if c = strings.ToLower(strings.TrimSpace(c)); c != "" && c != "identity" {
				codings = append(codings, c)
			}
		}
		if len(codings) > maxCodings {
			return nil, fmt.Errorf("decode: %w: more than %d stacked", ErrCoding, maxCodings)
		}
	}
	return codings, nil
}

func decodeOne(coding string, b []byte, limit int64) (body []byte, cut bool, err error) {
	if len(b) == 0 {
		return nil, false, nil
	}
	reader, done, err := openCoding(coding, b)
	if err != nil {
		return nil, isCut(err), dropCut(err)
	}
	defer done()
	body, err = readUpTo(reader, limit+1)
	n := int64(len(body))
	if n > limit {
		return body[:limit], true, nil
	}
	if err != nil && n == 0 && !isCut(err) {
		return nil, false, fmt.Errorf("%w: %w", ErrCoding, err)
	}
	return body, err != nil, nil
}

// readUpTo reads to the end, or n bytes. Beyond 1 MiB the buffer does not double but is made for 32 MiB at once, if n is as much: the
// copies on the way there would be more than what a bomb unpacks to.
func readUpTo(r io.Reader, n int64) ([]byte, error) {
	const first, doubling, leap = 16 << 10, 1 << 20, 32<<20 + 1
	buf := make([]byte, 0, min(n, first))
	for {
		if int64(len(buf)) == n {
			return buf, nil
		}
		if len(buf) == cap(buf) {
			next := min(n, 2*int64(cap(buf)))
			if cap(buf) >= doubling {
				next = min(n, max(next, leap))
			}
			buf = append(make([]byte, 0, next), buf...)
		}
		got, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+got]
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
}

func openCoding(coding string, b []byte) (io.Reader, func(), error) {
	none := func() {}
	in := bytes.NewReader(b)
	var (
		r   io.Reader
		err error
	)
	switch coding {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(in)
	case "deflate":
		r, err = openDeflate(b)
	case "br":
		r = brotli.NewReader(in)
	case "zstd":
		var d *zstd.Decoder
		d, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err == nil {
			return d, d.Close, nil
		}
	default:
		return nil, nil, fmt.Errorf("%w: not known", ErrCoding)
	}
	if err != nil && !isCut(err) {
		err = fmt.Errorf("%w: %w", ErrCoding, err)
	}
	return r, none, err
}

// openDeflate reads what RFC 9110 calls deflate, which is zlib, and what some servers take it for, which is bare deflate.
func openDeflate(b []byte) (io.Reader, error) {
	if len(b) >= 2 && b[0]&0x0f == 8 && (uint(b[0])<<8|uint(b[1]))%31 == 0 {
		return zlib.NewReader(bytes.NewReader(b))
	}
	return flate.NewReader(bufio.NewReader(bytes.NewReader(b))), nil
}

func isCut(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

func dropCut(err error) error {
	if isCut(err) {
		return nil
	}
	return err
}
