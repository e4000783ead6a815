package imaging

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
)

// realPicture reads one of the pictures that come with Go.
func realPicture(t testing.TB, name string) []byte {
	t.Helper()
	for _, file := range testImages(t) {
		if filepath.Base(file) == name {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			return body
		}
	}
	t.Skipf("this Go distribution has no %s", name)
	return nil
}

// TestCut cuts pictures at every fiftieth of their length. Whatever is left must be described or refused, and
// described only as salvaged; what is early in the file must be right.
func TestCut(t *testing.T) {
	t.Parallel()
	bitmap := with(t, func(b *bytes.Buffer, img image.Image) error { return bmp.Encode(b, img) }, scene(150, 103, 1))
	for _, c := range []struct {
		name    string
		body    []byte
		from    int  // from this percentage on, something must be salvaged
		topDown bool // the top of the picture comes first
	}{
		{"baseline 4:2:0", asJPEG(t, scene(150, 103, 1), 90), 35, true},
		{"restart2", realPicture(t, "video-001.restart2.jpeg"), 35, true},
		{"grey", realPicture(t, "video-005.gray.jpeg"), 35, true},
		{"4:4:0", realPicture(t, "video-001.q50.440.jpeg"), 45, true},
		{"cmyk", realPicture(t, "video-001.cmyk.jpeg"), 35, true},
		{"rgb", realPicture(t, "video-001.rgb.jpeg"), 45, true},
		{"progressive", realPicture(t, "video-001.progressive.jpeg"), 35, false},
		{"separate DC", realPicture(t, "video-001.separate.dc.progression.progressive.jpeg"), 60, false},
		{"png", asPNG(t, scene(150, 103, 1)), 25, true},
		{"png, interlaced", realPicture(t, "benchRGB-interlace.png"), 10, false},
		{"png, palette", realPicture(t, "benchPaletted.png"), 25, true},
		{"gif", asGIF(t, 1, 150, 103), 20, true},
		{"gif, interlaced", realPicture(t, "video-001.interlaced.gif"), 25, false},
		{"bmp", bitmap, 10, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, e := probe(c.body)
			if e != nil {
				t.Fatal(e)
			}
			full, e := h.decode(c.body)
			if e != nil || full.damage != "" {
				t.Fatal(e, full.damage)
			}
			for percent := 2; percent < 100; percent += 2 {
				cut := c.body[:len(c.body)*percent/100]
				r, err := Describe(cut, DefaultOptions())
				switch {
				case err != nil && reason(err) != ReasonDecode:
					t.Errorf("at %d%%: %v", percent, err)
				case err != nil && percent >= c.from:
					t.Errorf("at %d%%: nothing salvaged: %v", percent, err)
				case err == nil && (!r.Salvaged || r.Detail == ""):
					t.Errorf("at %d%%: taken for whole", percent)
				case err == nil && percent >= 70 && c.topDown:
					checkTop(t, c.body, cut, percent)
				}
			}
		})
	}
}

// checkTop compares the upper third of a cut picture with that of the whole one.
func checkTop(t *testing.T, whole, cut []byte, percent int) {
	t.Helper()
	a, b := pixels(t, whole), pixels(t, cut)
	for i := range len(a.pix) / 3 {
		if d := int(a.pix[i]) - int(b.pix[i]); d < -1 || d > 1 {
			t.Errorf("at %d%%: byte %d of %d of the picture is %d, want %d", percent, i, len(a.pix), b.pix[i], a.pix[i])
			return
		}
	}
}

func pixels(t *testing.T, body []byte) *raster {
	t.Helper()
	h, e := probe(body)
	if e != nil {
		t.Fatal(e)
	}
	d, e := h.decode(body)
	if e != nil {
		t.Fatal(e)
	}
	return average(d.img, d.img.Bounds().Dx(), d.img.Bounds().Dy())
}

