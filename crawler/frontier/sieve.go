package frontier

import (
	"encoding/binary"
	"math/bits"

	"tandem/crawler/weburl"
)

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
