package simhash_test

import (
	"fmt"
	"strings"

	"tandem/internal/simhash"
)

// How alike are two texts? A SimHash gives a distance in bits, a MinHash signature an estimate of the share of
// three-word runs that they have in common.
func Example() {
	sign := func(text string) (uint64, []uint32) {
		words := strings.Fields(strings.ToLower(text))
		hashes := make([]uint64, len(words))
		for i, w := range words {
			hashes[i] = simhash.Hash(w)
		}
		return simhash.Of(words), simhash.MinHash(hashes)
	}
	old, oldSig := sign("a tandem has two riders and one chain so both have to pedal at the same pace uphill and down")
	same, sameSig := sign("a tandem has two riders and one chain so both have to pedal at the same pace uphill and down")
	_, otherSig := sign("tomatoes want sun and water and a stick to climb on when the summer gets long")
	fmt.Println(simhash.Distance(old, same), simhash.Similarity(oldSig, sameSig), simhash.Similarity(oldSig, otherSig) < 0.1)
	// Output: 0 1 true
}
