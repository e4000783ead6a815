package schedule

import (
	"fmt"
	"math/bits"
	"time"
)

// Poisson plans rate sends per second on average, as independent users make them: the gaps are exponential. The same rate and seed plan the
// same times, whatever the length; length 0 is without end, which is 18 years here. What Check would refuse is as for Constant.
func Poisson(rate float64, length time.Duration, seed uint64) Schedule {
	for _, err := range []error{checkRate(rate), checkLength(length)} {
		if err != nil {
			return Schedule{shape: refused{err}}
		}
	}
	p := &poisson{perSecond: rate, seed: seed, key: mix(seed + golden)}
	random := p.bits(0) // no cell has this number
	p.root = cell{id: 1, n: poissonVariate(rate*float64(uint64(1)<<levels)/1e9, &random)}
	return until(p, length)
}

const (
	levels  = 59 // the cell of all time lasts 2^59 ns; at MaxRate its count is still exact in floating point
	fewLeft = 16 // sends in a cell that is not cut further
)

// poisson is a Poisson process as a tree of cells.
type poisson struct {
	perSecond float64
	seed, key uint64
	root      cell
}

// cell is a span of time with n sends, the first of which is send first. Its id is that of a node in a binary heap: 1 is all time, 2i
// and 2i+1 are the halves of i.
type cell struct {
	id       uint64
	first, n int64
}

// level is the logarithm of how many nanoseconds the cell lasts.
func (c cell) level() int { return levels + 1 - bits.Len64(c.id) }

func (c cell) start() time.Duration { return time.Duration(c.id<<c.level() - 1<<levels) }

func (c cell) holds(i int64) bool { return uint64(i-c.first) < uint64(c.n) }

// leaf reports that the cell is not cut: it holds few sends, or one nanosecond.
func (c cell) leaf() bool { return c.n <= fewLeft || c.id>>levels != 0 }

// bits returns the random bits that belong to a cell.
func (p *poisson) bits(id uint64) stream { return stream(mix(p.key + id*golden)) }

// halves cuts a cell.
func (p *poisson) halves(c cell) (left, right cell) {
	random := p.bits(c.id)
	n := halfOf(c.n, &random)
	return cell{2 * c.id, c.first, n}, cell{2*c.id + 1, c.first + n, c.n - n}
}

// times puts the sends of a leaf into t, sorted, and returns how many there are. Of more than fewLeft, all are at the leaf's only
// nanosecond, and t gets as many as it holds.
func (p *poisson) times(c cell, t *[fewLeft]time.Duration) int {
	random, start, shift := p.bits(c.id), c.start(), 64-c.level()
	n := int(min(c.n, fewLeft))
	for k := range n {
		at := start + time.Duration(random.next()>>shift)
		for j := range k { // insert it, without a branch to guess
			t[j], at = min(t[j], at), max(t[j], at)
		}
		t[k] = at
	}
	return n
}

func (p *poisson) at(i int64) time.Duration {
	c := p.root
	if i >= c.n {
		return Never
	}
	for !c.leaf() {
		left, right := p.halves(c)
		if c = right; i < right.first {
			c = left
		}
	}
	var t [fewLeft]time.Duration
	n := p.times(c, &t)
	return t[min(int(i-c.first), n-1)]
}

func (p *poisson) due(t time.Duration) int64 {
	c := p.root
	if t>>levels != 0 {
		return c.n
	}
	for !c.leaf() {
		left, right := p.halves(c)
		if c = right; t < right.start() {
			c = left
		}
	}
	if c.n > fewLeft {
		return c.first + c.n // within one nanosecond, which is t
	}
	var at [fewLeft]time.Duration
	n := p.times(c, &at)
	for n > 0 && at[n-1] > t {
		n--
	}
	return c.first + int64(n)
}

func (p *poisson) rate(time.Duration) float64 { return p.perSecond }

func (p *poisson) String() string {
	return fmt.Sprintf("open loop at %s on average, Poisson arrivals, seed %d", perSecond(p.perSecond), p.seed)
}
