package crawler

import (
	"fmt"
	"net/mail"
	"strings"

	"tandem/crawler/weburl"
)

// parseContact reads Config.Contact: a mail address, with or without mailto:,
// or a web page. from is the address for the From header (RFC 9110, section
// 10.1.2), "" for a page.
func parseContact(text string) (shown, from string, err error) {
	if text == "" {
		return "", "", nil
	}
	bad := func(why string) (string, string, error) {
		return "", "", fmt.Errorf("contact %q: %s", text, why)
	}
	lower := strings.ToLower(text)
	if strings.HasPrefix(lower, "https://") || strings.HasPrefix(lower, "http://") {
		u, err := weburl.Parse(text)
		if err != nil || strings.ContainsAny(u.String(), "()") {
			return bad("want a plain URL")
		}
		return u.String(), "", nil
	}
	address := text
	if strings.HasPrefix(lower, "mailto:") {
		address = text[len("mailto:"):]
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || parsed.Name != "" || strings.ContainsAny(address, "()?&\" ") || !isASCII(address) {
		return bad("want a mail address, as mailto:ops@example.org, or an https URL")
	}
	return "mailto:" + address, address, nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] > 0x7e || s[i] < ' ' {
			return false
		}
	}
	return true
}

// named is the User-Agent with the contact, unless that is in it already.
func named(userAgent, contact string) string {
	shown, from, err := parseContact(contact)
	if err != nil || shown == "" || strings.Contains(userAgent, shown) || from != "" && strings.Contains(userAgent, from) {
		return userAgent
	}
	return userAgent + " (+" + shown + ")"
}
