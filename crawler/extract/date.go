package extract

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// dateValue reads a date and writes it as RFC 3339, as 2006-01-02 where it has no time, and as 2006-01-02T15:04:05 where nobody
// has said what zone its time is from.
//
// Without a layout it reads the forms that mean the same to everybody: ISO 8601, RFC 1123, asctime, 2 January 2006, January 2nd, 2006,
// 02.01.2006, 2006/01/02, each with a time or not. Days and months between slashes (02/01/2006) are no date without a layout, not even where
// one of them is beyond 12: the next page's would not be. Nor are years of two digits.
func dateValue(text string, layout *DateLayout, zone *TimeZone) (string, bool) {
	m, ok := moment{}, false
	if layout != nil {
		m, ok = layout.read(text)
	} else {
		m, ok = readDate(text)
	}
	if !ok {
		return "", false
	}
	return m.write(zone), true
}

// moment is a date as it was written.
type moment struct {
	at           time.Time // in its zone; in UTC if it has none
	clock, zoned bool
}

func (m moment) write(zone *TimeZone) string {
	switch {
	case !m.clock:
		return m.at.Format(time.DateOnly)
	case m.zoned:
	case zone == nil:
		return m.at.Format("2006-01-02T15:04:05.999999999")
	default:
		y, month, d := m.at.Date()
		h, minute, s := m.at.Clock()
		m.at = time.Date(y, month, d, h, minute, s, m.at.Nanosecond(), zone.loc)
	}
	return m.at.Format(time.RFC3339Nano)
}

// read parses a text of this layout.
func (l *DateLayout) read(text string) (m moment, ok bool) {
	m = moment{clock: l.clock, zoned: l.zone}
	if l.text == unixSeconds || l.text == unixMillis {
		n, err := strconv.ParseInt(text, 10, 64)
		m.at = time.Unix(n, 0).UTC()
		if l.text == unixMillis {
			m.at = time.UnixMilli(n).UTC()
		}
		return m, err == nil && validYear(m.at)
	}
	at, err := time.ParseInLocation(l.text, text, time.UTC) // in UTC: this machine's names for zones do not count
	if err != nil || !validYear(at) {
		return m, false
	}
	if name, offset := at.Zone(); l.zone && name != "" && name != "UTC" && offset == 0 {
		// The library takes any letters for a zone, at UTC.
		seconds, known := zoneOffset(strings.ToLower(name))
		if !known {
			return m, false
		}
		y, month, d := at.Date()
		at = time.Date(y, month, d, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.FixedZone("", seconds))
	}
	m.at = at
	return m, true
}

func validYear(t time.Time) bool { return t.Year() >= 0 && t.Year() <= 9999 }

// The written forms, in lower case and with single blanks. Each has groups named y, m, d and rest, a time and zone.
var dateForms = []*regexp.Regexp{
	regexp.MustCompile(`^(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?P<rest>[t ,].*)?$`),
	regexp.MustCompile(`^(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})(?P<rest>[ ,].*)?$`),
	regexp.MustCompile(`^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?P<rest>t.*)?$`),
	regexp.MustCompile(`^(?P<y>\d{4}) ?[年년] ?(?P<m>\d{1,2}) ?[月월] ?(?P<d>\d{1,2}) ?[日일](?P<rest>[ ,].*)?$`),
	regexp.MustCompile(`^(?:(?P<w>\pL+)\.?,? )?(?P<d>\d{1,2})\. ?(?P<m>\d{1,2})\. ?(?P<y>\d{4})(?P<rest>[ ,].*)?$`),
	regexp.MustCompile(`^(?:(?P<w>\pL+)\.?,? ?)?(?P<d>\d{1,2})(?:st|nd|rd|th|er|\.|º)?[ -](?:de |of )?(?P<m>\pL+)\.?,?[ -](?:del? )?(?P<y>\d{4})(?P<rest>[ ,].*)?$`),
	regexp.MustCompile(`^(?:(?P<w>\pL+)\.?,? )?(?P<m>\pL+)\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})(?P<rest>[ ,].*)?$`),
	regexp.MustCompile(`^(?:(?P<w>\pL+) )?(?P<m>\pL+) (?P<d>\d{1,2})(?P<rest> \d\d:\d\d:\d\d(?: \pL+)?) (?P<y>\d{4})$`),
}

