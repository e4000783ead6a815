package extract

import (
	"errors"

	"github.com/PuerkitoBio/goquery"

	"tandem/crawler/weburl"
)

// Why a page has no Document.
var (
	ErrNotHTML = errors.New("page is no HTML")
	ErrHeavy   = errors.New("page is too heavy to parse")
)

// Document parses a page that was fetched from pageURL and is content-decoded already: what rules ask. The charset is found as for
// links. The error is ErrNotHTML, ErrHeavy for a page beyond the bounds that rules have, or the parser's. The
// document shares no memory with body. Safe for concurrent use.
func Document(pageURL weburl.URL, contentType string, body []byte) (*goquery.Document, error) {
	src, ok := asHTML(pageURL, contentType, body)
	if !ok {
		return nil, ErrNotHTML
	}
	t, err := parseTree(src())
	if err != nil {
		return nil, err
	}
	return goquery.NewDocumentFromNode(t.root), nil
}
