package imaging

import (
	"bytes"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/evanoberholster/imagemeta"
	"github.com/evanoberholster/imagemeta/exif2"
)

// Exif is what is kept of a picture's EXIF. Texts are valid UTF-8 without control characters, at most 200 bytes.
type Exif struct {
	Make, Model string
	Time        time.Time // when the picture was taken, in the camera's own time if it names no zone; zero when unknown
	Orientation int       // 1 to 8; 1 is upright, 0 not told
	Located     bool      // Latitude and Longitude are known
	Latitude    float64   // degrees, north positive
	Longitude   float64   // degrees, east positive
}

// maxExif is more than a JPEG segment can hold. Of a TIFF, whose directories may stand anywhere, the first part is read.
const maxExif = 1 << 20

// readExif reads a TIFF structure. What cannot be read is left out: nil if nothing can.
func readExif(blob []byte) (e *Exif) {
	if len(blob) < 8 {
		return nil
	}
	// The parser indexes by counts that it read. Its panics cost the EXIF and nothing else.
	defer func() {
		if recover() != nil {
			e = nil
		}
	}()
	x, err := imagemeta.DecodeTiff(bytes.NewReader(blob[:min(len(blob), maxExif)]))
	if err != nil && x.Make == "" && x.Model == "" && x.Orientation == 0 {
		return nil
	}
	return exifOf(&x)
}

func exifOf(x *exif2.Exif) *Exif {
	e := &Exif{Make: cleanText(x.Make), Model: cleanText(x.Model), Time: takenAt(x)}
	if o := int(x.Orientation); o >= 1 && o <= 8 {
		e.Orientation = o
	}
	lat, lon := x.GPS.Latitude(), x.GPS.Longitude()
	if (lat != 0 || lon != 0) && math.Abs(lat) <= 90 && math.Abs(lon) <= 180 {
		e.Located, e.Latitude, e.Longitude = true, lat, lon
	}
	if *e == (Exif{}) {
		return nil
	}
	return e
}

// takenAt prefers the moment of exposure to that of the last change.
func takenAt(x *exif2.Exif) time.Time {
	for _, t := range []time.Time{x.DateTimeOriginal(), x.CreateDate(), x.ModifyDate()} {
		if !t.IsZero() && t.Year() >= 1800 && t.Year() < 10000 {
			return t
		}
	}
	return time.Time{}
}

func cleanText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	for len(s) > 200 {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return strings.TrimSpace(s)
}
