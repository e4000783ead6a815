package text

import "golang.org/x/net/html/atom"

// layout is what an element means for the text inside and around it.
type layout int

const (
	inline      layout = iota
	lineBlock          // starts and ends a line
	paraBlock          // set apart by an empty line
	cellBlock          // a table cell
	preBlock           // keeps its white space
	hidden             // never shown as text
	boilerplate        // shown, but about the site and not the page
)

// layoutOf classifies an element.
func layoutOf(a atom.Atom) layout {
	switch a {
	case atom.Br, atom.Li, atom.Tr, atom.Dt, atom.Dd, atom.Div, atom.Option, atom.Caption, atom.Summary, atom.Legend,
		atom.Address, atom.Figcaption, atom.Hgroup:
		return lineBlock
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Dl, atom.Table,
		atom.Blockquote, atom.Article, atom.Section, atom.Main, atom.Header, atom.Figure, atom.Hr, atom.Details,
		atom.Fieldset, atom.Form, atom.Center, atom.Body:
		return paraBlock
	case atom.Td, atom.Th:
		return cellBlock
	case atom.Pre, atom.Listing, atom.Xmp, atom.Plaintext:
		return preBlock
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Svg, atom.Iframe, atom.Object, atom.Canvas,
		atom.Audio, atom.Video, atom.Select, atom.Datalist, atom.Textarea, atom.Button, atom.Title, atom.Noframes,
		atom.Noembed, atom.Annotation, atom.Map, atom.Rp:
		return hidden
	case atom.Nav, atom.Aside, atom.Footer, atom.Menu, atom.Dialog:
		return boilerplate
	}
	return inline
}

// formatting reports the elements that the parser opens again in every block until they are closed. Left open in
// numbers, they multiply: each later block gets copies of all of them.
func formatting(a atom.Atom) bool {
	switch a {
	case atom.A, atom.B, atom.Big, atom.Code, atom.Em, atom.Font, atom.I, atom.Nobr, atom.S, atom.Small, atom.Strike,
		atom.Strong, atom.Tt, atom.U:
		return true
	}
	return false
}
