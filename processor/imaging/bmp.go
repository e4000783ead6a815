package imaging

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/bmp"
)

func probeBMP(body []byte) (*header, *Error) {
	if len(body) < 30 {
		return nil, broken("bmp: the header is cut")
	}
	if le32(body[14:]) < 40 {
		return nil, unsupported("bmp: the header of OS/2")
	}
	w, h := int(int32(le32(body[18:]))), int(int32(le32(body[22:])))
	if h < 0 {
		h = -h
	}
	return &header{format: "bmp", w: w, h: h, frames: 1, memory: 4 * int64(max(w, 0)) * int64(h), decode: decodeBMP}, nil
}

func decodeBMP(body []byte) (decoded, *Error) {
	img, err := bmp.Decode(bytes.NewReader(body))
	if err == nil {
		return decoded{img: img}, nil
	}
	w, h := le32(body[18:]), int(int32(le32(body[22:])))
	if h < 0 {
		h = -h
	}
	rowBytes := (w*le16(body[28:]) + 31) / 32 * 4
	offset := le32(body[10:])
	rows := (len(body) - offset) / max(rowBytes, 1)
	if isUnsupported(err) || rows < 1 || rows >= h {
		return decoded{}, decodeError("bmp", err)
	}
	padded := io.MultiReader(bytes.NewReader(body), io.LimitReader(zeros{}, int64(rowBytes)*int64(h)))
	salvaged, again := bmp.Decode(padded)
	if again != nil {
		return decoded{}, decodeError("bmp", err)
	}
	return decoded{salvaged, fmt.Sprintf("bmp: it ends early; %d%% of the picture is there", percent(rows, h))}, nil
}

// icoEntry is one picture of an ICO or CUR file.
type icoEntry struct {
	w, h int
	data []byte
}

// largestIcon picks the entry with most pixels.
func largestIcon(body []byte) (e icoEntry, count int, ok bool) {
	if len(body) < 6 {
		return e, 0, false
	}
	count = le16(body[4:])
	for i := range count {
		at := 6 + 16*i
		if at+16 > len(body) {
			break
		}
		d := body[at:]
		w, h := int(d[0]), int(d[1])
		if w == 0 {
			w = 256
		}
		if h == 0 {
			h = 256
		}
		offset, size := le32(d[12:]), le32(d[8:])
		if offset >= len(body) || w*h <= e.w*e.h {
			continue
		}
		e = icoEntry{w, h, body[offset:min(offset+size, len(body))]}
	}
	return e, count, len(e.data) >= 40
}

func probeICO(body []byte) (*header, *Error) {
	e, count, ok := largestIcon(body)
	if !ok {
		return nil, broken("ico: there is no picture in it")
	}
	h := &header{format: "ico", frames: count, decode: decodeICO}
	if bytes.HasPrefix(e.data, []byte(pngMagic)) {
		inner, err := probePNG(e.data)
		if err != nil {
			return nil, err
		}
		h.w, h.h, h.memory = inner.w, inner.h, inner.memory
		return h, nil
	}
	h.w, h.h = int(int32(le32(e.data[4:]))), int(int32(le32(e.data[8:])))/2 // the mask counts as height
	h.memory = 8 * int64(max(h.w, 0)) * int64(max(h.h, 0))
	return h, nil
}

func decodeICO(body []byte) (decoded, *Error) {
	e, _, _ := largestIcon(body)
	if bytes.HasPrefix(e.data, []byte(pngMagic)) {
		return decodePNG(e.data)
	}
	w, h, depth := le32(e.data[4:]), le32(e.data[8:])/2, le16(e.data[14:])
	if depth == 32 {
		return decodeBGRA(e.data, w, h)
	}
	colours := le32(e.data[32:])
	if colours == 0 && depth <= 8 {
		colours = 1 << depth
	}
	if colours > 256 {
		return decoded{}, broken("ico: %d colours", colours)
	}
	file := make([]byte, 14, 14+len(e.data))
	copy(file, "BM")
	binary.LittleEndian.PutUint32(file[10:], uint32(14+40+4*colours))
	file = append(file, e.data...)
	binary.LittleEndian.PutUint32(file[14+8:], uint32(h))
	img, err := bmp.Decode(bytes.NewReader(file))
	if err != nil {
		return decoded{}, decodeError("ico", err)
	}
	return decoded{img: img}, nil
}

// decodeBGRA decodes an icon with alpha, which package bmp would take for opaque. Icons whose alpha is zero
// everywhere mean opaque, too.
func decodeBGRA(data []byte, w, h int) (decoded, *Error) {
	pix := data[min(max(le32(data), 40), len(data)):]
	if len(pix) < 4*w*h {
		return decoded{}, broken("ico: it ends early")
	}
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	visible := false
	for y := range h {
		row := img.Pix[(h-1-y)*img.Stride:]
		for x := range w {
			s := pix[4*(y*w+x):]
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = s[2], s[1], s[0], s[3]
			visible = visible || s[3] != 0
		}
	}
	for i := 3; !visible && i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	return decoded{img: img}, nil
}
