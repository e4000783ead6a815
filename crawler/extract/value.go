package extract

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxValue bounds a value; what is longer is cut.
const maxValue = 64 << 10

// attribute returns the value of a node's attribute.
func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

// collapsed gathers text and turns each run of white space into one blank, up to maxValue bytes.
type collapsed struct {
	b     strings.Builder
	blank bool // white space has come since the last letter
	full  bool // what follows is left out
	read  int  // bytes and nodes looked at
}

func (c *collapsed) add(s string) {
	c.read += len(s)
	for _, r := range s {
		if unicode.IsSpace(r) {
			c.blank = true
			continue
		}
		need := utf8.RuneLen(r)
		if c.blank {
			need++
		}
		if c.full = c.b.Len()+need > maxValue; c.full {
			return
		}
		if c.blank && c.b.Len() > 0 {
			c.b.WriteByte(' ')
		}
		c.blank = false
		c.b.WriteRune(r)
	}
}

// children adds the text that a reader sees in a node. Of a script or style there is only text when it is asked for itself.
func (c *collapsed) children(n *html.Node) {
	for k := n.FirstChild; k != nil && !c.full; k = k.NextSibling {
		c.read++
		switch {
		case k.Type == html.TextNode:
			c.add(k.Data)
		case k.Type != html.ElementNode || unseen(k):
		case inline(k):
			c.children(k)
		default: // words of two blocks are two words
			c.blank = true
			c.children(k)
			c.blank = true
		}
	}
}

func unseen(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template:
		return true
	}
	return false
}

// inline reports elements that do not part words.
func inline(n *html.Node) bool {
	switch n.DataAtom {
	case atom.A, atom.Abbr, atom.B, atom.Bdi, atom.Bdo, atom.Big, atom.Cite, atom.Code, atom.Data, atom.Del, atom.Dfn,
		atom.Em, atom.Font, atom.I, atom.Ins, atom.Kbd, atom.Label, atom.Mark, atom.Q, atom.S, atom.Samp, atom.Small,
		atom.Span, atom.Strike, atom.Strong, atom.Sub, atom.Sup, atom.Time, atom.Tt, atom.U, atom.Var, atom.Wbr:
		return true
	}
	return false
}

// number reads a decimal number in Go's notation; ok is false for anything else.
func number(s string) (f float64, ok bool) {
	if strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, false // neither hexadecimal nor infinite
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}
