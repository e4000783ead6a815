package extract

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// metaReach is how far into a page a <meta charset> counts; the standard says 1024 bytes, pages
// with long comments in front say more.
const metaReach = 4 << 10

// splitContentType returns the media type and the charset parameter, both lower-case.
func splitContentType(contentType string) (mediaType, label string) {
	mediaType, params, _ := strings.Cut(strings.ToLower(contentType), ";")
	for param := range strings.SplitSeq(params, ";") {
		name, value, ok := strings.Cut(param, "=")
		if ok && strings.TrimSpace(name) == "charset" {
			label = strings.Trim(strings.TrimSpace(value), `"'`)
			break
		}
	}
	return strings.TrimSpace(mediaType), label
}

// decode returns body as UTF-8. The charset is that of the byte order mark, else label, else what the page itself says
// (<meta>, an XML declaration, @charset), else UTF-8 if the body is valid UTF-8, else a guess. A body
// that is UTF-8 already is returned as it is, with whatever invalid bytes it holds.
func decode(body []byte, label string, k kind) []byte {
	if rest := trimBOM(body); len(rest) < len(body) {
		return rest
	}
	if order, wide := wideOrder(body, label); wide {
		return convert(body, unicode.UTF16(order, unicode.UseBOM))
	}
	enc, name := lookup(label)
	if name != iso2022jp && isASCII(body) { // the same in every other charset
		return body
	}
	if enc == nil {
		enc, name = lookup(ownLabel(body, k))
	}
	switch {
	case name == "utf-8" || enc == nil && utf8.Valid(body):
		return body
	case enc == nil:
		enc = guess(body)
	}
	return convert(body, enc)
}

// queryEncoding is what the text of links is encoded in behind their '?': the charset that decode takes, nil for UTF-8, and
// where that is UTF-16 (Encoding standard, "get an output encoding").
func queryEncoding(body []byte, label string, k kind) encoding.Encoding {
	if len(trimBOM(body)) < len(body) {
		return nil
	}
	if _, wide := wideOrder(body, label); wide {
		return nil
	}
	enc, name := lookup(label)
	if enc == nil {
		enc, name = lookup(ownLabel(body, k))
	}
	switch {
	case name == "utf-8" || enc == nil && utf8.Valid(body):
		return nil
	case enc == nil:
		enc = guess(body)
	}
	return enc
}

const iso2022jp = "iso-2022-jp"

// lookup finds a charset by one of its labels, nil if there is none that a page can have: UTF-16 is known by its bytes, and the
// standard's replacement would hide the page.
func lookup(label string) (encoding.Encoding, string) {
	enc, name := anyCharset(label)
	if name == "replacement" || strings.HasPrefix(name, "utf-16") {
		return nil, ""
	}
	return enc, name
}

// anyCharset finds a charset and its name in the Encoding standard.
func anyCharset(label string) (encoding.Encoding, string) {
	enc, err := htmlindex.Get(label)
	if err != nil {
		return nil, ""
	}
	name, err := htmlindex.Name(enc)
	if err != nil {
		return nil, ""
	}
	return enc, name
}

// wideOrder recognises UTF-16: by its mark, by a tag in the beginning, or by label where there are zero bytes to support it.
func wideOrder(body []byte, label string) (order unicode.Endianness, wide bool) {
	switch {
	case bytes.HasPrefix(body, []byte{0xfe, 0xff}), bytes.HasPrefix(body, []byte{0, '<', 0}):
		return unicode.BigEndian, true
	case bytes.HasPrefix(body, []byte{0xff, 0xfe}), bytes.HasPrefix(body, []byte{'<', 0}) && len(body) > 3 && body[3] == 0:
		return unicode.LittleEndian, true
	}
	_, name := anyCharset(label)
	wide = strings.HasPrefix(name, "utf-16") && bytes.IndexByte(body[:min(len(body), metaReach)], 0) >= 0
	return name == "utf-16be", wide
}

// ownLabel is the charset that a page itself names.
func ownLabel(body []byte, k kind) string {
	head := body[:min(len(body), metaReach)]
	switch k {
	case kindHTML:
		if label := metaCharset(head); label != "" {
			return label
		}
		return xmlCharset(head)
	case kindXML:
		return xmlCharset(head)
	case kindCSS:
		if rest, ok := bytes.CutPrefix(head, []byte(`@charset "`)); ok { // these very bytes (CSS Syntax, section 3.2)
			if label, _, ok := bytes.Cut(rest, []byte(`";`)); ok {
				return string(label)
			}
		}
	}
	return ""
}

// convert gives up on nothing: what cannot be decoded becomes U+FFFD.
func convert(body []byte, enc encoding.Encoding) []byte {
	out, _, err := transform.Bytes(enc.NewDecoder(), body)
	if err != nil {
		return body
	}
	return out
}

func trimBOM(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) }

// isASCII reports that every byte is below 0x80, eight at a time.
func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if binary.NativeEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// metaCharset looks for <meta charset=x> and <meta http-equiv=content-type content="…; charset=x">.
func metaCharset(head []byte) string {
	s := scanner{src: head}
	var t tag
	for s.next(&t) {
		if !t.is("meta") {
			continue
		}
		if label := bytes.TrimSpace(t.attrs.get(attrCharset)); len(label) > 0 {
			return string(label)
		}
		if bytes.EqualFold(t.attrs.get(attrHTTPEquiv), []byte("content-type")) {
			if label := contentCharset(string(t.attrs.get(attrContent))); label != "" {
				return label
			}
		}
	}
	return ""
}

// contentCharset finds "charset=x" in a <meta>'s content, wherever it stands (HTML standard, "extracting a character encoding
// from a meta element").
func contentCharset(content string) string {
	const blanks = " \t\r\n\f"
	rest := strings.ToLower(content)
	for {
		_, after, ok := strings.Cut(rest, "charset")
		if !ok {
			return ""
		}
		rest = after
		value, ok := strings.CutPrefix(strings.TrimLeft(after, blanks), "=")
		if !ok {
			continue
		}
		value = strings.TrimLeft(value, blanks)
		if value == "" {
			return ""
		}
		if quote := value[:1]; quote == `"` || quote == "'" {
			label, _, closed := strings.Cut(value[1:], quote)
			if !closed {
				return ""
			}
			return label
		}
		if i := strings.IndexAny(value, blanks+";"); i >= 0 {
			value = value[:i]
		}
		return value
	}
}
