package extract

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/currency"
)

// DecimalSign is what a site writes between whole and fraction: "." or ",". The other one, blanks and apostrophes are for thousands
// then. The empty one leaves it to the number.
type DecimalSign string

func (d DecimalSign) check() error {
	if d != "" && d != "." && d != "," {
		return fmt.Errorf("decimal sign %q: want . or ,", string(d))
	}
	return nil
}

// MarshalText returns the sign.
func (d DecimalSign) MarshalText() ([]byte, error) { return []byte(d), nil }

// UnmarshalText takes a sign, or nothing.
func (d *DecimalSign) UnmarshalText(text []byte) error {
	*d = DecimalSign(text)
	return d.check()
}

// number reads a decimal number as people and programs write it: 1234.5, 1e3, 1,234.50, 1.234,50, 1 234,5, 1'234.50, −5, $19.90, 19,90 EUR,
// 12.5 % (which is 12.5). ok is false for anything else, and for a single comma before three digits where nobody
// has said what it means: 1,234 may be either. A single point is a decimal point.
func number(s string, decimal DecimalSign) (f float64, ok bool) {
	if decimal != "," && strings.Trim(s, "+-.0123456789eE") == "" { // neither hexadecimal nor infinite
		if f, ok := finite(s); ok {
			return f, true
		}
	}
	a, ok := readAmount(s)
	if !ok {
		return 0, false
	}
	whole, fraction, ok := a.split(decimal)
	if !ok {
		return 0, false
	}
	return finite(a.sign + whole + "." + fraction)
}

func finite(s string) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}

// integer reads a whole number of 64 bits in the notations of number. Signs that can be those of thousands are: 1.234 is 1234. A
// fraction of zeros may follow.
func integer(s string, decimal DecimalSign) (n int64, ok bool) {
	a, ok := readAmount(s)
	if !ok {
		return 0, false
	}
	whole, fraction := strings.Join(a.digits, ""), ""
	if decimal != "" || !a.grouped(a.digits, a.between) {
		if whole, fraction, ok = a.split(decimal); !ok || strings.Trim(fraction, "0") != "" {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(a.sign+whole, 10, 64)
	return n, err == nil
}

// amount is a number taken apart: runs of digits and what stands between them, one sign each. All kinds of blanks are ' ', all kinds of
// apostrophes are one.
type amount struct {
	sign    string // "-" or ""
	digits  []string
	between []rune
}

// readAmount reads [sign] [currency] number [currency or %].
func readAmount(s string) (a amount, ok bool) {
	first, last := strings.IndexAny(s, "0123456789"), strings.LastIndexAny(s, "0123456789")
	if first < 0 {
		return a, false
	}
	front := strings.TrimSpace(s[:first])
	for _, sign := range []string{"-", "−", "+"} { // U+2212, too
		cut, found := strings.CutPrefix(front, sign)
		if !found {
			cut, found = strings.CutSuffix(front, sign)
		}
		if found {
			front = strings.TrimSpace(cut)
			if sign != "+" {
				a.sign = "-"
			}
			break
		}
	}
	back := strings.TrimSpace(s[last+1:])
	if !isCurrency(front) || back != "%" && !isCurrency(back) {
		return a, false
	}
	return a, a.read(s[first : last+1])
}

// read takes the middle part apart.
func (a *amount) read(s string) bool {
	start := 0
	for i, r := range s {
		if '0' <= r && r <= '9' {
			continue
		}
		switch {
		case i == start: // two signs in a row
			return false
		case unicode.IsSpace(r):
			a.between = append(a.between, ' ')
		case r == '\'' || r == '’':
			a.between = append(a.between, '\'')
		case r == '.' || r == ',':
			a.between = append(a.between, r)
		default:
			return false
		}
		a.digits = append(a.digits, s[start:i])
		start = i + len(string(r))
	}
	a.digits = append(a.digits, s[start:])
	return true
}

// split tells the whole from the fraction.
func (a *amount) split(decimal DecimalSign) (whole, fraction string, ok bool) {
	n := len(a.between)
	if n == 0 {
		return a.digits[0], "", true
	}
	digits, between := a.digits, a.between
	if a.endsInFraction(decimal) {
		digits, between, fraction = digits[:n], between[:n-1], digits[n]
	} else if decimal == "" && n == 1 && between[0] == ',' { // 1,234
		return "", "", false
	}
	if decimal != "" && slices.Contains(between, rune(decimal[0])) || !a.grouped(digits, between) {
		return "", "", false
	}
	return strings.Join(digits, ""), fraction, true
}

// endsInFraction tells whether the last sign is the decimal one.
func (a *amount) endsInFraction(decimal DecimalSign) bool {
	n := len(a.between)
	last := a.between[n-1]
	switch {
	case decimal != "":
		return last == rune(decimal[0])
	case last != '.' && last != ',':
		return false
	case n == 1:
		return last == '.' || !a.grouped(a.digits, a.between)
	}
	return last != a.between[n-2]
}

// grouped reports whether digits are parted for thousands: by one sign throughout, by threes, or 12,34,567 as in India.
func (a *amount) grouped(digits []string, between []rune) bool {
	n := len(between)
	if n == 0 {
		return true
	}
	if digits[0][0] == '0' {
		return false
	}
	threes, indian := len(digits[0]) <= 3, len(digits[0]) <= 2 && between[0] == ','
	for i, r := range between {
		size := len(digits[i+1])
		if r != between[0] || i == n-1 && size != 3 {
			return false
		}
		threes = threes && size == 3
		indian = indian && (i == n-1 || size == 2)
	}
	return threes || indian
}

// isCurrency reports whether s is nothing, a currency sign with up to three letters in front (US$), an ISO 4217 code or a short name.
func isCurrency(s string) bool {
	if s == "" {
		return true
	}
	switch s {
	case "kr", "kr.", "Kč", "zł", "Ft", "lei", "лв", "лв.", "руб", "руб.", "р.", "грн", "грн.", "Rs", "Rs.", "Fr", "Fr.", "TL", "RM", "元", "円", "원":
		return true
	}
	letters := strings.TrimRightFunc(s, func(r rune) bool { return unicode.Is(unicode.Sc, r) })
	if len(letters) < len(s) {
		return len(letters) <= 3 && strings.Trim(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	}
	if len(s) != 3 || strings.ToUpper(s) != s {
		return false
	}
	_, err := currency.ParseISO(s)
	return err == nil
}
