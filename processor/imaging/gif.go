package imaging

import (
	"compress/lzw"
	"fmt"
	"image"
	"image/color"
	"io"
)

// gifFile is a GIF taken apart: its first frame, and how many there are.
type gifFile struct {
	w, h        int
	palette     []byte // of the screen, three bytes a colour
	first       gifFrame
	frames      int  // with data that is whole; the first counts in any case
	whole       bool // the trailer was reached
	transparent int  // index that the next frame does not draw, or -1
}

type gifFrame struct {
	x, y, w, h  int
	palette     []byte
	interlaced  bool
	transparent int
	data        []byte // from the LZW code size on
}

// maxGIFFrames ends the walk: more than any cap that makes sense.
const maxGIFFrames = 1 << 20

func parseGIF(body []byte) (*gifFile, bool) {
	if len(body) < 13 {
		return nil, false
	}
	g := &gifFile{w: le16(body[6:]), h: le16(body[8:]), transparent: -1}
	rest := body[13:]
	if body[10]&0x80 != 0 {
		size := 3 << (body[10]&7 + 1)
		if len(rest) < size {
			return nil, false
		}
		g.palette, rest = rest[:size], rest[size:]
	}
	for len(rest) > 0 && g.frames < maxGIFFrames {
		ok := false
		switch rest[0] {
		case 0x21:
			rest, ok = g.extension(rest)
		case 0x2c:
			rest, ok = g.frame(rest)
		case 0x3b:
			g.whole = true
		}
		if !ok {
			break
		}
	}
	return g, g.first.data != nil
}

// extension steps over a block, and learns the transparent colour from a graphic control.
func (g *gifFile) extension(b []byte) (rest []byte, ok bool) {
	if len(b) < 2 {
		return nil, false
	}
	if b[1] == 0xf9 && len(b) >= 7 && b[2] >= 4 {
		g.transparent = -1
		if b[3]&1 != 0 {
			g.transparent = int(b[6])
		}
	}
	return skipBlocks(b[2:])
}

func (g *gifFile) frame(b []byte) (rest []byte, ok bool) {
	if len(b) < 11 {
		return nil, false
	}
	f := gifFrame{x: le16(b[1:]), y: le16(b[3:]), w: le16(b[5:]), h: le16(b[7:]), palette: g.palette, interlaced: b[9]&0x40 != 0, transparent: g.transparent}
	flags := b[9]
	b = b[10:]
	if flags&0x80 != 0 {
		size := 3 << (flags&7 + 1)
		if len(b) < size+1 {
			return nil, false
		}
		f.palette, b = b[:size], b[size:]
	}
	f.data = b
	g.transparent = -1
	rest, ok = skipBlocks(b[1:])
	if g.first.data == nil {
		g.first = f
	}
	if ok || g.frames == 0 {
		g.frames++
	}
	return rest, ok
}

// skipBlocks steps over data sub-blocks up to the empty one.
func skipBlocks(b []byte) (rest []byte, ok bool) {
	for len(b) > 0 {
		n := int(b[0])
		if n == 0 {
			return b[1:], true
		}
		if len(b) < n+1 {
			return nil, false
		}
		b = b[n+1:]
	}
	return nil, false
}

func probeGIF(body []byte) (*header, *Error) {
	g, ok := parseGIF(body)
	if !ok {
		return nil, broken("gif: there is no frame")
	}
	w, h := max(g.w, g.first.w), max(g.h, g.first.h)
	return &header{format: "gif", w: w, h: h, frames: g.frames, memory: 2 * int64(w) * int64(h), decode: decodeGIF}, nil
}

// decodeGIF decodes the first frame, on its screen.
func decodeGIF(body []byte) (decoded, *Error) {
	g, _ := parseGIF(body)
	f := g.first
	if f.w == 0 || f.h == 0 || f.data[0] < 2 || f.data[0] > 8 {
		return decoded{}, broken("gif: the first frame has no pixels")
	}
	pixels := make([]uint8, f.w*f.h)
	n, err := io.ReadFull(lzw.NewReader(&subBlocks{rest: f.data[1:]}, lzw.LSB, int(f.data[0])), pixels)
	if n == 0 {
		return decoded{}, decodeError("gif", err)
	}
	d := decoded{img: g.compose(pixels[:n])}
	switch {
	case err != nil:
		d.damage = fmt.Sprintf("gif: %v; %d%% of the first frame is there", err, percent(n, len(pixels)))
	case !g.whole:
		d.damage = fmt.Sprintf("gif: it ends early; %d whole frames are there", g.frames)
	}
	return d, nil
}

// compose places the pixels of the first frame on its screen. What it does not cover is transparent, or the
// first colour if there is no room for a transparent one.
func (g *gifFile) compose(pixels []uint8) image.Image {
	f := g.first
	palette := make(color.Palette, 256)
	for i := range palette {
		palette[i] = color.RGBA{A: 255}
		if 3*i+2 < len(f.palette) {
			palette[i] = color.RGBA{f.palette[3*i], f.palette[3*i+1], f.palette[3*i+2], 255}
		}
	}
	empty := f.transparent
	if empty < 0 && len(f.palette) < 3*256 {
		empty = 255
	}
	if empty >= 0 {
		palette[empty] = color.RGBA{}
	}
	w, h := g.w, g.h
	if w == 0 || h == 0 {
		w, h = f.w, f.h
	}
	img := image.NewPaletted(image.Rect(0, 0, w, h), palette)
	if empty > 0 {
		for i := range img.Pix {
			img.Pix[i] = uint8(empty)
		}
	}
	for i := 0; i*f.w < len(pixels); i++ {
		row := pixels[i*f.w : min((i+1)*f.w, len(pixels))]
		if y := f.y + f.line(i); y < h && f.x < w {
			copy(img.Pix[y*img.Stride+f.x:(y+1)*img.Stride], row)
		}
	}
	return img
}

// line is where row i of the data belongs.
func (f *gifFrame) line(i int) int {
	if !f.interlaced {
		return i
	}
	for _, pass := range [4][2]int{{0, 8}, {4, 8}, {2, 4}, {1, 2}} {
		rows := (f.h - pass[0] + pass[1] - 1) / pass[1]
		if i < rows {
			return pass[0] + i*pass[1]
		}
		i -= max(rows, 0)
	}
	return f.h
}

// subBlocks reads the bytes of data sub-blocks as one stream. It is an io.ByteReader, so that package lzw does not
// buffer it.
type subBlocks struct {
	rest []byte
	left int // bytes of the current block
}

func (s *subBlocks) ReadByte() (byte, error) {
	if s.left == 0 {
		if len(s.rest) == 0 {
			return 0, io.ErrUnexpectedEOF
		}
		s.left, s.rest = int(s.rest[0]), s.rest[1:]
		if s.left == 0 {
			s.rest = nil
			return 0, io.EOF
		}
	}
	if len(s.rest) == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	c := s.rest[0]
	s.rest = s.rest[1:]
	s.left--
	return c, nil
}

func (s *subBlocks) Read(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		if p[n], err = s.ReadByte(); err == nil {
			n++
		}
	}
	return n, err
}
