package imaging

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/image/tiff"
)

// maxTIFFPages ends the walk over the pages, which may lead in a circle.
const maxTIFFPages = 1 << 16

// probeTIFF reads the size out of the first directory and counts the others. A TIFF carries EXIF in its own
// directories.
func probeTIFF(body []byte) (*header, *Error) {
	if len(body) < 8 {
		return nil, broken("tiff: the header is cut")
	}
	var order binary.ByteOrder = binary.LittleEndian
	if body[0] == 'M' {
		order = binary.BigEndian
	}
	h := &header{format: "tiff", exif: body, decode: decodeTIFF}
	bits, samples := 1, 1
	for at := int(order.Uint32(body[4:])); at != 0 && at+2 <= len(body) && h.frames < maxTIFFPages; h.frames++ {
		count := int(order.Uint16(body[at:]))
		end := at + 2 + 12*count
		for i := 0; h.frames == 0 && i < count && at+14+12*i <= len(body); i++ {
			entry := body[at+2+12*i:]
			switch order.Uint16(entry) {
			case 256:
				h.w = tiffValue(order, entry)
			case 257:
				h.h = tiffValue(order, entry)
			case 258:
				bits = 16 // the samples' bits may stand elsewhere; assume the most
			case 277:
				samples = tiffValue(order, entry)
			}
		}
		if end+4 > len(body) {
			at = 0
		} else {
			at = int(order.Uint32(body[end:]))
		}
	}
	perPixel := int64(4)
	if bits == 16 && samples > 1 {
		perPixel = 8
	}
	h.memory = perPixel * int64(h.w) * int64(h.h)
	return h, nil
}

// tiffValue reads a SHORT or LONG that stands in its directory entry.
func tiffValue(order binary.ByteOrder, entry []byte) int {
	if order.Uint16(entry[2:]) == 3 {
		return int(order.Uint16(entry[8:]))
	}
	return int(order.Uint32(entry[8:]))
}

func decodeTIFF(body []byte) (decoded, *Error) {
	img, err := tiff.Decode(bytes.NewReader(body))
	if err != nil {
		return decoded{}, decodeError("tiff", err)
	}
	return decoded{img: img}, nil
}
