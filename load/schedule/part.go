package schedule

import (
	"math"
	"time"
)

// at returns when send i of the part is planned. Before the anchor's fraction of a send it is the start.
func (p *part) at(i int64) time.Duration {
	switch p.kind {
	case held:
		if i < p.count {
			return p.start
		}
		return p.start + p.period.after(uint64(i-p.count), p.offset)
	case rising:
		return p.start + p.ramp(float64(i-p.count)-p.part)
	}
	return max(p.end-p.ramp(float64(p.count-i)+p.part), p.start)
}

// ramp returns how long a rising ramp takes for n sends. With the lower rate a and the slope g/2, n = a·t + g·t²/4, whose solution is
// written so that nothing cancels (Numerical Recipes, 3rd ed., section 5.6). A falling ramp is a rising one from its end back: solved from
// its start, the last sends of a ramp to 0 would lose half of their digits.
func (p *part) ramp(n float64) time.Duration {
	if n <= 0 {
		return 0
	}
	return time.Duration(2*n/(p.slow+math.Sqrt(p.slow*p.slow+p.grow*n)) + 0.5)
}

// about guesses how many sends are due at t, which is within the part.
func (p *part) about(t time.Duration) int64 {
	since, until := float64(t-p.start), float64(p.end-t)
	switch p.kind {
	case held:
		perNano := 1 / (float64(p.period.whole) + float64(p.period.part)/(1<<64))
		return p.count + int64(p.part+since*perNano)
	case rising:
		return p.count + int64(p.part+since*(p.slow+p.grow/4*since))
	}
	return p.count - int64(until*(p.slow+p.grow/4*until)-p.part)
}
