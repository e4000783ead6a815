package extract

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFeeds(t *testing.T) {
	t.Parallel()
	const page = "http://h/blog/feed"
	for _, c := range []struct {
		name, contentType, body string
		want                    []string // "+" in front: a requisite
	}{
		{"RSS 2.0", "application/rss+xml", `<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
			<title>T</title><link>http://h/blog/</link><atom:link href="http://h/blog/feed" rel="self"/><atom:link href="http://hub/" rel="hub"/>
			<image><url>http://h/i.png</url><link>http://h/blog/</link></image><textInput><link>http://h/form</link></textInput>
			<item><title>1</title><link>http://h/1?a&amp;b</link><guid>http://h/g1</guid><description>&lt;a href="http://h/no"></description>
			<enclosure url="/1.mp3" length="1" type="audio/mpeg"/></item>
			<item><guid>http://h/2</guid></item><item><guid isPermaLink="false">http://h/no</guid></item><item><guid>tag:h,2</guid></item>
			<item><guid>http://h/g3</guid><link><![CDATA[ http://h/3 ]]></link></item></channel></rss>`,
			[]string{"http://h/blog/", "http://h/blog/feed", "http://h/1?a&b", "+http://h/1.mp3", "http://h/2", "http://h/3"}},
		{"RSS 1.0", "application/rdf+xml", `<rdf:RDF xmlns:rdf="r" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="http://h/x"><link>http://h/</link>
			<items><rdf:Seq><rdf:li resource="http://h/1"/></rdf:Seq></items></channel><item rdf:about="http://h/1"><link>http://h/1</link></item></rdf:RDF>`,
			[]string{"http://h/", "http://h/1"}},
		{"Atom", "application/atom+xml", `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://h/base/"><link rel="next" href="?page=2"/><link rel="edit" href="no"/>
			<entry><link href="1"/><link rel="enclosure" href="1.ogg"/><id>http://h/no</id><content type="html">&lt;a href=no></content></entry></feed>`,
			[]string{"http://h/base/?page=2", "http://h/base/1", "+http://h/base/1.ogg"}},
		{"Atom with a prefix", "text/xml; charset=utf-8", `<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:link href="/1" rel="alternate"></a:link></a:entry></a:feed>`,
			[]string{"http://h/1"}},
		{"as XML", "application/xml", `<rss><channel><item><link>/a</link></item></channel></rss>`, []string{"http://h/a"}},
		{"as HTML", "text/html", `<?xml version="1.0"?><rss><channel><item><link>/a</link></item></channel></rss>`, []string{"http://h/a"}},
		{"untyped", "", "\xef\xbb\xbf<feed><entry><link href='/a'/></entry></feed>", []string{"http://h/a"}},
		{"cut", "application/rss+xml", `<rss><channel><item><link>/a</link></item><item><link>/b`, []string{"http://h/a"}},
		{"XHTML is a page", "text/html", `<?xml version="1.0"?><!DOCTYPE html><html><a href="/a">a</a></html>`, []string{"http://h/a"}},
		{"a sitemap is not followed as a page", "application/xml", `<urlset><url><loc>http://h/a</loc></url></urlset>`, nil},
		{"other XML", "text/xml", `<note><link>http://h/a</link></note>`, nil},
		{"text about feeds", "text/plain", `<rss><channel><item><link>/a</link></item></channel></rss>`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, l := range Links(mustParse(t, page), c.contentType, []byte(c.body), Limits{}).Links {
				s := l.URL.String()
				if l.Requisite {
					s = "+" + s
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
