package schedule

import (
	"math/big"
	"slices"
	"strings"
	"time"
)

// staged is the shape of stages.
type staged struct {
	stages []Stage
	parts  []part // the stages that are no pause
	length time.Duration
	total  int64
}

// part is a stage that sends, at its place. It holds the sends from first to the first of the next part; all of them are planned at
// start or later and before end.
type part struct {
	first      int64
	start, end time.Duration
	kind       kind
	count      int64   // of sends at the anchor, which is end for a falling ramp, else start; rounded down
	part       float64 // what count lacks, of one send
	period     period  // of a held rate
	offset     fixed   // part in time, at a held rate
	slow, grow float64 // of a ramp: its lower rate, in sends per nanosecond, and twice what it gains in each
}

type kind uint8

const (
	held kind = iota
	rising
	falling
)

func newStaged(stages []Stage) *staged {
	s := &staged{stages: slices.Clone(stages)}
	count := new(big.Rat)
	for _, stage := range s.stages {
		start, before := s.length, new(big.Rat).Set(count)
		s.length += stage.Length
		if stage.From == 0 && stage.To == 0 {
			continue
		}
		count.Add(count, sends(stage))
		p := newPart(stage, before, count)
		p.first, p.start, p.end = s.total, start, s.length
		s.total = p.next(count)
		s.parts = append(s.parts, p)
	}
	return s
}

// sends is the integral of the rate over a stage.
func sends(s Stage) *big.Rat {
	n := new(big.Rat).SetFloat64(s.From)
	n.Add(n, new(big.Rat).SetFloat64(s.To))
	return n.Mul(n, big.NewRat(int64(s.Length), 2*int64(time.Second)))
}

// newPart prepares a stage before and after which so many sends are planned.
func newPart(s Stage, before, after *big.Rat) part {
	p, anchor := part{kind: held}, before
	switch {
	case s.From < s.To:
		p.kind = rising
	case s.From > s.To:
		p.kind, anchor = falling, after
	}
	whole := new(big.Int).Quo(anchor.Num(), anchor.Denom())
	rest := new(big.Rat).Sub(anchor, new(big.Rat).SetInt(whole))
	p.count = whole.Int64()
	p.part, _ = rest.Float64()
	if p.kind == held {
		p.period = periodOf(s.From)
		nanos := new(big.Rat).Quo(big.NewRat(int64(time.Second), 1), new(big.Rat).SetFloat64(s.From))
		p.offset = fixedOf(nanos.Mul(nanos, rest))
		return p
	}
	p.slow = min(s.From, s.To) / 1e9
	p.grow = 2 * (max(s.From, s.To) - min(s.From, s.To)) / 1e9 / float64(s.Length)
	return p
}

// next returns the first send that is not before the end of p, when after sends are planned until then. A send whose time rounds
// to the end is the next part's: were that a pause, it would come at the wrong end of it.
func (p *part) next(after *big.Rat) int64 {
	up := new(big.Int).Add(after.Num(), after.Denom())
	up.Sub(up, big.NewInt(1))
	n := up.Quo(up, after.Denom()).Int64() // after, rounded up
	for n > p.first && p.at(n-1) >= p.end {
		n--
	}
	return max(n, p.first)
}

func (s *staged) at(i int64) time.Duration {
	if i >= s.total {
		return Never
	}
	low, high := 0, len(s.parts)
	for high-low > 1 {
		if mid := (low + high) / 2; s.parts[mid].first <= i {
			low = mid
		} else {
			high = mid
		}
	}
	return s.parts[low].at(i)
}

func (s *staged) due(t time.Duration) int64 {
	k := len(s.parts) - 1
	for k >= 0 && s.parts[k].start > t {
		k--
	}
	if k < 0 {
		return 0
	}
	high := s.total
	if k+1 < len(s.parts) {
		high = s.parts[k+1].first
	}
	p := &s.parts[k]
	return settle(p, p.about(min(t, p.end)), p.first, high, t)
}

func (s *staged) rate(t time.Duration) float64 {
	for _, stage := range s.stages {
		if t < stage.Length {
			return stage.From + (stage.To-stage.From)*(float64(t)/float64(stage.Length))
		}
		t -= stage.Length
	}
	return 0
}

func (s *staged) String() string {
	texts := make([]string, len(s.stages))
	for i, stage := range s.stages {
		texts[i] = stage.String()
	}
	return "stages " + strings.Join(texts, ", ")
}
