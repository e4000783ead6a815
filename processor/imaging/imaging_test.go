package imaging

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// scene is a photograph-like picture that is the same at every size; n makes different ones.
func scene(w, h, n int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			u, v := x*1000/w, y*1000/h
			c := color.RGBA{uint8((u*(n+1)/5 + v/9) % 256), uint8(v * 250 / 1000), uint8((1000 - u) * 250 / 1000), 255}
			for k := range 5 {
				dx, dy := u-(k*377+n*131)%1000, v-(k*191+n*577)%1000
				if r := 100 + (k*n*37)%200; dx*dx+dy*dy < r*r {
					c = color.RGBA{uint8(k * 60), uint8(255 - k*40), uint8(n * 50), 255}
				}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func asJPEG(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asGIF(t testing.TB, frames int, w, h int) []byte {
	t.Helper()
	g := &gif.GIF{}
	for i := range frames {
		p := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Black, color.White, color.RGBA{200, 0, 0, 255}})
		for j := range p.Pix {
			p.Pix[j] = uint8((j/7 + i + j/w) % 3)
		}
		g.Image = append(g.Image, p)
		g.Delay = append(g.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func with[E any](t testing.TB, encode func(b *bytes.Buffer, img image.Image) E, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err, _ := any(encode(&b, img)).(error); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	img := scene(300, 200, 1)
	opt := DefaultOptions()
	opt.ThumbnailSizes = []int{64, 128, 1000}
	for format, body := range map[string][]byte{
		"png": asPNG(t, img), "jpeg": asJPEG(t, img, 90), "gif": asGIF(t, 3, 300, 200),
		"bmp":  with(t, func(b *bytes.Buffer, img image.Image) error { return bmp.Encode(b, img) }, img),
		"tiff": with(t, func(b *bytes.Buffer, img image.Image) error { return tiff.Encode(b, img, nil) }, img),
		"ico":  icon(asPNG(t, img), 300, 200),
	} {
		r, err := Describe(body, opt)
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		frames := 1
		if format == "gif" {
			frames = 3
		}
		if r.Format != format || r.Width != 300 || r.Height != 200 || r.Frames != frames || r.Salvaged || r.PHash == 0 || len(r.BlurHash) != 28 || len(r.DominantColor) != 7 {
			t.Errorf("%s: %+v", format, r)
		}
		for i, want := range [][3]int{{64, 64, 43}, {128, 128, 85}, {1000, 300, 200}} {
			thumb := r.Thumbnails[i]
			c, err := jpeg.DecodeConfig(bytes.NewReader(thumb.JPEG))
			if err != nil || [3]int{thumb.Size, c.Width, c.Height} != want || thumb.Width != c.Width || thumb.Height != c.Height {
				t.Errorf("%s: thumbnail %d is %d, %d×%d; want %v (%v)", format, i, thumb.Size, c.Width, c.Height, want, err)
			}
		}
		again, err := Describe(bytes.Clone(body), opt)
		if err != nil || !cmp.Equal(r, again) {
			t.Errorf("%s: the second time differs: %v", format, err)
		}
	}
}

// icon wraps a picture in an ICO file.
func icon(data []byte, w, h int) []byte {
	b := []byte{0, 0, 1, 0, 1, 0, byte(min(w, 256)), byte(min(h, 256)), 0, 0, 1, 0, 32, 0}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	b = binary.LittleEndian.AppendUint32(b, 22)
	return append(b, data...)
}

func TestIconOfPixels(t *testing.T) {
	t.Parallel()
	dib := make([]byte, 40)
	binary.LittleEndian.PutUint32(dib, 40)
	binary.LittleEndian.PutUint32(dib[4:], 2)
	binary.LittleEndian.PutUint32(dib[8:], 4) // two rows, and the mask
	dib[12], dib[14] = 1, 32
	dib = append(dib, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255)
	r, err := Describe(icon(append(dib, make([]byte, 8)...), 2, 2), DefaultOptions())
	if err != nil || r.Width != 2 || r.Height != 2 || r.DominantColor != "#0000ff" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestTransparentIsWhite(t *testing.T) {
	t.Parallel()
	img := image.NewNRGBA(image.Rect(0, 0, 80, 80))
	draw.Draw(img, image.Rect(0, 0, 80, 20), image.NewUniform(color.NRGBA{0, 0, 0, 255}), image.Point{}, draw.Src)
	r, err := Describe(asPNG(t, img), DefaultOptions())
	if err != nil || r.DominantColor != "#ffffff" {
		t.Errorf("%s, %v", r.DominantColor, err)
	}
}

func TestHashTellsPicturesApart(t *testing.T) {
	t.Parallel()
	hash := func(body []byte) uint64 {
		r, err := Describe(body, DefaultOptions())
		if err != nil {
			t.Fatal(err)
		}
		return r.PHash
	}
	var originals []uint64
	for n := range 6 {
		h := hash(asJPEG(t, scene(900, 600, n), 92))
		originals = append(originals, h)
		for _, copied := range [][]byte{asJPEG(t, scene(450, 300, n), 60), asPNG(t, scene(630, 420, n)), asJPEG(t, scene(200, 133, n), 40)} {
			if d := bits.OnesCount64(h ^ hash(copied)); d > 6 {
				t.Errorf("scene %d: a copy is %d bits away", n, d)
			}
		}
	}
	for i, a := range originals {
		for _, b := range originals[:i] {
			if d := bits.OnesCount64(a ^ b); d < 12 {
				t.Errorf("two scenes are only %d bits apart", d)
			}
		}
	}
}

func reason(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return fmt.Sprint(err)
}

func TestRefused(t *testing.T) {
	t.Parallel()
	huge := func(body []byte, at int, value ...byte) []byte {
		b := bytes.Clone(body)
		copy(b[at:], value)
		return b
	}
	photo := asJPEG(t, scene(30, 20, 1), 80)
	sof := bytes.Index(photo, []byte{0xff, markerSOF0})
	bitmap := with(t, func(b *bytes.Buffer, img image.Image) error { return bmp.Encode(b, img) }, scene(30, 20, 1))
	animation := asGIF(t, 20, 8, 8)
	lossless := []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	few := DefaultOptions()
	few.MaxFrames = 10
	for name, c := range map[string]struct {
		body []byte
		opt  Options
		want string
	}{
		"empty":             {nil, DefaultOptions(), ReasonDecode},
		"text":              {[]byte("hello, world"), DefaultOptions(), ReasonDecode},
		"svg":               {[]byte("\xef\xbb\xbf <?xml version='1.0'?>\n<svg xmlns='x'/>"), DefaultOptions(), ReasonUnsupported},
		"avif":              {[]byte("\x00\x00\x00\x20ftypavif\x00\x00"), DefaultOptions(), ReasonUnsupported},
		"png, 2³¹ wide":     {huge(asPNG(t, scene(30, 20, 1)), 16, 0x7f, 255, 255, 255, 0x7f, 255, 255, 255), DefaultOptions(), ReasonTooLarge},
		"png, head only":    {[]byte(pngMagic + "\x00\x00\x00\x0dIHDR"), DefaultOptions(), ReasonDecode},
		"jpeg, 65535²":      {huge(photo, sof+5, 255, 255, 255, 255), DefaultOptions(), ReasonTooLarge},
		"jpeg, no frame":    {photo[:sof], DefaultOptions(), ReasonDecode},
		"jpeg, arithmetic":  {huge(photo, sof+1, 0xc9), DefaultOptions(), ReasonUnsupported},
		"gif, screen":       {huge(animation, 6, 255, 255, 255, 255), DefaultOptions(), ReasonTooLarge},
		"gif, frames":       {animation, few, ReasonTooLarge},
		"gif, no frame":     {animation[:20], DefaultOptions(), ReasonDecode},
		"bmp, 2³¹ high":     {huge(bitmap, 22, 1, 0, 0, 0x80), DefaultOptions(), ReasonTooLarge},
		"bmp, negative":     {huge(bitmap, 18, 255, 255, 255, 255), DefaultOptions(), ReasonDecode},
		"webp, 16384²":      {lossless, DefaultOptions(), ReasonTooLarge},
		"ico of a huge png": {icon(huge(asPNG(t, scene(30, 20, 1)), 16, 0x7f, 255, 255, 255), 30, 20), DefaultOptions(), ReasonTooLarge},
		"memory":            {asPNG(t, scene(300, 200, 1)), Options{MaxPixels: 1e9, MaxFrames: 1, MaxBytes: 100_000, Quality: 85}, ReasonTooLarge},
	} {
		if _, err := Describe(c.body, c.opt); reason(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := Describe(photo, Options{}); err == nil {
		t.Error("empty options were accepted")
	}
}

// TestBombIsNotDecoded: a small file that would unpack to a gigabyte must cost next to nothing.
func TestBombIsNotDecoded(t *testing.T) { // not parallel: it counts bytes of the whole process
	body := asPNG(t, image.NewGray(image.Rect(0, 0, 7000, 7000)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Describe(body, DefaultOptions()); reason(err) != ReasonTooLarge {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 100_000 {
		t.Errorf("%d bytes allocated to refuse a bomb", n)
	}
}

// folders with pictures that come with Go and with x/image.
func testImages(t testing.TB) []string {
	t.Helper()
	var files []string
	for _, args := range [][]string{{"env", "GOROOT"}, {"list", "-m", "-f", "{{.Dir}}", "golang.org/x/image"}} {
		out, err := exec.Command("go", args...).Output()
		if err != nil {
			continue
		}
		for _, dir := range []string{"src/image/testdata", "src/image/png/testdata", "src/image/png/testdata/pngsuite", "testdata"} {
			list, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), dir, "*.*"))
			files = append(files, list...)
		}
	}
	var pictures []string
	for _, f := range files {
		switch filepath.Ext(f) {
		case ".png", ".jpeg", ".gif", ".webp", ".bmp", ".tiff":
			pictures = append(pictures, f)
		}
	}
	if len(pictures) < 50 {
		t.Skipf("only %d test images beside this Go distribution", len(pictures))
	}
	return pictures
}

func TestRealPictures(t *testing.T) {
	t.Parallel()
	type damage struct{ Reason, Detail string }
	got := map[string]damage{}
	formats := map[string]int{}
	for _, file := range testImages(t) {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Describe(body, DefaultOptions())
		var e *Error
		switch name := filepath.Base(file); {
		case errors.As(err, &e):
			got[name] = damage{e.Reason, e.Detail}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case r.Salvaged:
			got[name] = damage{"salvaged", r.Detail}
			fallthrough
		default:
			formats[r.Format]++
		}
	}
	for name, d := range got {
		t.Logf("%-50s %-12s %s", name, d.Reason, d.Detail)
	}
	t.Log(formats)
	for name := range got {
		if strings.HasPrefix(name, "video-") && !strings.Contains(name, "truncated") {
			t.Errorf("%s is whole: %v", name, got[name])
		}
	}
	for name, want := range map[string]string{
		"video-001.progressive.truncated.jpeg": "salvaged",
		"invalid-crc32.png":                    "salvaged", "invalid-noend.png": "salvaged", "invalid-trunc.png": "salvaged",
	} {
		if got[name].Reason != want {
			t.Errorf("%s: %v, want %s", name, got[name], want)
		}
	}
}
