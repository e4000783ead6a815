package extract

import (
	"fmt"
	"strings"
	"time"
)

// DateLayout is how a site writes its dates: the text that it would have for 2 January 2006, 15:04:05 (see the constants of package
// time), or "unix" or "unix-ms" for seconds or milliseconds since 1970. It is immutable once set and safe for concurrent use.
type DateLayout struct {
	text        string
	clock, zone bool // it has a time, it has a zone
}

// The layouts that count instead of writing.
const (
	unixSeconds = "unix"
	unixMillis  = "unix-ms"
)

// ParseDateLayout checks that text names a whole day.
func ParseDateLayout(text string) (DateLayout, error) {
	l := DateLayout{text: text, clock: true, zone: true}
	if text == unixSeconds || text == unixMillis {
		return l, nil
	}
	day := time.Date(2011, time.October, 20, 0, 0, 0, 0, time.UTC)
	written := day.Format(text)
	for _, other := range []time.Time{day.AddDate(1, 0, 0), day.AddDate(0, 1, 0), day.AddDate(0, 0, 1)} {
		if other.Format(text) == written {
			return DateLayout{}, fmt.Errorf("date layout %q: want 2 January 2006, 15:04:05 as the site would write it, such as 02/01/2006; or unix, unix-ms", text)
		}
	}
	l.clock = day.Add(13*time.Hour).Format(text) != written
	l.zone = day.In(time.FixedZone("XST", 0)).Format(text) != written || time.Date(2011, time.October, 20, 0, 0, 0, 0, time.FixedZone("", 3600)).Format(text) != written
	return l, nil
}

// String returns the text that the layout was made of.
func (l DateLayout) String() string { return l.text }

// Equal reports whether both layouts have the same text.
func (l DateLayout) Equal(other DateLayout) bool { return l.text == other.text }

// MarshalText returns String.
func (l DateLayout) MarshalText() ([]byte, error) { return []byte(l.text), nil }

// UnmarshalText is ParseDateLayout.
func (l *DateLayout) UnmarshalText(text []byte) error {
	v, err := ParseDateLayout(string(text))
	if err == nil {
		*l = v
	}
	return err
}

// TimeZone is where times are from: UTC, an offset as +02:00, or a name of the IANA database as Europe/Berlin, which is looked up on this
// machine. It is immutable once set and safe for concurrent use.
type TimeZone struct {
	text string
	loc  *time.Location
}

// ParseTimeZone looks up a zone.
func ParseTimeZone(text string) (TimeZone, error) {
	if at, err := time.Parse("-07:00", text); err == nil {
		_, offset := at.Zone()
		return TimeZone{text: text, loc: time.FixedZone("", offset)}, nil
	}
	if text != "UTC" && !strings.Contains(text, "/") { // "" and Local are other zones on other machines
		return TimeZone{}, fmt.Errorf("time zone %q: want UTC, an offset such as +02:00 or a name such as Europe/Berlin", text)
	}
	loc, err := time.LoadLocation(text)
	if err != nil {
		return TimeZone{}, fmt.Errorf("time zone %q: %w", text, err)
	}
	return TimeZone{text: text, loc: loc}, nil
}

// String returns the text that the zone was made of.
func (z TimeZone) String() string { return z.text }

// Equal reports whether both zones have the same text.
func (z TimeZone) Equal(other TimeZone) bool { return z.text == other.text }

// MarshalText returns String.
func (z TimeZone) MarshalText() ([]byte, error) { return []byte(z.text), nil }

// UnmarshalText is ParseTimeZone.
func (z *TimeZone) UnmarshalText(text []byte) error {
	v, err := ParseTimeZone(string(text))
	if err == nil {
		*z = v
	}
	return err
}
