package procpool_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

const (
	killItems = 20_000
	killSpin  = 800 * time.Microsecond // of computing per item, about
	killCount = 200
	killPairs = 3

	memoryItems = 1_000_000 // or what BENCH_ITEMS says: 10,000,000 take about half a minute
)

// pass is one run of all items.
type pass struct {
	took                    time.Duration
	lost, doubled, failed   int
	kills, deaths, restarts int
}

func (p pass) String() string {
	return fmt.Sprintf("%d kills (%d of workers at work, %d replaced): %d lost, %d doubled, %d failed",
		p.kills, p.deaths, p.restarts, p.lost, p.doubled, p.failed)
}

// killed: many items of about a millisecond, with workers and spare ones killed at random moments and without, in turn.
func (l lab) killed(b *testing.B) (figures, error) {
	steps, err := l.stepsFor(b, killSpin)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(report, "\n== %d items of about %v of computing, two workers, %d random SIGKILLs beside none, %d pairs in turn\n",
		killItems, killSpin, killCount, killPairs)
	var change []float64
	var all pass
	for i := range killPairs {
		calm, rough, err := l.pair(b, steps, i%2 == 1)
		if err != nil {
			return nil, err
		}
		change = append(change, 100*(calm.took.Seconds()/rough.took.Seconds()-1))
		all.lost, all.doubled, all.failed = all.lost+rough.lost, all.doubled+rough.doubled, all.failed+rough.failed
		fmt.Fprintf(report, "  pair %d: %.2f s without; %.2f s with %v; throughput %+.1f %%\n",
			i+1, calm.took.Seconds(), rough.took.Seconds(), rough, change[i])
	}
	fmt.Fprintf(report, "  throughput, median of the pairs: %+.1f %%\n", median(change))
	return figures{"%-throughput": median(change),
		"lost": float64(all.lost), "doubled": float64(all.doubled), "failed": float64(all.failed)}, nil
}

// pair runs a pass without kills and one with.
func (l lab) pair(b *testing.B, steps int, killsFirst bool) (calm, rough pass, err error) {
	if killsFirst {
		if rough, err = l.pass(b, steps, killCount); err != nil {
			return calm, rough, err
		}
	}
	if calm, err = l.pass(b, steps, 0); err != nil || killsFirst {
		return calm, rough, err
	}
	rough, err = l.pass(b, steps, killCount)
	return calm, rough, err
}

// stepsFor returns how many steps of the spin task a worker computes in d.
func (l lab) stepsFor(b *testing.B, d time.Duration) (int, error) {
	pool := l.open(b, procpool.Config{Workers: 1, Spares: -1})
	const steps = 20_000_000
	var raw []float64
	for range 5 {
		begin := time.Now()
		for _, err := range pipeline.Map(b.Context(), pool, bareSpin, cycle([][2]int{{0, steps}}, 1)) {
			if err != nil {
				return 0, err
			}
		}
		raw = append(raw, float64(time.Since(begin)))
	}
	return int(steps * float64(d) / median(raw)), nil
}

// pass runs all items on a new pool, and kills so many workers meanwhile.
func (l lab) pass(b *testing.B, steps, kills int) (pass, error) {
	pool := open(b, procpool.Config{Workers: 2, Tasks: bareTasks(), Command: []string{l.bare}})
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	k := killer{pool: pool, begin: time.Now()}
	killed := make(chan int)
	go func() { killed <- k.run(ctx, kills) }() // received below
	p := pass{lost: killItems}
	seen := make([]bool, killItems)
	for c := range pipeline.AsCompleted(b.Context(), pool, bareSpin, numbered(steps)) {
		i := c.In[0]
		if seen[i] {
			p.doubled++
			continue
		}
		if c.Err != nil || c.Out != i {
			p.failed++
		}
		seen[i] = true
		p.lost--
		k.done.Add(1)
	}
	p.took = time.Since(k.begin)
	stop()
	p.kills = <-killed
	stats := pool.Stats()
	p.deaths, p.restarts = stats.Crashes, stats.Restarts
	return p, pool.Close(context.Background())
}

