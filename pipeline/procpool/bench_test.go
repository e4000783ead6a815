package procpool_test

import (
	"bytes"
	"context"
	"iter"
	"syscall"
	"testing"
	"time"

	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

// BenchmarkItem measures one call of 100 bytes, many in flight, two workers.
func BenchmarkItem(b *testing.B) {
	pool := open(b, procpool.Config{Workers: 2})
	defer pool.Close(context.Background())
	echo := pipeline.Task[[]byte, []byte]{Name: "echo", Version: 1, In: pipeline.Bytes(), Out: pipeline.Bytes()}
	b.ReportAllocs()
	defer reportCPU(b, pool)()
	run(b, func(in iter.Seq[[]byte]) iter.Seq[error] {
		return func(yield func(error) bool) {
			for _, err := range pipeline.Map(b.Context(), pool, echo, in) {
				if !yield(err) {
					return
				}
			}
		}
	})
}

// BenchmarkRoundTrip measures one call of 100 bytes with nothing else in flight.
func BenchmarkRoundTrip(b *testing.B) {
	pool := open(b, procpool.Config{Workers: 1})
	defer pool.Close(context.Background())
	call := pipeline.Call{Task: "echo", Payload: bytes.Repeat([]byte("x"), 100)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pool.Submit(b.Context(), call).Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMegabyte measures calls of one megabyte in and out.
func BenchmarkMegabyte(b *testing.B) {
	pool := open(b, procpool.Config{Workers: 2})
	defer pool.Close(context.Background())
	call := pipeline.Call{Task: "echo", Payload: bytes.Repeat([]byte("x"), 1<<20)}
	b.SetBytes(2 << 20)
	for b.Loop() {
		if _, err := pool.Submit(b.Context(), call).Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// reportCPU returns what reports the processor time that this process and the workers used per call in between.
func reportCPU(b *testing.B, pool *procpool.Pool) func() {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano()+u.Stime.Nano()) + pool.Stats().CPU
	}
	before := used()
	return func() { b.ReportMetric(float64(used()-before)/float64(b.N), "cpu-ns/op") }
}

// run feeds one input per b.Loop.
func run(b *testing.B, results func(iter.Seq[[]byte]) iter.Seq[error]) {
	payload := bytes.Repeat([]byte("x"), 100)
	for err := range results(func(yield func([]byte) bool) {
		for b.Loop() {
			if !yield(payload) {
				return
			}
		}
	}) {
		if err != nil {
			b.Fatal(err)
		}
	}
}
