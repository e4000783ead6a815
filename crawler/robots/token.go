package robots

import "strings"

// Token returns the product token in a User-Agent, by which robots.txt groups address its crawler (RFC 9309, section 2.2.1): "FooBot" for
// "FooBot/2.1 (+https://foo.example)" and for "Mozilla/5.0 (compatible; FooBot/2.1)". It is "" if there is none: letters,
// '-' and '_', at the end of the text or before a '/'.
func Token(userAgent string) string {
	userAgent = strings.TrimSpace(userAgent)
	if behind, ok := strings.CutPrefix(userAgent, "Mozilla/"); ok {
		if _, name, ok := strings.Cut(behind, "(compatible;"); ok {
			name, _, _ = strings.Cut(name, ";")
			name, _, _ = strings.Cut(name, ")")
			userAgent = strings.TrimSpace(name)
		}
	}
	name, _, _ := strings.Cut(userAgent, "/")
	if productToken(name) != name {
		return ""
	}
	return name
}
