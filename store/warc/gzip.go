package warc

import (
	"io"

	"github.com/klauspost/compress/gzip"
)

// gzipPacker makes a gzip member of each record.
type gzipPacker struct {
	level  int
	own    deflater     // for what compresses, at level 1
	member []byte       // what own makes
	packed *gzip.Writer // for what compresses and is large, and for other levels; made when first needed
	stored *gzip.Writer // for what is compressed already
}

func newGzipPacker(level int) (*gzipPacker, error) {
	stored, err := gzip.NewWriterLevel(nil, gzip.NoCompression)
	return &gzipPacker{level: level, stored: stored}, err
}

func (p *gzipPacker) pack(dst io.Writer, stored bool, parts ...[]byte) error {
	if stored {
		return packWith(p.stored, dst, parts...)
	}
	if p.level == DefaultLevel && sizeOf(parts) <= maxMember {
		p.member = p.own.appendMember(p.member[:0], parts...)
		return writeParts(dst, p.member)
	}
	if p.packed == nil {
		gz, err := gzip.NewWriterLevel(nil, p.level)
		if err != nil {
			return err
		}
		p.packed = gz
	}
	return packWith(p.packed, dst, parts...)
}

func packWith(gz *gzip.Writer, dst io.Writer, parts ...[]byte) error {
	gz.Reset(dst)
	if err := writeParts(gz, parts...); err != nil {
		return err
	}
	return gz.Close()
}
