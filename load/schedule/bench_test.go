package schedule_test

import (
	"testing"
	"time"

	"tandem/load/schedule"
)

func benchmarks(b *testing.B) map[string]schedule.Schedule {
	return map[string]schedule.Schedule{
		"constant":  schedule.Constant(999_983, 0),
		"held":      stages(b, "1s:0..1000000,10h:1000000,1s:1000000..0"),
		"ramp-up":   stages(b, "10h:0..1000000"),
		"ramp-down": stages(b, "10h:1000000..0"),
		"bursts":    schedule.Bursts(1000, time.Millisecond, 0),
		"poisson":   schedule.Poisson(1e6, 0, 1),
	}
}

var sink time.Duration

func BenchmarkAt(b *testing.B) {
	for name, s := range benchmarks(b) {
		b.Run(name, func(b *testing.B) {
			i := int64(2e6)
			for b.Loop() {
				sink += s.At(i)
				i++
			}
		})
	}
}

func BenchmarkCursor(b *testing.B) {
	for name, s := range benchmarks(b) {
		b.Run(name, func(b *testing.B) {
			i, c := int64(2e6), s.Cursor()
			for b.Loop() {
				sink += c.At(i)
				i++
			}
		})
	}
}

// Eight shards that take turns see every eighth send each.
func BenchmarkCursorShard(b *testing.B) {
	s := benchmarks(b)["poisson"]
	i, c := int64(2e6), s.Cursor()
	for b.Loop() {
		sink += c.At(i)
		i += 8
	}
}

func BenchmarkDue(b *testing.B) {
	for name, s := range benchmarks(b) {
		b.Run(name, func(b *testing.B) {
			at, n := 2*time.Second, int64(0)
			for b.Loop() {
				n += s.Due(at)
				at += 1001
			}
			sink += time.Duration(n)
		})
	}
}
