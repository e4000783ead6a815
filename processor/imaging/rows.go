package imaging

import (
	"image"
	"image/color"
)

// rowsOf returns a function that gives the rows of a picture, counted from 0, as red, green and blue on white,
// three bytes a pixel. The slice is valid until the next call.
func rowsOf(img image.Image) func(y int) []uint8 {
	b := img.Bounds()
	w := b.Dx()
	row := make([]uint8, 3*w)
	switch img := img.(type) {
	case *image.NRGBA:
		return func(y int) []uint8 { nrgbaRow(row, img.Pix[y*img.Stride:][:4*w]); return row }
	case *image.RGBA:
		return func(y int) []uint8 { rgbaRow(row, img.Pix[y*img.Stride:][:4*w]); return row }
	case *image.Paletted:
		table := paletteOnWhite(img.Palette)
		return func(y int) []uint8 {
			for x, i := range img.Pix[y*img.Stride:][:w] {
				copy(row[3*x:3*x+3], table[i][:])
			}
			return row
		}
	case *image.CMYK:
		return func(y int) []uint8 { cmykRow(row, img.Pix[y*img.Stride:][:4*w]); return row }
	case *image.Gray16:
		return func(y int) []uint8 {
			src := img.Pix[y*img.Stride:][:2*w]
			for x := range w {
				row[3*x], row[3*x+1], row[3*x+2] = src[2*x], src[2*x], src[2*x]
			}
			return row
		}
	case *image.NRGBA64:
		high := make([]uint8, 4*w)
		return func(y int) []uint8 { nrgbaRow(row, highBytes(high, img.Pix[y*img.Stride:][:8*w])); return row }
	case *image.RGBA64:
		high := make([]uint8, 4*w)
		return func(y int) []uint8 { rgbaRow(row, highBytes(high, img.Pix[y*img.Stride:][:8*w])); return row }
	case *image.NYCbCrA:
		return func(y int) []uint8 { nycbcraRow(row, img, b.Min.X, b.Min.Y+y); return row }
	}
	return func(y int) []uint8 {
		for x := range w {
			red, green, blue := onWhite(img.At(b.Min.X+x, b.Min.Y+y))
			row[3*x], row[3*x+1], row[3*x+2] = red, green, blue
		}
		return row
	}
}

// over lays a plain value of the given opacity over white: (v·a + 255·(255−a)) / 255, rounded.
func over(v, a uint8) uint8 {
	t := uint32(v)*uint32(a) + 255*(255-uint32(a)) + 127
	return uint8(t * 0x8081 >> 23) // t/255 for t below 1<<16
}

func nrgbaRow(row, src []uint8) {
	for len(src) >= 4 && len(row) >= 3 {
		if a := src[3]; a == 255 {
			row[0], row[1], row[2] = src[0], src[1], src[2]
		} else {
			row[0], row[1], row[2] = over(src[0], a), over(src[1], a), over(src[2], a)
		}
		src, row = src[4:], row[3:]
	}
}

// rgbaRow takes premultiplied values: the white behind them is simply added. Values above their alpha, which
// are not valid, are cut.
func rgbaRow(row, src []uint8) {
	for len(src) >= 4 && len(row) >= 3 {
		white := 255 - int(src[3])
		row[0] = uint8(min(int(src[0])+white, 255))
		row[1] = uint8(min(int(src[1])+white, 255))
		row[2] = uint8(min(int(src[2])+white, 255))
		src, row = src[4:], row[3:]
	}
}

func cmykRow(row, src []uint8) {
	for x := 0; 4*x < len(src); x++ {
		row[3*x], row[3*x+1], row[3*x+2] = color.CMYKToRGB(src[4*x], src[4*x+1], src[4*x+2], src[4*x+3])
	}
}

func nycbcraRow(row []uint8, img *image.NYCbCrA, x0, y int) {
	for x := 0; 3*x < len(row); x++ {
		at := img.COffset(x0+x, y)
		red, green, blue := color.YCbCrToRGB(img.Y[img.YOffset(x0+x, y)], img.Cb[at], img.Cr[at])
		a := img.A[img.AOffset(x0+x, y)]
		row[3*x], row[3*x+1], row[3*x+2] = over(red, a), over(green, a), over(blue, a)
	}
}

// highBytes takes the upper halves of samples of 16 bits.
func highBytes(dst, src []uint8) []uint8 {
	for i := range dst {
		dst[i] = src[2*i]
	}
	return dst
}

func paletteOnWhite(p color.Palette) *[256][3]uint8 {
	table := &[256][3]uint8{}
	for i, c := range p[:min(len(p), 256)] {
		table[i][0], table[i][1], table[i][2] = onWhite(c)
	}
	return table
}

func onWhite(c color.Color) (r, g, b uint8) {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return over(n.R, n.A), over(n.G, n.A), over(n.B, n.A)
}
