package units

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
)

// maxPattern bounds the text of a regular expression; RE2 programs grow with it.
const maxPattern = 8 << 10

// Pattern is a compiled regular expression (RE2 syntax: matching takes linear time) that remembers its text. The zero
// value has an empty text and matches nothing. A Pattern is immutable once set and safe for concurrent use.
type Pattern struct {
	re *regexp.Regexp
}

// ParsePattern compiles text. The expression is not anchored: "docs" matches anywhere, "^/docs/" at the start.
func ParsePattern(text string) (Pattern, error) {
	if len(text) > maxPattern {
		return Pattern{}, fmt.Errorf("regular expression of %d bytes: want at most %d", len(text), maxPattern)
	}
	if text == "" {
		return Pattern{}, errors.New(`regular expression "": it is empty; want RE2 syntax, such as "^https://example\\.org/docs/"`)
	}
	re, err := regexp.Compile(text)
	if err != nil {
		why := err.Error()
		if se, ok := errors.AsType[*syntax.Error](err); ok {
			why = string(se.Code) + ": " + se.Expr
		}
		return Pattern{}, refuse("regular expression", text, why, `RE2 syntax (no look-ahead and no back-references), such as "\\.pdf$"`)
	}
	return Pattern{re: re}, nil
}

// MatchString reports whether the pattern matches somewhere in s. The zero Pattern matches nothing.
func (p Pattern) MatchString(s string) bool { return p.re != nil && p.re.MatchString(s) }

// IsZero reports whether p was never set.
func (p Pattern) IsZero() bool { return p.re == nil }

// Equal reports whether both patterns have the same text.
func (p Pattern) Equal(q Pattern) bool { return p.String() == q.String() }

// String returns the text that the pattern was compiled from.
func (p Pattern) String() string {
	if p.re == nil {
		return ""
	}
	return p.re.String()
}

// Set compiles text into p; it makes *Pattern a command line value.
func (p *Pattern) Set(text string) error {
	v, err := ParsePattern(text)
	if err == nil {
		*p = v
	}
	return err
}

// Type names the kind of value in the help of a command.
func (p Pattern) Type() string { return "RE" }

// MarshalText returns String.
func (p Pattern) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText is Set.
func (p *Pattern) UnmarshalText(text []byte) error { return p.Set(string(text)) }
