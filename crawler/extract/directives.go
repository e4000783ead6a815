package extract

import (
	"strings"
	"time"
)

// agent is the name under which pages address this crawler unless Limits.Agent says otherwise.
const agent = "TandemFetch"

// MetaRobots is what a page, or the header of any file, asks of crawlers about itself.
type MetaRobots struct {
	NoIndex  bool // do not list the page
	NoFollow bool // do not follow its links
	// UnavailableAfter is when the page asks not to be listed any more; zero if it does not. Abbreviated time zones are
	// not looked up, so it may be some hours off.
	UnavailableAfter time.Time
}

// NoIndexAt reports whether the page asks not to be listed at the given time.
func (m MetaRobots) NoIndexAt(now time.Time) bool {
	return m.NoIndex || !m.UnavailableAfter.IsZero() && !now.Before(m.UnavailableAfter)
}

// Unite returns what both ask for; the strictest wins.
func (m MetaRobots) Unite(o MetaRobots) MetaRobots {
	m.NoIndex = m.NoIndex || o.NoIndex
	m.NoFollow = m.NoFollow || o.NoFollow
	m.until(o.UnavailableAfter)
	return m
}

// HeaderRobots reads the X-Robots-Tag fields of a response, which say for any file what <meta name="robots"> says for a page.
// What stands behind "name:" counts only if the name is agent or "*"; it holds to the end of its field or to the next name.
func HeaderRobots(values []string, agent string) MetaRobots {
	var m MetaRobots
	for _, v := range values {
		m.header(v, agent)
	}
	return m
}

// header adds the directives of one X-Robots-Tag field.
func (m *MetaRobots) header(field, agent string) {
	mine := true
	for part, rest, more := nextDirective(field); more; part, rest, more = nextDirective(rest) {
		name, directive, ok := strings.Cut(part, ":")
		if name = strings.TrimSpace(name); ok && !takesValue(name) {
			mine = name == "*" || strings.EqualFold(name, agent)
			part = directive
		}
		if mine {
			m.directive(part)
		}
	}
}

// meta adds the directives in the content of a <meta>.
func (m *MetaRobots) meta(content string) {
	for part, rest, more := nextDirective(content); more; part, rest, more = nextDirective(rest) {
		m.directive(part)
	}
}

// nextDirective cuts the first directive off a list. A date may have a comma of its own, behind the day of the week.
func nextDirective(list string) (part, rest string, more bool) {
	if list == "" {
		return "", "", false
	}
	part, rest, _ = strings.Cut(list, ",")
	if i := strings.LastIndexByte(part, ':'); i >= 0 && rest != "" && isWeekday(part[i+1:]) {
		date, behind, _ := strings.Cut(rest, ",")
		return part + "," + date, behind, true
	}
	return part, rest, true
}

// directive adds one directive, or several with blanks between them: a mistake that is not rare.
func (m *MetaRobots) directive(text string) {
	if name, value, ok := strings.Cut(text, ":"); ok {
		if strings.EqualFold(strings.TrimSpace(name), "unavailable_after") {
			m.until(parseDate(strings.TrimSpace(value)))
		}
		return
	}
	for word := range strings.FieldsSeq(text) {
		switch strings.ToLower(word) {
		case "noindex":
			m.NoIndex = true
		case "nofollow":
			m.NoFollow = true
		case "none":
			m.NoIndex, m.NoFollow = true, true
		}
	}
}

// until keeps the earliest date.
func (m *MetaRobots) until(t time.Time) {
	if !t.IsZero() && (m.UnavailableAfter.IsZero() || t.Before(m.UnavailableAfter)) {
		m.UnavailableAfter = t
	}
}

// takesValue tells the directives with a colon in them from the name of a crawler.
func takesValue(name string) bool {
	switch strings.ToLower(name) {
	case "unavailable_after", "max-snippet", "max-image-preview", "max-video-preview":
		return true
	}
	return false
}

func isWeekday(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	for d := time.Sunday; d <= time.Saturday; d++ {
		if day := strings.ToLower(d.String()); text == day || text == day[:3] {
			return true
		}
	}
	return false
}

// parseDate reads the forms of date that pages use; others are the zero time.
func parseDate(text string) time.Time {
	for _, form := range [...]string{
		time.RFC1123, time.RFC1123Z, time.RFC850, time.RFC822, time.RFC822Z, time.RFC3339, time.DateOnly, time.DateTime,
		"2006-01-02 15:04:05 MST", "2006-01-02T15:04:05", "2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 -0700",
		"2-Jan-2006 15:04:05 MST", "2-Jan-06 15:04:05 MST", "2 Jan 2006", "2-Jan-2006",
	} {
		if t, err := time.Parse(form, text); err == nil {
			return t
		}
	}
	return time.Time{}
}
