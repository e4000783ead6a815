package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/abadojack/whatlanggo"
)

// The sample from which the language is told: windows spread evenly over the text, because its beginning may be
// headings, and all of it would cost a millisecond per kilobyte.
const (
	sampleWindows = 8
	windowBytes   = 256
)

// minLetters is how many letters it takes to say anything; a Han or Kana character says as much as four.
const minLetters = 24

// detectLanguage returns the ISO 639 code and the confidence, or nothing when the text is too short or when two
// languages fit equally well.
func detectLanguage(text string) (code string, confidence float64) {
	s := sample(text)
	if letters(s) < minLetters {
		return "", 0
	}
	info := whatlanggo.Detect(s)
	// Without any confidence the detector has a tie, which it settles by the order of a map.
	if info.Lang < 0 || !(info.Confidence > 0) {
		return "", 0
	}
	code = info.Lang.Iso6391()
	if code == "" {
		code = info.Lang.Iso6393()
	}
	if code == "" {
		return "", 0
	}
	return code, min(info.Confidence, 1)
}

// sample returns at most sampleWindows × windowBytes of the text, cut at white space where there is any.
func sample(text string) string {
	if len(text) <= sampleWindows*windowBytes {
		return text
	}
	var b strings.Builder
	for i := range sampleWindows {
		// Window i is centred in the i'th of equal parts.
		middle := len(text)/sampleWindows*i + len(text)/(2*sampleWindows)
		start := middle - windowBytes/2
		w := text[start : start+windowBytes]
		if cut := strings.IndexByte(w, ' '); cut >= 0 && cut < windowBytes/2 {
			w = w[cut:]
		}
		for len(w) > 0 && !utf8.RuneStart(w[0]) {
			w = w[1:]
		}
		if cut := strings.LastIndexByte(w, ' '); cut > windowBytes/4 {
			w = w[:cut]
		}
		b.Write(wholeRunes([]byte(w)))
		b.WriteByte('\n')
	}
	return b.String()
}

func letters(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case ideographic(r):
			n += 4
		case unicode.IsLetter(r):
			n++
		}
	}
	return n
}
