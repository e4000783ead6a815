package weburl

import (
	"fmt"
	"strings"
)

// Stripper takes parameters out of URLs that name no other page: who sent the visitor, and which visit it is.
// It is read only and safe for concurrent use; the nil Stripper strips nothing.
type Stripper struct {
	exact    map[string]bool // lower-case names
	hex      map[string]bool // names that go only with a long value of hex digits
	prefixes []string        // lower-case
}

// minHexID is how many hex digits make a value an identifier that nobody chose.
const minHexID = 16

// DefaultStripParams are the rules of a job that names none: campaign and click marks that the big mailers and
// ad networks append, and session ids. Nobody gives content by them. The slice is the caller's.
func DefaultStripParams() []string {
	return []string{
		"utm_*", "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid", "igshid",
		"mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "_ga", "_gl",
		"jsessionid", "phpsessid", "aspsessionid*", "sid=hex", "sessionid=hex",
	}
}

// NewStripper reads rules: a name, a prefix followed by '*', or "name=hex" for a parameter that is stripped only
// where its value is 16 or more hex digits. Names compare without regard to ASCII case.
func NewStripper(rules []string) (*Stripper, error) {
	s := &Stripper{exact: map[string]bool{}, hex: map[string]bool{}}
	for _, rule := range rules {
		name, isPrefix := strings.CutSuffix(rule, "*")
		name, isHex := strings.CutSuffix(name, "=hex")
		if name == "" || isPrefix && isHex || strings.ContainsAny(name, "*=&;?#/ ") {
			return nil, fmt.Errorf("read parameter rule %q: want a name, a prefix as utm_*, or a name with =hex", rule)
		}
		switch name = lower(name); {
		case isPrefix:
			s.prefixes = append(s.prefixes, name)
		case isHex:
			s.hex[name] = true
		default:
			s.exact[name] = true
		}
	}
	return s, nil
}

// Strip returns u without the parameters that a rule names, from its query and from the segments of its path
// (";jsessionid=…"). The others keep their order and their spelling. A URL without such parameters is returned as
// it is, at the cost of one look.
func (s *Stripper) Strip(u URL) URL {
	if s == nil || u.href == "" {
		return u
	}
	path, query := u.Path(), u.Query()
	newPath, newQuery := path, query
	if strings.IndexByte(path, ';') >= 0 {
		newPath = s.stripPath(path)
	}
	if query != "" {
		newQuery = s.stripQuery(query)
	}
	if len(newPath) == len(path) && len(newQuery) == len(query) {
		return u
	}
	href := u.href[:u.pathStart] + newPath
	switch {
	case newQuery != "":
		href += "?" + newQuery
	case query == "" && int(u.queryAt) < len(u.href):
		href += "?" // it was there without our doing
	}
	return newURL(href, int(u.hostEnd), int(u.pathStart), u.port)
}

func (s *Stripper) stripQuery(query string) string {
	var kept []string
	cut := false
	for param := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(param, "=")
		if s.names(name, value) {
			cut = true
			continue
		}
		kept = append(kept, param)
	}
	if !cut {
		return query
	}
	return strings.Join(kept, "&")
}

func (s *Stripper) stripPath(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if strings.IndexByte(segment, ';') < 0 {
			continue
		}
		kept := s.stripSegment(segment)
		if isDots(kept) { // "..;jsessionid=x" is a name; ".." would be another place
			continue
		}
		segments[i] = kept
	}
	return strings.Join(segments, "/")
}

func (s *Stripper) stripSegment(segment string) string {
	kept := ""
	for i, param := range strings.Split(segment, ";") {
		name, value, has := strings.Cut(param, "=")
		if i > 0 && has && s.names(name, value) {
			continue
		}
		if i > 0 {
			kept += ";"
		}
		kept += param
	}
	return kept
}

// isDots reports a segment that the standard would resolve.
func isDots(segment string) bool {
	plain := strings.ReplaceAll(strings.ReplaceAll(segment, "%2e", "."), "%2E", ".")
	return plain == "." || plain == ".."
}

// names reports whether a rule takes the parameter.
func (s *Stripper) names(name, value string) bool {
	if name == "" {
		return false
	}
	name = lower(name)
	if s.exact[name] || s.hex[name] && isHexID(value) {
		return true
	}
	for _, p := range s.prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

func isHexID(value string) bool {
	for i := 0; i < len(value); i++ {
		if _, ok := unhex(value[i]); !ok {
			return false
		}
	}
	return len(value) >= minHexID
}

// lower maps ASCII letters alone, and allocates only where there is one to map.
func lower(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return strings.ToLower(s)
		}
	}
	return s
}
