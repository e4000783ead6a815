package extract

import (
	"bytes"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/text/encoding"
)

const (
	guessBytes = 16 << 10 // of a page that a guess looks at, from its first byte beyond ASCII
	guessSure  = 40       // percent below which windows-1252 is the better guess
)

// guess tells by the frequencies of letters what charset a body has that says nothing and is not UTF-8. It takes less than a millisecond.
func guess(body []byte) encoding.Encoding {
	enc, _ := lookup("windows-1252")
	first := bytes.IndexFunc(body, func(r rune) bool { return r >= utf8.RuneSelf })
	if first < 0 {
		return enc
	}
	body = body[first:min(len(body), first+guessBytes)]
	found, err := chardet.NewHtmlDetector().DetectAll(body)
	if err != nil {
		return enc
	}
	best, bestName := guessSure-1, ""
	for _, f := range found { // several may be as sure, in any order
		e, name := lookup(f.Charset)
		if e == nil || name == "utf-8" || name == iso2022jp {
			continue
		}
		if f.Confidence > best || f.Confidence == best && bestName != "" && name < bestName {
			enc, best, bestName = e, f.Confidence, name
		}
	}
	return enc
}
