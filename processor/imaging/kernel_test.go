package imaging

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"testing"
)

// meanOf computes the mean of the area that result (x, y) of w×h covers, in floating point, on white.
func meanOf(img image.Image, w, h, x, y int) [3]float64 {
	b := img.Bounds()
	x0, x1 := float64(x*b.Dx())/float64(w), float64((x+1)*b.Dx())/float64(w)
	y0, y1 := float64(y*b.Dy())/float64(h), float64((y+1)*b.Dy())/float64(h)
	var sum [3]float64
	area := 0.0
	for sy := int(y0); sy < b.Dy() && float64(sy) < y1; sy++ {
		for sx := int(x0); sx < b.Dx() && float64(sx) < x1; sx++ {
			part := (math.Min(x1, float64(sx+1)) - math.Max(x0, float64(sx))) * (math.Min(y1, float64(sy+1)) - math.Max(y0, float64(sy)))
			c := color.NRGBA64Model.Convert(img.At(b.Min.X+sx, b.Min.Y+sy)).(color.NRGBA64)
			a := float64(c.A) / 65535
			for i, v := range [3]uint16{c.R, c.G, c.B} {
				sum[i] += part * (float64(v)/257*a + 255*(1-a))
			}
			area += part
		}
	}
	for i := range sum {
		sum[i] /= area
	}
	return sum
}

func checkAverage(t *testing.T, img image.Image, w, h int, tolerance float64) {
	t.Helper()
	got := average(img, w, h)
	if got.w != w || got.h != h || len(got.pix) != 3*w*h {
		t.Fatalf("raster of %d×%d with %d bytes, want %d×%d", got.w, got.h, len(got.pix), w, h)
	}
	for y := range h {
		for x := range w {
			want := meanOf(img, w, h, x, y)
			for i := range 3 {
				if d := math.Abs(float64(got.pix[3*(y*w+x)+i]) - want[i]); d > tolerance {
					t.Fatalf("%T to %d×%d, pixel (%d,%d), channel %d: %d, want %.2f", img, w, h, x, y, i, got.pix[3*(y*w+x)+i], want[i])
				}
			}
		}
	}
}

// noise is a picture of every colour and opacity.
func noise(w, h int) *image.NRGBA {
	r := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = uint8(r.Uint32())
		if i%4 == 3 && r.IntN(2) == 0 {
			img.Pix[i] = 255
		}
	}
	return img
}

func opaque(src *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(src.Rect)
	copy(out.Pix, src.Pix)
	for i := 3; i < len(out.Pix); i += 4 {
		out.Pix[i] = 255
	}
	return out
}

// TestAverageEveryColourModel compares the fast paths with the definition.
func TestAverageEveryColourModel(t *testing.T) {
	t.Parallel()
	for _, size := range [][4]int{{37, 23, 5, 4}, {64, 64, 8, 8}, {9, 50, 9, 7}, {1, 300, 1, 256}, {40, 30, 40, 30}, {100, 3, 64, 2}, {5, 5, 1, 1}, {18, 1300, 3, 2}} {
		src := noise(size[0], size[1])
		palette := make(color.Palette, 200)
		for i := range palette {
			palette[i] = src.At(i%size[0], i/size[0]%size[1])
		}
		convert := func(dst draw.Image, from image.Image) image.Image {
			for y := range size[1] {
				for x := range size[0] {
					dst.Set(x, y, from.At(x, y))
				}
			}
			return dst
		}
		box := src.Rect
		shifted := image.NewRGBA(image.Rect(-3, 7, size[0]-3, size[1]+7))
		draw.Draw(shifted, shifted.Rect, opaque(src), image.Point{}, draw.Src)
		for _, img := range []image.Image{
			src, convert(image.NewRGBA(box), src), convert(image.NewRGBA(box), opaque(src)), convert(image.NewGray(box), src),
			convert(image.NewGray16(box), src), convert(image.NewNRGBA64(box), src), convert(image.NewRGBA64(box), src),
			convert(image.NewPaletted(box, palette), src), convert(image.NewCMYK(box), src), shifted,
		} {
			checkAverage(t, img, size[2], size[3], 1.5)
		}
	}
}

func TestAverageYCbCr(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		for _, size := range [][4]int{{37, 23, 5, 4}, {64, 48, 60, 45}, {31, 17, 31, 17}} {
			img := image.NewYCbCr(image.Rect(0, 0, size[0], size[1]), ratio)
			for i := range img.Y {
				img.Y[i] = uint8(60 + r.IntN(120))
			}
			for i := range img.Cb { // mild colours: conversion of single pixels must not clip, or means differ
				img.Cb[i], img.Cr[i] = uint8(118+r.IntN(20)), uint8(118+r.IntN(20))
			}
			checkAverage(t, img, size[2], size[3], 2.1)
			withAlpha := &image.NYCbCrA{YCbCr: *img, A: make([]uint8, size[0]*size[1]), AStride: size[0]}
			for i := range withAlpha.A {
				withAlpha.A[i] = uint8(r.Uint32())
			}
			checkAverage(t, withAlpha, size[2], size[3], 1.6)
		}
	}
}

func TestOver(t *testing.T) {
	t.Parallel()
	for v := range 256 {
		for a := range 256 {
			if got, want := over(uint8(v), uint8(a)), uint8((v*a+255*(255-a)+127)/255); got != want {
				t.Fatalf("over(%d, %d) = %d, want %d", v, a, got, want)
			}
		}
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	for _, c := range [][5]int{{100, 50, 200, 100, 50}, {400, 200, 200, 200, 100}, {200, 400, 200, 100, 200}, {10000, 1, 256, 256, 1}, {3, 2, 2, 2, 1}} {
		if w, h := fit(c[0], c[1], c[2]); w != c[3] || h != c[4] {
			t.Errorf("fit(%d, %d, %d) = %d×%d, want %d×%d", c[0], c[1], c[2], w, h, c[3], c[4])
		}
	}
}
