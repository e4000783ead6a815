package compare

import "math"

// failedInterval is that of the difference between two failed fractions, b − a. Each fraction's own interval is the wider of the
// bootstrap's and the exact one, as the bootstrap sees no failure where none happened; the difference joins the two (Newcombe 1998,
// "Interval estimation for the difference between independent proportions", Statistics in Medicine 17, method 10's square-and-add).
func (p *plan) failedInterval(d *draws, cfg *Config, stretch float64) (low, high float64, ok bool) {
	a, lowA, highA, okA := p.a.failedRange(d.failedA, cfg, stretch)
	b, lowB, highB, okB := p.b.failedRange(d.failedB, cfg, stretch)
	diff := b - a
	return diff - math.Hypot(b-lowB, highA-a), diff + math.Hypot(highB-b, a-lowA), okA && okB
}

func (s *side) failedRange(sorted []float64, cfg *Config, stretch float64) (value, low, high float64, ok bool) {
	value, ok = s.failed(s.ones)
	if !ok {
		return 0, 0, 0, false
	}
	low, high = exactProportion(dot(s.bad, s.ones), dot(s.all, s.ones), cfg.Confidence)
	if l, h, ok := percentile(sorted, value, cfg.Confidence, stretch, cfg.Resamples); ok {
		low, high = max(0, min(low, l)), min(1, max(high, h))
	}
	return value, low, high, true
}
