package units

import (
	"fmt"
	"strconv"
	"strings"
)

// Percent is a part of a whole, kept as a fraction: 5% is 0.05.
type Percent float64

// ParsePercent reads "5%" or "0". Another bare number is refused, as it could be a fraction or not.
func ParsePercent(text string) (Percent, error) {
	number, found := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !found && v != 0 || !(v >= 0 && v <= 100) {
		return 0, fmt.Errorf(`%q is no percentage: want one from 0%% to 100%%, such as "5%%"`, text)
	}
	return Percent(v / 100), nil
}

// Fraction returns the part, 1 for the whole.
func (p Percent) Fraction() float64 { return float64(p) }

// String prints the part as per cent.
func (p Percent) String() string { return strconv.FormatFloat(100*float64(p), 'g', 10, 64) + "%" }

// Set parses text into p; it makes *Percent a command line value.
func (p *Percent) Set(text string) error {
	v, err := ParsePercent(text)
	if err == nil {
		*p = v
	}
	return err
}

// Type names the kind of value in the help of a command.
func (p Percent) Type() string { return "PERCENT" }

// MarshalText returns String.
func (p Percent) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText is Set.
func (p *Percent) UnmarshalText(text []byte) error { return p.Set(string(text)) }
