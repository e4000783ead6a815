package imaging

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"golang.org/x/image/webp"
)

// webpFile is a WebP taken apart. An animation's first frame becomes a still of its own.
type webpFile struct {
	w, h     int // the largest of canvas and bitstream
	lossless bool
	alpha    bool
	frames   int
	exif     []byte
	still    []byte // the first frame as a WebP file, of an animation only
	end      int    // where the container says it ends
	headEnd  int    // where the first partition of the lossy bitstream ends
	image    bool   // a bitstream was found
}

// riffChunk is one chunk, its data cut to what is there.
type riffChunk struct {
	kind string
	size int // as told
	data []byte
	at   int // offset of the data
}

// riffChunks walks the chunks of body from offset at.
func riffChunks(body []byte, at int, yield func(riffChunk) bool) {
	for at+8 <= len(body) {
		size := le32(body[at+4:])
		start := at + 8
		if !yield(riffChunk{string(body[at : at+4]), size, body[start:min(start+size, len(body))], start}) {
			return
		}
		at = start + size + size&1
	}
}

func parseWebP(body []byte) *webpFile {
	f := &webpFile{end: 8 + le32(body[4:])}
	riffChunks(body, 12, func(c riffChunk) bool {
		switch c.kind {
		case "VP8X":
			if len(c.data) >= 10 {
				f.cover(le24(c.data[4:])+1, le24(c.data[7:])+1)
				f.alpha = c.data[0]&0x10 != 0
			}
		case "EXIF":
			f.exif = bytes.TrimPrefix(c.data, []byte("Exif\x00\x00"))
		case "ANMF":
			f.frames++
			if f.frames == 1 && len(c.data) > 16 {
				f.firstFrame(c.data)
			}
		default:
			f.bitstream(c)
		}
		return f.frames <= maxGIFFrames
	})
	return f
}

func (f *webpFile) cover(w, h int) { f.w, f.h = max(f.w, w), max(f.h, h) }

// bitstream reads the size out of VP8 and VP8L data: it need not be that of the canvas.
func (f *webpFile) bitstream(c riffChunk) {
	switch {
	case c.kind == "VP8 " && len(c.data) >= 10:
		f.cover(le16(c.data[6:])&0x3fff, le16(c.data[8:])&0x3fff)
		f.headEnd = c.at + 10 + le24(c.data)>>5
		f.image = true
	case c.kind == "VP8L" && len(c.data) >= 5:
		bits := le32(c.data[1:])
		f.cover(bits&0x3fff+1, bits>>14&0x3fff+1)
		f.lossless, f.image = true, true
	}
}

// firstFrame makes a file of the frame in an ANMF chunk: a canvas of its size, and its chunks.
func (f *webpFile) firstFrame(data []byte) {
	canvas := make([]byte, 10)
	copy(canvas[4:], data[6:12]) // width and height, less one, as VP8X has them
	f.cover(le24(data[6:])+1, le24(data[9:])+1)
	var chunks bytes.Buffer
	riffChunks(data, 16, func(c riffChunk) bool {
		if c.kind == "ALPH" {
			canvas[0] = 0x10
		}
		if c.kind == "ALPH" || c.kind == "VP8 " || c.kind == "VP8L" {
			f.bitstream(c)
			writeRIFF(&chunks, c.kind, c.data)
		}
		return true
	})
	f.alpha = f.alpha || canvas[0] != 0
	var file bytes.Buffer
	file.WriteString("WEBP")
	writeRIFF(&file, "VP8X", canvas)
	file.Write(chunks.Bytes())
	var b bytes.Buffer
	writeRIFF(&b, "RIFF", file.Bytes())
	f.still = b.Bytes()
}

func writeRIFF(b *bytes.Buffer, kind string, data []byte) {
	b.WriteString(kind)
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(data))))
	b.Write(data)
	if len(data)&1 == 1 {
		b.WriteByte(0)
	}
}

func probeWebP(body []byte) (*header, *Error) {
	f := parseWebP(body)
	if !f.image {
		return nil, broken("webp: there is no picture in it")
	}
	perPixel := int64(3)
	if f.lossless || f.alpha {
		perPixel = 9
	}
	return &header{format: "webp", w: f.w, h: f.h, frames: max(f.frames, 1), memory: perPixel * int64(f.w) * int64(f.h), exif: f.exif, decode: decodeWebP}, nil
}

func decodeWebP(body []byte) (decoded, *Error) {
	f := parseWebP(body)
	source := body
	if f.still != nil {
		source = f.still
	}
	damage := ""
	img, err := webp.Decode(bytes.NewReader(source))
	if err != nil && f.still == nil && !f.lossless && len(body) > f.headEnd && len(body) < f.end {
		// The modes of all blocks are there, and residuals of some: zeros stand for the others.
		padded := io.MultiReader(bytes.NewReader(body), io.LimitReader(zeros{}, int64(min(f.end-len(body), 64<<20))))
		if salvaged, again := webp.Decode(padded); again == nil {
			img, err = salvaged, nil
			damage = fmt.Sprintf("webp: it ends early; %d%% of the data is there", percent(len(body), f.end))
		}
	}
	if err != nil {
		return decoded{}, decodeError("webp", err)
	}
	return decoded{img, damage}, nil
}

// zeros is an endless reader of zero bytes.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
