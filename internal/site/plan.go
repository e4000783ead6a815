package site

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"strings"
)

// plan is a synthetic site in the making: who links whom, then the pages.
type plan struct {
	opt     SyntheticOptions
	english language
	rng     *rng
	links   [][]string // of ordinary page i: paths it links
	images  [][]string // of ordinary page i: pictures it embeds
	nodes   map[string]*node
}

// fanout is how many pages each page leads to in the tree that makes all reachable.
const fanout = 7

func newPlan(opt SyntheticOptions) *plan {
	return &plan{
		opt: opt, english: languages()[0], rng: newRNG(opt.Seed, 1),
		links: make([][]string, opt.Pages), images: make([][]string, opt.Pages), nodes: make(map[string]*node),
	}
}

func pagePath(i int) string {
	if i == 0 {
		return "/"
	}
	return fmt.Sprintf("/p/%05d.html", i)
}

func (p *plan) build() map[string]*node {
	for i := 1; i < p.opt.Pages; i++ {
		p.links[(i-1)/fanout] = append(p.links[(i-1)/fanout], pagePath(i))
	}
	for i := range p.opt.Pages {
		for range p.opt.Links {
			p.links[i] = append(p.links[i], pagePath(p.rng.intn(p.opt.Pages)))
		}
	}
	p.pictures()
	p.redirects()
	p.specialPages()
	for i := range p.opt.Pages {
		p.add(pagePath(i), p.page(i, p.text(uint64(i)<<8|2), p.links[i], p.images[i]), i)
	}
	p.addFile("/site.css", string(stylesheet.mediaType), stylesheet.body).Requisite = true
	if p.opt.Robots {
		p.addFile("/robots.txt", "text/plain; charset=utf-8", []byte("User-agent: *\nDisallow: /private/\n"))
	}
	return p.nodes
}

// linkFromSomewhere makes a path reachable from one random ordinary page.
func (p *plan) linkFromSomewhere(path string) {
	from := p.rng.intn(p.opt.Pages)
	p.links[from] = append(p.links[from], path)
}

func (p *plan) pictures() {
	for i := range p.opt.Images {
		path := fmt.Sprintf("/img/%05d.png", i)
		from := p.rng.intn(p.opt.Pages)
		p.images[from] = append(p.images[from], path)
		p.addFile(path, "image/png", smallPicture(newRNG(p.opt.Seed, uint64(i)<<8|3))).Requisite = true
	}
}

// redirects makes chains: only the first hop is linked, the last leads to an ordinary page.
func (p *plan) redirects() {
	for i := range p.opt.Redirects {
		hops := 1
		if i%2 == 1 {
			hops = max(p.opt.RedirectChain, 1)
		}
		first := fmt.Sprintf("/r/%05d", i)
		p.linkFromSomewhere(first)
		path := first
		for hop := 1; hop <= hops; hop++ {
			next := fmt.Sprintf("%s/hop-%d", first, hop)
			if hop == hops {
				next = pagePath(p.rng.intn(p.opt.Pages))
			}
			status := []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect}[p.rng.intn(4)]
			p.nodes[path] = &node{Answer: Answer{Status: status, Location: next}}
			path = next
		}
	}
}

// specialPages adds the pages with a trait: each is linked from one ordinary page and links back to the front.
func (p *plan) specialPages() {
	home := []string{"/"}
	for i := range p.opt.Errors503 {
		n := p.special("/busy/%05d.html", i, p.text(uint64(i)<<8|4), home)
		n.Retried = true
	}
	for i := range p.opt.Private {
		n := p.special("/private/%05d.html", i, p.text(uint64(i)<<8|5), home)
		n.Private = true
	}
	for i := range p.opt.NearDuplicates {
		text := p.text(uint64(i%p.opt.Pages)<<8 | 2)
		text[len(text)/2], _ = p.english.sentence(newRNG(p.opt.Seed, uint64(i)<<8|6))
		p.special("/near/%05d.html", i, text, home)
	}
	for i := range p.opt.Duplicates {
		text := p.text(uint64(i)<<8 | 7)
		body := p.page(1_000_000+i, text, home, nil)
		for _, format := range []string{"/copy/%05d-a.html", "/copy/%05d-b.html"} {
			path := fmt.Sprintf(format, i)
			p.linkFromSomewhere(path)
			p.addFile(path, htmlType, body)
		}
	}
	for i := range p.opt.NotFound {
		path := fmt.Sprintf("/gone/%05d.html", i)
		p.linkFromSomewhere(path)
		p.nodes[path] = &node{Answer: Answer{Status: http.StatusNotFound, MediaType: "text/plain"}}
	}
}

func (p *plan) special(format string, i int, text, links []string) *node {
	path := fmt.Sprintf(format, i)
	p.linkFromSomewhere(path)
	return p.add(path, p.page(2_000_000+p.rng.intn(1_000_000), text, links, nil), i)
}

// text draws sentences; the stream decides all of them.
func (p *plan) text(stream uint64) []string {
	r := newRNG(p.opt.Seed, stream)
	list := []string{}
	for words := p.opt.Words; words > 0 || len(list) == 0; {
		s, n := p.english.sentence(r)
		words -= n
		list = append(list, s)
	}
	return list
}

func (p *plan) page(number int, text, links, images []string) []byte {
	b := newPage("en", fmt.Sprintf("Page %d", number))
	b.raw("<main><h1>").text(fmt.Sprintf("Page %d", number)).raw("</h1>\n<p>").text(strings.Join(text, " ")).raw("</p>\n")
	for _, src := range images {
		b.image(src, "Picture "+altText(src[strings.LastIndexByte(src, '/')+1:]))
	}
	b.raw("</main>\n<ul>\n")
	for _, to := range links {
		b.raw("<li>").link(to, to).raw("</li>\n")
	}
	return b.raw("</ul>").end(epoch).body
}

// add adds a page that may be compressed and chunked.
func (p *plan) add(path string, body []byte, i int) *node {
	n := p.addFile(path, htmlType, body)
	r := newRNG(p.opt.Seed, uint64(i)<<8|8)
	n.chunked = r.chance(p.opt.Chunked)
	if r.chance(p.opt.Gzip) {
		n.zipped = compress(body)
		n.SHA256, n.Length = digest(n.zipped), len(n.zipped)
	}
	return n
}

func (p *plan) addFile(path, header string, body []byte) *node {
	mediaType, _, _ := strings.Cut(header, ";")
	sum := digest(body)
	n := &node{Answer: Answer{Status: http.StatusOK, MediaType: mediaType, SHA256: sum, Identity: sum, Length: len(body)}, header: header, body: body}
	p.nodes[path] = n
	return n
}

// smallPicture is a PNG of a few thousand pixels.
func smallPicture(r *rng) []byte {
	w, h := r.between(40, 120), r.between(40, 120)
	drawn := newScene(r).draw(w, h, 0, nil)
	img := image.NewGray(drawn.Rect)
	for y := range h {
		copy(img.Pix[y*img.Stride:][:w], drawn.Y[y*drawn.YStride:])
	}
	var b bytes.Buffer
	png.Encode(&b, img) // writing to memory cannot fail
	return b.Bytes()
}
