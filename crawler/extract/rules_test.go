package extract

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/units"
)

func css(t testing.TB, text string) *Selector {
	t.Helper()
	s, err := ParseSelector(text)
	if err != nil {
		t.Fatal(err)
	}
	return &s
}

func pattern(t testing.TB, text string) *units.Pattern {
	t.Helper()
	p, err := units.ParsePattern(text)
	if err != nil {
		t.Fatal(err)
	}
	return &p
}

func rules(t testing.TB, list ...Rule) *Rules {
	t.Helper()
	rs, err := NewRules(list)
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

const shop = `<!DOCTYPE html><html><head><title>Shop</title><base href="/base/"><base href="/no/"></head><body>
<article><h1>  First
 <em>th</em>ing </h1><p class=price>from 19.90 EUR</p><a class=more href=one>more</a><i class=tag>a</i><i class=tag>b</i><i class=tag> </i></article>
<article><h1></h1><p class=price>free</p><a class=more href="mailto:x@y">more</a></article>
<article><h1>Third</h1><div>one<div>two</div>three<br>four<script>no</script></div></article>
<script type="application/ld+json">{"sku": "A-7"}</script><noscript><b id=quiet>seen</b></noscript>
</body></html>`

func TestItems(t *testing.T) {
	t.Parallel()
	article := func(fields map[string]Field) Rule {
		return Rule{Name: "article", Select: css(t, "article"), Fields: fields}
	}
	for name, c := range map[string]struct {
		rules   []Rule
		want    string // JSON
		dropped int
	}{
		"text, collapsed": {[]Rule{article(map[string]Field{"t": {CSS: css(t, "h1")}})}, `[{"t":"First thing"},{"t":"Third"}]`, 0},
		"required": {[]Rule{article(map[string]Field{"t": {CSS: css(t, "h1"), Required: true}, "p": {CSS: css(t, ".price")}})},
			`[{"p":"from 19.90 EUR","t":"First thing"},{"t":"Third"}]`, 1},
		"number by group": {[]Rule{article(map[string]Field{"p": {CSS: css(t, ".price"), Regex: pattern(t, `([0-9.]+)`), Type: "number"}})}, `[{"p":19.9}]`, 0},
		"whole match":     {[]Rule{article(map[string]Field{"p": {CSS: css(t, ".price"), Regex: pattern(t, `[A-Z]{3}`)}})}, `[{"p":"EUR"}]`, 0},
		"no number":       {[]Rule{article(map[string]Field{"p": {CSS: css(t, ".price"), Type: "number"}})}, `[]`, 0},
		"url by base":     {[]Rule{article(map[string]Field{"u": {CSS: css(t, "a"), Attr: "HREF", Type: "url"}})}, `[{"u":"http://h.example/base/one"}]`, 0},
		"attribute":       {[]Rule{article(map[string]Field{"u": {CSS: css(t, "a.more"), Attr: "href"}})}, `[{"u":"one"},{"u":"mailto:x@y"}]`, 0},
		"list": {[]Rule{article(map[string]Field{"l": {CSS: css(t, ".tag"), List: true}, "t": {CSS: css(t, "h1"), Required: true}})},
			`[{"l":["a","b"],"t":"First thing"},{"l":[],"t":"Third"}]`, 1},
		"required list":     {[]Rule{article(map[string]Field{"l": {CSS: css(t, ".tag"), List: true, Required: true}})}, `[{"l":["a","b"]}]`, 2},
		"blocks part words": {[]Rule{{Name: "x", Select: css(t, "article > div"), Fields: map[string]Field{"t": {}}}}, `[{"t":"one two three four"}]`, 0},
		"the item itself":   {[]Rule{{Name: "x", Select: css(t, "a"), Fields: map[string]Field{"h": {Attr: "href", Type: "url"}}}}, `[{"h":"http://h.example/base/one"}]`, 0},
		"one of the page":   {[]Rule{{Name: "x", Fields: map[string]Field{"t": {CSS: css(t, "title")}}}}, `[{"t":"Shop"}]`, 0},
		"script and noscript": {[]Rule{{Name: "x", Fields: map[string]Field{
			"sku": {CSS: css(t, "script[type='application/ld+json']"), Regex: pattern(t, `"sku": "([^"]*)"`)}, "q": {CSS: css(t, "#quiet")}}}},
			`[{"q":"seen","sku":"A-7"}]`, 0},
		"another page":  {[]Rule{{Name: "x", Match: pattern(t, "/blog/"), Fields: map[string]Field{"t": {CSS: css(t, "h1")}}}}, `[]`, 0},
		"nothing there": {[]Rule{{Name: "x", Fields: map[string]Field{"t": {CSS: css(t, "h6")}, "l": {CSS: css(t, "h6"), List: true}}}}, `[]`, 0},
		"two rules": {[]Rule{
			{Name: "b", Match: pattern(t, "shop"), Fields: map[string]Field{"t": {CSS: css(t, "title")}}},
			{Name: "a", Select: css(t, "h1, title"), Fields: map[string]Field{"t": {}}}},
			`[{"t":"Shop"},{"t":"Shop"},{"t":"First thing"},{"t":"Third"}]`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items, dropped := rules(t, c.rules...).Items(mustParse(t, "http://h.example/shop"), "text/html; charset=utf-8", []byte(shop))
			if got := valuesJSON(t, items); got != c.want || dropped != c.dropped {
				t.Errorf("items %s, %d dropped; want %s, %d", got, dropped, c.want, c.dropped)
			}
		})
	}
}

