package extract

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/crawler/weburl"
)

const pageURL = "http://example.com/dir/page.html"

func mustParse(t testing.TB, raw string) weburl.URL {
	t.Helper()
	u, err := weburl.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// show writes a link the way the tables below do: "! " marks requisites, "- " nofollow; then
// the URL without the common front, the rel in brackets and the alternative text in quotes.
func show(l Link) string {
	var b strings.Builder
	if l.Requisite {
		b.WriteString("! ")
	}
	if l.Nofollow {
		b.WriteString("- ")
	}
	b.WriteString(strings.TrimPrefix(l.URL.String(), "http://example.com"))
	if l.Rel != "" {
		fmt.Fprintf(&b, " [%s]", l.Rel)
	}
	if l.Alt != "" {
		fmt.Fprintf(&b, " %q", l.Alt)
	}
	return b.String()
}

func shown(r Result) []string {
	var out []string
	for _, l := range r.Links {
		out = append(out, show(l))
	}
	return out
}

func checkLinks(t *testing.T, contentType, body string, want []string) {
	t.Helper()
	r := Links(mustParse(t, pageURL), contentType, []byte(body), Limits{})
	if diff := cmp.Diff(want, shown(r)); diff != "" {
		t.Errorf("%s\n(-want +got)\n%s", body, diff)
	}
}

func TestHTML(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body string
		want []string
	}{
		{`<a href=x>`, []string{"/dir/x"}},
		{`<A HREF = "x">`, []string{"/dir/x"}},
		{`<a href='x"y'>`, []string{"/dir/x%22y"}},
		{"<a href=\" \n/a\tb\nc \">", []string{"/abc"}},
		{`<a href="?a=1&amp;b=2&copy=3&sect;=&#x41;&#66">`, []string{"/dir/page.html?a=1&b=2&copy=3%C2%A7=AB"}},
		{`<a href="?x&notit;&semi;">`, []string{"/dir/page.html?x&notit;;"}},
		{"<a href='a\x00b'>", []string{"/dir/a%EF%BF%BDb"}},
		{`<a href="x#1"><a href=x#2><a href=./x><a href="#top"><a href=""><a>`, []string{"/dir/x"}},
		{`<a href="x #1">`, []string{"/dir/x%20"}},
		{`<a href=x href=y>`, []string{"/dir/x"}},
		{`<a title="x>y" href=x>`, []string{"/dir/x"}},
		{`<a/href=x><a href=x/>`, []string{"/dir/x", "/dir/x/"}},
		{`<a href="mailto:a@b"><a href="javascript:x()"><a href="data:text/html,x"><a href=ftp://x/y>`, nil},
		{`<a rel="Next NOFOLLOW" href=x><a rel=nofollow href=y><a href=y>`, []string{"- /dir/x [next nofollow]", "/dir/y [nofollow]"}},
		{`<area href=x><svg><a xlink:href=y></svg>`, []string{"/dir/x", "/dir/y"}},
		{`<img src=x alt=" a  b &amp; c ">`, []string{`! /dir/x "a b & c"`}},
		{`<img src=x><a href=x><img src=x alt=later>`, []string{`! /dir/x "later"`}},
		{`<img srcset="a, b 2x ,c,d 1x,e,, f 3w 4h (x,y) , data:image/png;base64,AA== 2x, g,">`,
			[]string{"! /dir/a", "! /dir/b", "! /dir/c,d", "! /dir/e", "! /dir/f", "! /dir/g"}},
		{`<img src="data:image/gif;base64,R0" data-src=real.jpg data-srcset="r1 1x">`, []string{"! /dir/real.jpg", "! /dir/r1"}},
		{`<picture><source srcset="a.webp 1x"><img src=b.jpg></picture>`, []string{"! /dir/a.webp", "! /dir/b.jpg"}},
		{`<video src=v poster=p><source src=s><track src=t></video><audio src=a>`, []string{"! /dir/v", "! /dir/p", "! /dir/s", "! /dir/t", "! /dir/a"}},
		{`<embed src=e><object data=o><input type=image src=i><script src=s></script>`, []string{"! /dir/e", "! /dir/o", "! /dir/i", "! /dir/s"}},
		{`<iframe src=f></iframe><frame src=g>`, []string{"/dir/f", "/dir/g"}},
		{`<noscript><img src=n></noscript><noframes><a href=m></noframes>`, []string{"! /dir/n", "/dir/m"}},
		{`<link rel=stylesheet href=s><link rel="shortcut icon" href=i><link rel=canonical href=c><link rel=preconnect href=//p.example>`,
			[]string{"! /dir/s [stylesheet]", "! /dir/i [shortcut icon]", "/dir/c [canonical]"}},
		{`<link rel=preload as=image imagesrcset="a 1x, b 2x">`, []string{"! /dir/a [preload]", "! /dir/b [preload]"}},
		{`<a href=a><base target=x><base href="/b/"><base href="/c/"><a href=a>`, []string{"/dir/a", "/b/a"}},
		{`<base href="javascript:x"><a href=a>`, []string{"/dir/a"}},
		{`<meta http-equiv=Refresh content="5; URL='next page'"><meta http-equiv=refresh content=5>`, []string{"/dir/next%20page [refresh]"}},
		{`<body background=b style="background:url(s)"><p style='x:url("t")'>`, []string{"! /dir/b", "! /dir/s", "! /dir/t"}},
		{`<style>@import "i"; a{b:url( u )}</style>`, []string{"! /dir/i", "! /dir/u"}},
		{`<!-- <a href=x> --><a href=y><!--><a href=z><!-- --!><a href=q><![CDATA[ <a href=r> ]]>`, []string{"/dir/y", "/dir/z", "/dir/q"}},
		{`<script>"<a href=x>"; <!-- <script> </script> <a href=y> </script><a href=z>`, []string{"/dir/z"}},
		{`<script><!-- </script><a href=z>`, []string{"/dir/z"}},
		{`<textarea><a href=x></textarea><title><a href=y></title><a href=z>`, []string{"/dir/z"}},
		{`<style></styles><a href=x></STYLE ><a href=z>`, []string{"/dir/z"}},
		{`<a href=x`, nil},
		{`a < b <3 </> </ x> <? <a href=n> ?><a href=y>`, []string{"/dir/y"}},
		{`<p title='<a href=x>'></p title='<a href=y>'><a href=z>`, []string{"/dir/z"}},
		{`<a href="http://[/"><a href="http://me:pw@h/"><a href=ok>`, []string{"/dir/ok"}},
		{`<use href="icons.svg#x"><image xlink:href=i.png>`, []string{"! /dir/icons.svg", "! /dir/i.png"}},
	}
	for _, tt := range tests {
		checkLinks(t, "text/html; charset=utf-8", tt.body, tt.want)
	}
}

