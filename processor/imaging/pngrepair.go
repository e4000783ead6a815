package imaging

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// pngRepair reads as a valid PNG made of the rows that can still be inflated. The rows stay filtered as they are, so
// every colour type, depth and interlacing comes out by the ordinary decoder; missing rows are zero: black, or
// transparent. It is made while it is read, and holds one row and one chunk.
type pngRepair struct {
	src    io.Reader // filtered rows, until the damage
	rows   []pngRows
	pass   int // index in rows
	line   int
	row    []byte
	broken bool // no more rows
	good   int  // bytes of rows that are there, filter bytes included
	total  int

	out, packed bytes.Buffer
	zlib        *zlib.Writer // into packed, not compressing
	ended       bool
}

// newPNGRepair returns nil when there is not even one row.
func newPNGRepair(body []byte) *pngRepair {
	p, ok := parsePNG(body, true)
	if !ok || len(p.idat) < 3 || !p.valid() {
		return nil
	}
	r := &pngRepair{src: flate.NewReader(bytes.NewReader(p.idat[2:])), rows: p.rows()}
	for _, rows := range r.rows {
		r.total += rows.count * rows.length
	}
	var err error
	if r.zlib, err = zlib.NewWriterLevel(&r.packed, zlib.NoCompression); err != nil {
		return nil
	}
	r.out.WriteString(pngMagic)
	writeChunk(&r.out, "IHDR", p.ihdr)
	if p.plte != nil {
		writeChunk(&r.out, "PLTE", p.plte)
	}
	if p.trns != nil {
		writeChunk(&r.out, "tRNS", p.trns)
	}
	if r.next(); r.good == 0 {
		return nil
	}
	return r
}

// Read gives the bytes of the repaired file.
func (r *pngRepair) Read(b []byte) (int, error) {
	for r.out.Len() == 0 {
		if r.ended {
			return 0, io.EOF
		}
		r.fill()
	}
	return r.out.Read(b)
}

// fill writes the next chunk. Writing to memory cannot fail.
func (r *pngRepair) fill() {
	for r.pass < len(r.rows) && r.packed.Len() < 32<<10 {
		r.next()
	}
	if r.pass == len(r.rows) {
		r.zlib.Close()
		r.ended = true
	}
	writeChunk(&r.out, "IDAT", r.packed.Bytes())
	r.packed.Reset()
	if r.ended {
		writeChunk(&r.out, "IEND", nil)
	}
}

// next packs one row. A row that is cut, or whose filter does not exist, is the first missing one.
func (r *pngRepair) next() {
	rows := r.rows[r.pass]
	if cap(r.row) < rows.length {
		r.row = make([]byte, rows.length)
	}
	r.row = r.row[:rows.length]
	if !r.broken {
		_, err := io.ReadFull(r.src, r.row)
		r.broken = err != nil || r.row[0] > 4
	}
	if r.broken {
		clear(r.row)
	} else {
		r.good += rows.length
	}
	r.zlib.Write(r.row)
	if r.line++; r.line == rows.count {
		r.pass, r.line = r.pass+1, 0
	}
}

// valid says whether the header is one that rows can be computed for.
func (p *pngFile) valid() bool {
	switch p.depth() {
	case 1, 2, 4, 8, 16:
		return p.ihdr[12] <= 1
	}
	return false
}

// pngRows are rows of one length, filter byte included: a whole picture, or one pass of an interlaced one.
type pngRows struct{ count, length int }

func (p *pngFile) rows() []pngRows {
	w, h := p.size()
	bits := p.depth() * p.channels()
	if !p.interlaced() {
		return []pngRows{{h, 1 + (w*bits+7)/8}}
	}
	var list []pngRows
	for _, pass := range [7][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
		pw, ph := (w-pass[0]+pass[2]-1)/pass[2], (h-pass[1]+pass[3]-1)/pass[3]
		if pw > 0 && ph > 0 {
			list = append(list, pngRows{ph, 1 + (pw*bits+7)/8})
		}
	}
	return list
}

func writeChunk(b *bytes.Buffer, kind string, data []byte) {
	b.Write(binary.BigEndian.AppendUint32(nil, uint32(len(data))))
	sum := crc32.NewIEEE()
	sum.Write([]byte(kind))
	sum.Write(data)
	b.WriteString(kind)
	b.Write(data)
	b.Write(binary.BigEndian.AppendUint32(nil, sum.Sum32()))
}
