package extract

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tandem/crawler/weburl"
)

// maxValue bounds a value; what is longer is cut.
const maxValue = 64 << 10

// text returns what a field asks of a node, before its regular expression, and how much was looked at for it. there is false
// where the node lacks the attribute.
func (f *field) text(n *html.Node) (text string, there bool, read int) {
	switch {
	case f.Attr != "":
		value, ok := attribute(n, f.Attr)
		if !ok {
			return "", false, 0
		}
		var c collapsed
		c.add(value)
		return c.b.String(), true, c.read
	case f.Type == TypeHTML:
		var c capped
		for k := n.FirstChild; k != nil && !c.full; k = k.NextSibling {
			_ = html.Render(&c, k) // it ends early where c is full; what is there counts
		}
		return strings.TrimSpace(c.text()), true, c.b.Len()
	case f.Type == TypeExists && f.Regex == nil:
		return "", true, 0
	}
	var c collapsed
	c.children(n)
	return c.b.String(), true, c.read
}

// cut applies the regular expression.
func (f *field) cut(text string) (string, bool) {
	if f.regex == nil {
		return text, true
	}
	m := f.regex.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	return strings.TrimSpace(m[min(1, len(m)-1)]), true
}

// convert makes a text the value that the field's type asks for; ok is false if it is none. base is asked for what a reference is
// relative to; where it is nil, any reference will do.
func (f *field) convert(text string, base func() weburl.URL) (v any, ok bool) {
	if f.Type == TypeExists {
		return true, true
	}
	if text == "" {
		return nil, false
	}
	switch f.Type {
	case TypeNumber:
		return known(number(text, f.Decimal))
	case TypeInteger:
		return known(integer(text, f.Decimal))
	case TypeDate:
		return known(dateValue(text, f.Layout, f.Zone))
	case TypeURL:
		if base == nil {
			return text, true
		}
		u, err := base().Resolve(text)
		return u.String(), err == nil
	}
	return text, true
}

func known[T any](v T, ok bool) (any, bool) { return v, ok }

// attribute returns the value of a node's attribute.
func attribute(n *html.Node, name string) (value string, ok bool) {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val, true
		}
	}
	return "", false
}

// capped keeps the first maxValue bytes and refuses the rest.
type capped struct {
	b    strings.Builder
	full bool
}

// Write implements io.Writer.
func (c *capped) Write(p []byte) (int, error) {
	room := maxValue - c.b.Len()
	if c.full = len(p) > room; c.full {
		c.b.Write(p[:room])
		return room, io.ErrShortWrite
	}
	return c.b.Write(p)
}

// text leaves out half a letter at the end.
func (c *capped) text() string {
	s := c.b.String()
	for range utf8.UTFMax - 1 {
		if r, n := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || n != 1 {
			break
		}
		s = s[:len(s)-1]
	}
	return s
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
