package extract

import (
	"fmt"
	"strings"
	"testing"
)

// generatedPage looks like a page of API documentation: 3000 items, 200 different pages linked.
func generatedPage() []byte {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html><html><head><title>t</title><link rel="stylesheet" href="../x.css"></head><body>`)
	for i := range 3000 {
		fmt.Fprintf(&b, `<div class="item-row docblock" id="i%d"><p>Some text about <code>Vec&lt;T&gt;</code> and %s.</p>`+
			`<a class="fn" href="../vec/struct.V%d.html#method.m%d" title="x">name%d</a> <span class="kw">fn</span></div>`+"\n",
			i, strings.Repeat("lorem ipsum dolor sit amet ", 1+i%6), i%200, i, i)
	}
	return []byte(b.String())
}

func BenchmarkLinks(b *testing.B) {
	page := mustParse(b, pageURL)
	distinct, usual := []byte(manyLinks(1<<20)), []byte(manyLinks(5000))
	for name, body := range map[string][]byte{"docs": generatedPage(), "distinct": distinct, "usual": usual} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			var e Extractor
			links := 0
			for b.Loop() {
				links += len(e.Links(page, "text/html", body, Limits{}).Links)
			}
			b.ReportMetric(float64(links)/b.Elapsed().Seconds(), "links/s")
		})
	}
}

func BenchmarkCSS(b *testing.B) {
	page := mustParse(b, pageURL)
	body := []byte(strings.Repeat(".item-row > a:hover { color: #fff; background: url(../img/bg.png) no-repeat; margin: 0 auto } /* note */\n", 5000))
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		Links(page, "text/css", body, Limits{})
	}
}

func BenchmarkMarkdown(b *testing.B) {
	page := mustParse(b, pageURL)
	body := []byte(strings.Repeat("Some *text* with `code` and [a link](../x/page.md \"title\").\n\n", 5000))
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		Links(page, "text/markdown", body, Limits{})
	}
}
