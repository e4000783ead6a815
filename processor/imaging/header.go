package imaging

import (
	"bytes"
	"encoding/binary"
	"image"
)

// header is what a picture's bytes say about it before anything is decoded.
type header struct {
	format string
	w, h   int    // the largest of the sizes that decoding could allocate for
	frames int    // counted; stops a little above any cap
	memory int64  // bytes that decoding takes, about
	exif   []byte // a TIFF structure, or nil
	cut    string // damage found on the way, or empty
	decode func(body []byte) (decoded, *Error)
}

// decoded is a picture and what is missing of it.
type decoded struct {
	img    image.Image
	damage string // empty: whole
}

// check applies the caps.
func (h *header) check(opt Options) *Error {
	pixels := int64(h.w) * int64(h.h)
	switch {
	case h.w <= 0 || h.h <= 0:
		return broken("%s: size %d×%d", h.format, h.w, h.h)
	case h.w > 1<<24 || h.h > 1<<24 || pixels > opt.MaxPixels:
		return tooLarge("%s: %d×%d pixels are more than %d", h.format, h.w, h.h, opt.MaxPixels)
	case h.frames > opt.MaxFrames:
		return tooLarge("%s: more than %d frames", h.format, opt.MaxFrames)
	case h.memory > opt.MaxBytes:
		return tooLarge("%s: decoding %d×%d pixels needs about %d MiB, more than %d", h.format, h.w, h.h, h.memory>>20, opt.MaxBytes>>20)
	}
	return nil
}

// probe recognises the format by its first bytes; what a server calls it does not matter.
func probe(body []byte) (*header, *Error) {
	has := func(prefix string) bool { return bytes.HasPrefix(body, []byte(prefix)) }
	switch {
	case len(body) == 0:
		return nil, broken("no bytes")
	case has(pngMagic):
		return probePNG(body)
	case has("\xff\xd8"):
		return probeJPEG(body)
	case has("GIF87a"), has("GIF89a"):
		return probeGIF(body)
	case has("RIFF") && len(body) >= 12 && string(body[8:12]) == "WEBP":
		return probeWebP(body)
	case has("BM"):
		return probeBMP(body)
	case has("II*\x00"), has("MM\x00*"):
		return probeTIFF(body)
	case has("\x00\x00\x01\x00"), has("\x00\x00\x02\x00"):
		return probeICO(body)
	}
	if kind := known(body); kind != "" {
		return nil, unsupported("%s is not decoded", kind)
	}
	return nil, broken("no known image format; it begins with %q", body[:min(len(body), 8)])
}

// known names formats that are recognised and not decoded.
func known(body []byte) string {
	head := body[:min(len(body), 1024)]
	trimmed := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case bytes.HasPrefix(trimmed, []byte("<")) && bytes.Contains(head, []byte("<svg")):
		return "SVG"
	case bytes.HasPrefix(body, []byte("\xff\x0a")), bytes.HasPrefix(body, []byte("\x00\x00\x00\x0cJXL ")):
		return "JPEG XL"
	case len(body) >= 12 && string(body[4:8]) == "ftyp":
		switch string(body[8:12]) {
		case "avif", "avis":
			return "AVIF"
		case "heic", "heix", "hevc", "mif1", "msf1":
			return "HEIC"
		}
	}
	return ""
}

func be16(b []byte) int { return int(binary.BigEndian.Uint16(b)) }
func be32(b []byte) int { return int(binary.BigEndian.Uint32(b)) }
func le16(b []byte) int { return int(binary.LittleEndian.Uint16(b)) }
func le24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
func le32(b []byte) int { return int(binary.LittleEndian.Uint32(b)) }

// percent is how much of whole part is, rounded down so that only all is 100.
func percent(part, whole int) int { return int(int64(part) * 100 / int64(max(whole, 1))) }
