package compare

import (
	"math"
	"math/rand/v2"
	"slices"
)

// plan says how slices are drawn.
type plan struct {
	a, b   *side
	paired bool    // slice i of a and of b are drawn together
	blockA float64 // mean length of a block, in slices
	blockB float64
	missed float64 // by which the standard errors are too small
}

// leastPaired is a round of the order A B B A, whose two pairs belong together.
const leastPaired = 2

func newPlan(a, b *side, paired bool) *plan {
	p := &plan{a: a, b: b, paired: paired}
	ta, tb := a.traces(), b.traces()
	if paired {
		p.blockA, p.missed = dependence(ratios(ta, tb), leastPaired)
		p.blockB = p.blockA
		return p
	}
	var missedA, missedB float64
	p.blockA, missedA = dependence(ta, math.Cbrt(float64(a.n)))
	p.blockB, missedB = dependence(tb, math.Cbrt(float64(b.n)))
	p.missed = max(missedA, missedB)
	return p
}

// dependence is the block that suits the most dependent of the traces, and what it misses. It has at least n^⅓ slices where nothing
// else is known: a few seconds show too little to rely on their independence.
func dependence(traces [][]float64, least float64) (block, missing float64) {
	block, strongest := 1.0, 0.0
	for _, trace := range traces {
		block, strongest = max(block, blockLength(trace, least)), max(strongest, memory(trace))
	}
	return block, missed(strongest, block, len(traces[0]))
}

// ratios are the courses of b's logarithms less a's.
func ratios(ta, tb [][]float64) [][]float64 {
	out := make([][]float64, len(ta))
	for k := range ta {
		out[k] = make([]float64, len(ta[k]))
		for i := range out[k] {
			out[k][i] = tb[k][i] - ta[k][i]
		}
	}
	return out
}

// draw fills weights with how often each slice was drawn: blocks that begin anywhere, go on past the end at the beginning, and have
// geometric lengths with the mean block (Politis & Romano 1994, "The stationary bootstrap", JASA 89).
func draw(rng *rand.Rand, block float64, weights []int64) {
	clear(weights)
	n := len(weights)
	at := rng.IntN(n)
	for range n {
		weights[at]++
		if rng.Float64()*block < 1 {
			at = rng.IntN(n)
		} else if at++; at == n {
			at = 0
		}
	}
}

// draws are the values of the metrics over all resamples.
type draws struct {
	ratio            [][]float64 // by metric: log of b's value over a's, sorted
	failedA, failedB []float64   // sorted
}

// resample draws count times.
func (p *plan) resample(list []metric, count int, seed uint64) *draws {
	d := &draws{ratio: make([][]float64, len(list))}
	rng := rand.New(rand.NewPCG(seed, 0x7461_6e64_656d))
	wa, wb := make([]int64, p.a.n), make([]int64, p.b.n)
	for range count {
		draw(rng, p.blockA, wa)
		if p.paired {
			copy(wb, wa)
		} else {
			draw(rng, p.blockB, wb)
		}
		for i, m := range list {
			va, okA := m.value(p.a, wa)
			vb, okB := m.value(p.b, wb)
			switch {
			case !okA || !okB:
			case m.name == nameFailed:
				d.failedA, d.failedB = append(d.failedA, va), append(d.failedB, vb)
			case va > 0 && vb > 0:
				d.ratio[i] = append(d.ratio[i], math.Log(vb/va))
			}
		}
	}
	for _, values := range d.ratio {
		slices.Sort(values)
	}
	slices.Sort(d.failedA)
	slices.Sort(d.failedB)
	return d
}

// stretch is by how much a percentile interval from so few blocks is too narrow: what the blocks miss, Student's quantile in place of the normal one, and
// the n/(n−1) that the bootstrap's variance lacks (Hesterberg 2015, "What teachers should know about the bootstrap", The American
// Statistician 69, section 5.3, done on the length in place of the level: few resamples lie so far out).
func (p *plan) stretch(confidence float64) float64 {
	blocks := float64(p.a.n) / p.blockA
	df := blocks - 1
	if !p.paired {
		other := float64(p.b.n) / p.blockB
		df, blocks = blocks+other-2, min(blocks, other)
	}
	df, blocks = max(df, 1), max(blocks, 2)
	return studentQuantile(confidence, df) / normalQuantile(confidence) * math.Sqrt(blocks/(blocks-1)) * p.missed
}

// percentile is the interval of the sorted values around their estimate, stretched. False with fewer than half of count values.
func percentile(sorted []float64, estimate, confidence, stretch float64, count int) (low, high float64, ok bool) {
	if len(sorted) < (count+1)/2 {
		return 0, 0, false
	}
	tail := (1 - confidence) / 2
	low = estimate - stretch*max(0, estimate-at(sorted, tail))
	high = estimate + stretch*max(0, at(sorted, 1-tail)-estimate)
	return low, high, true
}

// at is the quantile q of sorted values, between neighbours.
func at(sorted []float64, q float64) float64 {
	x := q * float64(len(sorted)-1)
	i := int(x)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (x-float64(i))*(sorted[i+1]-sorted[i])
}
