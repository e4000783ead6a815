package imaging

import (
	"bytes"
	"errors"
	"image/jpeg"
	"os"
	"testing"
)

// FuzzDescribe holds that every input ends in a result whose thumbnails decode, or in an Error with a reason.
func FuzzDescribe(f *testing.F) {
	for _, body := range [][]byte{
		asPNG(f, scene(20, 12, 1)), asJPEG(f, scene(20, 12, 1), 80), withExif(asJPEG(f, scene(20, 12, 1), 80), exifBlob(5)),
		asGIF(f, 2, 12, 9), icon(asPNG(f, scene(16, 16, 1)), 16, 16),
	} {
		f.Add(body)
		f.Add(body[:len(body)*2/3])
	}
	for _, file := range testImages(f) {
		if body, err := os.ReadFile(file); err == nil && len(body) < 4000 {
			f.Add(body)
		}
	}
	opt := DefaultOptions()
	opt.MaxPixels, opt.MaxBytes, opt.ThumbnailSizes = 200_000, 4<<20, []int{32}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := Describe(body, opt)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Reason == "" || e.Detail == "" {
				t.Fatalf("not an Error with a reason: %v", err)
			}
			return
		}
		for _, thumb := range r.Thumbnails {
			if _, err := jpeg.Decode(bytes.NewReader(thumb.JPEG)); err != nil {
				t.Fatal(err)
			}
		}
		if r.Salvaged != (r.Detail != "") || r.Width*r.Height > 200_000 {
			t.Fatalf("%+v", r)
		}
	})
}
