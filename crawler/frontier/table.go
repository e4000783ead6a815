package frontier

import (
	"encoding/binary"
	"math/bits"

	"tandem/crawler/weburl"
)

// table maps keys to ids in 16 bytes an entry, of which it fills between a half and three quarters: 21 to 32 bytes a URL, and no
// pointer for the collector to follow. It keeps 96 bits of each key: that two of ten million URLs share them has a chance of one in
// 10^15. Open addressing with linear probing, in parts that grow one by one, so that growing costs little memory and no long pause.
// The zero value is empty.
type table struct {
	parts [tableParts]part
	n     int
}

const (
	tableParts = 64
	partStart  = 32 // entries of a part at first; each part starts a little larger than the one before, so that they grow in turn
)

type part struct {
	entries []entry
	used    int
}

// entry is free while idPlus1 is 0.
type entry struct {
	high    uint64 // places it in its part
	low     uint32 // its lowest bits choose the part
	idPlus1 uint32
}

func (t *table) len() int { return t.n }

func split(k weburl.Key) (high uint64, low uint32) {
	return binary.BigEndian.Uint64(k[:8]), binary.BigEndian.Uint32(k[8:12])
}

func (t *table) get(k weburl.Key) (id uint32, ok bool) {
	high, low := split(k)
	p := &t.parts[low%tableParts]
	if len(p.entries) == 0 {
		return 0, false
	}
	e := p.find(high, low)
	return e.idPlus1 - 1, e.idPlus1 != 0
}

// put adds a key that is not in the table.
func (t *table) put(k weburl.Key, id uint32) {
	high, low := split(k)
	p := &t.parts[low%tableParts]
	if 4*(p.used+1) > 3*len(p.entries) {
		p.grow(int(low % tableParts))
	}
	*p.find(high, low) = entry{high, low, id + 1}
	p.used++
	t.n++
}

// find returns the entry of a key, or the free one where it belongs.
func (p *part) find(high uint64, low uint32) *entry {
	at, _ := bits.Mul64(high, uint64(len(p.entries)))
	for i := int(at); ; {
		e := &p.entries[i]
		if e.idPlus1 == 0 || e.high == high && e.low == low {
			return e
		}
		if i++; i == len(p.entries) {
			i = 0
		}
	}
}

func (p *part) grow(number int) {
	old := p.entries
	size := len(old) + len(old)/2
	if size == 0 {
		size = partStart + number*partStart/2/tableParts
	}
	p.entries = make([]entry, size)
	for _, e := range old {
		if e.idPlus1 != 0 {
			*p.find(e.high, e.low) = e
		}
	}
}
