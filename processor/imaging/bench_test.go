package imaging

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
)

// photo is a JPEG with grain, so that its entropy coding costs what a camera's does.
func photo(b *testing.B, w, h int) []byte {
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	state := uint32(1)
	for i := range img.Y {
		state = state*1664525 + 1013904223
		img.Y[i] = uint8(i%w*160/w + i/w*60/h + int(state>>28))
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = uint8(100+i*50/len(img.Cb)), uint8(150-i*50/len(img.Cb))
	}
	return asJPEG(b, img, 85)
}

func BenchmarkDescribe(b *testing.B) {
	for _, c := range []struct {
		name string
		w, h int
	}{{"2MP", 1632, 1224}, {"12MP", 4000, 3000}} {
		body := photo(b, c.w, c.h)
		perPixel := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c.w*c.h), "ns/pixel")
		}
		b.Run(c.name+"/all", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Describe(body, DefaultOptions()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "thumbnails/s")
			perPixel(b)
		})
		img, err := jpeg.Decode(bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.name+"/decode", func(b *testing.B) {
			for b.Loop() {
				jpeg.Decode(bytes.NewReader(body))
			}
			perPixel(b)
		})
		w, h := fit(c.w, c.h, 256)
		b.Run(c.name+"/kernel", func(b *testing.B) {
			for b.Loop() {
				average(img, w, h)
			}
			perPixel(b)
		})
	}
}

func BenchmarkKernelRGB(b *testing.B) {
	for name, img := range map[string]image.Image{"rgba": scene(2000, 1000, 1), "nrgba": noise(2000, 1000)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				average(img, 256, 128)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*2_000_000), "ns/pixel")
		})
	}
}

func BenchmarkFeatures(b *testing.B) {
	small := average(scene(1000, 750, 1), 256, 192)
	b.Run("phash", func(b *testing.B) {
		for b.Loop() {
			small.perceptualHash()
		}
	})
	b.Run("blurhash", func(b *testing.B) {
		for b.Loop() {
			small.blurHash()
		}
	})
	b.Run("dominant", func(b *testing.B) {
		for b.Loop() {
			small.dominant()
		}
	})
	b.Run("thumbnail", func(b *testing.B) {
		for b.Loop() {
			small.thumbnail(256, 85)
		}
	})
}
