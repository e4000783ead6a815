package imaging

import "encoding/binary"

// The kernel is a box filter with fractional edges: every result is the exact mean of the area of the source
// that it covers, in integer arithmetic, rounded once. Lengths are measured in units of 1/out source pixel, so that
// source pixel i covers [i·out, (i+1)·out) and result x covers [x·n, (x+1)·n); a result's weights add up to n
// each way. Where the source has fewer pixels than the result (subsampled chroma), the same formula repeats them.

// span is the part of a source row or column that one result covers.
type span struct {
	start, end  int // source samples [start, end)
	first, last uint64
}

// spans divides n source pixels over out results. Each sample stands for sub pixels (2 for halved chroma).
func spans(n, out, sub int) []span {
	unit := sub * out
	list := make([]span, out)
	for x := range list {
		lo, hi := x*n, (x+1)*n
		s := span{start: lo / unit, end: (hi + unit - 1) / unit}
		s.first = uint64(min((s.start+1)*unit, hi) - lo)
		s.last = uint64(hi - (s.end-1)*unit)
		list[x] = s
	}
	return list
}

// reducer averages rows of interleaved samples down to a small picture.
type reducer struct {
	columns  []span
	rows     []span
	unitX    uint64 // weight of a sample that a result covers wholly
	unitY    uint64
	total    uint64 // weight of all that a result covers
	channels int    // averaged: 1 or 3
	step     int    // samples from one pixel to the next
}

// newReducer averages w×h pixels, of which a sample stands for subX×subY, to ow×oh.
func newReducer(w, h, ow, oh, subX, subY int) *reducer {
	return &reducer{
		columns: spans(w, ow, subX), rows: spans(h, oh, subY),
		unitX: uint64(subX * ow), unitY: uint64(subY * oh), total: uint64(w) * uint64(h), channels: 1, step: 1,
	}
}

// run calls row for each source row it needs, in order, and returns the small picture, its channels interleaved.
// A row must stay as it is until the next call. Rows are added up first, column by column: that touches every source
// byte, so it is done eight bytes at a time; the columns are added up once for each row of the result.
func (r *reducer) run(row func(y int) []uint8) []uint8 {
	out := make([]uint8, 0, len(r.columns)*r.channels*len(r.rows))
	var c columnSums
	var last []uint8
	known := -1
	for _, s := range r.rows {
		c.clear()
		for y := s.start; y < s.end; y++ {
			if y != known {
				last, known = row(y), y
			}
			switch {
			case y == s.start:
				c.add(last, uint32(s.first))
			case y == s.end-1:
				c.add(last, uint32(s.last))
			default:
				c.addInner(last, uint32(r.unitY))
			}
		}
		c.flush(uint32(r.unitY))
		out = r.appendRow(out, c.sums)
	}
	return out
}

// appendRow adds up the columns of one result row and divides.
func (r *reducer) appendRow(out []uint8, sums []uint32) []uint8 {
	half := r.total / 2
	for _, s := range r.columns {
		for channel := range r.channels {
			first, last := s.start*r.step+channel, (s.end-1)*r.step+channel
			v := uint64(sums[first]) * s.first
			if last > first {
				inner := uint64(0)
				for i := first + r.step; i < last; i += r.step {
					inner += uint64(sums[i])
				}
				v += inner*r.unitX + uint64(sums[last])*s.last
			}
			out = append(out, uint8((v+half)/r.total))
		}
	}
	return out
}

// columnSums adds up rows of bytes. The weights of the rows between two flushes add up to at most 1<<24, so that sums
// of 32 bits hold them.
type columnSums struct {
	sums  []uint32
	lanes []uint64 // unweighted sums of the inner rows: four of 16 bits in each, even bytes and odd bytes in turn
	inner int      // rows in lanes
}

const (
	evenBytes = 0x00ff00ff00ff00ff
	laneRows  = 257 // rows that a lane of 16 bits holds for certain
)

func (c *columnSums) clear() { clear(c.sums) }

// add adds a row with a weight of its own.
func (c *columnSums) add(row []uint8, weight uint32) {
	if c.sums == nil {
		c.sums = make([]uint32, len(row))
		c.lanes = make([]uint64, len(row)/8*2)
	}
	addWeighted(c.sums, row, weight)
}

func addWeighted(sums []uint32, row []uint8, weight uint32) {
	sums = sums[:len(row)]
	for i, v := range row {
		sums[i] += uint32(v) * weight
	}
}

// addInner adds a row whose weight is that of all inner rows; flush applies it.
func (c *columnSums) addInner(row []uint8, weight uint32) {
	if c.inner == laneRows {
		c.flush(weight)
	}
	c.inner++
	lanes := c.lanes
	for len(lanes) >= 2 && len(row) >= 8 {
		v := binary.LittleEndian.Uint64(row)
		lanes[0] += v & evenBytes
		lanes[1] += v >> 8 & evenBytes
		lanes, row = lanes[2:], row[8:]
	}
	addWeighted(c.sums[len(c.sums)-len(row):], row, weight)
}

// flush moves the lanes into the sums.
func (c *columnSums) flush(weight uint32) {
	if c.inner == 0 {
		return
	}
	c.inner = 0
	sums, lanes := c.sums, c.lanes
	for len(lanes) >= 2 && len(sums) >= 8 {
		even, odd := lanes[0], lanes[1]
		for i := 0; i < 8; i += 2 {
			sums[i] += uint32(even&0xffff) * weight
			sums[i+1] += uint32(odd&0xffff) * weight
			even, odd = even>>16, odd>>16
		}
		lanes[0], lanes[1] = 0, 0
		lanes, sums = lanes[2:], sums[8:]
	}
}
