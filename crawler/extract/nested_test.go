package extract

import (
	"strings"
	"testing"
)

const offers = `<!DOCTYPE html><base href="/shop/"><body>
<section class=product><h2>Kettle</h2><time datetime="2026-03-01">1 March</time>
 <ul><li class=offer><b>Shop A</b><i>1.299,00 €</i><a href=a>buy</a><em>red</em><em>blue</em></li>
 <li class=offer><b>Shop B</b><i>sold out</i></li>
 <li class=offer><b>Shop C</b><i>12,50 €</i></li></ul>
 <p class=maker>Maker <span class=city>Riga</span></p><p class=text>A <b>good</b> one<br>indeed</p></section>
<section class=product><h2>Lamp</h2><button disabled>buy</button></section>
</body>`

// Items hold items: of one element or a list of them, each with its own required values.
func TestItemsWithinItems(t *testing.T) {
	t.Parallel()
	offer := map[string]Field{
		"shop":  {CSS: css(t, "b")},
		"price": {CSS: css(t, "i"), Type: TypeNumber, Decimal: ",", Required: true},
		"link":  {CSS: css(t, "a"), Attr: "href", Type: TypeURL},
		"color": {CSS: css(t, "em"), List: true},
	}
	name := Field{CSS: css(t, "h2")}
	product := func(fields map[string]Field) []Rule {
		fields["name"] = name
		return []Rule{{Name: "product", Select: css(t, ".product"), Fields: fields}}
	}
	for what, c := range map[string]struct {
		rules   []Rule
		want    string
		dropped int
	}{
		"a list": {product(map[string]Field{"offers": {CSS: css(t, ".offer"), List: true, Fields: offer}}),
			`[{"name":"Kettle","offers":[{"color":["red","blue"],"link":"http://h.example/shop/a","price":1299,"shop":"Shop A"},{"color":[],"price":12.5,"shop":"Shop C"}]},` +
				`{"name":"Lamp","offers":[]}]`, 1},
		"the first with a value": {product(map[string]Field{"offer": {CSS: css(t, ".offer + .offer"), Fields: offer}}),
			`[{"name":"Kettle","offer":{"color":[],"price":12.5,"shop":"Shop C"}},{"name":"Lamp"}]`, 1},
		"required": {product(map[string]Field{"offers": {CSS: css(t, ".offer"), List: true, Required: true, Fields: map[string]Field{"shop": {CSS: css(t, "b")}}}}),
			`[{"name":"Kettle","offers":[{"shop":"Shop A"},{"shop":"Shop B"},{"shop":"Shop C"}]}]`, 1},
		"without css, a group": {product(map[string]Field{"about": {Fields: map[string]Field{
			"maker": {CSS: css(t, ".maker"), Fields: map[string]Field{"city": {CSS: css(t, ".city")}}}, "when": {CSS: css(t, "time"), Attr: "datetime", Type: TypeDate}}}}),
			`[{"about":{"maker":{"city":"Riga"},"when":"2026-03-01"},"name":"Kettle"},{"name":"Lamp"}]`, 0},
		"html": {product(map[string]Field{"text": {CSS: css(t, ".text"), Type: TypeHTML}}),
			`[{"name":"Kettle","text":"A \u003cb\u003egood\u003c/b\u003e one\u003cbr/\u003eindeed"},{"name":"Lamp"}]`, 0},
		"exists": {product(map[string]Field{
			"off": {CSS: css(t, "button"), Attr: "disabled", Type: TypeExists}, "sold": {CSS: css(t, "i"), Regex: pattern(t, "sold"), Type: TypeExists}}),
			`[{"name":"Kettle","off":false,"sold":true},{"name":"Lamp","off":true,"sold":false}]`, 0},
		"exists alone is no item": {[]Rule{{Name: "x", Select: css(t, "section"), Fields: map[string]Field{"b": {CSS: css(t, "button"), Type: TypeExists}}}},
			`[{"b":true}]`, 0},
		"default": {product(map[string]Field{
			"n": {CSS: css(t, "i"), Type: TypeNumber, Decimal: ",", Default: "0"}, "u": {CSS: css(t, "a"), Attr: "href", Type: TypeURL, Default: "none"}}),
			`[{"n":1299,"name":"Kettle","u":"http://h.example/shop/a"},{"n":0,"name":"Lamp","u":"http://h.example/shop/none"}]`, 0},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			items, dropped := rules(t, c.rules...).Items(mustParse(t, "http://h.example/"), "text/html; charset=utf-8", []byte(offers))
			if got := valuesJSON(t, items); got != c.want || dropped != c.dropped {
				t.Errorf("items %s, %d dropped; want %s, %d", got, dropped, c.want, c.dropped)
			}
		})
	}
}

// Items within items are bounded as items are.
func TestHostileItemsWithin(t *testing.T) {
	t.Parallel()
	within := func(outer, inner, value string) *Rules {
		return rules(t, Rule{Name: "x", Select: css(t, outer), Fields: map[string]Field{
			"in": {CSS: css(t, inner), List: true, Fields: map[string]Field{"v": {CSS: css(t, value)}}}}})
	}
	for name, c := range map[string]struct {
		rules          *Rules
		body           string
		items, dropped int
	}{
		"too many":       {within("body", "p", "b"), strings.Repeat("<p><b>x</b>", 30_000), 1, 0},
		"far too many":   {within("body", "p", "b"), strings.Repeat("<p>", maxInner+5), 0, 1},
		"of many items":  {within("div", "p", "b"), strings.Repeat("<div>"+strings.Repeat("<p>", 40)+"</div>", 4500), 0, 4500 - maxInner/40},
		"in one another": {within("div", "div", "div div"), strings.Repeat("<div>", 400) + strings.Repeat("<p></p>", 10_000), 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items, dropped := c.rules.Items(mustParse(t, "http://h.example/"), "text/html", []byte(c.body))
			if len(items) != c.items || dropped != c.dropped {
				t.Errorf("%d items, %d dropped; want %d, %d", len(items), dropped, c.items, c.dropped)
			}
		})
	}
	html := rules(t, Rule{Name: "x", Fields: map[string]Field{"h": {CSS: css(t, "p"), Type: TypeHTML}}})
	items, _ := html.Items(mustParse(t, "http://h.example/"), "text/html", []byte("<p>x"+strings.Repeat("<b>ü</b>", maxValue)))
	if got := items[0].Values["h"].(string); len(got) > maxValue || len(got) < maxValue-4 || strings.ToValidUTF8(got, "") != got {
		t.Errorf("long HTML has %d bytes and ends with %q", len(got), got[len(got)-8:])
	}
}
