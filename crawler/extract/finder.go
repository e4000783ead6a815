package extract

import (
	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"tandem/crawler/weburl"
)

// What one page may yield; items beyond are dropped.
const (
	maxItems     = 10_000
	maxInner     = 100_000   // items within items
	maxItemBytes = 4 << 20   // of all names and values
	maxRead      = 256 << 20 // bytes and nodes looked at for them: elements within elements are read repeatedly
)

// Items returns what the rules find in body, which was fetched from pageURL and is content-decoded already, rule by rule in the
// order of the page. The same arguments always have the same items.
//
// dropped counts items that lack a required value or are beyond the limits, those within items too; a rule that cannot be
// asked, because the page cannot be parsed or would take too long, counts as one.
func (rs *Rules) Items(pageURL weburl.URL, contentType string, body []byte) (items []Item, dropped int) {
	src, ok := asHTML(pageURL, contentType, body)
	if !ok {
		return nil, 0
	}
	f := finder{pageURL: pageURL, left: maxItemBytes}
	var parsed bool
	var err error
	for i := range rs.rules {
		r := &rs.rules[i]
		if !r.wants(pageURL.String()) {
			continue
		}
		if !parsed {
			f.tree, err = parseTree(src())
			parsed = true
		}
		if err != nil || f.rule(r) != nil {
			f.dropped++
		}
	}
	return f.items, f.dropped
}

// asHTML tells whether a page is HTML, and gives a function that decodes it.
func asHTML(pageURL weburl.URL, contentType string, body []byte) (src func() []byte, ok bool) {
	mediaType, label := splitContentType(contentType)
	k := kindOf(mediaType, pageURL.Path(), body)
	if k == kindHTML || mediaType == "application/xhtml+xml" {
		return func() []byte { return decode(body, label, k) }, true
	}
	return nil, false
}

// finder asks the rules of one page.
type finder struct {
	pageURL weburl.URL
	tree    *tree
	base    *weburl.URL // nil until it is needed
	items   []Item
	inner   int // items within items, kept or not
	dropped int
	left    int // bytes that items may still have; 0 ends the page
	read    int // of maxRead
}

// rule asks one rule; ErrHeavy if that would take too long.
func (f *finder) rule(r *rule) error {
	found, times := f.page(), 1
	if r.Select != nil {
		if !f.tree.affords(r.Select, 1) {
			return ErrHeavy
		}
		found = found.FindMatcher(r.Select.match)
		times = f.tree.nesting(found.Nodes)
	}
	if !f.affords(r.fields, times) {
		return ErrHeavy
	}
	for i := range found.Nodes {
		if len(f.items) == maxItems || f.left <= 0 {
			f.dropped += found.Length() - i
			return nil
		}
		f.item(r, found.Eq(i))
	}
	return nil
}

func (f *finder) page() *goquery.Selection { return goquery.NewDocumentFromNode(f.tree.root).Selection }

// affords reports whether fields may be asked where a node lies within up to times items. What a selector finds within an item it also
// finds in the page, so that tells how many of the items within may lie within each other.
func (f *finder) affords(fields []field, times int) bool {
	for i := range fields {
		fd, within := &fields[i], times
		if fd.CSS != nil && !f.tree.affords(fd.CSS, times) {
			return false
		}
		if fd.CSS != nil && fd.fields != nil {
			within *= f.tree.nesting(f.page().FindMatcher(fd.CSS.match).Nodes)
		}
		if !f.affords(fd.fields, within) {
			return false
		}
	}
	return true
}

// item adds one item, if it has a value and all that are required.
func (f *finder) item(r *rule, at *goquery.Selection) {
	got := f.gather(r.fields, at, f.left-len(r.Name))
	size := len(r.Name) + got.size
	switch {
	case got.lacking:
		f.dropped++
	case !got.found && f.left > 0: // the page has nothing of this kind
	case size > f.left:
		f.left = 0
		f.dropped++
	default:
		f.left -= size
		f.items = append(f.items, Item{Rule: r.Name, Values: got.values})
	}
}

// gathered are the values of one item.
type gathered struct {
	values  map[string]any
	size    int
	found   bool // the page has one of them
	lacking bool // it does not have one that is required; the others were not looked for
}

// gather looks for the fields of one item.
func (f *finder) gather(fields []field, at *goquery.Selection, room int) gathered {
	got := gathered{values: make(map[string]any, len(fields))}
	for i := range fields {
		fd := &fields[i]
		list, n := f.values(fd, at, room-got.size)
		got.size += n + len(fd.name)
		switch {
		case len(list) > 0:
			got.found = true
		case fd.Required:
			got.lacking = true
			return got
		}
		switch {
		case fd.List:
			got.values[fd.name] = list
		case len(list) > 0:
			got.values[fd.name] = list[0]
		case fd.Type == TypeExists:
			got.values[fd.name] = false
		case fd.Default != "":
			if v, ok := fd.convert(fd.Default, f.baseURL); ok {
				got.values[fd.name] = v
				got.size += sizeOf(v)
			}
		}
	}
	return got
}

// values returns a field's values and their size. It stops after the first one unless the field is a list, and once they
// exceed room.
func (f *finder) values(fd *field, item *goquery.Selection, room int) (list []any, size int) {
	list = []any{}
	if fd.CSS != nil {
		item = item.FindMatcher(fd.CSS.match)
	}
	for i, n := range item.Nodes {
		if f.left <= 0 {
			break
		}
		var v any
		var length int
		if fd.fields != nil {
			v, length = f.within(fd, item.Eq(i), room-size)
		} else {
			v, length = f.value(fd, n)
		}
		if v == nil {
			continue
		}
		list, size = append(list, v), size+length
		if !fd.List || size > room {
			break
		}
	}
	return list, size
}

// within returns an item within an item; nil where there is none.
func (f *finder) within(fd *field, at *goquery.Selection, room int) (v any, size int) {
	if f.inner++; f.inner > maxInner {
		f.left = 0
		return nil, 0
	}
	got := f.gather(fd.fields, at, room)
	switch {
	case got.lacking:
		f.dropped++
		return nil, 0
	case !got.found:
		return nil, 0
	}
	return got.values, got.size + 8
}

// value returns nil where a node has no such value.
func (f *finder) value(fd *field, n *html.Node) (v any, size int) {
	text, there, read := fd.text(n)
	if f.read += 1 + read; f.read > maxRead {
		f.left = 0
		return nil, 0
	}
	if !there {
		return nil, 0
	}
	if text, there = fd.cut(text); !there {
		return nil, 0
	}
	if v, there = fd.convert(text, f.baseURL); !there {
		return nil, 0
	}
	return v, sizeOf(v)
}

// sizeOf is what a value counts.
func sizeOf(v any) int {
	if s, ok := v.(string); ok {
		return len(s) + 8
	}
	return 8
}

// baseURL is what the page's references are relative to.
func (f *finder) baseURL() weburl.URL {
	if f.base == nil {
		base := treeBase(f.tree.root, f.pageURL)
		f.base = &base
	}
	return *f.base
}

// treeBase is the <base> of a page, or else its own URL.
func treeBase(root *html.Node, pageURL weburl.URL) weburl.URL {
	if href, ok := goquery.NewDocumentFromNode(root).Find("base[href]").First().Attr("href"); ok {
		if u, err := pageURL.Resolve(href); err == nil {
			return u
		}
	}
	return pageURL
}
