package text

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
)

// A page beyond one of these is not searched for its main content but taken whole, because the search would take
// seconds.
const (
	// maxNodes is how large a tree is built. Its four copies take 60 MB.
	maxNodes = 100_000
	// maxParagraphWork bounds paragraphs × characters: the extractor joins the text of all paragraphs one by one.
	maxParagraphWork = 1 << 31
)

// When is what the extractor found too little? Below minArticle visible characters it has given up and returns the
// page's text without its lines. And on a page of which a share of more than mostlyCode is preformatted,
// when it lost more than half of that, or its lines.
const (
	minArticle = 200
	mostlyCode = 0.3
)

// fromHTML fills in the document from a page: one pass of the tokenizer for the titles and everything visible, then
// the main content if the page can be parsed, then the better of the two.
func (d *Document) fromHTML(in Input) {
	page := d.decodeCapped(in, MaxHTML, true)
	page, trimmed := trimTags(page)
	if trimmed {
		d.note("overlong tags cut")
	}
	seen := scan(page, false)
	if seen.boilerplate && seen.visible.runes < minArticle {
		if whole := scan(page, true); whole.visible.runes > 2*seen.visible.runes {
			seen.visible = whole.visible
		}
	}
	d.Title = seen.bestTitle()

	found := d.article(page, &seen)
	if found == nil || tooLittle(found, &seen.visible) {
		d.Method = MethodVisible
		d.finish(&seen.visible)
		return
	}
	d.Method = MethodArticle
	d.finish(found)
}

// tooLittle decides between what the extractor found and all that the page shows.
func tooLittle(article, visible *flow) bool {
	if article.runes < minArticle {
		return true
	}
	lost := article.coded < visible.coded/2 || article.kept < visible.kept/2
	return lost && float64(visible.coded) > mostlyCode*float64(visible.runes)
}

// article returns the main content, or nil when there is none to be had; Notes say why.
func (d *Document) article(page string, seen *outline) *flow {
	if seen.nodes > maxNodes || seen.paragraphs*len(seen.visible.buf) > maxParagraphWork {
		d.note("page too large to look for its main content")
		return nil
	}
	tree, err := guard(func() (*html.Node, error) { return html.Parse(strings.NewReader(page)) })
	if err != nil {
		d.note("parse: %v", err)
		return nil
	}
	content, err := guard(func() (*html.Node, error) { return mainContent(tree) })
	if err != nil {
		d.note("main content: %v", err)
		return nil
	}
	f := &flow{max: MaxText}
	render(f, content)
	return f
}

// guard turns a panic of a library on hostile input into an error. Its stack is of no use to anyone: the input is,
// and the document's row names it.
func guard[T any](f func() (T, error)) (out T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %.200v", p)
		}
	}()
	return f()
}

// decodeCapped cuts the body at limit and decodes it.
func (d *Document) decodeCapped(in Input, limit int, isHTML bool) string {
	body := in.Body
	if len(body) > limit {
		body = body[:limit]
		d.Truncated = true
	}
	var s string
	s, d.Charset = decode(body, declaredCharset(in), isHTML)
	return s
}

// finish takes the text over and derives everything that is derived from it.
func (d *Document) finish(f *flow) {
	if f.full {
		d.Truncated = true
	}
	var prose string
	d.Text, prose = f.text()
	d.Language, d.LanguageConfidence = detectLanguage(prose)
	d.analyse()
}
