package dedup

import (
	"cmp"
	"math/bits"
	"slices"
)

// DefaultDistance is how many of 64 bits two perceptual hashes may differ in and still count as the same picture:
// resized, recompressed or slightly retouched.
const DefaultDistance = 6

// MaxDistance is the largest distance that [ImageGroups] can search for. Unrelated pictures are about 32 apart.
const MaxDistance = 11

// flatBits is how many set, or clear, bits a perceptual hash needs at least to say anything about its picture: one
// colour, or one edge, gives fewer.
const flatBits = 8

// maxWordBucket caps the different hashes that share one 16-bit word. Chance puts 15 of a million there.
const maxWordBucket = 8192

// Image is a picture to be grouped.
type Image struct {
	// ID names the image and decides who represents a group: the smallest, bytewise.
	ID string
	// Digest is equal for images with equal bytes; empty means unknown.
	Digest string
	// PHash is the 64-bit perceptual hash. One with fewer than 8 set or fewer than 8 clear bits belongs to a flat
	// picture and joins nothing.
	PHash uint64
}

// ImageGroups returns, for each image, the index of its group's representative, which is its own index when it
// represents a group or is alone. Images belong together when their digests are equal or their perceptual hashes
// differ in at most distance bits (clamped to 0 … [MaxDistance]).
//
// The search is exact: of two hashes within distance, one of the four 16-bit words differs in at most a quarter of
// it, so those neighbours of each word are looked up. Only a word shared by more than 8192 different hashes is
// skipped, and left to the other three.
func ImageGroups(images []Image, distance int) []int {
	distance = min(max(distance, 0), MaxDistance)
	sets := newForest(len(images))
	joinEqual(sets, len(images), func(i int) string { return images[i].Digest })

	order := make([]int32, 0, len(images))
	for i := range images {
		if n := bits.OnesCount64(images[i].PHash); n >= flatBits && n <= 64-flatBits {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(images[a].PHash, images[b].PHash) })
	distinct := joinRuns(sets, order, func(a, b int32) bool { return images[a].PHash == images[b].PHash })

	hashes := make([]uint64, len(distinct))
	for i, item := range distinct {
		hashes[i] = images[item].PHash
	}
	masks := wordMasks(distance / 4)
	for word := range 4 {
		joinWithin(sets, hashes, distinct, uint(word*16), masks, distance)
	}
	return sets.representatives(func(i int) string { return images[i].ID })
}

// joinWithin joins the hashes within distance whose 16-bit words at shift differ by one of the masks.
func joinWithin(sets *forest, hashes []uint64, items []int32, shift uint, masks []uint16, distance int) {
	table := newWordTable(hashes, shift)
	for i, h := range hashes {
		word := uint16(h >> shift)
		for _, mask := range masks {
			bucket := table.bucket(word ^ mask)
			if len(bucket) > maxWordBucket {
				continue
			}
			for _, j := range bucket {
				if int(j) > i && bits.OnesCount64(h^hashes[j]) <= distance {
					sets.union(items[i], items[j])
				}
			}
		}
	}
}

// wordTable lists, for each value of a 16-bit word, the hashes that have it.
type wordTable struct {
	start [1<<16 + 1]int32
	index []int32
}

func newWordTable(hashes []uint64, shift uint) *wordTable {
	t := &wordTable{index: make([]int32, len(hashes))}
	for _, h := range hashes {
		t.start[int(uint16(h>>shift))+1]++
	}
	for w := 1; w < len(t.start); w++ {
		t.start[w] += t.start[w-1]
	}
	next := t.start
	for i, h := range hashes {
		w := uint16(h >> shift)
		t.index[next[w]] = int32(i)
		next[w]++
	}
	return t
}

func (t *wordTable) bucket(word uint16) []int32 {
	return t.index[t.start[word]:t.start[int(word)+1]]
}

// wordMasks returns every 16-bit word with at most radius bits set.
func wordMasks(radius int) []uint16 {
	var masks []uint16
	for m := range 1 << 16 {
		if bits.OnesCount16(uint16(m)) <= radius {
			masks = append(masks, uint16(m))
		}
	}
	return masks
}
