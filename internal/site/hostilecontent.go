package site

import (
	"fmt"
	"strconv"
	"strings"
)

// contentDeeds are whole answers that want to be something else: a path, a header, a record, a directive.
func contentDeeds(h *Hostile) []deed {
	const mime = "Content-Type: text/html"
	traversal := func(spell, path string) deed {
		body := marked(path, "nothing to see")
		return deed{path: path, spell: spell, want: exactly(body), do: say(true, reply(200, "text/html", body))}
	}
	forged := forgedRecord("http://forged.example/")
	whole := func(path, mime, body string, lines ...string) deed {
		lines = append([]string{"Content-Type: " + mime, length(body)}, lines...)
		return deed{path: path, want: exactly(body), do: say(true, head(200, lines...), body)}
	}
	list := []deed{
		traversal("/path/../../../../../etc/passwd", "/etc/passwd"),
		traversal("/%2e%2e/%2E%2e/etc/shadow", "/etc/shadow"),
		traversal(`\..\..\windows\win.ini`, "/windows/win.ini"),
		traversal("/..%2f..%2f..%2fetc%2fhosts", "/..%2f..%2f..%2fetc%2fhosts"),
		traversal("/path/%00/etc/passwd", "/path/%00/etc/passwd"),
		traversal("/path/a%0d%0aWARC-Type:%20resource", "/path/a%0d%0aWARC-Type:%20resource"),
		traversal("/path/"+strings.Repeat("n", 1000), "/path/"+strings.Repeat("n", 1000)),
		whole("/content/attachment", "application/octet-stream", "attached", `Content-Disposition: attachment; filename="../../../../tmp/tandem-was-here"`),
		whole("/content/location", "text/html", marked("/content/location", ""), "Content-Location: /honest/00"),
		whole("/forged/body", "text/html", marked("/forged/body", "\r\n\r\n\r\n"+forged)),
		whole("/forged/member", "video/mp4", gzipped(forged)+gzipped(forged)+gzipped(forged)),
		whole("/forged/plain", "application/warc", strings.Repeat(forged, 100)),
		whole("/forged/folded-type", "text/html\r\n WARC-Type: resource\r\n\tWARC-Target-URI: http://forged.example/", "forged by folding"),
		whole("/forged/headers", "text/html", marked("/forged/headers", ""), "WARC-Target-URI: http://forged.example/", "WARC-Type: response", "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000000>",
			"ETag: \"a\x01\x0bWARC\"", "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\x7f"),
		whole("/forged/json", "application/json\"},{\"url\":\"http://forged.example/", `{"url":"http://forged.example/"}`),
		whole("/bytes/nul", "text/html", "<title>\x00</title>\x00\x00<a href=\"/honest/\x0000\">\x00"+strings.Repeat("\x00", 5000)),
		whole("/bytes/controls", "text/html; charset=\x1b", "\x01\x02\x1b[2J\x07<a href='\x01\x02/honest/00\x1f'>\x7f"),
		whole("/bytes/not-utf8", "text/html; charset=utf-8", "\xff\xfe\xfd<title>\xc0\xaf</title><a href=\"/honest/\xff\">"),
		whole("/bytes/utf7", "text/html; charset=utf-7", "+ADw-script+AD4-"),
		{path: "/bytes/header", want: either(stored(200), failed("malformed")), do: say(false, "HTTP/1.1 200 \x00OK\r\nX-\x00: \x00\x01\x02\r\nX: a\x00b\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi")},
		{path: "/bytes/type", want: stored(200), do: say(false, "HTTP/1.1 200 OK\r\nContent-Type: text/\x00html\r\nContent-Length: 2\r\n\r\nhi")},
		{path: "/cookies/some", want: stored(200), do: say(true, head(200, mime, strings.Repeat("Set-Cookie: c=1; Domain=.com; Path=/\r\n", 500)+length("hi")), "hi")},
		{path: "/cookies/different", want: stored(200), do: cookies(700, 40)},
		{path: "/cookies/flood", want: failed("too_large_header"), do: cookies(5000, 100)},
		{path: "/cookies/one", want: failed("too_large_header"), do: cookies(1, 1<<20)},
	}
	list = append(list, xmlDeeds(h)...)
	for _, picture := range []string{"bomb.png", "noise.jpg"} {
		p, _ := tornPicture(picture)
		list = append(list, whole("/pictures/"+picture, p.mediaType, string(p.body)))
	}
	return append(list,
		whole("/pictures/bomb.gif", "image/gif", "GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02D\x01\x00;"),
		whole("/pictures/svg.svg", "image/svg+xml", `<!DOCTYPE svg [<!ENTITY x SYSTEM "http://127.0.0.1:`+h.trapped+`/inside/svg">]><svg xmlns="http://www.w3.org/2000/svg"><use href="#a" id="a"/>&x;</svg>`))
}

