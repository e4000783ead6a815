package site

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// bombSize is what a bomb unpacks to, at the least.
const bombSize = 1 << 30

// bombs are made once: they are the same for every set.
var bombs = sync.OnceValue(func() map[string]string {
	gz := strings.Repeat(gzipped(strings.Repeat("\x00", 16<<20)), bombSize>>24) // members on end (RFC 1952, section 2.2)
	links := gzipped(strings.Repeat("<a href=\"/private/bomb\">", 1<<20))
	list := map[string]string{
		"gzip": gz, "gzip, gzip": gzipped(gz), "gzip, gzip, gzip": gzipped(gzipped(gz)), "gzip, gzip, gzip, gzip": gzipped(gzipped(gzipped(gz))),
		"br": brotlied(64 << 20), "zstd": zstded(bombSize), "x-gzip": links,
		"deflate": "\x78\x9c" + "\xff\xff\xff", "zebra": "stripes",
	}
	list["br, gzip"] = gzipped(list["br"])
	list["zstd, br"] = list["br"] // and not what it says
	return list
})

// bombDeeds are small answers that unpack to large ones. They are stored as they came.
func bombDeeds() []deed {
	var list []deed
	for _, coding := range []string{"gzip", "gzip, gzip", "gzip, gzip, gzip", "gzip, gzip, gzip, gzip", "br", "zstd", "x-gzip", "br, gzip", "zstd, br", "deflate", "zebra"} {
		body := bombs()[coding]
		list = append(list, deed{
			path: "/bomb/" + strings.ReplaceAll(coding, ", ", "-"), want: exactly(body),
			do: say(true, head(200, "Content-Type: text/html", "Content-Encoding: "+coding, length(body)), body),
		})
	}
	return list
}

func brotlied(n int) string {
	var b strings.Builder
	w := brotli.NewWriterLevel(&b, 5)
	zeros := make([]byte, 1<<20)
	for range n >> 20 {
		_, _ = w.Write(zeros) // a strings.Builder takes everything
	}
	_ = w.Close()
	return b.String()
}

// zstded repeats a frame (RFC 8878, section 3.1: frames may follow each other).
func zstded(n int) string {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		return ""
	}
	frame := w.EncodeAll(make([]byte, 16<<20), nil)
	return strings.Repeat(string(frame), n>>24)
}

// hugeDeeds are pages with too much of one thing.
func hugeDeeds(h *Hostile) []deed {
	html := func(do func(*call) bool) func(*call) bool {
		return func(c *call) bool {
			return c.write(head(200, "Content-Type: text/html", "Connection: close"), marked(c.path, "")) && do(c)
		}
	}
	repeat := func(n int, piece string) func(*call) bool {
		return html(func(c *call) bool {
			block := strings.Repeat(piece, max(1, 64<<10/len(piece)))
			for ; n*len(piece) > 0 && n > len(block)/len(piece); n -= len(block) / len(piece) {
				if !c.write(block) {
					return false
				}
			}
			return c.write(strings.Repeat(piece, n)) && false
		})
	}
	large := either(stored(200), cut("time")) // on a busy machine
	return []deed{
		{path: "/huge/links", want: large, do: html(func(c *call) bool {
			var b bytes.Buffer
			for i := range h.opt.Links {
				fmt.Fprintf(&b, "<a href=\"/private/%d\">", i)
				if b.Len() > 60<<10 {
					if !c.send(b.Bytes()) {
						return false
					}
					b.Reset()
				}
			}
			return c.send(b.Bytes()) && false
		})},
		{path: "/huge/same-link", want: large, do: repeat(1_000_000, `<a href="/private/same">`)},
		{path: "/huge/nested", want: large, do: repeat(100_000, "<div>")},
		{path: "/huge/tables", want: large, do: repeat(100_000, "<table><td><b><i>")},
		{path: "/huge/attribute", want: either(cut("length"), cut("time")), do: html(func(c *call) bool {
			return c.write(`<a href="/`) && repeatInto(c, 50<<20, "a") && c.write(`">x</a>`) && false
		})},
		{path: "/huge/attributes", want: large, do: html(func(c *call) bool {
			return c.write("<p ") && repeatInto(c, 4<<20, "a=b ") && c.write(">") && false
		})},
		{path: "/huge/comment", want: large, do: repeat(1_000_000, "<!-")},
		{path: "/huge/open-tags", want: large, do: repeat(1_000_000, "<a <")},
		{path: "/huge/entities", want: large, do: html(func(c *call) bool {
			return c.write(`<a href="/private/`) && repeatInto(c, 4<<20, "&amp;") && c.write(`">`) && false
		})},
		{path: "/huge/srcset", want: large, do: html(func(c *call) bool {
			return c.write(`<img srcset="`) && repeatInto(c, 4<<20, "/private/s 1x, ") && c.write(`">`) && false
		})},
		{path: "/huge/dots", want: large, do: html(func(c *call) bool {
			return c.write(`<a href="`) && repeatInto(c, 60_000, "../") && c.write(`private/dots">`) && false
		})},
		{path: "/huge/ats", want: large, do: html(func(c *call) bool {
			return c.write(`<a href="http://`) && repeatInto(c, 30_000, "@") && c.write(`127.0.0.1/">`) && false
		})},
	}
}

// repeatInto sends n bytes of the piece over and over.
func repeatInto(c *call, n int, piece string) bool {
	block := strings.Repeat(piece, max(1, 64<<10/len(piece)))
	for ; n > 0; n -= len(block) {
		if !c.write(block[:min(n, len(block))]) {
			return false
		}
	}
	return true
}
