package site

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// GalleryOptions sizes the pictures below /gallery/. The zero value has none.
type GalleryOptions struct {
	Images         int // pictures with a motif of their own; one of four a PNG, one of twelve an animated GIF, the others JPEG. DefaultGoroot has 64
	NearDuplicates int // more pictures, each one of the JPEGs drawn smaller and encoded anew. DefaultGoroot has 12
	MinPixels      int // smallest JPEG and PNG. DefaultGoroot has 1,000,000
	MaxPixels      int // largest. DefaultGoroot has 4,000,000
	PerPage        int // pictures on a page. DefaultGoroot has 8
}

func (o GalleryOptions) validate() error {
	if o.Images <= 0 {
		return nil
	}
	if o.MinPixels < 64 || o.MaxPixels < o.MinPixels || o.MaxPixels > 100_000_000 || o.PerPage < 1 || o.NearDuplicates < 0 {
		return errors.New("gallery: want 64 ≤ MinPixels ≤ MaxPixels ≤ 100,000,000, PerPage ≥ 1 and NearDuplicates ≥ 0")
	}
	return nil
}

// gallery serves /gallery/. Each picture is encoded once, when first asked for, and kept.
type gallery struct {
	opt      GalleryOptions
	seed     uint64
	pictures []*picture
	prose    *prose
}

type picture struct {
	name    string
	alt     string
	motif   uint64 // the stream its scene is drawn from; near-duplicates share it
	w, h    int
	quality int
	encode  sync.Once
	content content
}

func newGallery(opt GalleryOptions, seed uint64, words *prose) *gallery {
	g := &gallery{opt: opt, seed: seed, prose: words}
	var photos []*picture
	for i := range opt.Images {
		p := g.original(i)
		if strings.HasSuffix(p.name, ".jpg") {
			photos = append(photos, p)
		}
		g.pictures = append(g.pictures, p)
	}
	for i := range opt.NearDuplicates {
		if len(photos) == 0 {
			break
		}
		o := photos[i%len(photos)]
		r := newRNG(seed, uint64(i)<<8|6)
		scale := r.between(60, 90)
		g.pictures = append(g.pictures, &picture{
			name: fmt.Sprintf("copy-%03d.jpg", i+1), alt: o.alt, motif: o.motif,
			w: o.w * scale / 100, h: o.h * scale / 100, quality: r.between(55, 75),
		})
	}
	return g
}

// original plans picture i.
func (g *gallery) original(i int) *picture {
	motif := uint64(i)<<8 | 5
	r := newRNG(g.seed, motif|1<<40)
	pixels := r.between(g.opt.MinPixels, g.opt.MaxPixels)
	ratio := pick(r, [][2]int{{4, 3}, {3, 2}, {16, 9}, {1, 1}, {3, 4}})
	side := isqrt(pixels / (ratio[0] * ratio[1]))
	p := &picture{motif: motif, w: max(side*ratio[0], 1), h: max(side*ratio[1], 1), quality: r.between(78, 90)}
	p.alt = newScene(newRNG(g.seed, motif)).words() + ", no. " + strconv.Itoa(i+1)
	switch {
	case i%12 == 11:
		p.name, p.w, p.h = fmt.Sprintf("picture-%03d.gif", i+1), max(p.w/4, 1), max(p.h/4, 1)
	case i%4 == 2:
		p.name = fmt.Sprintf("picture-%03d.png", i+1)
	default:
		p.name = fmt.Sprintf("picture-%03d.jpg", i+1)
	}
	return p
}

func (g *gallery) pages() int { return (len(g.pictures) + g.opt.PerPage - 1) / g.opt.PerPage }

func galleryPath(n int) string { return fmt.Sprintf("/gallery/page-%02d.html", n) }

