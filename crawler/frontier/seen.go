package frontier

import (
	"encoding/binary"
	"math"
	"math/bits"

	"tandem/crawler/weburl"
)

// seenSet answers "is this URL known?" from memory wherever it can. The first cap keys are held whole, with their ids, which is exact.
// Later ones only leave bits in a filter, which can rule a key out but not in. Not safe for concurrent use.
type seenSet struct {
	ids      map[weburl.Key]uint32
	cap      int
	overflow []*sieve // each twice as big as the one before
}

func newSeenSet(capacity int) *seenSet {
	return &seenSet{ids: make(map[weburl.Key]uint32), cap: capacity}
}

// verdict is what memory knows of a key.
type verdict uint8

const (
	unknown verdict = iota
	known           // and its id is at hand
	unsure          // ask the store
)

func (s *seenSet) look(k weburl.Key) (id uint32, v verdict) {
	if id, ok := s.ids[k]; ok {
		return id, known
	}
	for _, f := range s.overflow {
		if f.maybe(k) {
			return 0, unsure
		}
	}
	return 0, unknown
}

// add takes a key that is not in the set. It reports whether the id is held.
func (s *seenSet) add(k weburl.Key, id uint32) (held bool) {
	if len(s.ids) < s.cap {
		s.ids[k] = id
		return true
	}
	last := len(s.overflow) - 1
	if last < 0 || s.overflow[last].room == 0 {
		s.overflow = append(s.overflow, newSieve(sieveKeys<<len(s.overflow)))
		last++
	}
	s.overflow[last].add(k)
	return false
}

// sieve is a blocked Bloom filter: 20 bits and 7 probes a key, all within one 64-byte block, so that a look costs one cache miss.
// False positives stay near one in a thousand; each costs a read.
type sieve struct {
	blocks [][8]uint64
	room   int
}

const (
	sieveKeys   = 1 << 20 // of the first sieve
	sieveBits   = 20      // a key
	sieveProbes = 7
)

func newSieve(keys int) *sieve {
	return &sieve{blocks: make([][8]uint64, keys*sieveBits/512+1), room: keys}
}

// probe gives the block of k and calls bit with each of its probes there. A key is a digest: its bytes are as good as any hash.
func (f *sieve) probe(k weburl.Key, bit func(word *uint64, mask uint64) bool) bool {
	hi, _ := bits.Mul64(binary.LittleEndian.Uint64(k[:8]), uint64(len(f.blocks)))
	block := &f.blocks[hi]
	h := binary.LittleEndian.Uint64(k[8:])
	for range sieveProbes {
		if !bit(&block[h&7], 1<<(h>>3&63)) {
			return false
		}
		h >>= 9
	}
	return true
}

func (f *sieve) add(k weburl.Key) {
	f.room--
	f.probe(k, func(word *uint64, mask uint64) bool {
		*word |= mask
		return true
	})
}

func (f *sieve) maybe(k weburl.Key) bool {
	return f.probe(k, func(word *uint64, mask uint64) bool { return *word&mask != 0 })
}

const maxID = math.MaxUint32
