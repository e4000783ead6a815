package imaging

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

// run calls row for each source row it needs, in order and at most once in succession, and returns the small
// picture, its channels interleaved.
func (r *reducer) run(row func(y int) []uint8) []uint8 {
	width := len(r.columns) * r.channels
	out := make([]uint8, 0, width*len(r.rows))
	sums := make([]uint64, width) // of one source row
	acc := make([]uint64, width)
	known := -1
	for _, s := range r.rows {
		clear(acc)
		for y := s.start; y < s.end; y++ {
			if y != known {
				r.sum(sums, row(y))
				known = y
			}
			weight := r.unitY
			switch {
			case y == s.start:
				weight = s.first
			case y == s.end-1:
				weight = s.last
			}
			for i, v := range sums {
				acc[i] += v * weight
			}
		}
		for _, v := range acc {
			out = append(out, uint8((v+r.total/2)/r.total))
		}
	}
	return out
}

func (r *reducer) sum(sums []uint64, row []uint8) {
	if r.channels == 1 {
		r.sum1(sums, row)
		return
	}
	r.sum3(sums, row)
}

// sum1 adds up one channel.
func (r *reducer) sum1(sums []uint64, row []uint8) {
	for i, s := range r.columns {
		part := row[s.start:s.end]
		if len(part) == 1 {
			sums[i] = uint64(part[0]) * s.first
			continue
		}
		inner := uint64(0)
		for _, v := range part[1 : len(part)-1] {
			inner += uint64(v)
		}
		sums[i] = inner*r.unitX + uint64(part[0])*s.first + uint64(part[len(part)-1])*s.last
	}
}

// sum3 adds up red, green and blue.
func (r *reducer) sum3(sums []uint64, row []uint8) {
	step := r.step
	for i, s := range r.columns {
		part := row[s.start*step : (s.end-1)*step+3]
		first := part[:3:3]
		c0, c1, c2 := uint64(first[0])*s.first, uint64(first[1])*s.first, uint64(first[2])*s.first
		if s.end-s.start > 1 {
			var a0, a1, a2 uint64
			at := step
			for ; at+3 < len(part); at += step {
				p := part[at : at+3 : at+3]
				a0 += uint64(p[0])
				a1 += uint64(p[1])
				a2 += uint64(p[2])
			}
			last := part[len(part)-3:]
			c0 += a0*r.unitX + uint64(last[0])*s.last
			c1 += a1*r.unitX + uint64(last[1])*s.last
			c2 += a2*r.unitX + uint64(last[2])*s.last
		}
		sums[3*i], sums[3*i+1], sums[3*i+2] = c0, c1, c2
	}
}