func (g *gallery) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/gallery/")
	switch name {
	case "":
		g.index().write(w, r)
		return
	case "newest":
		http.Redirect(w, r, galleryPath(g.pages()), http.StatusFound)
		return
	}
	if r.URL.Path == tornPage {
		g.torn().write(w, r)
		return
	}
	if c, ok := tornPicture(name); ok {
		c.write(w, r)
		return
	}
	for n := 1; n <= g.pages(); n++ {
		if r.URL.Path == galleryPath(n) {
			g.page(n).write(w, r)
			return
		}
	}
	for _, p := range g.pictures {
		if p.name == name {
			p.encode.Do(func() { p.content = g.render(p) })
			p.content.write(w, r)
			return
		}
	}
	http.NotFound(w, r)
}

func (g *gallery) index() content {
	p := newPage("en", "Gallery")
	p.crumbs("/gallery/").raw("<h1>Gallery</h1><p>").text(strconv.Itoa(len(g.pictures))).raw(" generated pictures.</p>\n<ul>\n")
	for n := 1; n <= g.pages(); n++ {
		p.raw("<li>").link(galleryPath(n), "Page "+strconv.Itoa(n)).raw("</li>\n")
	}
	return p.raw("</ul><p>").link("/gallery/newest", "The newest pictures").raw(", and ").link(tornPage, "some that are none").raw(".</p>").end(epoch)
}

func (g *gallery) page(n int) content {
	p := newPage("en", "Gallery, page "+strconv.Itoa(n))
	p.crumbs(galleryPath(n)).raw("<main><h1>Gallery, page ").text(strconv.Itoa(n)).raw("</h1>\n")
	r := newRNG(g.seed, uint64(n)<<8|7)
	for _, pic := range g.pictures[(n-1)*g.opt.PerPage : min(n*g.opt.PerPage, len(g.pictures))] {
		p.image(pic.name, pic.alt)
		p.raw("<p>")
		for range 5 {
			s, _ := g.prose.list[0].sentence(r)
			p.text(s + " ")
		}
		p.raw("</p>\n")
	}
	p.raw("</main>\n<nav>").link("/gallery/", "Gallery")
	if n < g.pages() {
		p.raw(" · ").link(galleryPath(n+1), "Next page")
	}
	return p.raw("</nav>").end(epoch)
}

// render draws and encodes a picture. Writing to memory cannot fail, so errors cannot happen.
func (g *gallery) render(p *picture) content {
	s := newScene(newRNG(g.seed, p.motif))
	grain := newRNG(g.seed, uint64(p.w)<<32|uint64(p.h))
	var b bytes.Buffer
	switch p.name[len(p.name)-3:] {
	case "jpg":
		jpeg.Encode(&b, s.draw(p.w, p.h, 10, grain), &jpeg.Options{Quality: p.quality})
	case "png":
		img := image.NewRGBA(image.Rect(0, 0, p.w, p.h))
		draw.Draw(img, img.Rect, s.draw(p.w, p.h, 0, grain), image.Point{}, draw.Src)
		enc := png.Encoder{CompressionLevel: png.BestSpeed}
		enc.Encode(&b, img)
	default:
		gif.EncodeAll(&b, s.animate(p.w, p.h, 6))
	}
	mediaType, _ := mediaTypeOf(p.name, nil)
	return content{mediaType, b.Bytes(), epoch}
}

// animate moves the shapes over frames of 64 greys.
func (s *scene) animate(w, h, frames int) *gif.GIF {
	var palette color.Palette
	for i := range 64 {
		palette = append(palette, color.Gray{Y: uint8(i * 255 / 63)})
	}
	g := &gif.GIF{}
	for range frames {
		drawn := s.draw(w, h, 0, nil)
		frame := image.NewPaletted(image.Rect(0, 0, w, h), palette)
		for y := range h {
			for x := range w {
				frame.Pix[y*frame.Stride+x] = drawn.Y[y*drawn.YStride+x] >> 2
			}
		}
		g.Image = append(g.Image, frame)
		g.Delay = append(g.Delay, 10)
		for i := range s.shapes {
			s.shapes[i].cx = (s.shapes[i].cx + unit/16) % unit
		}
	}
	return g
}
