package extract

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"tandem/crawler/weburl"
)

// maxText bounds alternative texts and titles.
const maxText = 1 << 10

// mention is one appearance of a link on the page.
type mention struct {
	requisite bool
	alt, rel  []byte // as written, entities decoded
	utf8      bool   // its query is UTF-8 whatever the page is
}

// collector turns raw references into unique links. Most references of a page repeat, so
// each spelling is resolved once.
type collector struct {
	limits Limits
	result Result
	seen   map[string]int32 // spelling without fragment → index in result.Links, or refused
	urls   map[string]int32 // canonical form → index
	bytes  int              // of all URLs in result.Links
	last   int              // links of the page before
	source source
}

// refused marks spellings that are no link.
const refused = -1

// keepTables is how large the tables may grow and still be kept: clearing costs time in
// proportion to the largest page they ever held.
const keepTables = 4096

func (c *collector) start(page weburl.URL, limits Limits) {
	if c.seen == nil || len(c.seen) > keepTables {
		c.seen, c.urls = map[string]int32{}, map[string]int32{}
	}
	clear(c.seen)
	clear(c.urls)
	c.limits, c.bytes = limits, 0
	c.result, c.source = Result{Base: page}, source{}
}

// finish hands the result over and forgets it.
func (c *collector) finish() Result {
	r := c.result
	c.result, c.source = Result{}, source{}
	return r
}

// full reports that a limit was reached; what follows is not looked at.
func (c *collector) full() bool { return c.result.Truncated }

// setBase changes what later references are relative to.
func (c *collector) setBase(ref []byte) {
	if u, err := c.result.Base.Resolve(string(ref)); err == nil {
		c.result.Base = u
		clear(c.seen)
	}
}

// add takes a reference as it stands in the page, entities and escapes decoded. An empty
// one and a mere fragment name the page itself and are left out.
func (c *collector) add(ref []byte, m mention) {
	ref = spelling(ref)
	if len(ref) == 0 || foreign(ref) || c.full() {
		return
	}
	if i, ok := c.seen[string(ref)]; ok {
		c.again(i, m)
		return
	}
	key := string(ref)
	written := key
	if !m.utf8 {
		written = c.source.encodeQuery(key)
	}
	u, err := c.result.Base.Resolve(written)
	if err != nil {
		c.seen[key] = refused
		if !errors.Is(err, weburl.ErrScheme) {
			c.result.Invalid++
		}
		c.result.Truncated = len(c.seen) > 4*c.limits.MaxLinks
		return
	}
	i, ok := c.urls[u.String()]
	if !ok {
		if i, ok = c.grow(u, m); !ok {
			return
		}
	} else {
		c.again(i, m)
	}
	c.seen[key] = i
}

// grow appends a link that the page did not mention before.
func (c *collector) grow(u weburl.URL, m mention) (int32, bool) {
	size := len(u.String())
	if len(c.result.Links) >= c.limits.MaxLinks || c.bytes+size > c.limits.MaxBytes {
		c.result.Truncated = true
		return 0, false
	}
	i := int32(len(c.result.Links))
	c.bytes += size
	c.urls[u.String()] = i
	c.result.Links = append(c.result.Links, Link{
		URL:       u,
		Requisite: m.requisite,
		Alt:       text(m.alt),
		Nofollow:  hasToken(m.rel, "nofollow"),
		Rel:       strings.ToLower(text(m.rel)),
	})
	return i, true
}

// again merges a further mention into a link.
func (c *collector) again(i int32, m mention) {
	if i == refused {
		return
	}
	l := &c.result.Links[i]
	l.Requisite = l.Requisite || m.requisite
	if l.Nofollow {
		l.Nofollow = hasToken(m.rel, "nofollow")
	}
	if l.Alt == "" && len(m.alt) > 0 {
		l.Alt = text(m.alt)
	}
}

// spelling trims blanks and cuts the fragment, so that a table of contents is one link. A
// blank before '#' belongs to the path and is kept together with it.
func spelling(ref []byte) []byte {
	for len(ref) > 0 && ref[0] <= ' ' {
		ref = ref[1:]
	}
	for len(ref) > 0 && ref[len(ref)-1] <= ' ' {
		ref = ref[:len(ref)-1]
	}
	if i := bytes.IndexByte(ref, '#'); i == 0 || i > 0 && ref[i-1] > ' ' {
		ref = ref[:i]
	}
	return ref
}

// foreign recognises the schemes that pages are full of, before a large data: URL is copied.
func foreign(ref []byte) bool {
	for _, scheme := range [...]string{"data:", "javascript:", "mailto:", "tel:", "blob:", "about:"} {
		if len(ref) >= len(scheme) && ref[len(scheme)-1] == ':' && strings.EqualFold(string(ref[:len(scheme)]), scheme) {
			return true
		}
	}
	return false
}

// text collapses blanks, drops what is not UTF-8, and cuts at maxText.
func text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > 4*maxText {
		b = b[:4*maxText]
	}
	s := strings.Join(strings.Fields(strings.ToValidUTF8(string(b), "\uFFFD")), " ")
	if len(s) <= maxText {
		return s
	}
	end := maxText
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// hasToken looks for a word among blank-separated ones, in any case.
func hasToken(list []byte, token string) bool {
	if len(list) < len(token) {
		return false
	}
	for word := range bytes.FieldsSeq(list) {
		if len(word) == len(token) && strings.EqualFold(string(word), token) {
			return true
		}
	}
	return false
}
