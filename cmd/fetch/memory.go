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
// The limit follows what is alive, looked at four times a second until the
// returned function is called. Who sets GOMEMLIMIT or GOGC has decided otherwise.
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
		tick := time.NewTicker(250 * time.Millisecond)
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

// memoryLimit is the limit for a heap of which so much is alive: garbage may be
// 32 MiB, or for large heaps half of what is alive.
func memoryLimit(live uint64) int64 {
	const least, rest = 32 << 20, 16 << 20 // rest is stacks, and what the runtime keeps for itself
	garbage := max(least, int64(live/2)-least)
	return max(leastMemory, int64(live)+garbage+rest)
}