// TestDamageInTheMiddle flips bytes: the part before them must survive, or the picture be refused.
func TestDamageInTheMiddle(t *testing.T) {
	t.Parallel()
	for name, body := range map[string][]byte{"jpeg": asJPEG(t, scene(200, 200, 2), 90), "png": asPNG(t, scene(200, 200, 2)), "gif": asGIF(t, 2, 200, 200)} {
		for at := len(body) * 3 / 4; at < len(body)-40; at += 37 {
			damaged := bytes.Clone(body)
			copy(damaged[at:], "\xff\xd3\x00\xff\xff\x00\x01\x02")
			r, err := Describe(damaged, DefaultOptions())
			if err != nil && reason(err) != ReasonDecode {
				t.Errorf("%s, byte %d: %v", name, at, err)
			}
			if err == nil && name == "png" && !r.Salvaged {
				t.Errorf("png, byte %d: a wrong checksum was taken for whole", at)
			}
			if err == nil && name == "png" {
				checkTop(t, body, damaged, at*100/len(body))
			}
		}
	}
}

// TestSalvageTellsHowMuch checks the share of a PNG whose rows all have one length.
func TestSalvageTellsHowMuch(t *testing.T) {
	t.Parallel()
	img := noise(100, 100) // does not compress: bytes of the file are bytes of the picture
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	r, err := Describe(b.Bytes()[:b.Len()/2], DefaultOptions())
	if err != nil || !strings.Contains(r.Detail, "49%") && !strings.Contains(r.Detail, "50%") {
		t.Errorf("%q, %v", r.Detail, err)
	}
}

// TestAnimationCutLater: the first frame is whole, the file is not.
func TestAnimationCutLater(t *testing.T) {
	t.Parallel()
	body := asGIF(t, 5, 60, 60)
	r, err := Describe(body[:len(body)*7/10], DefaultOptions())
	if err != nil || !r.Salvaged || r.Frames != 3 {
		t.Errorf("%d frames, %q, %v", r.Frames, r.Detail, err)
	}
}

func TestWebPCut(t *testing.T) {
	t.Parallel()
	body := realPicture(t, "video-001.lossy.webp")
	salvaged := 0
	for percent := 5; percent < 100; percent += 5 {
		r, err := Describe(body[:len(body)*percent/100], DefaultOptions())
		if err == nil && !r.Salvaged {
			t.Errorf("at %d%%: taken for whole", percent)
		}
		if err == nil {
			salvaged++
		}
	}
	if salvaged < 10 {
		t.Errorf("only %d of 19 cuts were salvaged", salvaged)
	}
}

// TestAnimatedWebP wraps stills as the frames of an animation.
func TestAnimatedWebP(t *testing.T) {
	t.Parallel()
	still := realPicture(t, "yellow_rose.lossless.webp")
	f := parseWebP(still)
	frame := make([]byte, 16)
	frame[6], frame[7], frame[9], frame[10] = byte(f.w-1), byte((f.w-1)>>8), byte(f.h-1), byte((f.h-1)>>8)
	frame = append(frame, still[12:]...)
	canvas := make([]byte, 10)
	canvas[0] = 2
	copy(canvas[4:], frame[6:12])
	var chunks, file bytes.Buffer
	chunks.WriteString("WEBP")
	writeRIFF(&chunks, "VP8X", canvas)
	writeRIFF(&chunks, "ANIM", make([]byte, 6))
	for range 3 {
		writeRIFF(&chunks, "ANMF", frame)
	}
	writeRIFF(&file, "RIFF", chunks.Bytes())
	r, err := Describe(file.Bytes(), DefaultOptions())
	if err != nil || r.Frames != 3 || r.Salvaged {
		t.Fatalf("%+v, %v", r, err)
	}
	want, err := Describe(still, DefaultOptions())
	if err != nil || want.PHash != r.PHash {
		t.Errorf("the first frame is not the still: %x, %x, %v", r.PHash, want.PHash, err)
	}
}