// cookies answers with n different cookies of so many bytes.
func cookies(n, size int) func(*call) bool {
	return func(c *call) bool {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "Set-Cookie: c%d=%s; Path=/\r\n", i, strings.Repeat("c", size))
		}
		return c.write(head(200, "Content-Type: text/html", b.String()+length("hi")), "hi")
	}
}

// forgedRecord is a WARC record of a page that nobody has asked for, with the beginning of one more.
func forgedRecord(url string) string {
	block := reply(200, "text/html", "<title>FORGED</title>")
	return "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:11111111-2222-3333-4444-555555555555>\r\nWARC-Date: 2026-01-02T03:04:05Z\r\nWARC-Target-URI: " + url +
		"\r\nContent-Type: application/http;msgtype=response\r\nContent-Length: " + strconv.Itoa(len(block)) + "\r\n\r\n" + block + "\r\n\r\nWARC/1.1\r\nWARC-Type: "
}

// xmlDeeds are entities that grow, entities from elsewhere, and sitemaps that lead to themselves. Those below /sitemaps/ are linked from
// robots.txt alone.
func xmlDeeds(h *Hostile) []deed {
	const xml = "application/xml"
	var laughs strings.Builder
	laughs.WriteString("<?xml version=\"1.0\"?>\n<!DOCTYPE urlset [<!ENTITY l0 \"ha\">\n")
	for i := range 20 {
		fmt.Fprintf(&laughs, "<!ENTITY l%d \"%s\">\n", i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 10))
	}
	laughs.WriteString("]>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><url><loc>/&l20;</loc></url></urlset>")
	trap := "http://127.0.0.1:" + h.trapped + "/inside/"
	entity := `<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY f SYSTEM "` + trap + `entity"><!ENTITY % p SYSTEM "` + trap +
		`parameter"> %p;]><urlset><url><loc>/&e;</loc></url><url><loc>/&f;</loc></url></urlset>`
	deep := "<urlset>" + strings.Repeat("<url>", 100_000)
	index := func(locs ...string) string {
		return `<?xml version="1.0"?><sitemapindex><sitemap><loc>` + strings.Join(locs, "</loc></sitemap><sitemap><loc>") + "</loc></sitemap></sitemapindex>"
	}
	site := h.front.url("/sitemaps/")
	text := map[string]string{
		"loop-a": index(site+"loop-b.xml", site+"loop-a.xml"), "loop-b": index(site+"loop-a.xml", site+"loop-b.xml"), "bomb": laughs.String(), "entity": entity, "deep": deep,
		"outside": index(trap+"sitemap.xml", "http://2130706433:"+h.trapped+"/inside/sitemap-decimal.xml", h.front.url("/private/sitemap.xml")),
	}
	var list []deed
	for name, body := range text {
		list = append(list, deed{path: "/sitemaps/" + name + ".xml", hidden: true, do: say(true, reply(200, xml, body))})
	}
	for _, name := range []string{"bomb", "entity", "deep"} {
		list = append(list, deed{path: "/xml/" + name, want: exactly(text[name]), do: say(true, reply(200, xml, text[name]))})
	}
	feed := strings.Replace(laughs.String(), "<urlset", "<rss><channel><item><link>/&l20;</link></item></channel></rss><urlset", 1)
	return append(list, deed{path: "/xml/feed", want: exactly(feed), do: say(true, reply(200, "application/rss+xml", feed))})
}
