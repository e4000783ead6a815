package warc

import "math/bits"

// code is a Huffman code: its bits, the first one lowest, and how many.
type code struct {
	bits uint16
	n    uint8
}

// huffman makes codes for symbols by how often they are used.
type huffman struct {
	codes [maxLiteral]code
	order [maxLiteral]uint32 // frequency and symbol of those used, by frequency
	spare [maxLiteral]uint32
	tree  [maxLiteral]uint32
}

const symbolBits = 9 // below a frequency

// build sets the codes of all symbols: none longer than most bits, n 0 for those not used.
func (h *huffman) build(frequencies []uint32, most int) {
	used := 0
	for s, f := range frequencies {
		h.codes[s] = code{}
		if f > 0 {
			h.order[used] = f<<symbolBits | uint32(s)
			used++
		}
	}
	if used == 0 {
		return
	}
	order := h.sort(used)
	var counts [32]int
	h.depths(order, &counts)
	limit(&counts, most)
	h.assign(order, &counts, most, len(frequencies))
}

// sort orders what is used by frequency: a radix sort over its bytes.
func (h *huffman) sort(used int) []uint32 {
	from, to := h.order[:used], h.spare[:used]
	var all uint32
	for _, v := range from {
		all |= v
	}
	for shift := symbolBits; all>>shift > 0; shift += 8 {
		var starts [257]int
		for _, v := range from {
			starts[v>>shift&0xff+1]++
		}
		for i := range 255 {
			starts[i+1] += starts[i]
		}
		for _, v := range from {
			k := v >> shift & 0xff
			to[starts[k]] = v
			starts[k]++
		}
		from, to = to, from
	}
	return from
}

// depths counts the codes of each length in an optimal tree, by the method of Moffat and Katajainen ("In-place calculation of
// minimum-redundancy codes", 1995): three passes over one array.
func (h *huffman) depths(order []uint32, counts *[32]int) {
	n := len(order)
	if n == 1 {
		counts[1] = 1
		return
	}
	t := h.tree[:n]
	for i, v := range order {
		t[i] = v >> symbolBits
	}
	t[0] += t[1]
	root, leaf := 0, 2
	for next := 1; next < n-1; next++ { // t[next] becomes the weight of an inner node, those used up the index of their parent
		if leaf >= n || t[root] < t[leaf] {
			t[next] = t[root]
			t[root] = uint32(next)
			root++
		} else {
			t[next] = t[leaf]
			leaf++
		}
		if leaf >= n || root < next && t[root] < t[leaf] {
			t[next] += t[root]
			t[root] = uint32(next)
			root++
		} else {
			t[next] += t[leaf]
			leaf++
		}
	}
	t[n-2] = 0
	for i := n - 3; i >= 0; i-- { // depths of the inner nodes
		t[i] = t[t[i]] + 1
	}
	inner := n - 2
	for depth, places := 0, 1; places > 0; depth++ { // and of the leaves: what is left of each level
		nodes := 0
		for inner >= 0 && int(t[inner]) == depth {
			nodes++
			inner--
		}
		counts[min(depth, 31)] += places - nodes
		places = 2 * nodes
	}
}

// limit shortens codes to most bits and lengthens others, until the sum of 2^-length is 1 again.
func limit(counts *[32]int, most int) {
	for n := most + 1; n < len(counts); n++ {
		counts[most] += counts[n]
		counts[n] = 0
	}
	total := 0
	for n := 1; n <= most; n++ {
		total += counts[n] << (most - n)
	}
	for ; total > 1<<most; total-- {
		counts[most]--
		n := most - 1
		for counts[n] == 0 {
			n--
		}
		counts[n]--
		counts[n+1] += 2
	}
}

// assign gives the longest codes to the rarest symbols, and numbers them as RFC 1951, section 3.2.2, says.
func (h *huffman) assign(order []uint32, counts *[32]int, most, symbols int) {
	i := 0
	for n := most; n > 0; n-- {
		for range counts[n] {
			h.codes[order[i]&(1<<symbolBits-1)].n = uint8(n)
			i++
		}
	}
	var next [17]uint16
	for n, first := 1, uint16(0); n <= most; n++ {
		first = (first + uint16(counts[n-1])) << 1
		next[n] = first
	}
	for s := range h.codes[:symbols] {
		if c := &h.codes[s]; c.n > 0 {
			c.bits = bits.Reverse16(next[c.n]) >> (16 - c.n)
			next[c.n]++
		}
	}
}
