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

	memoryItems = 1_000_000 // BENCH_ITEMS sets another number; 10,000,000 takes about 20 s
)

// pass is one run of all items.
type pass struct {
	took                           time.Duration
	lost, doubled, failed          int
	kills, deaths, restarts, spent int
}

// killed: many items of about a millisecond, with workers and spare ones killed at random moments and without, in turn.
func (l lab) killed(b *testing.B) (figures, error) {
	steps, err := l.stepsFor(b, killSpin)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(report, "\n== %d items of about %v of computing, two workers, about %d random SIGKILLs beside none, %d pairs in turn\n",
		killItems, killSpin, killCount, killPairs)
	var loss, lost, doubled, failed []float64
	for i := range killPairs {
		calm, err := l.pass(b, steps, 0)
		if err != nil {
			return nil, err
		}
		rough, err := l.pass(b, steps, calm.took)
		if err != nil {
			return nil, err
		}
		loss = append(loss, 100*(1-calm.took.Seconds()/rough.took.Seconds()))
		lost, doubled = append(lost, float64(rough.lost)), append(doubled, float64(rough.doubled))
		failed = append(failed, float64(rough.failed))
		fmt.Fprintf(report, "  pair %d: %.2f s without; %.2f s with %d kills (%d of them of workers at work, %d replaced): %d lost, %d doubled, %d failed; throughput −%.1f %%\n",
			i+1, calm.took.Seconds(), rough.took.Seconds(), rough.kills, rough.deaths, rough.restarts, rough.lost, rough.doubled, rough.failed, loss[i])
	}
	fmt.Fprintf(report, "  median throughput loss %.1f %%\n", median(loss))
	return figures{"%-loss": median(loss), "lost": sum(lost), "doubled": sum(doubled), "failed": sum(failed)}, nil
}

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
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

// pass runs all items on a new pool; with a duration, and kills spread over about so long.
func (l lab) pass(b *testing.B, steps int, spread time.Duration) (pass, error) {
	cfg := procpool.Config{Workers: 2, Tasks: bareTasks(), Command: []string{l.bare}}
	pool := open(b, cfg)
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	kills := make(chan int, 1)
	begin := time.Now()
	if spread > 0 {
		go func() { kills <- killSpread(ctx, pool, spread) }() // waited for below
	} else {
		kills <- 0
	}
	p := pass{lost: killItems}
	seen := make([]bool, killItems)
	for c := range pipeline.AsCompleted(b.Context(), pool, bareSpin, numbered(steps)) {
		switch i := c.In[0]; {
		case seen[i]:
			p.doubled++
		case c.Err != nil || c.Out != i:
			p.failed++
			fallthrough
		default:
			seen[i] = true
			p.lost--
		}
	}
	p.took = time.Since(begin)
	stop()
	p.kills = <-kills
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

// killSpread kills killCount workers at random moments, one in seven of them a spare one, over most of the time given,
// and returns how many it killed before ctx was over.
func killSpread(ctx context.Context, pool *procpool.Pool, d time.Duration) (kills int) {
	longest := int64(d) * 9 / 5 / killCount // the mean is half of it
	for kills < killCount {
		select {
		case <-ctx.Done():
			return kills
		case <-time.After(time.Duration(rand.Int64N(longest))):
		}
		stats := pool.Stats()
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
	fmt.Fprintf(report, "\n== %d inputs of 8 bytes through pipeline.Map in %.2f s: memory of this process, MiB: %.1f before, %.1f after 10 %%, %.1f at the end, at most %.1f; of a worker at most %.1f\n",
		n, took.Seconds(), mib(before), mib(tenth), mib(end), mib(peak), mib(uint64(pool.Stats().MaxWorkerRSS)))
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
