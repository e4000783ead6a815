package extract

import (
	"strings"

	"tandem/crawler/weburl"
)

// HeaderLinks returns the links in a response's header: Link (RFC 8288) and Refresh. header returns
// the value of a field, several fields of one name joined by ", ", "" if there is none.
// Location is left to the caller, since a redirect is an answer and no link.
func HeaderLinks(pageURL weburl.URL, header func(name string) string) []Link {
	refresh, rest := header("Refresh"), header("Link")
	if refresh == "" && rest == "" {
		return nil
	}
	var c collector
	c.start(pageURL, DefaultLimits())
	if refresh != "" {
		c.add(refreshURL([]byte(refresh)), mention{rel: []byte("refresh")})
	}
	for !c.full() {
		var ref, rel string
		var ok bool
		if ref, rel, rest, ok = nextHeaderLink(rest); !ok {
			break
		}
		if onlyHost([]byte(rel)) {
			continue
		}
		c.add([]byte(ref), mention{rel: []byte(rel), requisite: needed([]byte(rel))})
	}
	return c.finish().Links
}

// nextHeaderLink reads one "<ref>; rel=x; title="a, b"" and the comma behind it.
func nextHeaderLink(s string) (ref, rel, rest string, ok bool) {
	open := strings.IndexByte(s, '<')
	if open < 0 {
		return "", "", "", false
	}
	s = s[open+1:]
	end := strings.IndexByte(s, '>')
	if end < 0 {
		return "", "", "", false
	}
	ref, s = s[:end], s[end+1:]
	for {
		s = strings.TrimLeft(s, " \t;")
		if s == "" || s[0] == ',' {
			return ref, rel, strings.TrimPrefix(s, ","), true
		}
		var name, value string
		if name, value, s = headerParam(s); rel == "" && strings.EqualFold(name, "rel") {
			rel = value
		}
	}
}

// headerParam reads name, name=token or name="quoted". It always consumes something.
func headerParam(s string) (name, value, rest string) {
	n := strings.IndexAny(s, "=;,")
	if n < 0 {
		return strings.TrimSpace(s), "", ""
	}
	name, rest = strings.TrimSpace(s[:n]), s[n:]
	if rest[0] != '=' {
		return name, "", rest
	}
	rest = strings.TrimLeft(rest[1:], " \t")
	if !strings.HasPrefix(rest, `"`) {
		if n = strings.IndexAny(rest, ";,"); n < 0 {
			n = len(rest)
		}
		return name, strings.TrimSpace(rest[:n]), rest[n:]
	}
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '"':
			return name, strings.ReplaceAll(rest[1:i], `\`, ""), rest[i+1:]
		}
	}
	return name, rest[1:], ""
}