func valuesJSON(t *testing.T, items []Item) string {
	t.Helper()
	all := []map[string]any{}
	for _, it := range items {
		all = append(all, it.Values)
	}
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The charset is found as for links; other types than HTML have no items.
func TestItemsOfTypes(t *testing.T) {
	t.Parallel()
	rs := rules(t, Rule{Name: "x", Fields: map[string]Field{"t": {CSS: css(t, "p")}}})
	for _, c := range []struct{ contentType, body, want string }{
		{"text/html; charset=iso-8859-1", "<p>gr\xfc\xdfe", `[{"t":"grüße"}]`},
		{"text/html", "<meta charset=windows-1251><p>\xcf\xf0\xe8", `[{"t":"При"}]`},
		{"application/xhtml+xml", "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>x</p></body></html>", `[{"t":"x"}]`},
		{"", "<p>x", `[{"t":"x"}]`},
		{"text/plain", "<p>x", `[]`},
		{"image/svg+xml", "<svg><p>x</p></svg>", `[]`},
	} {
		items, dropped := rs.Items(mustParse(t, "http://h.example/"), c.contentType, []byte(c.body))
		if got := valuesJSON(t, items); got != c.want || dropped != 0 {
			t.Errorf("%q: %s, %d dropped; want %s", c.contentType, got, dropped, c.want)
		}
	}
}

// Pages that are made to cost much cost a bounded amount, lose no more than their own items, and are counted.
func TestHostileRulePages(t *testing.T) {
	t.Parallel()
	item := func(selector, field string) *Rules {
		return rules(t, Rule{Name: "x", Select: css(t, selector), Fields: map[string]Field{"t": {CSS: css(t, field)}}})
	}
	self := rules(t, Rule{Name: "x", Select: css(t, "p"), Fields: map[string]Field{"t": {}}})
	var fonts strings.Builder
	for i := range 400 {
		fmt.Fprintf(&fonts, "<p><font x=%d>", i)
	}
	for name, c := range map[string]struct {
		rules          *Rules
		body           string
		items, dropped int
	}{
		"too deep":            {self, strings.Repeat("<div>", 600) + "<p>x", 0, 1},
		"too many items":      {self, strings.Repeat("<p>x", maxItems+5), maxItems, 5},
		"too many tags":       {self, strings.Repeat("<p>", maxTags+1), 0, 1},
		"too long":            {self, "<p>x" + strings.Repeat(" ", maxRuleBody), 0, 1},
		"too many bytes":      {self, strings.Repeat("<p>"+strings.Repeat("y", maxValue), 80), 63, 17},
		"formatting reopened": {self, fonts.String() + strings.Repeat("<p>x", 20_000), 0, 1},
		"contains":            {item("div:contains('zz')", "b"), strings.Repeat("<div>", 400) + strings.Repeat("y", 4<<20), 0, 1},
		"siblings":            {item("body", "p ~ p ~ b"), strings.Repeat("<p></p>", 50_000), 0, 1},
		"nth child":           {item("p:nth-child(2n+1)", "b"), strings.Repeat("<p></p>", 100_000), 0, 1},
		"ancestors":           {item("div div div div b", "p"), strings.Repeat("<div>", 400) + strings.Repeat("<b></b>", 10_000), 0, 1},
		"items in items":      {item("div", "div div p"), strings.Repeat("<div>", 400) + strings.Repeat("<p></p>", 10_000), 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items, dropped := c.rules.Items(mustParse(t, "http://h.example/"), "text/html", []byte(c.body))
			if len(items) != c.items || dropped != c.dropped {
				t.Errorf("%d items, %d dropped; want %d, %d", len(items), dropped, c.items, c.dropped)
			}
		})
	}
	// One text that 400 elements hold is read again and again, until it has been enough.
	nested := strings.Repeat("<div>", 400) + strings.Repeat(" ", 4<<20)
	items, dropped := item("div", "div").Items(mustParse(t, "http://h.example/"), "text/html", []byte(nested))
	if len(items) > 0 || dropped != 400 {
		t.Errorf("read again: %d items, %d dropped", len(items), dropped)
	}
	items, _ = self.Items(mustParse(t, "http://h.example/"), "text/html", []byte("<p>"+strings.Repeat("ü", maxValue)))
	if got := items[0].Values["t"].(string); len(got) != maxValue || !strings.HasSuffix(got, "ü") {
		t.Errorf("a long value has %d bytes", len(got))
	}
}

