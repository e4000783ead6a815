package extract

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What each element of the HTML standard links to, and what looks like a link and is none.
func TestElements(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body string
		want []string
	}{
		// base: the first href counts, relative to the page; what cannot be one leaves the page's own
		{`<base href="sub/"><base href="/other/"><a href=x>`, []string{"/dir/sub/x"}},
		{`<base href=../up/><img src=x>`, []string{"! /up/x"}},
		{`<base target=_top><base href="//h.example/p/"><a href=x>`, []string{"http://h.example/p/x"}},
		{`<base href="data:text/html,x"><base href="/b/"><a href=x>`, []string{"/dir/x"}},
		{`<base href=""><a href=x>`, []string{"/dir/x"}},
		// srcset: a URL may have commas, descriptors and parentheses need not make sense
		{`<img srcset="a,b,c 1x,d 2x">`, []string{"! /dir/a,b,c", "! /dir/d"}},
		{`<img srcset="a,,, b 100w , ,c">`, []string{"! /dir/a", "! /dir/b", "! /dir/c"}},
		{`<img srcset="a (,) 1x, b">`, []string{"! /dir/a", "! /dir/b"}},
		{`<img srcset="http://example.com/i?w=1,h=2 1x">`, []string{"! /i?w=1,h=2"}},
		{`<picture><source media="(min-width:1px)" srcset="l.avif 2x, s.avif" type=image/avif><img src=f alt=F></picture>`,
			[]string{"! /dir/l.avif", "! /dir/s.avif", `! /dir/f "F"`}},
		{`<link rel=preload as=image href=f imagesrcset="a 1x, b,c 2x" imagesizes=50vw>`, []string{"! /dir/f [preload]", "! /dir/a [preload]", "! /dir/b,c [preload]"}},
		// lazy images
		{`<img src=ph loading=lazy data-src=a data-srcset="b 1x"><noscript><img src=c></noscript>`, []string{"! /dir/ph", "! /dir/a", "! /dir/b", "! /dir/c"}},
		{`<img data-original=a><img data-lazy-src=b><img data-lazy=c><iframe data-src=d></iframe><video data-src=e><source data-srcset=f>`,
			[]string{"! /dir/a", "! /dir/b", "! /dir/c", "/dir/d", "! /dir/e", "! /dir/f"}},
		{`<div data-bg=a></div><section data-background="url('b'),url(c)">`, []string{"! /dir/a", "! /dir/b", "! /dir/c"}},
		// pages and frames
		{`<map><area href=a><area alt=x nohref></map><frameset><frame src=b></frameset><iframe src=c srcdoc="<a href=no>"></iframe>`, []string{"/dir/a", "/dir/b", "/dir/c"}},
		// media
		{`<video src=a poster=b><track src=c></video><audio><source src=d></audio><object data=e></object><embed src=f>`,
			[]string{"! /dir/a", "! /dir/b", "! /dir/c", "! /dir/d", "! /dir/e", "! /dir/f"}},
		{`<input type=IMAGE src=a><input type=text src=no><input src=no>`, []string{"! /dir/a"}},
		{`<body background=a><table background=b><td background=c>`, []string{"! /dir/a", "! /dir/b", "! /dir/c"}},
		// relations
		{`<link rel=canonical href=a><link rel="alternate" hreflang=de href=b><link rel=next href=c><link rel=prev href=d><link rel=amphtml href=e><link rel=manifest href=f>`,
			[]string{"/dir/a [canonical]", "/dir/b [alternate]", "/dir/c [next]", "/dir/d [prev]", "/dir/e [amphtml]", "! /dir/f [manifest]"}},
		{`<link rel="alternate stylesheet" href=a><link rel=modulepreload href=b><link rel=dns-prefetch href=//no><link rel=mask-icon href=c>`,
			[]string{"! /dir/a [alternate stylesheet]", "! /dir/b [modulepreload]", "! /dir/c [mask-icon]"}},
		// SVG
		{`<svg><use href="a.svg#x"/><use xlink:href="b.svg#y"/><image href=c /><image xlink:href=d /><a xlink:href=e>x</a><feImage href=f /><use href="#no"/></svg>`,
			[]string{"! /dir/a.svg", "! /dir/b.svg", "! /dir/c", "! /dir/d", "/dir/e", "! /dir/f"}},
		// no links: forms are for people, pings are sent and not read, the rest cites
		{`<form action=no><button formaction=no></form><a ping="no" href=a></a><q cite=no></q><del cite=no></del><head profile=no><div data-src=no href=no src=no>`, []string{"/dir/a"}},
	}
	for _, tt := range tests {
		checkLinks(t, "text/html; charset=utf-8", tt.body, tt.want)
	}
}

// HTML standard, "shared declarative refresh steps".
func TestRefresh(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"0;url=x": "x", "5; URL=x": "x", "5;x": "x", "5,x": "x", "5 x": "x", "5 url = x": "x", "\n5\t;\fuRl\n=\rx": "x", "1.5;url=x": "x", ".5;url=x": "x", "5.;url=x": "x",
		"5;url='x'y": "x", `5;url="x`: "x", `5;'x'`: "x", "5;url='x\"y": "x\"y", "5;url='": "", "5;url": "url", "5;urlx": "urlx", "5;ur=x": "ur=x", "5;url x": "url x", "5; url==x": "=x",
		"5;;x": ";x", "5;url=": "", "5;": "", "5": "", "": "", "x": "", ";url=x": "", "-5;url=x": "", "5x": "", "+5;x": "", "url=x": "",
	} {
		if got := string(refreshURL([]byte(content))); got != want {
			t.Errorf("%q: %q, want %q", content, got, want)
		}
	}
}

// RFC 8288, section 3.
func TestLinkFields(t *testing.T) {
	t.Parallel()
	for field, want := range map[string][]string{
		`<a>; rel=next`: {"/dir/a [next]"},
		`<a> ; REL = "Next Last" ; title*=UTF-8''x%2c<no>`:                  {"/dir/a [next last]"},
		`<a>; rel=prev; rel=next`:                                           {"/dir/a [prev]"},
		`<a>; title="; rel=no, <no>"; rel=next`:                             {"/dir/a [next]"},
		`<a>; title="\\", <b>; title="\"<no>"`:                              {"/dir/a", "/dir/b"},
		`<a?x=1,2;3>,<b>`:                                                   {"/dir/a?x=1,2;3", "/dir/b"},
		`,, <a>,,<b> ,`:                                                     {"/dir/a", "/dir/b"},
		`<>; rel=self, <#x>; rel=self, <mailto:a@b>, <a>`:                   {"/dir/a"},
		`<a>; rel=stylesheet, <b>; rel=manifest, <c>; rel=apple-touch-icon`: {"! /dir/a [stylesheet]", "! /dir/b [manifest]", "! /dir/c [apple-touch-icon]"},
		`a; rel=next`: nil,
	} {
		links := HeaderLinks(mustParse(t, pageURL), func(name string) string { return map[string]string{"Link": field}[name] })
		if diff := cmp.Diff(want, shown(Result{Links: links})); diff != "" {
			t.Errorf("%s\n%s", field, diff)
		}
	}
}
