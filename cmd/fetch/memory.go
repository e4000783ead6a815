package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// leastMemory is what the heap may take before garbage is collected more
	// often than the runtime would.
	leastMemory = 160 << 20
	// heapMetric is what the last collection left.
	heapMetric = "/gc/heap/live:bytes"
)

// frugal keeps garbage from doubling what the program holds: large bodies are
// few and live long, and the runtime lets as much garbage pile up beside them.
// From leastMemory on the heap may be half as large again as what is alive in
// it, looked at each second until the returned function is called. Who sets
// GOMEMLIMIT or GOGC has decided otherwise.
func frugal(ctx context.Context) (stop func()) {
	if os.Getenv("GOMEMLIMIT") != "" || os.Getenv("GOGC") != "" {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	before := debug.SetMemoryLimit(leastMemory)
	go func() {
		defer close(done)
		sample := []metrics.Sample{{Name: heapMetric}}
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			metrics.Read(sample)
			debug.SetMemoryLimit(memoryLimit(sample[0].Value.Uint64()))
		}
	}()
	return func() {
		cancel()
		<-done
		debug.SetMemoryLimit(before)
	}
}

// memoryLimit is the limit for a heap of which so much is alive.
func memoryLimit(live uint64) int64 {
	const rest = 32 << 20 // stacks, and what the runtime keeps for itself
	return max(leastMemory, int64(live+live/2)+rest)
}
