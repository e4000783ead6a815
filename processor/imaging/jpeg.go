package imaging

import (
	"bytes"
	"fmt"
	"image/jpeg"
)

// The markers that matter here.
const (
	markerSOF0 = 0xc0
	markerSOF1 = 0xc1
	markerSOF2 = 0xc2
	markerDHT  = 0xc4
	markerRST0 = 0xd0
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerDRI  = 0xdd
	markerAPP1 = 0xe1
)

// jpegFrame is the frame header.
type jpegFrame struct {
	progressive bool
	w, h        int
	components  []jpegComponent
}

type jpegComponent struct {
	id   byte
	h, v int // sampling factors
}

// mcus returns the number of minimum coded units of an interleaved scan.
func (f *jpegFrame) mcus() int {
	hmax, vmax := f.sampling()
	return ((f.w + 8*hmax - 1) / (8 * hmax)) * ((f.h + 8*vmax - 1) / (8 * vmax))
}

func (f *jpegFrame) sampling() (hmax, vmax int) {
	for _, c := range f.components {
		hmax, vmax = max(hmax, c.h), max(vmax, c.v)
	}
	return hmax, vmax
}

// jpegSegment is one marker with its payload.
type jpegSegment struct {
	marker  byte
	start   int    // of the 0xff
	payload []byte // without the length
	end     int    // of the payload
}

// nextSegment finds the next marker at or after pos. ok is false when the bytes end first.
func nextSegment(body []byte, pos int) (s jpegSegment, ok bool) {
	for ; pos+1 < len(body); pos++ {
		m := body[pos+1]
		if body[pos] != 0xff || m == 0 || m == 0xff || m >= markerRST0 && m <= markerSOI {
			continue
		}
		s = jpegSegment{marker: m, start: pos, end: pos + 2}
		if m == markerEOI {
			return s, true
		}
		if pos+4 > len(body) {
			return s, false
		}
		length := be16(body[pos+2:])
		if length < 2 || pos+2+length > len(body) {
			return s, false
		}
		s.payload, s.end = body[pos+4:pos+2+length], pos+2+length
		return s, true
	}
	return jpegSegment{start: len(body)}, false
}

// parseSOF reads a frame header; ok is false if it makes no sense.
func parseSOF(s jpegSegment) (f *jpegFrame, ok bool) {
	p := s.payload
	if len(p) < 6 || len(p) < 6+3*int(p[5]) || p[5] == 0 || p[5] > 4 {
		return nil, false
	}
	f = &jpegFrame{progressive: s.marker == markerSOF2, h: be16(p[1:]), w: be16(p[3:])}
	for i := range int(p[5]) {
		c := p[6+3*i:]
		h, v := int(c[1]>>4), int(c[1]&15)
		if h < 1 || h > 4 || v < 1 || v > 4 {
			return nil, false
		}
		f.components = append(f.components, jpegComponent{c[0], h, v})
	}
	if len(f.components) == 1 { // a lone component is never interleaved: its factors say nothing
		f.components[0].h, f.components[0].v = 1, 1
	}
	return f, true
}

func probeJPEG(body []byte) (*header, *Error) {
	h := &header{format: "jpeg", frames: 1, decode: decodeJPEG}
	for pos := 2; ; {
		s, ok := nextSegment(body, pos)
		if !ok || s.marker == markerEOI {
			return nil, broken("jpeg: it ends before the frame header")
		}
		pos = s.end
		switch s.marker {
		case markerAPP1:
			if tiff, ok := bytes.CutPrefix(s.payload, []byte("Exif\x00\x00")); ok && h.exif == nil {
				h.exif = tiff
			}
		case markerSOF0, markerSOF1, markerSOF2:
			f, ok := parseSOF(s)
			if !ok {
				return nil, broken("jpeg: the frame header makes no sense")
			}
			h.w, h.h, h.memory = f.w, f.h, f.memory()
			return h, nil
		case 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf:
			return nil, unsupported("jpeg: lossless, hierarchical or arithmetic coding")
		case markerSOS:
			return nil, broken("jpeg: a scan before the frame header")
		}
	}
}

// memory estimates what image/jpeg allocates: the planes, the coefficients of progressive pictures (four bytes
// each), and copies for CMYK and RGB.
func (f *jpegFrame) memory() int64 {
	hmax, vmax := f.sampling()
	pixels, samples := int64(f.w)*int64(f.h), int64(0)
	for _, c := range f.components {
		samples += pixels * int64(c.h*c.v) / int64(hmax*vmax)
	}
	total := samples
	if f.progressive {
		total += 4 * samples
	}
	if len(f.components) == 4 {
		total += 4 * pixels
	}
	return total
}

func decodeJPEG(body []byte) (decoded, *Error) {
	img, err := jpeg.Decode(bytes.NewReader(body))
	if err == nil {
		return decoded{img, missingScans(body)}, nil
	}
	if isUnsupported(err) {
		return decoded{}, decodeError("jpeg", err)
	}
	repaired, there := repairJPEG(body)
	if repaired == nil {
		return decoded{}, decodeError("jpeg", err)
	}
	salvaged, again := jpeg.Decode(bytes.NewReader(repaired))
	if again != nil {
		return decoded{}, decodeError("jpeg", err)
	}
	return decoded{salvaged, fmt.Sprintf("%v; %s", err, there)}, nil
}

// missingScans looks for a progressive picture that was cut and closed properly: every decoder takes it, and it is
// blurred. It returns what is missing, or nothing.
func missingScans(body []byte) string {
	var f *jpegFrame
	var fine [4][64]bool // coefficients known to their last bit, by component
	scans := 0
	for pos := 2; ; {
		s, ok := nextSegment(body, pos)
		if !ok || s.marker == markerEOI {
			break
		}
		pos = s.end
		switch {
		case f == nil && s.marker >= markerSOF0 && s.marker <= markerSOF2:
			if f, ok = parseSOF(s); !ok || !f.progressive {
				return ""
			}
		case f != nil && s.marker == markerSOS:
			scans++
			f.markFine(s.payload, &fine)
		}
	}
	if f == nil {
		return ""
	}
	for i := range f.components {
		for _, is := range fine[i] {
			if !is {
				return fmt.Sprintf("jpeg: scans are missing; the picture is coarse after the %d there", scans)
			}
		}
	}
	return ""
}

// markFine notes which coefficients a scan brings to their last bit.
func (f *jpegFrame) markFine(p []byte, fine *[4][64]bool) {
	if len(p) < 1 || len(p) != 4+2*int(p[0]) {
		return
	}
	n := int(p[0])
	from, to, low := int(p[1+2*n]), int(p[2+2*n]), p[3+2*n]&15
	for i := range n {
		for k, c := range f.components {
			for at := from; c.id == p[1+2*i] && low == 0 && at <= min(to, 63); at++ {
				fine[k][at] = true
			}
		}
	}
}
