package extract

import (
	"bytes"
	"strings"
)

// page reads the elements of one HTML, XHTML or SVG document.
type page struct {
	*collector
	hasBase  bool // the first <base href> was seen; later ones do not count
	hasTitle bool
}

func (p *page) read(s scanner) {
	var t tag
	for !p.full() && s.next(&t) {
		p.element(&t)
		if t.attrs.set&(1<<attrStyle|1<<attrLazyBackground) != 0 {
			p.decoration(&t)
		}
	}
}

// decoration handles what any element may have.
func (p *page) decoration(t *tag) {
	p.css(p.get(t, attrStyle))
	lazy := p.get(t, attrLazyBackground)
	if bytes.Contains(lazy, []byte("(")) { // url(x), or a list of them
		p.css(lazy)
	} else {
		p.add(lazy, mention{requisite: true})
	}
}

// get returns an attribute's value, nil if it is missing or beyond the limit.
func (p *page) get(t *tag, id attrID) []byte {
	if !t.attrs.has(id) || len(t.attrs.value[id]) > p.limits.MaxAttr {
		return nil
	}
	return t.attrs.get(id)
}

func (p *page) element(t *tag) {
	switch string(t.name[:t.nameLen]) {
	case "a", "area":
		m := mention{rel: p.get(t, attrRel)}
		p.add(p.get(t, attrHref), m)
		p.add(p.get(t, attrXlinkHref), m)
	case "input":
		if bytes.EqualFold(p.get(t, attrType), []byte("image")) {
			p.media(t)
		}
	case "img", "image", "source", "video", "audio", "track", "embed", "object", "script", "use", "feimage":
		p.media(t)
	case "iframe", "frame":
		p.add(p.get(t, attrSrc), mention{})
		p.add(p.get(t, attrLazySrc), mention{})
	case "link":
		p.link(t)
	case "meta":
		p.meta(t)
	case "base":
		if !p.hasBase && t.attrs.has(attrHref) {
			p.hasBase = true
			p.setBase(p.get(t, attrHref))
		}
	case "title":
		if !p.hasTitle {
			p.hasTitle = true
			p.result.Title = title(t.text)
		}
	case "style":
		p.css(t.text)
	case "body", "table", "tr", "td", "th", "thead", "tbody", "tfoot":
		p.add(p.get(t, attrBackground), mention{requisite: true})
	}
}

// media handles whatever shows or runs something.
func (p *page) media(t *tag) {
	m := mention{requisite: true}
	if t.is("img") || t.is("image") || t.is("input") {
		m.alt = p.get(t, attrAlt)
	}
	p.add(p.get(t, attrSrc), m)
	p.add(p.get(t, attrLazySrc), m)
	p.srcset(p.get(t, attrSrcset), m)
	p.srcset(p.get(t, attrLazySrcset), m)
	if t.is("video") {
		p.add(p.get(t, attrPoster), m)
	}
	if t.is("object") {
		p.add(p.get(t, attrData), m)
	}
	// SVG in HTML: <image>, <use>, <feImage>, and <script>, where a reference is called href.
	if t.is("image") || t.is("use") || t.is("feimage") || t.is("script") {
		p.add(p.get(t, attrHref), m)
		p.add(p.get(t, attrXlinkHref), m)
	}
}

// link handles <link>, whose rel says what it is. Hints that name only a host are no link.
func (p *page) link(t *tag) {
	rel := p.get(t, attrRel)
	if onlyHost(rel) {
		return
	}
	m := mention{rel: rel, requisite: needed(rel)}
	p.add(p.get(t, attrHref), m)
	p.srcset(p.get(t, attrImageSrcset), m)
}

// onlyHost reports relations that ask for a connection and for no URL.
func onlyHost(rel []byte) bool { return hasToken(rel, "preconnect") || hasToken(rel, "dns-prefetch") }

// needed reports relations of what a page is shown with.
func needed(rel []byte) bool {
	for _, requisite := range [...]string{"stylesheet", "icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon", "preload", "modulepreload", "manifest"} {
		if hasToken(rel, requisite) {
			return true
		}
	}
	return false
}

func (p *page) meta(t *tag) {
	content := p.get(t, attrContent)
	if content == nil {
		return
	}
	if bytes.EqualFold(p.get(t, attrHTTPEquiv), []byte("refresh")) {
		p.add(refreshURL(content), mention{rel: []byte("refresh")})
	}
	name := string(bytes.TrimSpace(p.get(t, attrName)))
	if strings.EqualFold(name, "robots") || strings.EqualFold(name, p.limits.Agent) {
		p.result.MetaRobots.meta(string(content))
	}
}

// title decodes a title's entities. Unlike attributes, text may have a name without ';' anywhere, which
// makes no difference worth a second decoder.
func title(raw []byte) string {
	if len(raw) > 4*maxText {
		raw = raw[:4*maxText]
	}
	return text(unescape(raw))
}

// refreshURL finds the URL in "5; url='next.html'" by the standard's shared
// declarative refresh steps. Without a URL it is nil.
func refreshURL(content []byte) []byte {
	rest := bytes.TrimLeft(content, " \t\r\n\f")
	number := bytes.TrimLeft(rest, "0123456789.")
	if len(number) == len(rest) {
		return nil
	}
	rest = number
	if len(rest) == 0 || rest[0] != ';' && rest[0] != ',' && !isBlank(rest[0]) {
		return nil
	}
	rest = bytes.TrimLeft(rest, " \t\r\n\f")
	if len(rest) > 0 && (rest[0] == ';' || rest[0] == ',') {
		rest = bytes.TrimLeft(rest[1:], " \t\r\n\f")
	}
	if len(rest) >= 3 && bytes.EqualFold(rest[:3], []byte("url")) {
		after := bytes.TrimLeft(rest[3:], " \t\r\n\f")
		if len(after) > 0 && after[0] == '=' {
			rest = bytes.TrimLeft(after[1:], " \t\r\n\f")
		}
	}
	if len(rest) > 0 && (rest[0] == '"' || rest[0] == '\'') {
		quote := rest[0]
		rest = rest[1:]
		if i := bytes.IndexByte(rest, quote); i >= 0 {
			rest = rest[:i]
		}
	}
	return rest
}
