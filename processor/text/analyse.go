package text

import (
	"math/bits"

	"tandem/internal/simhash"
)

// maxVocabulary caps the different words that are kept for keywords and the SimHash; later new ones are left out of
// these two. A long novel has a tenth of it.
const maxVocabulary = 200_000

// maxTerm is the longest word, in bytes, that can be a keyword.
const maxTerm = 48

// term is a different word of a text.
type term struct {
	text  string // lower case; empty if it cannot be a keyword
	count int
	first int // rank of its first appearance
}

// vocabulary counts the words of a text.
type vocabulary struct {
	terms  []term
	index  map[uint64]int32 // by hash
	words  int
	hashes []uint64 // of the words, in order
}

// analyse counts the words of the text once and derives everything that rests on words.
func (d *Document) analyse() {
	v := newVocabulary(d.Text)
	d.Words = v.words
	d.MinHash = simhash.MinHash(v.hashes)
	var sketch simhash.Sketch
	for hash, i := range v.index {
		// How often a word comes counts by its logarithm: otherwise "the" decides.
		sketch.Add(hash, bits.Len(uint(v.terms[i].count)))
	}
	d.Simhash = sketch.Sum()
	keywords, err := guard(func() ([]string, error) { return keywords(v, d.Title, d.Language), nil })
	if err != nil {
		d.note("keywords: %v", err)
	}
	d.Keywords = keywords
}

func newVocabulary(text string) *vocabulary {
	v := &vocabulary{index: map[uint64]int32{}}
	var lower []byte
	hanStart, hanEnd := -1, -1
	for at, w := range words(text) {
		v.words++
		lower = appendLower(lower[:0], w.text)
		hash := simhash.Hash(lower)
		v.hashes = append(v.hashes, hash)
		v.count(hash, lower, w.class == alphabetic)
		if w.class != ideograph {
			continue
		}
		// One Han character says little; two in a row are a term.
		if hanEnd == at && hanPair(text[hanStart:], hanEnd-hanStart) {
			pair := []byte(text[hanStart : at+len(w.text)])
			v.count(simhash.Hash(pair), pair, true)
		}
		hanStart, hanEnd = at, at+len(w.text)
	}
	return v
}

// hanPair reports whether the characters at the start of s and behind the first, which is n long, are both Han.
func hanPair(s string, n int) bool {
	return han(firstRune(s)) && han(firstRune(s[n:]))
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

func (v *vocabulary) count(hash uint64, text []byte, candidate bool) {
	if i, known := v.index[hash]; known {
		v.terms[i].count++
		return
	}
	if len(v.terms) >= maxVocabulary {
		return
	}
	v.index[hash] = int32(len(v.terms))
	t := term{count: 1, first: len(v.terms)}
	if candidate && len(text) <= maxTerm {
		t.text = string(text)
	}
	v.terms = append(v.terms, t)
}
