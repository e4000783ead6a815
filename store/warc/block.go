package warc

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

const (
	endOfBlock  = 256
	firstLength = 257
	maxLiteral  = 286
	maxDistance = 30
	maxStored   = 65535
	repeat      = 16 // code length symbols: the last one, three to six times
	zeros       = 17 // three to ten zeros
	manyZeros   = 18 // eleven to 138
)

// lengthCodes are the codes of the lengths from 3 on, less firstLength (RFC 1951, section 3.2.5).
var lengthCodes = func() (codes [256]uint8) {
	for c := range lengthBases {
		for n := int(lengthBases[c]); n < 256; n++ {
			codes[n] = uint8(c)
		}
	}
	return codes
}()

var (
	lengthBases = [29]uint8{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 255}
	lengthBits  = [29]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	codeOrder   = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
)

// distanceCode returns the code of a distance less 1, and how many bits follow it: there are two codes for each power of two.
func distanceCode(d uint32) (c, extra uint32) {
	if d < 2 {
		return d, 0
	}
	extra = uint32(bits.Len32(d)-2) & 31
	return 2*extra + d>>extra, extra
}

// blockCoder writes the blocks of a deflate stream: with codes of their own, or stored where that is no longer.
type blockCoder struct {
	literal, distance, lengths huffman

	run    []uint16 // the code lengths of both, as symbols with their repeat counts above
	counts [19]uint32
}

func (c *blockCoder) write(w *bitWriter, d *deflater, src []byte, last bool) {
	c.literal.build(d.literals[:], 15)
	c.distance.build(d.distances[:], 15)
	literals, distances := used(c.literal.codes[:maxLiteral], firstLength), used(c.distance.codes[:maxDistance], 1)
	c.packLengths(literals, distances)
	c.lengths.build(c.counts[:], 7)
	n := len(codeOrder)
	for n > 4 && c.lengths.codes[codeOrder[n-1]].n == 0 {
		n--
	}
	size := c.bits(d, n)
	if size >= 8*len(src)+40 {
		storeBlocks(w, src, last)
		return
	}
	w.add(flag(last)|2<<1, 3)
	w.add(uint64(literals-firstLength)|uint64(distances-1)<<5|uint64(n-4)<<10, 14)
	for _, s := range codeOrder[:n] {
		w.add(uint64(c.lengths.codes[s].n), 3)
	}
	c.writeLengths(w)
	c.writeSequences(w, d, src, size/8)
}

func flag(last bool) uint64 {
	if last {
		return 1
	}
	return 0
}

// used returns how many codes there are up to the last one used, and at least least.
func used(codes []code, least int) int {
	n := len(codes)
	for n > least && codes[n-1].n == 0 {
		n--
	}
	return n
}

// packLengths makes symbols of the code lengths (RFC 1951, section 3.2.7).
func (c *blockCoder) packLengths(literals, distances int) {
	var all [maxLiteral + maxDistance]uint8
	for i := range literals {
		all[i] = c.literal.codes[i].n
	}
	for i := range distances {
		all[literals+i] = c.distance.codes[i].n
	}
	c.run = c.run[:0]
	clear(c.counts[:])
	for rest := all[:literals+distances]; len(rest) > 0; {
		n := 1
		for n < len(rest) && n < 138 && rest[n] == rest[0] {
			n++
		}
		c.packRun(rest[0], n)
		rest = rest[n:]
	}
}

func (c *blockCoder) packRun(length uint8, n int) {
	add := func(symbol uint8, extra int) {
		c.counts[symbol]++
		c.run = append(c.run, uint16(symbol)|uint16(extra)<<8)
	}
	if length > 0 {
		add(length, 0)
		n--
	}
	for n > 0 {
		switch k := n; {
		case n < 3:
			add(length, 0)
			n--
		case length > 0:
			k = min(n, 6)
			add(repeat, k-3)
			n -= k
		case n < 11:
			add(zeros, n-3)
			n = 0
		default:
			add(manyZeros, n-11)
			n = 0
		}
	}
}

