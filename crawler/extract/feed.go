package extract

import (
	"bytes"
	"strings"
)

// feed reads the links of an RSS or Atom document. Both kinds of <link> are understood wherever they stand, since RSS files hold
// Atom's and namespaces are often wrong: with href it is Atom's (RFC 4287, section 4.2.7), else its text is the URL
// (RSS 2.0 and 1.0).
//
// What is written inside the entries is not looked into: the HTML of a summary repeats what the entry's page says.
type feed struct {
	*collector
	s       *xmlStream
	root    string // name of the first element
	field   string // the element whose text is collected: link or guid
	foreign bool   // inside <textInput>, whose link is a form's
	linked  bool   // the entry has a link
	guid    []byte // of the entry, if it may be a URL
}

// readFeed adds the links of the feed whose first tag is in s.tag. It reports whether the file came to its end.
func readFeed(s *xmlStream, c *collector) (whole bool) {
	f := feed{collector: c, s: s, root: s.tag.name}
	if base := s.tag.attrs["xml:base"]; base != "" {
		c.setBase([]byte(base))
	}
	if s.tag.empty {
		return true
	}
	for !c.full() && s.next() {
		switch {
		case !s.tag.end:
			f.open()
		case s.tag.name == f.root:
			return true
		default:
			f.close()
		}
	}
	return false
}

// open handles a start tag.
func (f *feed) open() {
	t := &f.s.tag
	switch t.name {
	case "item", "entry":
		f.linked, f.guid = false, nil
	case "textinput":
		f.foreign = !t.empty
	case "link":
		if href := t.attrs["href"]; href != "" {
			f.atomLink(href, t.attrs["rel"])
			return
		}
		f.collect(t)
	case "guid":
		if !strings.EqualFold(t.attrs["ispermalink"], "false") {
			f.collect(t)
		}
	case "enclosure":
		f.add([]byte(t.attrs["url"]), mention{requisite: true})
	}
}

// collect begins the text of an element.
func (f *feed) collect(t *xmlTag) {
	if f.foreign || t.empty {
		return
	}
	f.field = t.name
	f.s.keepText(true)
}

// close handles an end tag.
func (f *feed) close() {
	name := f.s.tag.name
	switch name {
	case "textinput":
		f.foreign = false
	case "item", "entry":
		if !f.linked && isAbsolute(f.guid) {
			f.add(f.guid, mention{})
		}
		f.guid = nil
	}
	if f.field == "" || name != f.field {
		return
	}
	f.field = ""
	text, _ := f.s.takeText()
	text = bytes.TrimSpace(text)
	switch {
	case name == "guid":
		f.guid = bytes.Clone(text)
	case len(text) > 0:
		f.linked = true
		f.add(text, mention{})
	}
}

// atomLink adds <link href="…" rel="…"/>. Those of protocols are not for reading.
func (f *feed) atomLink(href, rel string) {
	m := mention{rel: []byte(rel)}
	switch strings.ToLower(rel) {
	case "hub", "edit", "edit-media", "service", "search", "salmon", "pingback":
		return
	case "enclosure", "icon", "stylesheet":
		m.requisite = true
	case "", "alternate":
		f.linked = true
	}
	f.add([]byte(href), m)
}

// feedLinks adds the links of a feed that was met as a page.
func (c *collector) feedLinks(contentType string, body []byte) {
	f := openSitemap(contentType, body, MaxSitemapBytes)
	s := newXMLStream(f.r, f.label)
	if f.isXML() && f.root(s) == FeedSitemap {
		readFeed(s, c)
	}
}

// isFeed finds feeds by their first element, as browsers do: they come as anything from text/xml to text/html.
func isFeed(mediaType string, body []byte) bool {
	switch mediaType {
	case "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/xml", "text/xml", "text/rdf":
	case "", "text/html":
		if head := bytes.TrimLeft(trimBOM(body), " \t\r\n\f"); !startsXML(head) {
			return false
		}
	default:
		return false
	}
	return SniffSitemap("", body, false) == FeedSitemap
}

// startsXML tells at a glance what most pages are not.
func startsXML(head []byte) bool {
	for _, start := range [...]string{"<?xml", "<rss", "<feed", "<rdf"} {
		if len(head) > len(start) && strings.EqualFold(string(head[:len(start)]), start) {
			return true
		}
	}
	return false
}
