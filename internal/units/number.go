package units

import (
	"fmt"
	"strconv"
	"strings"
)

// splitNumber cuts s into its leading decimal number and the rest, without the spaces around either. The number holds
// digits and at most one point; signs, exponents and hexadecimal digits are not part of it.
func splitNumber(s string) (number, rest string) {
	s = strings.TrimSpace(s)
	end, point := 0, false
	for end < len(s) {
		c := s[end]
		if c == '.' && !point {
			point = true
		} else if c < '0' || c > '9' {
			break
		}
		end++
	}
	return s[:end], strings.TrimSpace(s[end:])
}

// parseNumber reads a number that splitNumber found.
func parseNumber(number string) (float64, bool) {
	if number == "" || number[0] == '.' || number[len(number)-1] == '.' {
		return 0, false
	}
	v, err := strconv.ParseFloat(number, 64)
	return v, err == nil
}

// refuse builds the error for a text: what kind of value it should have been, what is wrong with it, what is accepted.
func refuse(kind, text, wrong, want string) error {
	const shown = 64
	if len(text) > shown {
		text = text[:shown] + "…"
	}
	if strings.HasPrefix(strings.TrimSpace(text), "-") {
		wrong = "it is negative"
	}
	return fmt.Errorf("%s %q: %s; want %s", kind, text, wrong, want)
}
