package load

import (
	"fmt"
	"io"
	"math/bits"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	ticksPerHalf  = 5    // lines of a percentile distribution for each halving of what is left, as of the other HdrHistogram libraries
	perMilli      = 1000 // microseconds
	responseTimes = "response"
	serviceTimes  = "service"

	subBuckets = 2048 // of a histogram with three digits
)

// WritePercentiles prints the distribution of a time, "response" or "service", in the text format of the HdrHistogram libraries
// (outputPercentileDistribution of the Java one), which their plotters read. Values are milliseconds. An unknown time, or one that
// r does not hold, is an error.
func (r *Result) WritePercentiles(w io.Writer, times string) error {
	h, err := hdrhistogram.Decode([]byte(r.Histograms[times]))
	if err != nil {
		return fmt.Errorf("read histogram %q: %w", times, err)
	}
	p := &printer{w: w}
	p.printf("%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)")
	for _, b := range h.CumulativeDistributionWithTicks(ticksPerHalf) {
		value, part := float64(b.ValueAt)/perMilli, b.Quantile/100
		if part < 1 {
			p.printf("%12.3f %14.12f %10d %14.2f\n", value, part, b.Count, 1/(1-part))
		} else {
			p.printf("%12.3f %14.12f %10d\n", value, part, b.Count)
		}
	}
	mean, deviation := h.Mean(), h.StdDev()
	if h.TotalCount() == 0 {
		mean, deviation = 0, 0
	}
	p.printf("#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", mean/perMilli, deviation/perMilli)
	p.printf("#[Max     = %12.3f, Total count    = %12d]\n", float64(h.Max())/perMilli, h.TotalCount())
	p.printf("#[Buckets = %12d, SubBuckets     = %12d]\n", 1+bits.Len64(uint64(h.HighestTrackableValue()/subBuckets)), subBuckets)
	return p.err
}

// printer prints until the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}
