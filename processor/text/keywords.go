package text

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball"
)

// maxCandidates is how many of the most frequent words are stemmed and ranked.
const maxCandidates = 256

// repeatFrom is the length, in words, from which a word must come twice, or stand in the title, to be a keyword.
const repeatFrom = 100

// group is the forms of one word.
type group struct {
	score int
	first int
	shown string
	best  int // how often shown comes
	total int
}

// keywords returns at most MaxKeywords words, the best first.
//
// A word's score is how often any of its forms appears, doubled when the title has it; forms are told together by
// their stem where there is a stemmer for the language, and the most common one is shown. Of equal scores the word
// that appears first comes first. Function words do not count: by list for the languages that have one here, else
// words that are short, or both short and very frequent. There is no corpus to compare with, so the same text has the
// same keywords in any crawl.
func keywords(v *vocabulary, title, language string) []string {
	stop, stem := stopWords(language, v.words), stemmer(language)
	inTitle := map[string]bool{}
	for _, w := range words(title) {
		inTitle[stem(baseForm(string(appendLower(nil, w.text))))] = true
	}
	groups := map[string]*group{}
	for _, t := range candidates(v.terms, stop) {
		g := groups[stem(t.text)]
		if g == nil {
			g = &group{first: t.first}
			groups[stem(t.text)] = g
		}
		g.add(t)
	}
	var ranked []*group
	for key, g := range groups {
		if v.words >= repeatFrom && g.total < 2 && !inTitle[key] {
			continue
		}
		g.score = g.total
		if inTitle[key] {
			g.score *= 2
		}
		ranked = append(ranked, g)
	}
	slices.SortFunc(ranked, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.first, b.first), cmp.Compare(a.shown, b.shown))
	})
	var out []string
	for _, g := range ranked[:min(len(ranked), MaxKeywords)] {
		out = append(out, g.shown)
	}
	return out
}

func (g *group) add(t term) {
	g.total += t.count
	g.first = min(g.first, t.first)
	if t.count > g.best || t.count == g.best && t.text < g.shown {
		g.shown, g.best = t.text, t.count
	}
}

// candidates returns the most frequent words that can be keywords, in their base form.
func candidates(terms []term, stop func(term) bool) []term {
	var out []term
	for _, t := range terms {
		if t.text == "" {
			continue
		}
		if t.text = baseForm(t.text); telling(t.text) && !stop(t) {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b term) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.first, b.first))
	})
	return out[:min(len(out), maxCandidates)]
}

// baseForm takes off what an apostrophe joins: user's → user, don't → don, l'eau → eau.
func baseForm(w string) string {
	i := strings.LastIndexByte(w, '\'')
	switch {
	case i < 0:
		return w
	case len(w)-i-1 <= 2:
		return w[:i]
	case i <= 2:
		return w[i+1:]
	}
	return w
}

// telling reports whether a word is long enough to mean something: three letters, or two outside the alphabets that
// spell with many.
func telling(w string) bool {
	n := utf8.RuneCountInString(w)
	r := firstRune(w)
	if unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek) || r < 0x250 {
		return n >= 3
	}
	return n >= 2
}

// stemmer returns the stemmer of a language, or one that changes nothing.
func stemmer(language string) func(string) string {
	name, ok := map[string]string{
		"en": "english", "es": "spanish", "fr": "french", "ru": "russian", "sv": "swedish", "nb": "norwegian",
		"no": "norwegian", "nn": "norwegian", "hu": "hungarian",
	}[language]
	if !ok {
		return func(w string) string { return w }
	}
	return func(w string) string {
		if s, err := snowball.Stem(w, name, true); err == nil && s != "" {
			return s
		}
		return w
	}
}