// What is large and honest is within the bounds.
func TestLargePages(t *testing.T) {
	t.Parallel()
	rs := rules(t, Rule{Name: "row", Select: css(t, "table.data > tbody tr"), Fields: map[string]Field{
		"a": {CSS: css(t, "td:first-child")}, "b": {CSS: css(t, "td + td span.x b")}}})
	row := "<tr>\n<td><font color=red>1</font></td>\n<td><span class=x><b>2</b></span></td>\n</tr>\n"
	body := "<div><div><div><div><div><table class=data>" + strings.Repeat(row, 8000) + "</table>"
	items, dropped := rs.Items(mustParse(t, "http://h.example/"), "text/html", []byte(body))
	if len(items) != 8000 || dropped != 0 {
		t.Errorf("%d items, %d dropped", len(items), dropped)
	}
}

func TestBadRules(t *testing.T) {
	t.Parallel()
	ok := map[string]Field{"t": {}}
	for name, c := range map[string]struct {
		list []Rule
		want string
	}{
		"no name":    {[]Rule{{Fields: ok}}, "extract[0]"},
		"twice":      {[]Rule{{Name: "a", Fields: ok}, {Name: "a", Fields: ok}}, `extract[1] "a"`},
		"no fields":  {[]Rule{{Name: "a"}}, "no fields"},
		"no key":     {[]Rule{{Name: "a", Fields: map[string]Field{"": {}}}}, `field ""`},
		"no type":    {[]Rule{{Name: "a", Fields: map[string]Field{"x": {Type: "money"}}}}, `type "money"`},
		"two errors": {[]Rule{{Name: "a"}, {Fields: ok}}, "extract[1]"},
	} {
		if _, err := NewRules(c.list); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
	for want, f := range map[string]Field{
		"it has fields":             {Fields: ok, Type: TypeURL},
		`field "x.y.y.y.y"`:         {Fields: map[string]Field{"y": {Fields: map[string]Field{"y": {Fields: map[string]Field{"y": {Fields: map[string]Field{"y": {Fields: ok}}}}}}}}},
		`field "x.t": type "money"`: {Fields: map[string]Field{"t": {Type: "money"}}},
		`field "x."`:                {Fields: map[string]Field{"": {}}},
		"type date":                 {Layout: layout(t, "02/01/2006")},
		"type number or integer":    {Type: TypeDate, Decimal: ","},
		"decimal sign":              {Type: TypeNumber, Decimal: ";"},
		"of elements":               {Type: TypeHTML, Attr: "href"},
		"no list":                   {Type: TypeExists, List: true},
		"default goes":              {Default: "x", Required: true},
		"it is no number":           {Default: "x", Type: TypeNumber},
	} {
		_, err := NewRules([]Rule{{Name: "a", Fields: map[string]Field{"x": f}}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %q in it", f, err, want)
		}
	}
	for _, bad := range []string{"", "  ", "a[", "a::text", "a:nope", ">", strings.Repeat("a", 2000)} {
		if s, err := ParseSelector(bad); err == nil {
			t.Errorf("%q is taken for a selector: %+v", bad, s)
		}
	}
}

func TestSelectorText(t *testing.T) {
	t.Parallel()
	s := *css(t, "a > b")
	text, err := s.MarshalText()
	var again Selector
	if err != nil || again.UnmarshalText(text) != nil || !cmp.Equal(s, again) || cmp.Equal(s, Selector{}) {
		t.Errorf("%q came back as %q, %v", s, again, err)
	}
}

// FuzzRules looks for panics, for selectors that the bounds do not hold, and for answers that differ.
func FuzzRules(f *testing.F) {
	f.Add("article", "h1", "([0-9.]+)", "href", []byte(shop))
	f.Add("p:nth-child(2n+1)", "a ~ b", "", "", []byte("<p><b x=1><p><table><td></b>x"))
	f.Add("*", ":not(p, a)", "x*", "class", []byte("<svg><desc><b class=a></svg><select><option><table>"))
	page := mustParse(f, pageURL)
	f.Fuzz(func(t *testing.T, sel, field, re, attr string, body []byte) {
		s, err := ParseSelector(sel)
		if err != nil {
			t.Skip()
		}
		c, err := ParseSelector(field)
		if err != nil {
			t.Skip()
		}
		types := []string{"", TypeNumber, TypeInteger, TypeDate, TypeURL, TypeHTML, TypeExists}
		fd := Field{CSS: &c, Attr: attr, Type: types[len(body)%len(types)]}
		fd.List = len(body)%2 == 0 && fd.Type != TypeExists
		if fd.Type == TypeHTML {
			fd.Attr = ""
		}
		if p, err := units.ParsePattern(re); err == nil {
			fd.Regex = &p
		}
		fields := map[string]Field{"f": fd, "n": {CSS: &s, List: true, Fields: map[string]Field{"f": fd}}}
		rs, err := NewRules([]Rule{{Name: "r", Select: &s, Fields: fields}})
		if err != nil {
			t.Fatal(err)
		}
		items, dropped := rs.Items(page, "text/html", body)
		again, droppedAgain := rs.Items(page, "text/html", body)
		if !cmp.Equal(items, again) || dropped != droppedAgain {
			t.Fatal("two answers for one page")
		}
		for _, it := range items {
			if _, err := json.Marshal(it.Values); err != nil {
				t.Fatal(err)
			}
		}
	})
}
