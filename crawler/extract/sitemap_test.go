package extract

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

const sitemapURL = "http://h/maps/sitemap.xml"

func zipped(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func wide(s string, big, mark bool) string {
	units := utf16.Encode([]rune(s))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	var b []byte
	for _, u := range units {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

func urlset(locs ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
	for _, l := range locs {
		fmt.Fprintf(&b, "<url>\n<loc>%s</loc><lastmod>2020-01-01</lastmod></url>", l)
	}
	return b.String() + "</urlset>"
}

func TestSitemap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, contentType, body string
		kind                    SitemapKind
		want                    []string
		invalid                 int
		damaged                 bool
	}{
		{name: "urlset", body: urlset("http://h/a", " http://h/b\n"), kind: URLSet, want: []string{"http://h/a", "http://h/b"}},
		{name: "twice", body: urlset("http://h/a", "http://h/a", "http://h/a#x"), kind: URLSet, want: []string{"http://h/a"}},
		{name: "relative and foreign", body: urlset("b?c=1", "/d", "https://other/"), kind: URLSet, want: []string{"http://h/maps/b?c=1", "http://h/d", "https://other/"}},
		{name: "no urls", body: urlset("http://[", "mailto:x@y", "", "http://h/ok"), kind: URLSet, want: []string{"http://h/ok"}, invalid: 1},
		{name: "predefined and numeric entities", body: urlset("http://h/?a=1&amp;b=2&#38;c=&#x33;&apos;"), kind: URLSet, want: []string{"http://h/?a=1&b=2&c=3%27"}},
		{name: "bare ampersand", body: urlset("http://h/?a=1&b=2&copy=3&;"), kind: URLSet, want: []string{"http://h/?a=1&b=2&copy=3&;"}},
		{name: "CDATA", body: urlset("<![CDATA[http://h/?a=1&amp;b]]>", "<![CDATA[http://h/]]]]><![CDATA[>x]]>", "http://<!-- > -->h/<![CDATA[c]]>"), kind: URLSet,
			want: []string{"http://h/?a=1&amp;b", "http://h/]]%3Ex", "http://h/c"}},
		{name: "images are no pages", body: `<urlset xmlns:image="x"><url><loc>http://h/a</loc><image:image><image:loc>http://h/i.png</image:loc></image:image></url></urlset>`, kind: URLSet, want: []string{"http://h/a"}},
		{name: "videos and alternates are no pages", body: `<urlset xmlns:video="v" xmlns:xhtml="x"><url><loc>http://h/a</loc><xhtml:link rel="alternate" hreflang="de" href="http://h/de/a"/>` +
			`<video:video><video:player_loc>http://h/p</video:player_loc><video:content_loc>http://h/v.mp4</video:content_loc></video:video></url></urlset>`, kind: URLSet, want: []string{"http://h/a"}},
		{name: "prefixed", body: `<s:urlset xmlns:s="x"><s:url><s:loc>http://h/a</s:loc><loc>http://h/no</loc></s:url></s:urlset>`, kind: URLSet, want: []string{"http://h/a"}},
		{name: "capitals", body: `<URLSet><url><LOC>http://h/A</LOC></url></URLSet>`, kind: URLSet, want: []string{"http://h/A"}},
		{name: "index", body: `<sitemapindex><sitemap><loc>http://h/1.xml</loc></sitemap></sitemapindex>`, kind: SitemapIndex, want: []string{"http://h/1.xml"}},
		{name: "empty set", body: `<urlset/>`, kind: URLSet},
		{name: "gzip", body: zipped(t, urlset("http://h/a")), kind: URLSet, want: []string{"http://h/a"}},
		{name: "gzip said to be text", contentType: "text/plain", body: zipped(t, "http://h/a\n"), kind: TextSitemap, want: []string{"http://h/a"}},
		{name: "gzip cut", body: cutGzip(t), kind: URLSet, want: []string{"http://h/0", "http://h/1", "http://h/2"}, damaged: true},
		{name: "gzip in gzip", body: zipped(t, zipped(t, urlset("http://h/a")))},
		{name: "gzip that is none", body: "\x1f\x8b\x08 not at all", damaged: true},
		{name: "BOM", body: "\xef\xbb\xbf" + urlset("http://h/a"), kind: URLSet, want: []string{"http://h/a"}},
		{name: "UTF-16", body: wide(urlset("http://h/é"), true, true), kind: URLSet, want: []string{"http://h/%C3%A9"}},
		{name: "UTF-16 without BOM", body: wide(urlset("http://h/é"), false, false), kind: URLSet, want: []string{"http://h/%C3%A9"}},
		{name: "UTF-16 text", body: wide("http://h/é", false, true), kind: TextSitemap, want: []string{"http://h/%C3%A9"}},
		{name: "said to be UTF-16", body: strings.Replace(urlset("http://h/é"), "UTF-8", "UTF-16", 1), kind: URLSet, want: []string{"http://h/%C3%A9"}},
		{name: "said to be Latin 1 and is not", body: strings.Replace(urlset("http://h/é"), "UTF-8", "ISO-8859-1", 1), kind: URLSet, want: []string{"http://h/%C3%A9"}},
		{name: "Latin 1", body: strings.Replace(urlset("http://h/\xe9"), "UTF-8", "ISO-8859-1", 1), kind: URLSet, want: []string{"http://h/%C3%A9"}},
		{name: "Latin 1 said to be UTF-8", body: urlset("http://h/\xe9"), kind: URLSet, want: []string{"http://h/%C3%A9"}},
		{name: "Cyrillic by the header", contentType: "text/xml; charset=koi8-r", body: `<urlset><url><loc>http://h/` + "\xc1" + `</loc></url></urlset>`, kind: URLSet, want: []string{"http://h/%D0%B0"}},
		{name: "unknown charset", body: strings.Replace(urlset("http://h/a"), "UTF-8", "no-such-thing", 1), kind: URLSet, want: []string{"http://h/a"}},
		{name: "cut", body: urlset("http://h/a", "http://h/b")[:140], kind: URLSet, want: []string{"http://h/a"}, damaged: true},
		{name: "not well-formed", body: `<urlset><url><loc>http://h/a</loc></uri><loc>http://h/b</loc><x y="<loc>http://h/c</loc></urlset>`, kind: URLSet,
			want: []string{"http://h/a", "http://h/b", "http://h/c"}},
		{name: "control bytes", body: "<urlset>\x00\x01<loc>http://h/a</loc><loc>http://h/\x00b</loc></urlset>", kind: URLSet, want: []string{"http://h/a", "http://h/%00b"}},
		{name: "too long", body: urlset("http://h/"+strings.Repeat("a", 20_000), "http://h/b"), kind: URLSet, want: []string{"http://h/b"}, invalid: 1},
		{name: "billion laughs", body: laughs, kind: URLSet, want: []string{"http://h/?&c;", "http://h/b"}},
		{name: "external entity", body: `<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>http://h/&x;</loc></url></urlset>`, kind: URLSet, want: []string{"http://h/&x;"}},
		{name: "doctype with traps", body: `<!DOCTYPE urlset [<!-- ]> ' --><!ENTITY a "]>"><!ELEMENT b (c)>]><urlset><loc>http://h/a</loc></urlset>`, kind: URLSet, want: []string{"http://h/a"}},
		{name: "behind the end", body: `<urlset><loc>http://h/a</loc></urlset><urlset><loc>http://h/b</loc></urlset>`, kind: URLSet, want: []string{"http://h/a"}},
		{name: "text", body: "\n http://h/a\r\nhttps://h/b \n\nhttp://h/c", kind: TextSitemap, want: []string{"http://h/a", "https://h/b", "http://h/c"}},
		{name: "text with prose", body: "http://h/a\nsee also\nftp://h/x\nhttp://h/b", kind: TextSitemap, want: []string{"http://h/a", "http://h/b"}, invalid: 2},
		{name: "HTML", body: "<!DOCTYPE html><html><a href=/x>x</a>http://h/a"},
		{name: "prose", body: "http://h/a is a page"},
		{name: "relative text", body: "/a\n/b"},
		{name: "JSON", body: `{"loc": "http://h/a"}`},
		{name: "empty"},
		{name: "blank", body: " \n\t"},
		{name: "only an end tag", body: "</urlset>"},
		{name: "other XML", body: `<?xml version="1.0"?><note><loc>http://h/a</loc></note>`},
		{name: "comment without end", body: "<!-- <urlset><loc>http://h/a</loc></urlset>"},
		{name: "feed", body: `<rss><channel><item><link>http://h/a</link></item></channel></rss>`, kind: FeedSitemap, want: []string{"http://h/a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := Sitemap(mustParse(t, sitemapURL), c.contentType, []byte(c.body))
			var got []string
			for _, l := range r.Links {
				got = append(got, l.URL.String())
			}
			if r.Kind != c.kind || r.Invalid != c.invalid || r.Damaged != c.damaged || r.Capped {
				t.Errorf("kind %q, %d invalid, damaged %t, capped %t; want %q, %d, %t", r.Kind, r.Invalid, r.Damaged, r.Capped, c.kind, c.invalid, c.damaged)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if k := SniffSitemap(c.contentType, []byte(c.body), true); k != c.kind {
				t.Errorf("sniffed %q", k)
			}
		})
	}
}

// laughs would be 10^9 characters if entities were resolved.
const laughs = `<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>
<urlset><url><loc>http://h/?&c;</loc></url><url><loc>http://h/b</loc></url></urlset>`

// cutGzip is a compressed sitemap that ends in the middle, behind three entries that can be read.
func cutGzip(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	fmt.Fprint(w, "<urlset>")
	for i := range 3 {
		fmt.Fprintf(w, "<url><loc>http://h/%d</loc></url>", i)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	n := b.Len()
	fmt.Fprint(w, "<url><loc>http://h/3</loc></url></urlset>")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()[:n]
}

// The bounds hold, and each is reported.
func TestSitemapBounds(t *testing.T) {
	t.Parallel()
	u := mustParse(t, sitemapURL)
	var many strings.Builder
	many.WriteString("<urlset>")
	for i := range 120 {
		fmt.Fprintf(&many, "<url><loc>http://h/%d</loc></url>", i)
	}
	many.WriteString("</urlset>")
	if r := sitemap(u, "", []byte(many.String()), 100, MaxSitemapBytes); len(r.Links) != 100 || !r.Capped || r.Damaged {
		t.Errorf("%d links, capped %t, damaged %t; want 100, capped", len(r.Links), r.Capped, r.Damaged)
	}
	if r := sitemap(u, "", []byte(many.String()), 120, int64(many.Len())); len(r.Links) != 120 || r.Capped || r.Damaged {
		t.Errorf("as large as allowed: %d links, capped %t, damaged %t", len(r.Links), r.Capped, r.Damaged)
	}
	if r := sitemap(u, "", []byte(zipped(t, many.String())), 1000, 2000); len(r.Links) < 40 || len(r.Links) > 70 || !r.Capped || r.Damaged {
		t.Errorf("2,000 bytes: %d links, capped %t, damaged %t", len(r.Links), r.Capped, r.Damaged)
	}
	if r := sitemap(u, "", []byte("http://h/\n"+strings.Repeat("x\n", 10_000)), 100, MaxSitemapBytes); !r.Capped || r.Invalid > 401 {
		t.Errorf("nothing but rubbish: %d invalid, capped %t", r.Invalid, r.Capped)
	}
}

// What a hostile file makes the reader do is little: a bomb is read up to the bound and costs no memory, depth is
// not stacked, and giant texts, names, attributes and runs of brackets are not kept.
func TestSitemapBombs(t *testing.T) {
	u := mustParse(t, sitemapURL)
	for name, body := range map[string]string{
		"blanks":     "<urlset>" + strings.Repeat(" ", 3<<20),
		"one loc":    "<urlset><loc>" + strings.Repeat("x", 3<<20),
		"depth":      "<urlset>" + strings.Repeat("<a>", 1<<20),
		"attribute":  `<urlset x="` + strings.Repeat("x", 3<<20),
		"href":       `<rss><link href="` + strings.Repeat("x", 3<<20),
		"name":       "<urlset><" + strings.Repeat("x", 3<<20),
		"comment":    "<urlset><!--" + strings.Repeat(">", 3<<20),
		"CDATA":      "<urlset><loc><![CDATA[" + strings.Repeat("]>", 2<<20),
		"DTD":        "<!DOCTYPE x [" + strings.Repeat("[", 3<<20),
		"attributes": "<urlset " + strings.Repeat("href=x ", 1<<19),
	} {
		t.Run(name, func(t *testing.T) {
			packed := []byte(zipped(t, body))
			body = ""
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r := sitemap(u, "", packed, MaxSitemapURLs, 2<<20)
			runtime.ReadMemStats(&after)
			if len(r.Links) > 0 || !r.Capped && !r.Damaged {
				t.Errorf("%d links, capped %t, damaged %t", len(r.Links), r.Capped, r.Damaged)
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
				t.Errorf("allocated %d KiB in all", got>>10)
			}
		})
	}
}

func BenchmarkSitemap(b *testing.B) {
	var s strings.Builder
	s.WriteString("<urlset>")
	for i := range 20_000 {
		fmt.Fprintf(&s, "<url><loc>http://h/page/%d</loc><lastmod>2024-01-01</lastmod><changefreq>daily</changefreq></url>\n", i)
	}
	body := []byte(s.String() + "</urlset>")
	u := mustParse(b, sitemapURL)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		Sitemap(u, "", body)
	}
}

// FuzzSitemap looks for panics, endless loops, links that are no URLs, and answers that depend on how the stream is cut.
func FuzzSitemap(f *testing.F) {
	for _, s := range []string{laughs, urlset("http://h/a", "<![CDATA[b]]>"), "http://h/a\nhttp://h/b", "<rss><item><link>x</link><guid>http://h/</guid>",
		"<feed xml:base='http://h/b/'><entry><link href=x rel=next/></entry></feed>", "<!DOCTYPE a [<!--]>--><!ENTITY b '>'>]><urlset><loc>&#x41;&amp;</loc>", zipped(f, urlset("a"))} {
		f.Add("text/xml", []byte(s))
		f.Add("text/plain; charset=utf-16le", []byte(wide(s, false, true)))
	}
	u := mustParse(f, sitemapURL)
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		before := bytes.Clone(body)
		r := sitemap(u, contentType, body, 100, 1<<20)
		if !bytes.Equal(before, body) {
			t.Fatal("the body was written to")
		}
		if len(r.Links) > 100 || r.Kind == NoSitemap && len(r.Links) > 0 {
			t.Fatalf("kind %q with %d links", r.Kind, len(r.Links))
		}
		if k := SniffSitemap(contentType, body, true); k != r.Kind {
			t.Fatalf("sniffed %q, read %q", k, r.Kind)
		}
		for _, l := range r.Links {
			if again := mustParse(t, l.URL.String()); again != l.URL {
				t.Fatalf("%q is not canonical", l.URL)
			}
		}
	})
}
