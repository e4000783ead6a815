package dedup

import (
	"cmp"
	"math"
	"slices"

	"tandem/internal/simhash"
)

// DefaultThreshold is the estimated similarity from which two texts count as near duplicates: about one word in
// thirty changed, or a tenth of the text added.
const DefaultThreshold = 0.8

// A crowded bucket is one with more than maxBucket different signatures. Its members, sorted by signature, are each
// compared with the next bucketWindow only.
const (
	maxBucket    = 256
	bucketWindow = 64
)

// Item is a document to be grouped.
type Item struct {
	// ID names the document and decides who represents a group: the smallest, bytewise. URLs do well.
	ID string
	// Digest is equal for documents with equal bytes; empty means unknown.
	Digest string
	// Signature is the text's [simhash.MinHash]; one of another length than [simhash.Lanes] is never similar to any.
	Signature []uint32
}

// Groups returns, for each item, the index of its group's representative, which is its own index when it represents
// a group or is alone. Documents belong together when their digests are equal or when the estimated Jaccard
// similarity of their signatures is at least threshold (values outside 0 to 1 are clamped).
//
// Pairs are looked for by locality-sensitive hashing, 14 bands of 8 lanes: of pairs at similarity 0.8 it sees 92 %,
// at 0.9 over 99.9 %, at 0.7 about 56 %; a threshold much below 0.7 therefore finds little more than 0.7 does.
// Equal signatures are always found. In a bucket with more than 256 different signatures each one is compared with
// 64 neighbours in signature order instead of all, so the time is O(n log n) whatever the input.
func Groups(items []Item, threshold float64) []int {
	sets := newForest(len(items))
	joinEqual(sets, len(items), func(i int) string { return items[i].Digest })
	distinct := joinEqualSignatures(sets, items)
	need := int(math.Ceil(min(max(threshold, 0), 1)*simhash.Lanes - 1e-9))

	entries := make([]entry, len(distinct))
	for band := range simhash.Bands {
		for i, item := range distinct {
			entries[i] = entry{simhash.Band(items[item].Signature, band), int32(i)}
		}
		slices.SortFunc(entries, entry.compare)
		for bucket := range runs(entries, func(a, b entry) bool { return a.key == b.key }) {
			joinSimilar(sets, items, distinct, bucket, need)
		}
	}
	return sets.representatives(func(i int) string { return items[i].ID })
}

// entry is one line of a bucket table. The index counts distinct signatures in signature order, so sorting entries
// gives an order that depends on content alone.
type entry struct {
	key   uint64
	index int32
}

func (e entry) compare(o entry) int {
	return cmp.Or(cmp.Compare(e.key, o.key), cmp.Compare(e.index, o.index))
}

func joinSimilar(sets *forest, items []Item, distinct []int32, bucket []entry, need int) {
	window := len(bucket)
	if window > maxBucket {
		window = bucketWindow
	}
	for i, a := range bucket {
		for _, b := range bucket[i+1 : min(len(bucket), i+1+window)] {
			x, y := distinct[a.index], distinct[b.index]
			// Joined already: what the comparison says cannot change the components.
			if sets.find(x) == sets.find(y) {
				continue
			}
			if simhash.EqualLanes(items[x].Signature, items[y].Signature) >= need {
				sets.union(x, y)
			}
		}
	}
}

// joinEqualSignatures joins items with equal signatures and returns one item of each, in signature order.
func joinEqualSignatures(sets *forest, items []Item) []int32 {
	usable := make([]int32, 0, len(items))
	for i := range items {
		if len(items[i].Signature) == simhash.Lanes {
			usable = append(usable, int32(i))
		}
	}
	slices.SortFunc(usable, func(a, b int32) int { return slices.Compare(items[a].Signature, items[b].Signature) })
	return joinRuns(sets, usable, func(a, b int32) bool { return slices.Equal(items[a].Signature, items[b].Signature) })
}
