package text

import "strings"

// maxTag is the longest tag that is parsed with its attributes. Pages carry pictures in attributes, and a hostile
// page millions of attributes in a tag, each of which would cost 30 times its size in memory.
const maxTag = 64 << 10

// trimTags returns the page with the attributes of overlong tags left out, and whether there were any.
func trimTags(page string) (string, bool) {
	var b strings.Builder
	kept := 0
	for i := 0; i < len(page); {
		next := strings.IndexByte(page[i:], '<')
		if next < 0 {
			break
		}
		i += next + 1
		name := page[i:tagName(page, i)]
		if name == "" {
			continue
		}
		end := tagEnd(page, i+len(name))
		if end-i > maxTag {
			b.WriteString(page[kept : i+min(len(name), maxTag)])
			b.WriteByte('>')
			kept = end
		}
		i = afterRawText(page, name, end)
	}
	if kept == 0 {
		return page, false
	}
	b.WriteString(page[kept:])
	return b.String(), true
}

func tagName(page string, start int) (end int) {
	end = start
	for end < len(page) && (page[end]|0x20 >= 'a' && page[end]|0x20 <= 'z' || end > start && page[end] >= '0' && page[end] <= '9') {
		end++
	}
	return end
}

// tagEnd returns the index behind the ">" of a tag; a quote opens a value only behind "=".
func tagEnd(page string, i int) int {
	value := false
	for i < len(page) {
		switch c := page[i]; {
		case c == '>':
			return i + 1
		case value && (c == '"' || c == '\''):
			closing := strings.IndexByte(page[i+1:], c)
			if closing < 0 {
				return len(page)
			}
			i += closing + 1
			value = false
		case c == '=':
			value = true
		case c > ' ':
			value = false
		}
		i++
	}
	return len(page)
}

// afterRawText skips the content of elements in which "<" opens no tag.
func afterRawText(page, name string, end int) int {
	switch name = strings.ToLower(name[:min(len(name), 16)]); name {
	case "script", "style", "textarea", "title", "iframe", "noscript", "noframes", "noembed", "xmp":
	default:
		return end
	}
	for i := end; ; i += 2 {
		next := strings.Index(page[i:], "</")
		if next < 0 {
			return len(page) // never closed: all of the rest is text
		}
		i += next
		if rest := page[i+2:]; len(rest) >= len(name) && strings.EqualFold(rest[:len(name)], name) {
			return i
		}
	}
}
