package extract

import (
	"errors"
	"fmt"
	"strings"

	"github.com/andybalholm/cascadia"
)

// maxSelector bounds the text of a selector.
const maxSelector = 1 << 10

// Selector is a compiled CSS selector, or several with commas between them, that remembers its text. The zero value
// has an empty text and matches nothing. A Selector is immutable once set and safe for concurrent use.
type Selector struct {
	text  string
	match cascadia.Selector // what goquery matches with
}

// ParseSelector compiles text.
func ParseSelector(text string) (Selector, error) {
	switch {
	case strings.TrimSpace(text) == "":
		return Selector{}, errors.New(`CSS selector "": it is empty; want one such as "article h1"`)
	case len(text) > maxSelector:
		return Selector{}, fmt.Errorf("CSS selector of %d bytes: want at most %d", len(text), maxSelector)
	}
	m, err := cascadia.Compile(text)
	if err != nil {
		return Selector{}, fmt.Errorf("CSS selector %q: %w; want one such as %q (an attribute's value has its own key, attr)",
			text, err, "article h1")
	}
	return Selector{text: text, match: m}, nil
}

// String returns the text that the selector was compiled from.
func (s Selector) String() string { return s.text }

// Equal reports whether both selectors have the same text.
func (s Selector) Equal(t Selector) bool { return s.text == t.text }

// MarshalText returns String.
func (s Selector) MarshalText() ([]byte, error) { return []byte(s.text), nil }

// UnmarshalText is ParseSelector.
func (s *Selector) UnmarshalText(text []byte) error {
	v, err := ParseSelector(string(text))
	if err == nil {
		*s = v
	}
	return err
}
