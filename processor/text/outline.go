package text

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// outline is what one pass of the tokenizer tells about a page: its titles, everything it shows, and how large a
// tree it would make. The tokenizer has no stack, so no nesting can stop it.
type outline struct {
	title, ogTitle, h1 string
	visible            flow
	paragraphs         int  // <p> elements
	nodes              int  // estimated size of the parsed tree
	boilerplate        bool // some of the page was left out as boilerplate
}

// scanner walks the tokens of a page.
type scanner struct {
	outline
	whole  bool // keep boilerplate
	skip   atom.Atom
	depth  int // of skip inside itself
	open   map[atom.Atom]int
	active int              // sum of open: formatting elements not closed
	target *strings.Builder // where text goes that belongs to a title
	titles [2]strings.Builder
}

// scan reads a page. With whole, navigation and the like count as text.
func scan(page string, whole bool) outline {
	s := scanner{whole: whole, open: map[atom.Atom]int{}}
	s.visible.max = MaxText
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		token := z.Next()
		switch token {
		case html.ErrorToken:
			s.title, s.h1 = s.titles[0].String(), s.titles[1].String()
			return s.outline
		case html.TextToken:
			s.nodes += 1 + s.active
			s.text(z.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			s.nodes += 1 + s.active + attributeCount(z.Raw())/2
			name, more := z.TagName()
			s.start(z, atom.Lookup(name), more, token == html.SelfClosingTagToken)
		case html.EndTagToken:
			name, _ := z.TagName()
			s.end(atom.Lookup(name))
		}
	}
}

// attributeCount is an upper estimate that costs next to nothing: attributes need something between them.
func attributeCount(tag []byte) int {
	return bytes.Count(tag, []byte(" ")) + bytes.Count(tag, []byte("\n")) + bytes.Count(tag, []byte("/")) + bytes.Count(tag, []byte(`"`))/2
}

func (s *scanner) text(b []byte) {
	if s.target != nil && s.target.Len() < 4*MaxTitle {
		s.target.Write(b)
	}
	if s.skip == 0 {
		s.visible.add(string(b))
	}
}

func (s *scanner) start(z *html.Tokenizer, a atom.Atom, more, closed bool) {
	if formatting(a) {
		s.open[a]++
		s.active++
	}
	if s.skip != 0 && a == atom.Main && layoutOf(s.skip) == boilerplate {
		s.skip = 0 // a <nav> that nobody closed must not swallow the page
	}
	if s.skip != 0 {
		if a == s.skip && !closed {
			s.depth++
		}
		return
	}
	switch a {
	case atom.Meta:
		s.meta(attributes(z, more))
	case atom.Title:
		s.collect(0)
	case atom.H1:
		s.collect(1)
	case atom.P:
		s.paragraphs++
	}
	switch l := layoutOf(a); {
	case closed && a == atom.Svg:
	case l == hidden, l == boilerplate && !s.whole:
		s.skip, s.depth = a, 1
		s.boilerplate = s.boilerplate || l == boilerplate
	default:
		openLayout(&s.visible, l)
	}
}

func (s *scanner) end(a atom.Atom) {
	if formatting(a) && s.open[a] > 0 {
		s.open[a]--
		s.active--
	}
	if a == atom.Title || a == atom.H1 {
		s.target = nil
	}
	if s.skip != 0 {
		if a == s.skip {
			s.depth--
		}
		if s.depth == 0 {
			s.skip = 0
			s.visible.line()
		}
		return
	}
	closeLayout(&s.visible, layoutOf(a))
}

// collect sends the text that follows to one of the titles, unless an earlier element filled it.
func (s *scanner) collect(i int) {
	if strings.TrimSpace(s.titles[i].String()) == "" {
		s.titles[i].Reset()
		s.target = &s.titles[i]
	}
}

func (s *scanner) meta(attr map[string]string) {
	name := attr["property"]
	if name == "" {
		name = attr["name"]
	}
	if s.ogTitle == "" && strings.EqualFold(name, "og:title") {
		s.ogTitle = attr["content"]
	}
}

// bestTitle is <title>, else og:title, else the first <h1>.
func (o *outline) bestTitle() string {
	for _, t := range []string{o.title, o.ogTitle, o.h1} {
		if t = oneLine(strings.ToValidUTF8(t, "")); t != "" {
			return t
		}
	}
	return ""
}

func openLayout(f *flow, l layout) {
	switch l {
	case lineBlock:
		f.line()
	case paraBlock, boilerplate:
		f.paragraph()
	case cellBlock:
		f.cell()
	case preBlock:
		f.openPre()
	}
}

func closeLayout(f *flow, l layout) {
	switch l {
	case lineBlock:
		f.line()
	case paraBlock, boilerplate:
		f.paragraph()
	case preBlock:
		f.closePre()
	}
}
