package imaging_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"tandem/processor/imaging"
)

func ExampleDescribe() {
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	draw.Draw(img, img.Rect, image.NewUniform(color.RGBA{0x20, 0x60, 0xa0, 0xff}), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		fmt.Println(err)
		return
	}
	r, err := imaging.Describe(b.Bytes(), imaging.DefaultOptions())
	if err != nil {
		fmt.Println(err)
		return
	}
	thumb := r.Thumbnails[0]
	fmt.Println(r.Format, r.Width, r.Height, r.DominantColor, thumb.Width, thumb.Height)
	// Output: png 640 480 #2060a0 256 192
}

func ExampleError() {
	_, err := imaging.Describe([]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), imaging.DefaultOptions())
	var e *imaging.Error
	if errors.As(err, &e) {
		fmt.Println(e.Reason)
	}
	// Output: unsupported
}
