package site

import (
	"bytes"
	"compress/flate"
	"strings"
)

// endlessDeeds never come to an end of their own, as fast as the client reads. What has a body is to be cut, what has none refused.
func endlessDeeds() []deed {
	htmlHead := head(200, "Content-Type: text/html")
	large := either(cut("length"), cut("time")) // a busy machine may need more than the timeout for as much as is taken
	chunkedHead := head(200, "Content-Type: text/html", "Transfer-Encoding: chunked")
	return []deed{
		{path: "/endless/body", want: large, do: flood(htmlHead, "all work and no play ")},
		{path: "/endless/noise", want: large, do: noise},
		{path: "/endless/claimed", want: large, do: flood(head(200, "Content-Type: text/html", "Content-Length: 9223372036854775807"), "<p>")},
		{path: "/endless/http10", want: large, do: flood("HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n", "<p>")},
		{path: "/endless/chunks", want: large, do: flood(chunkedHead, "400\r\n"+strings.Repeat("<b>", 341)+"!\r\n")},
		{path: "/endless/one-chunk", want: large, do: flood(chunkedHead+"7fffffffffffff\r\n", "<i>")},
		{path: "/endless/tiny-chunks", want: either(large, failed("malformed")), do: flood(chunkedHead, "1\r\nx\r\n")},
		{path: "/endless/extensions", want: either(large, failed("malformed")), do: flood(chunkedHead, "1;"+strings.Repeat("e", 2000)+"\r\nx\r\n")},
		{path: "/endless/chunk-size", want: failed("malformed"), do: flood(chunkedHead, "0")},
		{path: "/endless/trailers", want: failed("malformed"), do: flood(chunkedHead+"5\r\nhello\r\n0\r\n", "A: b\r\n")},
		{path: "/endless/error-page", want: []Outcome{{State: "stored", Status: 404, Truncated: "length"}, {State: "stored", Status: 404, Truncated: "time"}}, do: flood(head(404, "Content-Type: text/html"), "nothing ")},
		{path: "/endless/redirect-body", want: []Outcome{{State: "stored", Status: 302, Truncated: "length"}, {State: "stored", Status: 302, Truncated: "time"}}, do: flood(head(302, "Location: /honest/00"), "moved ")},
		{path: "/endless/gzip", want: large, do: endlessGzip},
		{path: "/endless/picture", want: large, do: flood(head(200, "Content-Type: image/png")+"\x89PNG\r\n\x1a\n", "\x00\x01\x02\x03")},
		{path: "/endless/status-line", want: failed("too_large_header"), do: flood("HTTP/1.1 200 ", "O")},
		{path: "/endless/header", want: failed("too_large_header"), do: flood("HTTP/1.1 200 OK\r\nX: ", "h")},
		{path: "/endless/headers", want: failed("too_large_header"), do: flood("HTTP/1.1 200 OK\r\n", "X: y\r\n")},
		{path: "/endless/interim", want: failed("malformed", "too_large_header"), do: flood("", "HTTP/1.1 100 Continue\r\n\r\n")},
		{path: "/endless/hints", want: failed("malformed", "too_large_header"), do: flood("", "HTTP/1.1 103 Early Hints\r\nLink: </honest/00>; rel=preload\r\nX: "+strings.Repeat("y", 9000)+"\r\n\r\n")},
		{path: "/endless/blank", want: failed("malformed", "too_large_header"), do: flood("", "\r\n")},
	}
}

// noise is a body that nothing can compress, bounded because it would fill the disk of those who do not cut it.
func noise(c *call) bool {
	r := newRNG(1, 99)
	block := make([]byte, 1<<20)
	ok := c.write(head(200, "Content-Type: application/octet-stream"))
	for range 256 {
		for i := range block {
			if i%8 == 0 {
				r.next()
			}
			block[i] = byte(r.state >> (i % 8 * 8))
		}
		if ok = ok && c.send(block); !ok {
			return false
		}
	}
	return false
}

// endlessGzip is one gzip stream (RFC 1952) of zeros that never ends; what it unpacks to grows a thousand times faster than it does.
func endlessGzip(c *call) bool {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return false
	}
	zeros := make([]byte, 16<<20)
	_, _ = w.Write(zeros) // a bytes.Buffer takes everything
	_ = w.Flush()
	first := b.String()
	b.Reset()
	_, _ = w.Write(zeros)
	_ = w.Flush() // refers back to the same zeros, and can be repeated
	start := head(200, "Content-Type: text/html", "Content-Encoding: gzip") + "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + first
	return flood(start, b.String())(c)
}
