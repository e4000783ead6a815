package load

import (
	"math"
	"time"

	"tandem/load/recorder"
)

// Milliseconds is a time with microsecond precision.
type Milliseconds float64

func ms(d time.Duration) Milliseconds {
	return Milliseconds(math.Round(float64(d)/1e3) / 1e3)
}

// Latency summarises a distribution in milliseconds. All requests but the dropped ones are in it, the failed ones with the time until
// they failed.
type Latency struct {
	Min   Milliseconds `json:"min"`
	Mean  Milliseconds `json:"mean"`
	P50   Milliseconds `json:"p50"`
	P90   Milliseconds `json:"p90"`
	P95   Milliseconds `json:"p95"`
	P99   Milliseconds `json:"p99"`
	P999  Milliseconds `json:"p99_9"`
	P9999 Milliseconds `json:"p99_99"`
	Max   Milliseconds `json:"max"`
}

// latencyOf summarises t.
func latencyOf(t *recorder.Times) Latency {
	return Latency{
		Min: ms(t.Min()), Mean: ms(t.Mean()), P50: ms(t.At(50)), P90: ms(t.At(90)), P95: ms(t.At(95)), P99: ms(t.At(99)),
		P999: ms(t.At(99.9)), P9999: ms(t.At(99.99)), Max: ms(t.Max()),
	}
}
