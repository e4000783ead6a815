package text

import (
	"bytes"
	"fmt"
	"mime"
	"net/url"
	"path"
	"strings"
)

type kind int

const (
	kindPlain kind = iota
	kindHTML
	kindMarkdown
)

// Supported reports whether [Extract] takes a declared media type, parameters or not, without looking at a body.
// An empty type is not supported by this measure, although Extract will look at the bytes.
func Supported(mediaType string) bool {
	_, ok := kindOfType(essence(mediaType))
	return ok
}

// essence is a media type without parameters, lower case. mime.ParseMediaType would refuse what servers really send.
func essence(mediaType string) string {
	s, _, _ := strings.Cut(mediaType, ";")
	return strings.ToLower(strings.TrimSpace(s))
}

func kindOfType(essence string) (kind, bool) {
	switch essence {
	case "text/html", "application/xhtml+xml":
		return kindHTML, true
	case "text/markdown", "text/x-markdown", "application/markdown", "application/x-markdown":
		return kindMarkdown, true
	case "text/plain":
		return kindPlain, true
	}
	return 0, false
}

func kindOf(in Input) (kind, error) {
	declared := essence(in.MediaType)
	k, ok := kindOfType(declared)
	switch {
	case ok && k == kindPlain && markdownName(in.URL):
		return kindMarkdown, nil
	case ok:
		return k, nil
	case declared != "" && declared != "application/octet-stream":
		return 0, fmt.Errorf("extract text from %q: %w", declared, ErrUnsupported)
	case looksHTML(in.Body):
		return kindHTML, nil
	case looksBinary(in.Body):
		return 0, fmt.Errorf("extract text from bytes of no known type: %w", ErrUnsupported)
	case markdownName(in.URL):
		return kindMarkdown, nil
	}
	return kindPlain, nil
}

func markdownName(rawURL string) bool {
	name := rawURL
	if u, err := url.Parse(rawURL); err == nil && u.Path != "" {
		name = u.Path
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown", ".mdown", ".mkd":
		return true
	}
	return false
}

// sniffLen is how much of a body without a type is looked at.
const sniffLen = 1024

func looksHTML(body []byte) bool {
	head := bytes.ToLower(bytes.TrimLeft(body[:min(len(body), sniffLen)], "\xef\xbb\xbf \t\r\n\f"))
	for _, sign := range []string{"<!doctype html", "<html", "<head", "<body", "<title", "<!--", "<h1", "<p>", "<div"} {
		if bytes.HasPrefix(head, []byte(sign)) {
			return true
		}
	}
	return false
}

func looksBinary(body []byte) bool {
	if name, _ := byteOrderMark(body); name != "" {
		return false
	}
	for _, c := range body[:min(len(body), sniffLen)] {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			return true
		}
	}
	return false
}

// declaredCharset is the character set that came with the document, if any.
func declaredCharset(in Input) string {
	if in.Charset != "" {
		return in.Charset
	}
	if _, params, err := mime.ParseMediaType(in.MediaType); err == nil {
		return params["charset"]
	}
	// A sloppy header still says what it says: text/html; charset=utf-8; charset="x
	_, rest, found := strings.Cut(strings.ToLower(in.MediaType), "charset=")
	if !found {
		return ""
	}
	return strings.Trim(rest[:cutAny(rest, "; ,")], `"' `)
}

// cutAny returns the index of the first of chars in s, or len(s).
func cutAny(s, chars string) int {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return i
	}
	return len(s)
}
