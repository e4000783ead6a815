package imaging

import (
	"bytes"
	"fmt"
	"image/png"
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
	repair := newPNGRepair(body)
	if repair == nil {
		return decoded{}, decodeError("png", err)
	}
	salvaged, again := png.Decode(repair)
	if again != nil {
		return decoded{}, decodeError("png", err)
	}
	return decoded{salvaged, fmt.Sprintf("%v; %d%% of the picture is there", err, percent(repair.good, repair.total))}, nil
}
