package imaging

import (
	"bytes"
	"fmt"
	"image/jpeg"

	"github.com/bbrks/go-blurhash"
	"github.com/corona10/goimagehash"
)

// thumbnail encodes the raster, shrunk to the size.
func (p *raster) thumbnail(size, quality int) (Thumbnail, error) {
	small := p.within(size)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, small.rgba(), &jpeg.Options{Quality: quality}); err != nil {
		return Thumbnail{}, fmt.Errorf("encode thumbnail: %w", err)
	}
	return Thumbnail{Size: size, Width: small.w, Height: small.h, JPEG: b.Bytes()}, nil
}

// perceptualHash is goimagehash's, given the 64×64 picture that it would make itself: averaged by area, the
// hash moves less between sizes of one picture than with its own bilinear samples.
func (p *raster) perceptualHash() (uint64, error) {
	hash, err := goimagehash.PerceptionHash(p.shrink(64, 64).rgba())
	if err != nil {
		return 0, fmt.Errorf("compute pHash: %w", err)
	}
	return hash.GetHash(), nil
}

// blurSize is the longest side of what the blurhash is computed from.
const blurSize = 16

// blurHash needs a few pixels only for its 4×3 waves, and costs 2 µs for each.
func (p *raster) blurHash() (string, error) {
	hash, err := blurhash.Encode(4, 3, p.within(blurSize).rgba())
	if err != nil {
		return "", fmt.Errorf("compute blurhash: %w", err)
	}
	return hash, nil
}

// dominant finds the colour that most pixels are close to: the mean of the fullest window of 2×2×2 cells in a
// histogram of 16×16×16. Windows overlap, so a colour on the edge of a cell is not split.
func (p *raster) dominant() string {
	var count [16 * 16 * 16]int
	for i := 0; i < len(p.pix); i += 3 {
		count[cell(p.pix[i], p.pix[i+1], p.pix[i+2])]++
	}
	best, most := 0, -1
	for r := range 15 {
		for g := range 15 {
			for b := range 15 {
				at := r<<8 | g<<4 | b
				n := count[at] + count[at+1] + count[at+16] + count[at+17] + count[at+256] + count[at+257] + count[at+272] + count[at+273]
				if n > most {
					best, most = at, n
				}
			}
		}
	}
	var sum [3]int
	for i := 0; i < len(p.pix); i += 3 {
		if c := cell(p.pix[i], p.pix[i+1], p.pix[i+2]) - best; c&^(256|16|1) == 0 {
			sum[0] += int(p.pix[i])
			sum[1] += int(p.pix[i+1])
			sum[2] += int(p.pix[i+2])
		}
	}
	return fmt.Sprintf("#%02x%02x%02x", sum[0]/most, sum[1]/most, sum[2]/most)
}

func cell(r, g, b uint8) int { return int(r>>4)<<8 | int(g>>4)<<4 | int(b>>4) }
