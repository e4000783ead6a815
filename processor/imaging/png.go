package imaging

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image/png"
	"io"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

// pngFile is a PNG taken apart without inflating anything: compressed text and colour profiles, which may be
// bombs, are stepped over.
type pngFile struct {
	ihdr, plte, trns []byte
	idat             []byte // joined; nil until collect
	exif             []byte
	frames           int
	whole            bool // IEND was reached
}

func (p *pngFile) size() (w, h int) { return be32(p.ihdr), be32(p.ihdr[4:]) }
func (p *pngFile) depth() int       { return int(p.ihdr[8]) }
func (p *pngFile) colour() int      { return int(p.ihdr[9]) }
func (p *pngFile) interlaced() bool { return p.ihdr[12] == 1 }

// channels returns the samples of a pixel.
func (p *pngFile) channels() int {
	switch p.colour() {
	case 2:
		return 3
	case 4:
		return 2
	case 6:
		return 4
	}
	return 1
}

// parsePNG walks the chunks as far as they go. Checksums are not looked at; collect keeps the picture data.
func parsePNG(body []byte, collect bool) (*pngFile, bool) {
	p := &pngFile{}
	for rest := body[len(pngMagic):]; len(rest) >= 8; {
		length, kind := be32(rest), string(rest[4:8])
		rest = rest[8:]
		data := rest[:min(length, len(rest))]
		switch kind {
		case "IHDR":
			if len(data) < 13 || p.ihdr != nil {
				return p, p.ihdr != nil
			}
			p.ihdr = data[:13]
		case "PLTE":
			p.plte = data[:min(len(data), 768)/3*3]
		case "tRNS":
			p.trns = data
		case "eXIf":
			p.exif = data
		case "acTL":
			if len(data) >= 4 {
				p.frames = be32(data)
			}
		case "IDAT":
			if collect {
				p.idat = append(p.idat, data...)
			}
		case "IEND":
			p.whole = true
			return p, p.ihdr != nil
		}
		if length+4 > len(rest) {
			break
		}
		rest = rest[length+4:]
	}
	return p, p.ihdr != nil
}

func probePNG(body []byte) (*header, *Error) {
	p, ok := parsePNG(body, false)
	if !ok {
		return nil, broken("png: the header is cut or missing")
	}
	w, h := p.size()
	perPixel := 4
	switch {
	case p.depth() == 16 && p.colour() == 0:
		perPixel = 2
	case p.depth() == 16:
		perPixel = 8
	case p.colour() == 0 || p.colour() == 3:
		perPixel = 1
	}
	memory := int64(w) * int64(h) * int64(perPixel)
	if p.interlaced() {
		memory += memory / 2
	}
	return &header{format: "png", w: w, h: h, frames: p.frames, memory: memory, exif: p.exif, decode: decodePNG}, nil
}

func decodePNG(body []byte) (decoded, *Error) {
	img, err := png.Decode(bytes.NewReader(body))
	if err == nil {
		return decoded{img: img}, nil
	}
	if isUnsupported(err) {
		return decoded{}, decodeError("png", err)
	}
	repaired, share := repairPNG(body)
	if repaired == nil {
		return decoded{}, decodeError("png", err)
	}
	salvaged, again := png.Decode(bytes.NewReader(repaired))
	if again != nil {
		return decoded{}, decodeError("png", err)
	}
	return decoded{salvaged, fmt.Sprintf("%v; %d%% of the picture is there", err, share)}, nil
}

// repairPNG builds a valid PNG of the rows that can still be inflated, and says how much of the data they are.
// Missing rows are zero: black, or transparent. The rows stay filtered as they are, so every colour type,
// depth and interlacing comes out by the ordinary decoder. It returns nil when there is not even one row.
func repairPNG(body []byte) (repaired []byte, share int) {
	p, ok := parsePNG(body, true)
	if !ok || len(p.idat) < 3 || !p.valid() {
		return nil, 0
	}
	rows := p.rows()
	total := 0
	for _, r := range rows {
		total += r.count * r.length
	}
	raw := make([]byte, total)
	n, _ := io.ReadFull(flate.NewReader(bytes.NewReader(p.idat[2:])), raw)
	n = wholeRows(raw, rows, n)
	if n == 0 {
		return nil, 0
	}
	clear(raw[n:])
	var data bytes.Buffer
	zw, err := zlib.NewWriterLevel(&data, zlib.NoCompression)
	if err != nil {
		return nil, 0
	}
	zw.Write(raw) // into memory: cannot fail
	zw.Close()
	var b bytes.Buffer
	b.WriteString(pngMagic)
	for _, c := range []struct {
		kind string
		data []byte
	}{{"IHDR", p.ihdr}, {"PLTE", p.plte}, {"tRNS", p.trns}, {"IDAT", data.Bytes()}, {"IEND", nil}} {
		if c.data != nil || c.kind == "IEND" {
			writeChunk(&b, c.kind, c.data)
		}
	}
	return b.Bytes(), percent(n, total)
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

// wholeRows cuts n to the end of the last whole row with a filter that exists.
func wholeRows(raw []byte, rows []pngRows, n int) int {
	at := 0
	for _, r := range rows {
		for range r.count {
			if at+r.length > n || raw[at] > 4 {
				return at
			}
			at += r.length
		}
	}
	return at
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
