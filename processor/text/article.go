package text

import (
	"strings"

	"github.com/markusmobius/go-trafilatura"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// mainContent finds the part of a page that is its article. The tree is not to be used afterwards.
//
// No second extractor runs behind this one: measured on its own test pages that costs half as much again and gains
// nothing. Dates are not looked for either.
func mainContent(tree *html.Node) (*html.Node, error) {
	result, err := trafilatura.ExtractDocument(tree, trafilatura.Options{
		ExcludeComments: true,
		HtmlDateMode:    trafilatura.Disabled,
	})
	if err != nil {
		return nil, err
	}
	return result.ContentNode, nil
}

// render writes a tree as text. The parser refuses trees deeper than 512, so recursion is safe.
func render(f *flow, n *html.Node) {
	if n == nil {
		return
	}
	if n.Type == html.TextNode {
		f.add(strings.ToValidUTF8(n.Data, "\uFFFD"))
		return
	}
	l := inline
	if n.Type == html.ElementNode {
		l = nodeLayout(n)
	}
	if l == hidden {
		return
	}
	openLayout(f, l)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		render(f, c)
	}
	closeLayout(f, l)
}

// nodeLayout classifies an element of the extractor's result. It renames elements without changing their atoms, so
// the name counts; and it makes <code> of preformatted blocks.
func nodeLayout(n *html.Node) layout {
	if n.Data == "code" && hasNewline(n) {
		return preBlock
	}
	return layoutOf(atom.Lookup([]byte(n.Data)))
}

func hasNewline(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode && strings.Contains(c.Data, "\n") || hasNewline(c) {
			return true
		}
	}
	return false
}