// clockForm is a time of day and its zone, behind a date.
var clockForm = regexp.MustCompile(`^(?:t|,? (?:at |um |à |a las |alle |om |- |– |\| )?)` +
	`(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([ap])\.?m\.?)?(?: ?(?:uhr|h))?` +
	`(?: ?(z|\pL{2,5}))?(?: ?([+-])(\d{2})(?::?(\d{2}))?)?(?: ?\([^()]*\))?$`)

// basicClock is the form of ISO 8601 without colons.
var basicClock = regexp.MustCompile(`^t(\d{2})(\d{2})(\d{2})?`)

// longestDate is longer than any written form.
const longestDate = 120

// readDate reads one of the written forms.
func readDate(text string) (m moment, ok bool) {
	if len(text) > longestDate {
		return m, false
	}
	text = strings.ReplaceAll(strings.ToLower(text), "−", "-")
	for _, form := range dateForms {
		if found := form.FindStringSubmatch(text); found != nil {
			return readForm(form, found)
		}
	}
	return m, false
}

// readForm reads what a form has found.
func readForm(form *regexp.Regexp, found []string) (m moment, ok bool) {
	part := func(name string) string {
		if i := form.SubexpIndex(name); i >= 0 {
			return found[i]
		}
		return ""
	}
	if w := part("w"); w != "" && !isDayName(w) {
		return m, false
	}
	month, ok := monthNames[part("m")]
	if !ok {
		month = time.Month(atoi(part("m")))
	}
	clock, loc, ok := readClock(part("rest"))
	if !ok {
		return m, false
	}
	m.clock, m.zoned = part("rest") != "", loc != nil
	if loc == nil {
		loc = time.UTC
	}
	year, day := atoi(part("y")), atoi(part("d"))
	m.at = time.Date(year, month, day, clock.hour, clock.minute, clock.second, clock.nano, loc)
	y, mo, d := m.at.Date()
	return m, y == year && mo == month && d == day // there is no 30 February
}

type timeOfDay struct{ hour, minute, second, nano int }

// readClock reads the time behind a date; nothing is midnight. loc is nil where it names no zone.
func readClock(rest string) (c timeOfDay, loc *time.Location, ok bool) {
	if rest == "" {
		return c, nil, true
	}
	if b := basicClock.FindStringSubmatch(rest); b != nil {
		seconds := ""
		if b[3] != "" {
			seconds = ":" + b[3]
		}
		rest = "t" + b[1] + ":" + b[2] + seconds + rest[len(b[0]):]
	}
	m := clockForm.FindStringSubmatch(rest)
	if m == nil {
		return c, nil, false
	}
	c = timeOfDay{hour: atoi(m[1]), minute: atoi(m[2]), second: atoi(m[3]), nano: atoi((m[4] + "000000000")[:9])}
	if m[5] != "" {
		if c.hour < 1 || c.hour > 12 {
			return c, nil, false
		}
		if c.hour %= 12; m[5] == "p" {
			c.hour += 12
		}
	}
	loc, ok = readZone(m[6], m[7], m[8], m[9])
	return c, loc, ok && c.hour < 24 && c.minute < 60 && c.second < 60
}

// readZone reads a name, an offset or both, as in GMT+0100. No zone at all is nil.
func readZone(name, sign, hours, minutes string) (*time.Location, bool) {
	if name == "" && sign == "" {
		return nil, true
	}
	offset := atoi(hours)*3600 + atoi(minutes)*60
	if sign == "-" {
		offset = -offset
	}
	if name != "" {
		known, ok := zoneOffset(name)
		if !ok || sign != "" && known != 0 {
			return nil, false
		}
		offset += known
	}
	if offset < -24*3600 || offset > 24*3600 || atoi(minutes) > 59 {
		return nil, false
	}
	if offset == 0 {
		return time.UTC, true
	}
	return time.FixedZone("", offset), true
}

// atoi reads what a form has made sure are digits; nothing is 0.
func atoi(digits string) int {
	n, _ := strconv.Atoi(digits) // "" and names of months give 0, which is no month
	return n
}
