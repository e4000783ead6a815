package extract

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"tandem/crawler/weburl"
	"tandem/internal/units"
)

// What one page may yield; items beyond are dropped.
const (
	maxItems     = 10_000
	maxItemBytes = 4 << 20   // of all names and values
	maxRead      = 256 << 20 // bytes and nodes looked at for them: elements within elements are read repeatedly
)

// The values of Field.Type. The empty one is TypeText.
const (
	TypeText   = "text"
	TypeNumber = "number"
	TypeURL    = "url"
)

// Rule says what to take out of pages: one element of `crawl.extract` in a job file.
type Rule struct {
	// Name is what the items are called. Required, unique.
	Name string `yaml:"name" check:"nonempty" doc:"what the items are called"`
	// Match is matched with the page's URL. Nil asks every HTML page.
	Match *units.Pattern `yaml:"match" doc:"regular expression on the page's URL; without it, every HTML page"`
	// Select finds the elements that are an item each. Nil makes one item of the page.
	Select *Selector `yaml:"select" doc:"CSS: one item for each match; without it, one item a page"`
	// Fields are the item's values by name.
	Fields map[string]Field `yaml:"fields" doc:"the values of an item, by name"`
}

// Field says where one value of an item is.
type Field struct {
	// CSS finds the element within the item; the first with a value counts. Nil is the item's own element.
	CSS *Selector `yaml:"css" doc:"CSS: the element within the item; without it, the item's own element"`
	// Attr is the attribute to take; empty takes the text.
	Attr string `yaml:"attr" doc:"the attribute to take instead of the text"`
	// List takes the values of all elements instead of the first.
	List bool `yaml:"list" doc:"take all elements, as a list"`
	// Regex cuts the value out of the text: its first group, or the whole match if it has none.
	Regex *units.Pattern `yaml:"regex" doc:"regular expression on the text: its first group, or the whole match"`
	// Type is text, number or url (resolved against the page). Empty is text.
	Type string `yaml:"type" check:"oneof=text|number|url" doc:"text, number or url"`
	// Required drops an item that lacks the value.
	Required bool `yaml:"required" doc:"drop an item that lacks this value"`
}

// Item is what a rule found once.
type Item struct {
	Rule string
	// Values holds a string, a float64 or, of a list, a []any of these under each name. What was not found is missing; of
	// a list it is empty. encoding/json writes the names in their order.
	Values map[string]any
}

// Rules are the rules of a job, checked and compiled. They are immutable and safe for concurrent use.
type Rules struct {
	rules []rule
}

type rule struct {
	Rule
	fields []field // by name
}

type field struct {
	Field
	name  string
	regex *regexp.Regexp
}

// NewRules compiles rules. It reports everything that is wrong with them, joined.
func NewRules(list []Rule) (*Rules, error) {
	var errs []error
	rs, seen := &Rules{}, map[string]bool{}
	for i, r := range list {
		bad := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("extract[%d] %q: %w", i, r.Name, fmt.Errorf(format, args...)))
		}
		switch {
		case strings.TrimSpace(r.Name) == "":
			bad("it has no name")
		case seen[r.Name]:
			bad("a rule before it has this name")
		case len(r.Fields) == 0:
			bad("it has no fields")
		}
		seen[r.Name] = true
		compiled := rule{Rule: r}
		for _, name := range slices.Sorted(maps.Keys(r.Fields)) {
			f, err := newField(name, r.Fields[name])
			if err != nil {
				bad("field %q: %w", name, err)
			}
			compiled.fields = append(compiled.fields, f)
		}
		rs.rules = append(rs.rules, compiled)
	}
	return rs, errors.Join(errs...)
}

func newField(name string, f Field) (field, error) {
	compiled := field{Field: f, name: name}
	compiled.Attr = strings.ToLower(f.Attr) // as the parser writes it
	if strings.TrimSpace(name) == "" {
		return compiled, errors.New("it has no name")
	}
	switch f.Type {
	case "", TypeText, TypeNumber, TypeURL:
	default:
		return compiled, fmt.Errorf("type %q: want text, number or url", f.Type)
	}
	if f.Regex == nil {
		return compiled, nil
	}
	var err error
	compiled.regex, err = regexp.Compile(f.Regex.String())
	return compiled, err
}

// Want reports whether a rule may ask the page at this URL: it saves decoding the others.
func (rs *Rules) Want(pageURL string) bool {
	return slices.ContainsFunc(rs.rules, func(r rule) bool { return r.wants(pageURL) })
}

func (r *rule) wants(pageURL string) bool { return r.Match == nil || r.Match.MatchString(pageURL) }

