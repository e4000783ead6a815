package units

import (
	"math"
	"strconv"
	"strings"
)

// Rate is a number of events per second; 0 means that there is no limit.
type Rate float64

const wantRate = `events per second, minute, hour or day, such as "200/s", "30/m" or "1.5/s" (a bare number is per second, 0 means no limit)`

// rateUnits are tried in this order when a rate is printed.
var rateUnits = [...]struct {
	name    string
	seconds float64
}{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}

// ParseRate reads a rate such as "200/s", "30/m", "10/h", "1.5/s" or "5", which is per second.
func ParseRate(s string) (Rate, error) {
	number, per := splitNumber(s)
	v, ok := parseNumber(number)
	if !ok {
		return 0, refuse("rate", s, "it is no rate", wantRate)
	}
	if per == "" {
		return Rate(v), nil
	}
	name, slash := strings.CutPrefix(per, "/")
	name = strings.TrimSpace(name)
	for _, u := range rateUnits {
		if slash && name == u.name {
			return Rate(v / u.seconds), nil
		}
	}
	return 0, refuse("rate", s, "it is no rate", wantRate)
}

// PerSecond returns the rate in events per second; 0 means no limit.
func (r Rate) PerSecond() float64 { return float64(r) }

// String prints a rate of at least one per second in that unit ("200/s", "1.5/s"), a slower one in the unit that needs
// no fraction ("30/m", "10/h"), if there is one. ParseRate reads it back to the same value.
func (r Rate) String() string {
	if r == 0 {
		return "0"
	}
	if r > 1 {
		return strconv.FormatFloat(float64(r), 'f', -1, 64) + "/s"
	}
	for _, u := range rateUnits {
		n := math.Round(float64(r) * u.seconds)
		if n > 0 && n < 1e15 && Rate(n/u.seconds) == r {
			return strconv.FormatFloat(n, 'f', -1, 64) + "/" + u.name
		}
	}
	return strconv.FormatFloat(float64(r), 'f', -1, 64) + "/s"
}

// Set parses text into r; it makes *Rate a command line value.
func (r *Rate) Set(text string) error {
	v, err := ParseRate(text)
	if err == nil {
		*r = v
	}
	return err
}

// Type names the kind of value in the help of a command.
func (r Rate) Type() string { return "RATE" }

// MarshalText returns String.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText is Set.
func (r *Rate) UnmarshalText(text []byte) error { return r.Set(string(text)) }
