package units

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time, never negative when it was read from text.
type Duration time.Duration

const (
	day          = 24 * time.Hour
	wantDuration = `a length of time with its unit, such as "30s", "5m", "1h30m" or "1d" (units: ms, s, m, h, d; 0 needs none)`
)

// ParseDuration reads a duration such as "30s", "1h30m", "250ms", "1d" or "1d12h". A bare number is refused, except 0,
// because nothing says whether it counts seconds or milliseconds.
func ParseDuration(s string) (Duration, error) {
	text := strings.TrimSpace(s)
	if strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-") {
		return 0, refuse("duration", s, "it has a sign", wantDuration)
	}
	var days time.Duration
	if number, rest := splitNumber(text); strings.HasPrefix(rest, "d") {
		v, ok := parseNumber(number)
		if v *= float64(day); !ok || v >= math.MaxInt64 {
			return 0, refuse("duration", s, "it is no duration", wantDuration)
		}
		days = time.Duration(v)
		if text = rest[len("d"):]; text == "" {
			return Duration(days), nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, refuse("duration", s, "it is no duration", wantDuration)
	}
	if d += days; d < 0 {
		return 0, refuse("duration", s, "it is too long", wantDuration)
	}
	return Duration(d), nil
}

// D returns the duration as the type of the time package.
func (d Duration) D() time.Duration { return time.Duration(d) }

// String prints the duration exactly and without empty parts: "0", "250ms", "1h30m", "1d12h". ParseDuration reads it
// back to the same value.
func (d Duration) String() string {
	if d == 0 {
		return "0"
	}
	if d < 0 {
		return time.Duration(d).String()
	}
	var b strings.Builder
	rest := time.Duration(d)
	if n := rest / day; n > 0 {
		b.WriteString(strconv.FormatInt(int64(n), 10) + "d")
		rest %= day
	}
	if rest == 0 {
		return b.String()
	}
	text := rest.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	b.WriteString(text)
	return b.String()
}

// Set parses text into d; it makes *Duration a command line value.
func (d *Duration) Set(text string) error {
	v, err := ParseDuration(text)
	if err == nil {
		*d = v
	}
	return err
}

// Type names the kind of value in the help of a command.
func (d Duration) Type() string { return "DURATION" }

// MarshalText returns String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is Set.
func (d *Duration) UnmarshalText(text []byte) error { return d.Set(string(text)) }