func (c *blockCoder) writeLengths(w *bitWriter) {
	for _, r := range c.run {
		symbol, extra := r&0xff, uint64(r>>8)
		k := c.lengths.codes[symbol]
		w.add(uint64(k.bits), uint(k.n))
		switch symbol {
		case repeat:
			w.add(extra, 2)
		case zeros:
			w.add(extra, 3)
		case manyZeros:
			w.add(extra, 7)
		}
	}
}

// bits is the size of the block with codes.
func (c *blockCoder) bits(d *deflater, lengths int) int {
	n := 17 + 3*lengths
	for s, f := range c.counts {
		n += int(f) * int(c.lengths.codes[s].n)
	}
	n += 2*int(c.counts[repeat]) + 3*int(c.counts[zeros]) + 7*int(c.counts[manyZeros])
	for s, f := range d.literals {
		n += int(f) * int(c.literal.codes[s].n)
	}
	for i, b := range lengthBits {
		n += int(d.literals[firstLength+i]) * int(b)
	}
	for s, f := range d.distances {
		n += int(f) * (int(c.distance.codes[s].n) + max(s/2-1, 0))
	}
	return n
}

// writeSequences writes what the block says, in at most size bytes and seven more.
func (c *blockCoder) writeSequences(w *bitWriter, d *deflater, src []byte, size int) {
	at, acc, have := len(w.b), w.bits, w.n
	out := slices.Grow(w.b, size+16)
	out = out[:cap(out)]
	binary.LittleEndian.PutUint64(out[at:], acc) // so that fewer than eight bits wait
	at += int(have >> 3)
	acc >>= have & 56
	have &= 7
	literal, distance := &c.literal.codes, &c.distance.codes
	for _, q := range d.sequences {
		run := src[:q.literals]
		src = src[q.literals+uint32(q.length):]
		for len(run) >= 3 {
			x, y, z := literal[run[0]], literal[run[1]], literal[run[2]]
			acc |= uint64(x.bits) << (have & 63)
			have += uint(x.n)
			acc |= uint64(y.bits) << (have & 63)
			have += uint(y.n)
			acc |= uint64(z.bits) << (have & 63)
			have += uint(z.n)
			binary.LittleEndian.PutUint64(out[at:], acc)
			at += int(have >> 3)
			acc >>= have & 56
			have &= 7
			run = run[3:]
		}
		for _, b := range run { // two at most
			x := literal[b]
			acc |= uint64(x.bits) << (have & 63)
			have += uint(x.n)
		}
		binary.LittleEndian.PutUint64(out[at:], acc)
		at += int(have >> 3)
		acc >>= have & 56
		have &= 7
		if q.length == 0 {
			continue
		}
		n := uint8(q.length - 3)
		s := lengthCodes[n] & 31
		x := literal[firstLength+int(s)]
		acc |= (uint64(x.bits) | uint64(n-lengthBases[s])<<(x.n&15)) << (have & 63)
		have += uint(x.n + lengthBits[s])
		far, extra := distanceCode(uint32(q.distance))
		x = distance[far]
		acc |= (uint64(x.bits) | uint64(uint32(q.distance)&(1<<extra-1))<<(x.n&15)) << (have & 63)
		have += uint(x.n) + uint(extra)
		binary.LittleEndian.PutUint64(out[at:], acc)
		at += int(have >> 3)
		acc >>= have & 56
		have &= 7
	}
	w.b, w.bits, w.n = out[:at], acc, have
	end := literal[endOfBlock]
	w.add(uint64(end.bits), uint(end.n))
}

// storeBlocks writes src as it is.
func storeBlocks(w *bitWriter, src []byte, last bool) {
	for first := true; first || len(src) > 0; first = false {
		n := min(len(src), maxStored)
		w.add(flag(last && n == len(src)), 3)
		w.b = w.flush()
		w.b = binary.LittleEndian.AppendUint16(w.b, uint16(n))
		w.b = binary.LittleEndian.AppendUint16(w.b, ^uint16(n))
		w.b = append(w.b, src[:n]...)
		src = src[n:]
	}
}
