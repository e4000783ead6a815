package target

import "math/bits"

// picker deals sends to n targets.
type picker struct {
	n     uint64
	drawn bool   // by chance, not in turn
	slots []slot // of the alias table; nil if all targets weigh the same
	base  uint64 // of the stream of draws
}

// slot is a column of an alias table (Walker 1977, Vose 1991): below cut it stands for itself, above for other.
type slot struct{ cut, other uint32 }

func (p *picker) at(i uint64) int {
	if !p.drawn {
		return int(i % p.n)
	}
	// The high half of hash·n is the column, the low half how far into it the hash points.
	column, within := bits.Mul64(number(p.base, i), p.n)
	if p.slots != nil {
		// No branch hangs on the draw: it would be mispredicted half of the time.
		s := p.slots[column]
		if uint32(within>>32) >= s.cut {
			column = uint64(s.other)
		}
	}
	return int(column)
}

// inTurn deals n targets in order.
func inTurn(n int) picker { return picker{n: uint64(n)} }

// uniform draws among n targets.
func uniform(n int, seed uint64) picker {
	return picker{n: uint64(n), drawn: true, base: stream(seed, streamPick)}
}

// weighted draws by weights, which are positive.
func weighted(weights []float64, seed uint64) picker {
	p := uniform(len(weights), seed)
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	p.slots = make([]slot, len(weights))
	share := make([]float64, len(weights)) // 1 is a whole column
	var small, large []uint32
	for i, w := range weights {
		share[i] = w / sum * float64(len(weights))
		if share[i] < 1 {
			small = append(small, uint32(i))
		} else {
			large = append(large, uint32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		p.slots[s] = slot{cut: uint32(min(share[s]*(1<<32), 1<<32-1)), other: l}
		if share[l] -= 1 - share[s]; share[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range append(small, large...) { // what is left is a whole column, but for rounding
		p.slots[i] = slot{other: i}
	}
	return p
}

// The streams of numbers that are drawn for a send; each must look independent of the others.
const (
	streamPick = iota + 1
	streamRow
	streamRandom
	streamUUID
	streamUUIDLow
)

// hash is number i of a stream: SplitMix64 (Steele, Lea, Flood 2014), which may be asked for any i.
func hash(seed, which, i uint64) uint64 { return number(stream(seed, which), i) }

// stream is where the numbers of a stream begin.
func stream(seed, which uint64) uint64 { return mix(seed + which*0xd1342543de82ef95) }

func number(base, i uint64) uint64 { return mix(base + (i+1)*0x9e3779b97f4a7c15) }

func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
