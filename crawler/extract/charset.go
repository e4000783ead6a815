package extract

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
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

// decode returns body as UTF-8. The charset is that of the byte order mark, else label, else that of
// a <meta>, else UTF-8 if the body is valid UTF-8, else windows-1252. A body
// that is UTF-8 already is returned as it is, with whatever invalid bytes it holds.
func decode(body []byte, label string, lookForMeta bool) []byte {
	if rest := trimBOM(body); len(rest) < len(body) {
		return rest
	}
	switch {
	case bytes.HasPrefix(body, []byte{0xfe, 0xff}):
		return convert(body, unicode.UTF16(unicode.BigEndian, unicode.UseBOM))
	case bytes.HasPrefix(body, []byte{0xff, 0xfe}):
		return convert(body, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM))
	}
	enc, name := charset.Lookup(label)
	wide := strings.HasPrefix(name, "utf-16") || name == "iso-2022-jp"
	if !wide && isASCII(body) { // the same in every other charset
		return body
	}
	if enc == nil && lookForMeta {
		enc, name = charset.Lookup(metaCharset(body[:min(len(body), metaReach)]))
		if strings.HasPrefix(name, "utf-16") { // it cannot be: we have just read it
			return body
		}
	}
	switch {
	case name == "utf-8" || enc == nil && utf8.Valid(body):
		return body
	case enc == nil:
		enc, _ = charset.Lookup("windows-1252")
	}
	return convert(body, enc)
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
			if _, label := splitContentType(string(t.attrs.get(attrContent))); label != "" {
				return label
			}
		}
	}
	return ""
}