// numbered yields the inputs of a pass.
func numbered(steps int) iter.Seq[[2]int] {
	return func(yield func([2]int) bool) {
		for i := range killItems {
			if !yield([2]int{i, steps}) {
				return
			}
		}
	}
}

// killer kills workers at random moments that are spread over a whole pass.
type killer struct {
	pool  *procpool.Pool
	begin time.Time
	done  atomic.Int64 // items
}

// run kills until there were n kills or ctx is over, and returns how many there were. One in seven is of a spare worker.
func (k *killer) run(ctx context.Context, n int) (kills int) {
	for kills < n {
		select {
		case <-ctx.Done():
			return kills
		case <-time.After(k.pause(n - kills)):
		}
		stats := k.pool.Stats()
		victims := stats.SparePIDs
		for _, w := range stats.PerWorker {
			victims = append(victims, w.PID, w.PID, w.PID)
		}
		if len(victims) > 0 && syscall.Kill(victims[rand.IntN(len(victims))], syscall.SIGKILL) == nil {
			kills++
		}
	}
	return kills
}

// pause returns a random time whose mean spreads so many kills over nine tenths of what is to come.
func (k *killer) pause(kills int) time.Duration {
	done := k.done.Load()
	if done == 0 {
		return time.Millisecond // nothing is known yet
	}
	left := float64(time.Since(k.begin)) / float64(done) * float64(killItems-done)
	return time.Duration(2 * rand.Float64() * 0.9 * left / float64(kills))
}

// memory: what this process holds while very many items of 8 bytes pass through pipeline.Map in order.
func (l lab) memory(b *testing.B) (figures, error) {
	n, err := memoryCount()
	if err != nil {
		return nil, err
	}
	if held() == 0 {
		fmt.Fprintf(report, "\n== memory: skipped: no /proc/self/statm here\n")
		return nil, nil
	}
	pool := l.open(b, procpool.Config{Workers: 2})
	debug.FreeOSMemory() // what other benchmarks left is not to be given back meanwhile
	begin, before := time.Now(), held()
	var tenth, peak, i uint64
	for out, err := range pipeline.Map(b.Context(), pool, bareEcho, counters(n)) {
		if err != nil {
			return nil, err
		}
		if got := binary.LittleEndian.Uint64(out); got != i {
			return nil, fmt.Errorf("result %d is that of input %d", i, got)
		}
		if i++; i == n/10 {
			tenth = held()
		}
		if i%max(1, n/1000) == 0 {
			peak = max(peak, held())
		}
	}
	took, end := time.Since(begin), held()
	if i != n {
		return nil, fmt.Errorf("%d results of %d", i, n)
	}
	fmt.Fprintf(report, "\n== %d inputs of 8 bytes through pipeline.Map, two workers, in %.2f s: memory in MiB\n", n, took.Seconds())
	fmt.Fprintf(report, "  this process: %.1f before, %.1f after 10 %%, %.1f at the end, at most %.1f; a worker: at most %.1f\n",
		mib(before), mib(tenth), mib(end), mib(peak), mib(uint64(pool.Stats().MaxWorkerRSS)))
	return figures{"MiB-10%": mib(tenth), "MiB-end": mib(end), "MiB-peak": mib(peak), "items": float64(n)}, nil
}

func memoryCount() (uint64, error) {
	s := os.Getenv("BENCH_ITEMS")
	if s == "" {
		return memoryItems, nil
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n < 10 {
		return 0, fmt.Errorf("BENCH_ITEMS is %q, not a number from 10", s)
	}
	return n, nil
}

// counters yields the numbers below n, 8 bytes each.
func counters(n uint64) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := range n {
			if !yield(binary.LittleEndian.AppendUint64(nil, i)) {
				return
			}
		}
	}
}

func mib(bytes uint64) float64 { return float64(bytes) / (1 << 20) }

// held returns the resident memory of this process in bytes, 0 where unknown.
func held() uint64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(b))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseUint(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}