func TestXML(t *testing.T) {
	t.Parallel()
	checkLinks(t, "application/xhtml+xml", `<?xml version="1.0"?><title/><script src="s"/><![CDATA[ <a href="x"/> ]]><a href="y"/>`, []string{"! /dir/s", "/dir/y"})
	checkLinks(t, "image/svg+xml", `<svg><style>a{fill:url(p.png)}</style><image href="i.png"/></svg>`, []string{"! /dir/p.png", "! /dir/i.png"})
}

func TestCSS(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body string
		want []string
	}{
		{`a{b:url(x)}`, []string{"! /dir/x"}},
		{`a{b:URL( "x y" ) , url('z')}`, []string{"! /dir/x%20y", "! /dir/z"}},
		{`@import url(a.css) screen; @IMPORT 'b.css';`, []string{"! /dir/a.css", "! /dir/b.css"}},
		{`/* url(x) */ "url(y)" 'url(z)' a{b:curl(w) my-url(v)}`, nil},
		{"'broken\nurl(x)", []string{"! /dir/x"}},
		{`url(a\)b) url("\61\000062 c") url(\"d)`, []string{"! /dir/a)b", "! /dir/abc", "! /dir/%22d"}},
		{`@namespace x url(http://www.w3.org/1999/xhtml); url(data:image/png;base64,AA) url() url(a b) url(x`, []string{"! /dir/x"}}, // the end closes it
		{`\`, nil},
		{`url(\`, nil},
		{`"\`, nil},
		{`@import/**/"a" layer(x); @import url("b") supports(display: grid); @importx "c"; @import`, []string{"! /dir/a", "! /dir/b"}},
		{`u\72l(a) \55 RL("b") \000075\00072\6c(c) ur\l(d) cu\72l(e)`, []string{"! /dir/a", "! /dir/b", "! /dir/c", "! /dir/d"}},
		{"u\\\nrl(a) \\", nil},
		{`-url(a) _url(b) --url(c) éurl(d) url-x(e)`, nil},
		{`a{b:image-set("a" 1x, url(b) 2x, 'c' type("image/png")) "no"} a{b:-WEBKIT-image-set("d" 1x} "no"`, []string{"! /dir/a", "! /dir/b", "! /dir/c", "! /dir/d"}},
		{`url(a"b) url(c) url(d\)"e) url(f(g)h) url(i)`, []string{"! /dir/c", "! /dir/i"}}, // what is no URL ends at its ')'
		{"url('a\\\r\nb') url(\"\\61\r\nc\") url(f\x01) url(\t\f g\r\n)", []string{"! /dir/ab", "! /dir/ac", "! /dir/g"}},
		{"url('d\re') url(no)\nurl(f)", []string{"! /dir/d", "! /dir/f"}}, // a line end ends a string, the next quote begins one
		{`url("\0") url("\d800") url("\110000")`, []string{"! /dir/%EF%BF%BD"}},
		{`url(a/**/b) url( "x" crossorigin(anonymous))`, []string{"! /dir/a/**/b", "! /dir/x"}},
		{`<!-- @charset "x"; @font-face{src:local("no"),url(f.woff2)format("no")} -->`, []string{"! /dir/f.woff2"}},
	}
	for _, tt := range tests {
		checkLinks(t, "text/css", tt.body, tt.want)
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body string
		want []string
	}{
		{"[a](x) ![b *c*](y.png \"title\")", []string{"/dir/x", `! /dir/y.png "b *c*"`}},
		{"[![alt](img.png)](page)", []string{`! /dir/img.png "alt"`, "/dir/page"}},
		{"[a](<x y>) [b](x(1)) [c](x\\)2) [d]( z\n'title') [e](&amp;?a&b)", []string{"/dir/x%20y", "/dir/x(1)", "/dir/x)2", "/dir/z", "/dir/&?a&b"}},
		{"<http://example.com/auto> <not a link> <a@b.c> a<b", []string{"/auto"}},
		{"[ref]: /r 'title'\n  [two]: <s t>\n[^1]: footnote", []string{"/r", "/dir/s%20t"}},
		{"`[a](x)` ``[b](`y`)`` [c](z) `open [d](w)", []string{"/dir/z", "/dir/w"}},
		{"`a\n\n[c](z)`", []string{"/dir/z"}},
		{"```go\n[a](x)\n~~~\n```x\n````\n[b](y)", []string{"/dir/y"}},
		{"~~~\n[a](x)\n[b]: y\n", nil},
		{"\\[a](x) \\`[b](y)\\`", []string{"/dir/y"}},
		{"[a]\n(x) [b] (y) (z) ]( ](w)", nil},
		{"text <img src=\"i.png\" alt=hi> `<img src=no>` <title> [a](x) <a href=y>", []string{"/dir/x", `! /dir/i.png "hi"`, "/dir/y"}},
		{"[", nil}, {"![](", nil}, {"]", nil}, {"[]:", nil}, {"\\", nil}, {"`", nil}, {"<", nil}, {"[a](<", nil}, {"[a]()", nil},
	}
	for _, tt := range tests {
		checkLinks(t, "text/markdown", tt.body, tt.want)
	}
}

func TestContentType(t *testing.T) {
	t.Parallel()
	html := `<a href=x>`
	for contentType, want := range map[string]int{
		"text/html": 1, "TEXT/HTML;charset=x": 1, "": 1, "application/xhtml+xml": 1, "text/plain": 0, "application/json": 0, "image/png": 0,
	} {
		if got := len(Links(mustParse(t, pageURL), contentType, []byte(html), Limits{}).Links); got != want {
			t.Errorf("%q: %d links, want %d", contentType, got, want)
		}
	}
	md := mustParse(t, "http://example.com/README.md")
	if got := len(Links(md, "text/plain; charset=utf-8", []byte("[a](x)"), Limits{}).Links); got != 1 {
		t.Errorf("README.md as text/plain: %d links", got)
	}
}

func TestPageFacts(t *testing.T) {
	t.Parallel()
	body := `<title> A &amp;
	B </title><title>no</title><base href="/b/">
	<meta name=Robots content="NoIndex, follow"><meta name=tandemfetch content=nofollow><meta name=otherbot content=none>
	<a href="http://[">`
	r := Links(mustParse(t, pageURL), "text/html", []byte(body), Limits{})
	want := Result{Base: mustParse(t, "http://example.com/b/"), Title: "A & B", MetaRobots: MetaRobots{NoIndex: true, NoFollow: true}, Invalid: 1}
	if diff := cmp.Diff(want, r, cmp.Comparer(func(a, b weburl.URL) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	page := mustParse(t, pageURL)
	var many strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&many, "<a href=%d>", i)
	}
	if r := Links(page, "text/html", []byte(many.String()), Limits{MaxLinks: 10}); len(r.Links) != 10 || !r.Truncated {
		t.Errorf("MaxLinks: %d links, truncated %v", len(r.Links), r.Truncated)
	}
	if r := Links(page, "text/html", []byte(many.String()), Limits{MaxBytes: 100}); len(r.Links) != 4 || !r.Truncated {
		t.Errorf("MaxBytes: %d links, truncated %v", len(r.Links), r.Truncated)
	}
	if r := Links(page, "text/html", []byte(many.String()), Limits{}); len(r.Links) != 1000 || r.Truncated {
		t.Errorf("no limit: %d links, truncated %v", len(r.Links), r.Truncated)
	}
	if r := Links(page, "text/html", []byte(`<a href="`+strings.Repeat("x", 100)+`"><a href=y>`), Limits{MaxAttr: 50}); len(r.Links) != 1 {
		t.Errorf("MaxAttr: %d links", len(r.Links))
	}
	bad := strings.Repeat("x", 10)
	for i := range 1000 {
		bad += fmt.Sprintf("<a href=http://[%d>", i)
	}
	if r := Links(page, "text/html", []byte(bad), Limits{MaxLinks: 10}); !r.Truncated || r.Invalid > 50 {
		t.Errorf("invalid links are not capped: %d", r.Invalid)
	}
}

// Pages made to hurt: each must take time linear in its size.
func TestHostilePages(t *testing.T) {
	t.Parallel()
	const size = 2 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	tests := map[string]struct{ contentType, body string }{
		"nested":          {"text/html", fill("<div><a href=x>")},
		"many links":      {"text/html", manyLinks(size)},
		"long attribute":  {"text/html", `<a href="` + fill("x") + `"><a href=y>`},
		"long srcset":     {"text/html", `<img srcset="` + fill("x ,") + `"><a href=y>`},
		"many attributes": {"text/html", "<a " + fill("a=b ") + "><a href=y>" + fill("<b a>")},
		"entities":        {"text/html", fill(`<a href="&amp;&#x41;&notit;&&&">`)},
		"open tags":       {"text/html", fill("<a ")},
		"quotes":          {"text/html", fill(`<a href="'`)},
		"comments":        {"text/html", fill("<!--")},
		"dashes":          {"text/html", "<!--" + fill("-")},
		"script":          {"text/html", "<script>" + fill("<!--<script></script>")},
		"script opens":    {"text/html", "<script>" + fill("<")},
		"raw ends":        {"text/html", "<style>" + fill("</styl")},
		"styles":          {"text/html", fill("<style>")},
		"css comments":    {"text/css", fill("/*")},
		"css urls":        {"text/css", fill("url(")},
		"css escapes":     {"text/css", fill(`url(\`)},
		"css strings":     {"text/css", fill(`"\"`)},
		"backquotes":      {"text/markdown", backquoteRuns(size)},
		"brackets":        {"text/markdown", fill("[")},
		"destinations":    {"text/markdown", fill("[](")},
		"angle":           {"text/markdown", fill("[](<")},
		"less":            {"text/markdown", fill("<a:")},
		"definitions":     {"text/markdown", fill("[a")},
		"fences":          {"text/markdown", fill("```\n")},
	}
	page := mustParse(t, pageURL)
	for name, tt := range tests {
		start := time.Now()
		r := Links(page, tt.contentType, []byte(tt.body), Limits{})
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s: %v for 2 MiB", name, d)
		}
		if len(r.Links) > 100_000 {
			t.Errorf("%s: %d links", name, len(r.Links))
		}
	}
	r := Links(page, "text/html", []byte(tests["nested"].body), Limits{})
	if got := shown(r); len(got) != 1 {
		t.Errorf("nested: links %v", got)
	}
}

func manyLinks(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "<a href=/%d>", i)
	}
	return b.String()
}

