package simhash

import "math/bits"

// Hash returns a 64-bit hash of s: FNV-1a, then a finalizer that spreads every input bit over all output bits.
// It is not keyed: whoever writes the text can make collisions, which costs them their own fingerprint only.
func Hash[S ~string | ~[]byte](s S) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix(h)
}

// mix is a bijection on 64-bit words in which each input bit flips about half of the output bits.
func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

// Sketch collects weighted features. The zero value is an empty sketch. It is not safe for concurrent use.
type Sketch struct {
	sums [64]int64
}

// Add counts a feature, given by its hash, with a weight. Order does not matter.
func (s *Sketch) Add(hash uint64, weight int) {
	w := int64(weight)
	for i := range s.sums {
		// +w where the bit is set, -w where it is clear, without a branch.
		m := int64(hash>>uint(i)&1)*2 - 1
		s.sums[i] += m * w
	}
}

// Sum returns the SimHash: bit i is set where the features with a set bit i weigh more than those without.
// An empty sketch gives 0.
func (s *Sketch) Sum() uint64 {
	var h uint64
	for i, n := range s.sums {
		if n > 0 {
			h |= 1 << uint(i)
		}
	}
	return h
}

// Of returns the SimHash of features that weigh the same; a repeated feature counts as often as it appears.
func Of(features []string) uint64 {
	var s Sketch
	for _, f := range features {
		s.Add(Hash(f), 1)
	}
	return s.Sum()
}

// Distance returns in how many of 64 bits two hashes differ. Unrelated texts are about 32 apart.
func Distance(a, b uint64) int {
	return bits.OnesCount64(a ^ b)
}
