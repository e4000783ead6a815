package imaging

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"
)

// exifBlob builds a TIFF structure: make, model, orientation, exposure time, and a place.
func exifBlob(orientation int) []byte {
	le := binary.LittleEndian
	b := []byte("II*\x00\x08\x00\x00\x00")
	// The layout is fixed: IFD0 at 8 with 5 entries (66 bytes) to 74, strings to 90, the EXIF IFD at 90 (18) to 108,
	// its date to 128, the GPS IFD at 128 with 4 entries (54) to 182, two triples of rationals to 230.
	entry := func(tag, kind, count, value int) {
		b = le.AppendUint16(b, uint16(tag))
		b = le.AppendUint16(b, uint16(kind))
		b = le.AppendUint32(b, uint32(count))
		b = le.AppendUint32(b, uint32(value))
	}
	ifd := func(n int) { b = le.AppendUint16(b, uint16(n)) }
	end := func() { b = le.AppendUint32(b, 0) }
	ifd(5)
	entry(0x010f, 2, 8, 74)
	entry(0x0110, 2, 8, 82)
	entry(0x0112, 3, 1, orientation)
	entry(0x8769, 4, 1, 90)
	entry(0x8825, 4, 1, 128)
	end()
	b = append(b, "Tandem\x00\x00X-100\x00\x00\x00"...)
	ifd(1)
	entry(0x9003, 2, 20, 108)
	end()
	b = append(b, "2021:03:04 05:06:07\x00"...)
	ifd(4)
	entry(1, 2, 2, 'N')
	entry(2, 5, 3, 182)
	entry(3, 2, 2, 'W')
	entry(4, 5, 3, 206)
	end()
	for _, v := range []uint32{48, 1, 30, 1, 0, 1, 11, 1, 15, 1, 0, 1} {
		b = le.AppendUint32(b, v)
	}
	return b
}

// withExif puts an EXIF segment behind the start of a JPEG.
func withExif(photo, blob []byte) []byte {
	segment := append([]byte("Exif\x00\x00"), blob...)
	b := append([]byte{0xff, markerSOI, 0xff, markerAPP1}, byte((len(segment)+2)>>8), byte(len(segment)+2))
	b = append(b, segment...)
	return append(b, photo[2:]...)
}

func TestExif(t *testing.T) {
	t.Parallel()
	r, err := Describe(withExif(asJPEG(t, scene(60, 40, 1), 90), exifBlob(6)), DefaultOptions())
	if err != nil || r.Exif == nil {
		t.Fatalf("%v, %v", r.Exif, err)
	}
	e := r.Exif
	if e.Make != "Tandem" || e.Model != "X-100" || e.Orientation != 6 || e.Time.Format("2006-01-02 15:04:05") != "2021-03-04 05:06:07" {
		t.Errorf("%+v", e)
	}
	if !e.Located || math.Abs(e.Latitude-48.5) > 1e-9 || math.Abs(e.Longitude+11.25) > 1e-9 {
		t.Errorf("place: %+v", e)
	}
	if r.Width != 60 || r.Height != 40 || r.Thumbnails[0].Width != 40 || r.Thumbnails[0].Height != 60 {
		t.Errorf("stored %d×%d, thumbnail %d×%d", r.Width, r.Height, r.Thumbnails[0].Width, r.Thumbnails[0].Height)
	}
}

// TestOrientation marks the corner that each orientation brings to the upper left.
func TestOrientation(t *testing.T) {
	t.Parallel()
	const w, h = 64, 32
	corner := map[int]image.Point{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {0, 1}, 7: {1, 1}, 8: {1, 0}}
	second := map[int]image.Point{1: {1, 0}, 2: {0, 0}, 3: {0, 1}, 4: {1, 1}, 5: {0, 1}, 6: {0, 0}, 7: {1, 0}, 8: {1, 1}}
	for orientation := 1; orientation <= 8; orientation++ {
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
		paint := func(p image.Point, c color.Color) {
			at := image.Pt(p.X*w/2, p.Y*h/2)
			draw.Draw(img, image.Rectangle{at, at.Add(image.Pt(w/2, h/2))}, image.NewUniform(c), image.Point{}, draw.Src)
		}
		paint(corner[orientation], color.RGBA{255, 0, 0, 255})
		paint(second[orientation], color.RGBA{0, 0, 255, 255})
		r, err := Describe(withExif(asJPEG(t, img, 95), exifBlob(orientation)), DefaultOptions())
		if err != nil {
			t.Fatal(err)
		}
		thumb, err := jpeg.Decode(bytes.NewReader(r.Thumbnails[0].JPEG))
		if err != nil {
			t.Fatal(err)
		}
		b := thumb.Bounds()
		red, _, blue, _ := thumb.At(4, 4).RGBA()
		red2, _, blue2, _ := thumb.At(b.Dx()-5, 4).RGBA()
		if red < 0xc000 || blue > 0x4000 || red2 > 0x4000 || blue2 < 0xc000 {
			t.Errorf("orientation %d: upper left %x,%x, upper right %x,%x", orientation, red, blue, red2, blue2)
		}
		if turned := b.Dy() > b.Dx(); turned != (orientation >= 5) {
			t.Errorf("orientation %d: thumbnail of %v", orientation, b)
		}
	}
}

// TestHostileExif damages the structure at random: it must cost the EXIF and nothing else.
func TestHostileExif(t *testing.T) {
	t.Parallel()
	photo := asJPEG(t, scene(20, 20, 1), 80)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 20_000 {
		blob := exifBlob(3)
		for range 1 + r.IntN(8) {
			blob[r.IntN(len(blob))] = []byte{0, 1, 0x7f, 0x80, 0xff, byte(r.Uint32())}[r.IntN(6)]
		}
		blob = blob[:r.IntN(len(blob)+1)]
		if e := readExif(blob); e != nil && (e.Orientation < 0 || e.Orientation > 8 || len(e.Make) > 200) {
			t.Fatalf("%x: %+v", blob, e)
		}
		if i%1000 == 0 {
			if _, err := Describe(withExif(photo, blob), DefaultOptions()); err != nil {
				t.Fatalf("%x: %v", blob, err)
			}
		}
	}
}
