package crawler

import (
	"fmt"
	"net/http"
	"time"

	"github.com/PuerkitoBio/goquery"

	"tandem/crawler/extract"
	"tandem/crawler/weburl"
	"tandem/store"
)

// Page is a page that a crawl has stored. It belongs to one call of a callback and is good until that returns, as is what Body
// returned; a Document, links and headers may be kept. A Page must not be used concurrently.
type Page struct {
	URL       weburl.URL
	Status    int       // 2xx, or 304
	Via       string    // the page that links to it, "" for a seed
	Depth     int       // links from a seed
	FetchedAt time.Time // when the request began, UTC, in milliseconds
	Unchanged bool      // it says what it said in an earlier run
	Truncated bool      // the body was cut, by a limit or by the network

	resp    *store.Response
	earlier func() (*store.Response, error) // what a 304 confirms; nil for other answers
	maxBody int64
	slots   chan struct{} // held while a page is parsed

	body []byte // decoded; nil until it was asked for
	doc  *goquery.Document
}

// Header returns the fields of the response. Content-Encoding may be missing: Body has undone it.
func (p *Page) Header() http.Header {
	h := make(http.Header, len(p.resp.Header))
	for _, f := range p.resp.Header {
		h.Add(f.Name, f.Value)
	}
	return h
}

// Body returns the content-decoded body, in the charset that it has; of a 304 it is that of the record which it confirms. At most
// Config.MaxBody bytes count. Of a body that breaks off, or whose coding is damaged, it is what came before. An error says that there is nothing to read.
func (p *Page) Body() ([]byte, error) {
	if p.body != nil {
		return p.body, nil
	}
	if p.earlier != nil {
		earlier, err := p.earlier()
		if err != nil {
			return nil, fmt.Errorf("read what %q confirms: %w", p.URL, err)
		}
		p.resp, p.earlier = earlier, nil
	}
	body, _, err := p.resp.Decode(p.maxBody)
	if err != nil && len(body) == 0 {
		return nil, fmt.Errorf("decode body of %q: %w", p.URL, err)
	}
	if body == nil {
		body = []byte{}
	}
	p.body = body
	return body, nil
}

// Document returns the page, parsed as a reader without scripts sees it, in UTF-8. It is parsed at the first call. The error is
// extract.ErrNotHTML for other types than HTML, and extract.ErrHeavy for pages beyond the bounds of rules (8 MiB, 200,000 tags, 512 elements
// open at a time).
func (p *Page) Document() (*goquery.Document, error) {
	if p.doc != nil {
		return p.doc, nil
	}
	body, err := p.Body()
	if err != nil {
		return nil, err
	}
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	doc, err := extract.Document(p.URL, p.resp.Get("Content-Type"), body)
	if err != nil {
		return nil, fmt.Errorf("parse %q: %w", p.URL, err)
	}
	p.doc = doc
	return doc, nil
}

// Links returns what the body links to, whether the crawl follows it or not, of all types that package extract reads.
func (p *Page) Links() ([]extract.Link, error) {
	body, err := p.Body()
	if err != nil {
		return nil, err
	}
	return extract.Links(p.URL, p.resp.Get("Content-Type"), body, extract.Limits{}).Links, nil
}
