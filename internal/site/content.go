package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"html"
	"net/http"
	"strings"
	"time"
)

// epoch is the Last-Modified of generated content, and of files when nothing better is known.
var epoch = time.Date(2024, time.January, 2, 3, 4, 5, 0, time.UTC)

const htmlType = "text/html; charset=utf-8"

// content is one answer of status 200.
type content struct {
	mediaType string
	body      []byte
	modified  time.Time
}

// write sends c with validators, and 304, 206 or a bare head where the request asks for them.
func (c content) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", c.mediaType)
	h.Set("ETag", etag(c.body))
	http.ServeContent(w, r, "", c.modified, bytes.NewReader(c.body))
}

// etag is a strong validator made of the content.
func etag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// readOnly answers 405 to everything but GET and HEAD, and says whether it did not.
func readOnly(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	http.Error(w, "405 only GET and HEAD", http.StatusMethodNotAllowed)
	return false
}

// page collects an HTML page. Text goes in escaped; only literals of this package go in raw.
type page struct{ bytes.Buffer }

// newPage begins a page up to and with the open body.
func newPage(lang, title string) *page {
	p := &page{}
	p.raw(`<!DOCTYPE html>` + "\n" + `<html lang="`).text(lang).raw(`"><head><meta charset="utf-8"><title>`).text(title)
	p.raw(`</title><link rel="stylesheet" href="/site.css"></head><body>` + "\n")
	return p
}

func (p *page) raw(s string) *page { p.WriteString(s); return p }

func (p *page) text(s string) *page { p.WriteString(html.EscapeString(s)); return p }

// link writes an anchor; href is a URL reference that is already percent-encoded.
func (p *page) link(href, text string) *page {
	return p.raw(`<a href="`).text(href).raw(`">`).text(text).raw(`</a>`)
}

// image writes a figure with its picture and caption.
func (p *page) image(src, alt string) *page {
	return p.raw(`<figure><img src="`).text(src).raw(`" alt="`).text(alt).raw(`"><figcaption>`).text(alt).raw("</figcaption></figure>\n")
}

// end closes the page and returns it as content.
func (p *page) end(modified time.Time) content {
	p.raw("\n</body></html>\n")
	return content{htmlType, p.Bytes(), modified}
}

// crumbs writes links to every folder above the path, which is absolute and decoded.
func (p *page) crumbs(path string) *page {
	p.raw(`<nav class="crumbs">`).link("/", "home")
	at := "/"
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for _, part := range parts[:len(parts)-1] {
		at += part + "/"
		p.raw(" / ").link(escapePath(at), part)
	}
	return p.raw(" / ").text(parts[len(parts)-1]).raw("</nav>\n")
}

// stylesheet is /site.css of every site here: a page requisite that is not a picture.
var stylesheet = content{"text/css; charset=utf-8", []byte("body{font-family:sans-serif;max-width:60em;margin:1em auto;padding:0 1em}\n" +
	"nav{margin:.5em 0}pre{overflow:auto;background:#f6f6f6;padding:1em}\nimg{max-width:100%}figure{display:inline-block;margin:.5em}\n"), epoch}
