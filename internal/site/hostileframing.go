package site

import "strings"

// framingDeeds are wrong about where an answer begins or ends.
func framingDeeds() []deed {
	const mime = "Content-Type: text/html"
	malformed := failed("malformed")
	bare := marked("/framing/bare-lf", "line ends without a carriage return")
	folded := marked("/framing/folded", "a header over several lines")
	same := marked("/framing/same-length-twice", "said twice, and the same")
	odd := marked("/framing/odd-lines", "lines in the head that are no fields")
	extra := reply(200, "text/html", "POISON")
	return []deed{
		{path: "/framing/longer-than-sent", want: cut("disconnect"), do: say(false, head(200, mime, "Content-Length: 5000"), marked("/framing/longer-than-sent", "short"))},
		{path: "/framing/shorter-than-sent", want: either(failed("unasked_response"), stored(200)), do: say(true, head(200, mime, length(marked("/framing/shorter-than-sent", "short"))), marked("/framing/shorter-than-sent", "short"), extra)},
		{path: "/framing/zero-length", want: either(failed("unasked_response"), stored(200)), do: say(true, head(200, mime, "Content-Length: 0"), extra)},
		{path: "/framing/negative-length", want: malformed, do: say(true, head(200, mime, "Content-Length: -1"), "x")},
		{path: "/framing/signed-length", want: malformed, do: say(true, head(200, mime, "Content-Length: +5"), "hello")},
		{path: "/framing/hex-length", want: malformed, do: say(true, head(200, mime, "Content-Length: 0x5"), "hello")},
		{path: "/framing/empty-length", want: malformed, do: say(true, head(200, mime, "Content-Length: "), "hello")},
		{path: "/framing/overflowing-length", want: malformed, do: say(true, head(200, mime, "Content-Length: 18446744073709551621"), "hello")},
		{path: "/framing/two-lengths", want: malformed, do: say(true, head(200, mime, "Content-Length: 5", "Content-Length: 6"), "hello!")},
		{path: "/framing/listed-lengths", want: malformed, do: say(true, head(200, mime, "Content-Length: 5, 6"), "hello!")},
		{path: "/framing/same-length-twice", honest: true, want: exactly(same), do: say(true, head(200, mime, length(same), length(same)), same)},
		{path: "/framing/length-and-chunks", want: stored(200), do: say(true, head(200, mime, "Content-Length: 3", "Transfer-Encoding: chunked"), chunked(marked("/framing/length-and-chunks", "both"), 7))},
		{path: "/framing/unknown-coding", want: malformed, do: say(true, head(200, mime, "Transfer-Encoding: zebra"), "5\r\nhello\r\n0\r\n\r\n")},
		{path: "/framing/chunked-twice", want: malformed, do: say(true, head(200, mime, "Transfer-Encoding: chunked, chunked"), "5\r\nhello\r\n0\r\n\r\n")},
		{path: "/framing/chunk-no-number", want: malformed, do: say(true, head(200, mime, "Transfer-Encoding: chunked"), "zz\r\nhello\r\n0\r\n\r\n")},
		{path: "/framing/chunk-negative", want: malformed, do: say(true, head(200, mime, "Transfer-Encoding: chunked"), "-5\r\nhello\r\n0\r\n\r\n")},
		{path: "/framing/chunk-overflow", want: malformed, do: say(true, head(200, mime, "Transfer-Encoding: chunked"), "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n")},
		{path: "/framing/chunk-no-end", want: malformed, do: say(true, head(200, mime, "Transfer-Encoding: chunked"), "5\r\nhello5\r\nhello\r\n0\r\n\r\n")},
		{path: "/framing/chunk-cut", want: cut("disconnect"), do: say(false, head(200, mime, "Transfer-Encoding: chunked"), "ff\r\nhello")},
		{path: "/framing/chunk-no-last", want: cut("disconnect"), do: say(false, head(200, mime, "Transfer-Encoding: chunked"), "5\r\nhello\r\n")},
		{path: "/framing/http09", want: malformed, do: say(false, "<html>an answer without a head</html>")},
		{path: "/framing/http2", want: malformed, do: say(false, "\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80\x00\x04\x00\x01\x00\x00\x00\x05\x00\xff\xff\xff")},
		{path: "/framing/ssh", want: malformed, do: say(false, "SSH-2.0-OpenSSH_9.9\r\n")},
		{path: "/framing/http99", want: malformed, do: say(false, "HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\nhi")},
		{path: "/framing/no-status", want: malformed, do: say(false, "HTTP/1.1 OK\r\nContent-Length: 2\r\n\r\nhi")},
		{path: "/framing/status-huge", want: malformed, do: say(false, "HTTP/1.1 99999999999999999999 OK\r\nContent-Length: 2\r\n\r\nhi")},
		{path: "/framing/status-999", want: stored(999), do: say(true, head(999, mime, "Content-Length: 2"), "hi")},
		{path: "/framing/switch", want: malformed, do: say(true, head(101, "Upgrade: websocket", "Connection: Upgrade"), "\x81\x05hello")},
		{path: "/framing/304-unasked", want: stored(304), do: say(true, head(304))},
		{path: "/framing/204-with-body", want: either(failed("unasked_response"), stored(204)), do: say(true, head(204), extra)},
		{path: "/framing/bare-lf", honest: true, want: exactly(bare), do: say(false, "HTTP/1.1 200 OK\nContent-Type: text/html\nConnection: close\n\n", bare)},
		{path: "/framing/folded", honest: true, want: exactly(folded), do: say(false, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Folded: one\r\n two\r\n\tthree\r\nConnection: close\r\n\r\n", folded)},
		{path: "/framing/odd-lines", honest: true, want: exactly(odd), do: say(false, head(200, mime, "no colon here", ": no name", "X Y: a name with a blank", "Connection: close"), odd)},
		{path: "/framing/nothing", want: failed("closed", "reset"), do: say(false)},
		{path: "/framing/reset", want: failed("reset", "closed"), do: (*call).reset},
		{path: "/framing/half-head", want: failed("closed", "reset"), do: say(false, "HTTP/1.1 200 OK\r\nContent-Le")},
		{path: "/framing/reset-in-body", want: cut("disconnect"), do: func(c *call) bool {
			return c.write(head(200, mime, "Content-Length: 100000"), strings.Repeat("z", 3000)) && c.pause(c.h.opt.Drip) && c.reset()
		}},
	}
}

// spliceDeeds bring answers that nobody asked for, which must never be taken for those of the next request on the connection. What
// comes in place of the page's own answer says POISON.
func spliceDeeds() []deed {
	poison := reply(200, "text/html", "<title>POISON</title>POISON")
	own := func(path string) string { return reply(200, "text/html", marked(path, "the true answer")) }
	after := func(path string, more ...string) func(*call) bool {
		return func(c *call) bool {
			if !c.write(own(path)) {
				return false
			}
			for _, text := range more {
				if !c.pause(c.h.opt.Drip/4) || !c.write(text) {
					return false
				}
			}
			return true
		}
	}
	unasked := either(failed("unasked_response"), stored(200))
	return []deed{
		{path: "/splice/double", want: unasked, do: say(true, own("/splice/double"), poison)},
		{path: "/splice/triple", want: unasked, do: say(true, own("/splice/triple"), poison, poison)},
		{path: "/splice/late", want: unasked, do: after("/splice/late", poison)},
		{path: "/splice/later", want: unasked, do: after("/splice/later", "", "", "", poison)},
		{path: "/splice/half-head", want: unasked, do: after("/splice/half-head", "HTTP/1.1 200 OK\r\nContent-")},
		{path: "/splice/one-byte", want: unasked, do: say(true, own("/splice/one-byte"), "H")},
		{path: "/splice/interim-after", want: unasked, do: say(true, own("/splice/interim-after"), "HTTP/1.1 100 Continue\r\n\r\n")},
		{path: "/splice/before-the-next", want: unasked, do: func(c *call) bool {
			c.owed = poison
			return c.write(own(c.path))
		}},
		{path: "/splice/instead-of-the-next", want: unasked, do: func(c *call) bool {
			c.owed, c.last = poison, true
			return c.write(own(c.path))
		}},
		{path: "/splice/head-before-the-next", want: unasked, do: func(c *call) bool {
			c.owed = head(200, "Content-Type: text/html", "Content-Length: 100") // swallows the next answer
			return c.write(own(c.path))
		}},
		{path: "/splice/in-trailers", want: stored(200), do: say(true, head(200, "Content-Type: text/html", "Transfer-Encoding: chunked"),
			strings.TrimSuffix(chunked(marked("/splice/in-trailers", "own"), 100), "\r\n"), "Content-Length: 0\r\nLocation: /private/trailer\r\n\r\n")},
		{path: "/splice/in-chunk", want: stored(200), do: say(true, head(200, "Content-Type: text/plain", "Transfer-Encoding: chunked"),
			chunked(marked("/splice/in-chunk", "a body that looks like an answer\r\n0\r\n\r\n"+strings.ReplaceAll(poison, "POISON", "harmless")), 1000))},
	}
}
