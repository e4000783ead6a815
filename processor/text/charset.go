package text

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// metaLen is how far into a page its charset declaration is looked for. The standard says 1024; pages with long
// comments in front say otherwise.
const metaLen = 4096

// decode turns a body into valid UTF-8 and says which character set it was taken for. In this order: byte order
// mark, declaration that came with it, <meta> (HTML only), valid UTF-8, windows-1252.
//
// A declared UTF-8 that the bytes contradict from end to end (bytes above 127, but no valid sequence) is not
// believed. UTF-16 in <meta> means UTF-8, as the standard has it: the tag could not have been read otherwise.
func decode(body []byte, declared string, isHTML bool) (text string, name string) {
	if name, size := byteOrderMark(body); name != "" {
		return convert(body[size:], name), name
	}
	if name := canonicalCharset(declared); name != "" && credible(body, name) {
		return convert(body, name), name
	}
	if isHTML {
		name := canonicalCharset(metaCharset(body[:min(len(body), metaLen)]))
		if strings.HasPrefix(name, "utf-16") {
			name = "utf-8"
		}
		if name != "" && credible(body, name) {
			return convert(body, name), name
		}
	}
	if utf8.Valid(wholeRunes(body)) {
		return convert(body, "utf-8"), "utf-8"
	}
	return convert(body, "windows-1252"), "windows-1252"
}

func byteOrderMark(body []byte) (name string, size int) {
	switch {
	case bytes.HasPrefix(body, []byte{0xef, 0xbb, 0xbf}):
		return "utf-8", 3
	case bytes.HasPrefix(body, []byte{0xfe, 0xff}):
		return "utf-16be", 2
	case bytes.HasPrefix(body, []byte{0xff, 0xfe}):
		return "utf-16le", 2
	}
	return "", 0
}

// canonicalCharset returns the WHATWG name of a label, or nothing for a label that the standard does not know or
// that decodes to nothing.
func canonicalCharset(label string) string {
	if label == "" || len(label) > 64 {
		return ""
	}
	_, name := charset.Lookup(label)
	switch name {
	case "replacement":
		return ""
	case "x-user-defined":
		return "windows-1252"
	}
	return name
}

// credible is false for UTF-8 declared over bytes that contain none.
func credible(body []byte, name string) bool {
	if name != "utf-8" {
		return true
	}
	invalid := 0
	for i := 0; i < len(body); {
		if body[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(body[i:])
		if r != utf8.RuneError || size > 1 {
			return true
		}
		invalid++
		i++
	}
	// One or two bad bytes in an ASCII page may be a cut character; more is another character set.
	return invalid < 3
}

// wholeRunes leaves out a character that the end of the body cuts.
func wholeRunes(body []byte) []byte {
	for i := 1; i <= min(utf8.UTFMax-1, len(body)); i++ {
		if c := body[len(body)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(body[len(body)-i:]) {
				return body[:len(body)-i]
			}
			break
		}
	}
	return body
}

// convert decodes to valid UTF-8; what cannot be decoded becomes U+FFFD.
func convert(body []byte, name string) string {
	if name == "utf-8" {
		return strings.ToValidUTF8(string(wholeRunes(body)), "\uFFFD")
	}
	enc, _ := charset.Lookup(name)
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		// Decoders replace and go on; whatever this one objected to, what it gave before is kept.
		return strings.ToValidUTF8(string(out), "\uFFFD")
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

// metaCharset finds <meta charset> or <meta http-equiv=content-type content="…charset=…">.
func metaCharset(head []byte) string {
	z := html.NewTokenizer(bytes.NewReader(head))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			if atom.Lookup(name) != atom.Meta {
				continue
			}
			if label := metaLabel(attributes(z, more)); label != "" {
				return label
			}
		}
	}
}

func metaLabel(attr map[string]string) string {
	if label := attr["charset"]; label != "" {
		return label
	}
	if !strings.EqualFold(strings.TrimSpace(attr["http-equiv"]), "content-type") {
		return ""
	}
	_, rest, _ := strings.Cut(strings.ToLower(attr["content"]), "charset=")
	rest = strings.TrimLeft(rest, ` "'`)
	return rest[:cutAny(rest, `"'; ,`)]
}

// maxAttributes is how many attributes of a tag are looked at.
const maxAttributes = 64

// attributes reads the rest of a tag; the first of equal names wins.
func attributes(z *html.Tokenizer, more bool) map[string]string {
	attr := map[string]string{}
	var key, value []byte
	for n := 0; more && n < maxAttributes; n++ {
		key, value, more = z.TagAttr()
		if _, seen := attr[string(key)]; !seen {
			attr[string(key)] = string(value)
		}
	}
	return attr
}
