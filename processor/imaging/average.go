package imaging

import (
	"image"
	"image/color"
)

// raster is a small opaque picture: red, green and blue, three bytes a pixel.
type raster struct {
	w, h int
	pix  []uint8
}

// fit shrinks w×h into a square of the given side, keeps the proportions, and never enlarges.
func fit(w, h, side int) (int, int) {
	longest := max(w, h)
	if longest <= side {
		return w, h
	}
	return max(1, (w*side+longest/2)/longest), max(1, (h*side+longest/2)/longest)
}

// average shrinks a picture to w×h. Transparent pixels count as the white behind them.
func average(img image.Image, w, h int) *raster {
	switch img := img.(type) {
	case *image.YCbCr:
		return averageYCbCr(img, w, h)
	case *image.Gray:
		return averageGray(img, w, h)
	}
	b := img.Bounds()
	r := newReducer(b.Dx(), b.Dy(), w, h, 1, 1)
	r.channels, r.step = 3, 3
	if rgba, ok := img.(*image.RGBA); ok && rgba.Opaque() {
		r.step = 4
		return &raster{w, h, r.run(func(y int) []uint8 { return rgba.Pix[y*rgba.Stride:][:4*b.Dx()] })}
	}
	return &raster{w, h, r.run(rowsOf(img))}
}

func averageGray(img *image.Gray, w, h int) *raster {
	b := img.Bounds()
	grey := newReducer(b.Dx(), b.Dy(), w, h, 1, 1).run(func(y int) []uint8 { return img.Pix[y*img.Stride:][:b.Dx()] })
	out := &raster{w, h, make([]uint8, 0, 3*w*h)}
	for _, v := range grey {
		out.pix = append(out.pix, v, v, v)
	}
	return out
}

// averageYCbCr averages the planes as they are stored, each at its own resolution, and converts the colours of the
// small picture only: the mean of a linear transform is the transform of the mean.
func averageYCbCr(img *image.YCbCr, w, h int) *raster {
	b := img.Bounds()
	subX, subY := subsampling(img.SubsampleRatio)
	luma := newReducer(b.Dx(), b.Dy(), w, h, 1, 1).run(func(y int) []uint8 { return img.Y[y*img.YStride:][:b.Dx()] })
	chroma := newReducer(b.Dx(), b.Dy(), w, h, subX, subY)
	width := (b.Dx() + subX - 1) / subX
	cb := chroma.run(func(y int) []uint8 { return img.Cb[y*img.CStride:][:width] })
	cr := chroma.run(func(y int) []uint8 { return img.Cr[y*img.CStride:][:width] })
	out := &raster{w, h, make([]uint8, 0, 3*w*h)}
	for i := range luma {
		red, green, blue := color.YCbCrToRGB(luma[i], cb[i], cr[i])
		out.pix = append(out.pix, red, green, blue)
	}
	return out
}

func subsampling(r image.YCbCrSubsampleRatio) (x, y int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// shrink averages a raster once more.
func (p *raster) shrink(w, h int) *raster {
	if w == p.w && h == p.h {
		return p
	}
	r := newReducer(p.w, p.h, w, h, 1, 1)
	r.channels, r.step = 3, 3
	return &raster{w, h, r.run(func(y int) []uint8 { return p.pix[3*y*p.w:][:3*p.w] })}
}

// within shrinks a raster into a square.
func (p *raster) within(side int) *raster { return p.shrink(fit(p.w, p.h, side)) }

// rgba converts for the standard library's encoders.
func (p *raster) rgba() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, p.w, p.h))
	for i := range p.w * p.h {
		img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], img.Pix[4*i+3] = p.pix[3*i], p.pix[3*i+1], p.pix[3*i+2], 255
	}
	return img
}

// upright undoes an EXIF orientation, 1 to 8.
func (p *raster) upright(orientation int) *raster {
	if orientation < 2 || orientation > 8 {
		return p
	}
	out := &raster{p.w, p.h, make([]uint8, 0, len(p.pix))}
	if orientation >= 5 {
		out.w, out.h = p.h, p.w
	}
	for y := range out.h {
		for x := range out.w {
			sx, sy := x, y
			if orientation >= 5 {
				sx, sy = y, x
			}
			switch orientation {
			case 2, 7, 3, 8:
				sx = p.w - 1 - sx
			}
			switch orientation {
			case 3, 4, 6, 7:
				sy = p.h - 1 - sy
			}
			out.pix = append(out.pix, p.pix[3*(sy*p.w+sx):][:3]...)
		}
	}
	return out
}
