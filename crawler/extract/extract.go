package extract

import (
	"bytes"
	"strings"

	"tandem/crawler/weburl"
)

// Link is one URL that a page refers to.
type Link struct {
	URL       weburl.URL
	Requisite bool   // the page needs it to be shown: image, style sheet, script, font, media
	Alt       string // alternative text of an image, blanks collapsed, at most 1 KiB
	Nofollow  bool   // every mention on the page carries rel=nofollow
	Rel       string // the rel attribute of the first mention, lower-case; "refresh" for a meta refresh
}

// Result is what Links found on one page.
type Result struct {
	Links      []Link     // each URL once, in the order of first mention
	Base       weburl.URL // what relative links were resolved against: the page or its <base>
	MetaRobots MetaRobots // from <meta name="robots"> and that with the name of Limits.Agent, united
	Title      string     // text of the first <title>, blanks collapsed, at most 1 KiB
	Invalid    int        // different links that are no valid URL; mailto: and the like do not count
	Truncated  bool       // a limit was reached and links were left out
}

// Limits bound what one page may cost, and say who reads it. Zero fields stand for the defaults.
type Limits struct {
	MaxLinks int // different links per page. Defaults to 100,000.
	MaxAttr  int // bytes of one attribute value; longer ones are skipped. Defaults to 64 KiB.
	MaxBytes int // bytes of all URLs of a page together. Defaults to 32 MiB.

	Agent string // the name in a <meta> that addresses this crawler, beside "robots". Defaults to TandemFetch.
}

// DefaultLimits returns the limits that zero fields stand for.
func DefaultLimits() Limits {
	return Limits{MaxLinks: 100_000, MaxAttr: 64 << 10, MaxBytes: 32 << 20, Agent: agent}
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	if l.MaxLinks <= 0 {
		l.MaxLinks = d.MaxLinks
	}
	if l.MaxAttr <= 0 {
		l.MaxAttr = d.MaxAttr
	}
	if l.MaxBytes <= 0 {
		l.MaxBytes = d.MaxBytes
	}
	if l.Agent == "" {
		l.Agent = d.Agent
	}
	return l
}

// Links returns the links in body, which was fetched from pageURL and is content-decoded already. contentType
// is the value of the Content-Type header; without one, a body that starts with '<' is taken for HTML. Types that
// this package does not read have no links.
func Links(pageURL weburl.URL, contentType string, body []byte, limits Limits) Result {
	var e Extractor
	return e.Links(pageURL, contentType, body, limits)
}

// Extractor does what Links does and keeps its tables for the next page. The zero value is ready. It must not be
// used concurrently.
type Extractor struct {
	c collector
}

// Links is like the function Links.
func (e *Extractor) Links(pageURL weburl.URL, contentType string, body []byte, limits Limits) Result {
	limits = limits.withDefaults()
	e.c.start(pageURL, limits)
	mediaType, charset := splitContentType(contentType)
	k := kindOf(mediaType, pageURL.Path(), body)
	e.c.source = source{body: body, label: charset, kind: k, known: charset == "utf-8"}
	switch k {
	case kindHTML, kindXML:
		p := page{collector: &e.c}
		p.read(scanner{src: decode(body, charset, k), xml: k == kindXML})
	case kindCSS:
		e.c.css(decode(body, charset, k))
	case kindMarkdown:
		e.c.markdown(decode(body, charset, k))
	case kindFeed:
		e.c.feedLinks(contentType, body)
	}
	return e.c.finish()
}

type kind int

const (
	kindNone kind = iota
	kindHTML
	kindXML
	kindCSS
	kindMarkdown
	kindFeed
)

// kindOf chooses the reader. Servers that do not know Markdown send it as plain text or as
// bytes, so there the name decides.
func kindOf(mediaType, path string, body []byte) kind {
	if isFeed(mediaType, body) {
		return kindFeed
	}
	switch mediaType {
	case "text/html":
		return kindHTML
	case "application/xhtml+xml", "image/svg+xml":
		return kindXML
	case "text/css":
		return kindCSS
	case "text/markdown", "text/x-markdown":
		return kindMarkdown
	case "", "text/plain", "application/octet-stream":
		lower := strings.ToLower(path)
		if strings.HasSuffix(lower, ".md") || strings.HasSuffix(lower, ".markdown") {
			return kindMarkdown
		}
		if head := bytes.TrimLeft(trimBOM(body), " \t\r\n\f"); mediaType == "" && len(head) > 0 && head[0] == '<' {
			return kindHTML
		}
	}
	return kindNone
}
