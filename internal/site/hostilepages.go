package site

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"
)

// honestDeeds are n pages as any server sends them: with a length, in chunks, until the end of the connection, compressed, large.
func honestDeeds(n int) []deed {
	var list []deed
	for i := range n {
		path := fmt.Sprintf("/honest/%02d", i)
		body := honestBody(path, i)
		list = append(list, honestDeed(path, body, i%7))
	}
	return list
}

// honestBody is known from the number of the page: a few KB, and every tenth 1 to 5 MB.
func honestBody(path string, i int) string {
	r := newRNG(uint64(i), 4711)
	words := r.between(100, 3000)
	if i%10 == 9 {
		words = r.between(150_000, 700_000)
	}
	var b strings.Builder
	b.WriteString(marked(path, "<!doctype html><title>Honest</title>"))
	for range words {
		b.WriteString(strconv.FormatUint(r.next()>>40, 36))
		b.WriteByte(' ')
	}
	return b.String()
}

func honestDeed(path, body string, way int) deed {
	const mime = "Content-Type: text/html; charset=utf-8"
	text, keep := "", true
	switch way {
	default:
		text = reply(200, "text/html", body)
	case 1:
		text = head(200, mime, "Transfer-Encoding: chunked") + chunked(body, 1000)
	case 2:
		text, keep = head(200, mime, "Connection: close")+body, false
	case 3:
		text, keep = "HTTP/1.0 200 OK\r\n"+mime+"\r\n\r\n"+body, false
	case 4:
		body = gzipped(body)
		text = head(200, mime, "Content-Encoding: gzip", length(body)) + body
	case 5:
		body = gzipped(body)
		text = head(200, mime, "Content-Encoding: gzip", "Transfer-Encoding: chunked") + chunked(body, 333)
	}
	return deed{path: path, honest: true, want: exactly(body), do: say(keep, text)}
}

// exactly is the outcome of a page that must be stored byte for byte.
func exactly(payload string) []Outcome {
	sum := sha256.Sum256([]byte(payload))
	return []Outcome{{State: "stored", Status: 200, SHA256: hex.EncodeToString(sum[:])}}
}

func gzipped(text string) string {
	var b strings.Builder
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text)) // a strings.Builder takes everything
	_ = w.Close()
	return b.String()
}

// frontPage links to everything in the order asked for.
func (h *Hostile) frontPage() deed {
	var b strings.Builder
	b.WriteString(marked("/", "<!doctype html><title>All sorts</title>\n"))
	for _, l := range h.list {
		fmt.Fprintf(&b, "<a href=\"%s\">%s</a>\n", html.EscapeString(l.URL), html.EscapeString(l.Name))
	}
	d := honestDeed("/", b.String(), 0)
	return d
}

// mainRobots is the robots.txt of the front page's origin. Its sitemaps are no better than the rest.
func mainRobots(origin string) deed {
	text := "User-agent: *\nDisallow: /private/\nDisallow: /*?secret=\nDisallow: /hidden$\n"
	for _, name := range []string{"loop-a", "bomb", "entity", "deep", "none", "outside"} {
		text += "Sitemap: " + origin + "/sitemaps/" + name + ".xml\n"
	}
	return deed{path: "/robots.txt", do: func(c *call) bool { return c.write(reply(200, "text/plain", text)) }}
}

// forbiddenOnFront is what mainRobots forbids, in plain words.
func forbiddenOnFront(path string) bool {
	return strings.HasPrefix(path, "/private/") || strings.Contains(path, "?secret=") || path == "/hidden"
}

// slowDeeds are tarpits: each would hold a reader for hours, byte by byte.
func slowDeeds(h *Hostile) []deed {
	drip := h.opt.Drip
	forever := strings.Repeat("x", 100_000)
	late := marked("/slow/honest", "this page takes its time but comes to an end")
	return []deed{
		{path: "/slow/silent", want: failed("timeout"), do: (*call).silence},
		{path: "/slow/status", want: failed("timeout"), do: func(c *call) bool {
			return c.drip("HTTP/1.1 200 "+forever, drip)
		}},
		{path: "/slow/header", want: failed("timeout"), do: func(c *call) bool {
			return c.write("HTTP/1.1 200 OK\r\nX-Slow: ") && c.drip(forever, drip)
		}},
		{path: "/slow/headers", want: failed("timeout"), do: func(c *call) bool {
			return c.write("HTTP/1.1 200 OK\r\n") && c.drip(strings.Repeat("A: b\r\n", 10_000), drip)
		}},
		{path: "/slow/interim", want: failed("timeout", "malformed"), do: func(c *call) bool {
			for c.write("HTTP/1.1 103 Early Hints\r\n\r\n") && c.pause(10*drip) {
			}
			return false
		}},
		{path: "/slow/body", want: cut("time"), do: func(c *call) bool {
			return c.write(head(200, "Content-Type: text/html", "Content-Length: 1000000"), marked(c.path, "")) && c.drip(forever, drip)
		}},
		{path: "/slow/to-the-end", want: cut("time"), do: func(c *call) bool {
			return c.write(head(200, "Content-Type: text/html"), marked(c.path, "")) && c.drip(forever, drip)
		}},
		{path: "/slow/chunks", want: cut("time"), do: func(c *call) bool {
			ok := c.write(head(200, "Content-Type: text/html", "Transfer-Encoding: chunked"))
			for ok {
				ok = c.write("1\r\nx\r\n") && c.pause(drip)
			}
			return false
		}},
		{path: "/slow/chunk-size", want: cut("time"), do: func(c *call) bool {
			return c.write(head(200, "Content-Type: text/html", "Transfer-Encoding: chunked"), "5\r\nhello\r\n") && c.drip(strings.Repeat("0", 100_000), drip)
		}},
		{path: "/slow/trailers", want: either(cut("time"), failed("timeout")), do: func(c *call) bool {
			return c.write(head(200, "Content-Type: text/html", "Transfer-Encoding: chunked"), "5\r\nhello\r\n0\r\n") && c.drip(strings.Repeat("A: b\r\n", 10_000), drip)
		}},
		{path: "/slow/half", want: cut("time"), do: func(c *call) bool {
			return c.write(head(200, "Content-Type: text/html", "Content-Length: 2000"), marked(c.path, "")) && c.silence()
		}},
		{path: "/slow/megabytes", want: cut("time"), do: func(c *call) bool {
			c.write(head(200, "Content-Type: text/plain", "Content-Length: 30000000"), strings.Repeat("y", 2<<20))
			return c.drip(forever, drip)
		}},
		{path: "/slow/honest", honest: true, want: exactly(late), do: func(c *call) bool {
			return c.write(head(200, "Content-Type: text/html", length(late))) &&
				c.write(late[:10]) && c.pause(5*time.Millisecond) && c.drip(late[10:], 5*time.Millisecond)
		}},
	}
}