// backquoteRuns has a run of every length and no partner for any.
func backquoteRuns(size int) string {
	var b strings.Builder
	for n := 1; b.Len() < size; n++ {
		b.WriteString(strings.Repeat("`", n) + " ")
	}
	return b.String()
}

// A kept Extractor gives the answers of a fresh one.
func TestExtractorForgets(t *testing.T) {
	t.Parallel()
	var e Extractor
	page := mustParse(t, pageURL)
	for _, body := range []string{`<base href=/b/><title>t</title><a href=x>`, `<a href=x>`, manyLinks(100_000), `<a href="/1">`} {
		got, want := e.Links(page, "text/html", []byte(body), Limits{}), Links(page, "text/html", []byte(body), Limits{})
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b weburl.URL) bool { return a == b })); diff != "" {
			t.Error(diff)
		}
	}
}

// Results must not point into the body, which callers reuse.
func TestResultOwnsItsMemory(t *testing.T) {
	t.Parallel()
	body := []byte(`<title>title</title><img alt=alt src="http://example.com/x">`)
	r := Links(mustParse(t, pageURL), "text/html", body, Limits{})
	for i := range body {
		body[i] = '!'
	}
	if got := shown(r); r.Title != "title" || got[0] != `! /x "alt"` {
		t.Errorf("got %q, %q", r.Title, got)
	}
}