// Items returns what the rules find in body, which was fetched from pageURL and is content-decoded already, rule by rule in the
// order of the page. The same arguments always have the same items.
//
// dropped counts items that lack a required value or are beyond the limits; a rule that cannot be
// asked, because the page cannot be parsed or would take too long, counts as one.
func (rs *Rules) Items(pageURL weburl.URL, contentType string, body []byte) (items []Item, dropped int) {
	mediaType, charset := splitContentType(contentType)
	xhtml := mediaType == "application/xhtml+xml"
	if !xhtml && kindOf(mediaType, pageURL.Path(), body) != kindHTML {
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
			f.tree, err = parseTree(decode(body, charset, true))
			parsed = true
		}
		if err != nil || f.rule(r) != nil {
			f.dropped++
		}
	}
	return f.items, f.dropped
}

// finder asks the rules of one page.
type finder struct {
	pageURL weburl.URL
	tree    *tree
	base    *weburl.URL // nil until it is needed
	items   []Item
	dropped int
	left    int // bytes that items may still have
	read    int // of maxRead
}

// rule asks one rule; errHeavy if that would take too long.
func (f *finder) rule(r *rule) error {
	page := goquery.NewDocumentFromNode(f.tree.root).Selection
	found, times := page, 1
	if r.Select != nil {
		if !f.tree.affords(r.Select, 1) {
			return errHeavy
		}
		found = page.FindMatcher(r.Select.match)
		times = nesting(found.Nodes)
	}
	for i := range r.fields {
		if css := r.fields[i].CSS; css != nil && !f.tree.affords(css, times) {
			return errHeavy
		}
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

// nesting is how many of the nodes lie within each other at most.
func nesting(nodes []*html.Node) int {
	most, in := 1, make(map[*html.Node]int, len(nodes))
	for _, n := range nodes { // in the order of the page: the outer ones first
		in[n] = 1
		for p := n.Parent; p != nil; p = p.Parent {
			if outer := in[p]; outer > 0 {
				in[n] = outer + 1
				break
			}
		}
		most = max(most, in[n])
	}
	return most
}

// item adds one item, if it has a value and all that are required.
func (f *finder) item(r *rule, at *goquery.Selection) {
	values, size, found := make(map[string]any, len(r.fields)), len(r.Name), false
	for i := range r.fields {
		fd := &r.fields[i]
		list, n := f.values(fd, at, f.left-size)
		size += n + len(fd.name)
		switch {
		case len(list) > 0:
			found = true
		case fd.Required:
			f.dropped++
			return
		}
		switch {
		case fd.List:
			values[fd.name] = list
		case len(list) > 0:
			values[fd.name] = list[0]
		}
	}
	switch {
	case !found && f.left > 0: // the page has nothing of this kind
	case size > f.left:
		f.left = 0
		f.dropped++
	default:
		f.left -= size
		f.items = append(f.items, Item{Rule: r.Name, Values: values})
	}
}

// values returns a field's values and their size. It stops after the first one unless the field is a list, and once they
// exceed room.
func (f *finder) values(fd *field, item *goquery.Selection, room int) (list []any, size int) {
	list = []any{}
	if fd.CSS != nil {
		item = item.FindMatcher(fd.CSS.match)
	}
	for _, n := range item.Nodes {
		if f.left <= 0 {
			break
		}
		v, length := f.value(fd, n)
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

// value returns nil where a node has no such value.
func (f *finder) value(fd *field, n *html.Node) (v any, size int) {
	var c collapsed
	if fd.Attr == "" {
		c.children(n)
	} else {
		c.add(attribute(n, fd.Attr))
	}
	if f.read += 1 + c.read; f.read > maxRead {
		f.left = 0
		return nil, 0
	}
	text := c.b.String()
	if fd.regex != nil {
		m := fd.regex.FindStringSubmatch(text)
		if m == nil {
			return nil, 0
		}
		text = strings.TrimSpace(m[min(1, len(m)-1)])
	}
	if text == "" {
		return nil, 0
	}
	switch fd.Type {
	case TypeNumber:
		if x, ok := number(text); ok {
			return x, 8
		}
		return nil, 0
	case TypeURL:
		u, err := f.baseURL().Resolve(text)
		if err != nil {
			return nil, 0
		}
		text = u.String()
	}
	return text, len(text) + 8
}

// baseURL is what the page's references are relative to.
func (f *finder) baseURL() weburl.URL {
	if f.base == nil {
		f.base = &f.pageURL
		doc := goquery.NewDocumentFromNode(f.tree.root)
		if href, ok := doc.Find("base[href]").First().Attr("href"); ok {
			if u, err := f.pageURL.Resolve(href); err == nil {
				f.base = &u
			}
		}
	}
	return *f.base
}
