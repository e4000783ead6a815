package imaging

import (
	"errors"
	"fmt"
	"slices"
)

// Options are the caps and the thumbnails wanted. Start from DefaultOptions.
type Options struct {
	MaxPixels      int64 // pixels of one frame. Defaults to 40,000,000
	MaxFrames      int   // frames of an animation, pages of a TIFF, entries of an ICO. Defaults to 10,000
	MaxBytes       int64 // memory that decoding would take, estimated from the header. Defaults to 384 MiB
	ThumbnailSizes []int // longest sides in pixels; empty for none. Defaults to 256
	Quality        int   // of the thumbnails' JPEG, 1 to 100. Defaults to 85
}

// DefaultOptions returns the defaults named at the fields.
func DefaultOptions() Options {
	return Options{MaxPixels: 40_000_000, MaxFrames: 10_000, MaxBytes: 384 << 20, ThumbnailSizes: []int{256}, Quality: 85}
}

// Validate reports all that is wrong.
func (o Options) Validate() error {
	var errs []error
	if o.MaxPixels < 1 || o.MaxFrames < 1 || o.MaxBytes < 1 {
		errs = append(errs, errors.New("image caps must be at least 1"))
	}
	if o.Quality < 1 || o.Quality > 100 {
		errs = append(errs, fmt.Errorf("thumbnail quality %d: want 1 to 100", o.Quality))
	}
	for _, size := range o.ThumbnailSizes {
		if size < 1 || size > 4096 {
			errs = append(errs, fmt.Errorf("thumbnail size %d: want 1 to 4096", size))
		}
	}
	return errors.Join(errs...)
}

// Result describes one picture.
type Result struct {
	Format        string      // "png", "jpeg", "gif", "webp", "bmp", "tiff", "ico"
	Width, Height int         // as stored, before EXIF orientation
	Frames        int         // of the animation; 1 for a still
	PHash         uint64      // perceptual hash of 64 bits; the Hamming distance tells how alike two pictures are
	BlurHash      string      // 4×3 components
	DominantColor string      // "#rrggbb"
	Exif          *Exif       // nil without
	Thumbnails    []Thumbnail // in the order of Options.ThumbnailSizes
	Salvaged      bool        // the file is damaged: part of the picture, or of its later frames, is missing
	Detail        string      // what is missing, and how much there is
}

// Thumbnail is a small JPEG of the picture, upright, on white where the picture is transparent.
type Thumbnail struct {
	Size          int // the size asked for
	Width, Height int // at most Size, and never more than the picture has
	JPEG          []byte
}

// analysisSize is the longest side of the picture that hashes and colours are computed from, whatever the
// thumbnails are, so that they do not depend on Options.
const analysisSize = 256

// Describe decodes the picture in body and computes everything in Result. The error is an *Error, except for
// options that are not valid.
func Describe(body []byte, opt Options) (Result, error) {
	if err := opt.Validate(); err != nil {
		return Result{}, err
	}
	h, e := probe(body)
	if e == nil {
		e = h.check(opt)
	}
	if e != nil {
		return Result{}, e
	}
	d, e := h.decode(body)
	if e != nil {
		return Result{}, e
	}
	return describe(h, d, opt)
}

func describe(h *header, d decoded, opt Options) (Result, error) {
	b := d.img.Bounds()
	if b.Empty() {
		return Result{}, broken("%s: the picture is empty", h.format)
	}
	r := Result{Format: h.format, Width: b.Dx(), Height: b.Dy(), Frames: max(h.frames, 1), Exif: readExif(h.exif)}
	r.Detail = d.damage
	r.Salvaged = d.damage != ""

	largest := slices.Max(append([]int{analysisSize}, opt.ThumbnailSizes...))
	w, ht := fit(b.Dx(), b.Dy(), largest)
	base := average(d.img, w, ht)
	if r.Exif != nil {
		base = base.upright(r.Exif.Orientation)
	}
	for _, size := range opt.ThumbnailSizes {
		t, err := base.thumbnail(size, opt.Quality)
		if err != nil {
			return Result{}, decodeError(h.format, err)
		}
		r.Thumbnails = append(r.Thumbnails, t)
	}
	small := base.within(analysisSize)
	r.DominantColor = small.dominant()
	var err error
	if r.PHash, err = small.perceptualHash(); err == nil {
		r.BlurHash, err = small.blurHash()
	}
	if err != nil {
		return Result{}, decodeError(h.format, err)
	}
	return r, nil
}
