package procpool_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

// Workers, spare ones too, are killed at random moments while thousands of calls run: each is delivered once, with its
// own result.
func TestRandomKillsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	type deliver func(in, out string, err error)
	for name, each := range map[string]func(*procpool.Pool, []string, deliver){
		"as completed": func(pool *procpool.Pool, in []string, got deliver) {
			for c := range pipeline.AsCompleted(t.Context(), pool, works, slices.Values(in)) {
				got(c.In, c.Out, c.Err)
			}
		},
		"in order": func(pool *procpool.Pool, in []string, got deliver) {
			i := 0
			for out, err := range pipeline.Map(t.Context(), pool, works, slices.Values(in)) {
				got(in[i], out, err)
				i++
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := openRough(t, procpool.Config{Workers: 2})
			const n = 5000
			in := make([]string, n)
			for i := range in {
				in[i] = strconv.Itoa(i)
			}
			ctx, stop := context.WithCancel(t.Context())
			killed := make(chan int)
			seed := rand.Uint64()
			go func() { killed <- killAtRandom(ctx, pool, rand.New(rand.NewPCG(seed, 0))) }()
			seen := make(map[string]bool)
			each(pool, in, func(in, out string, err error) {
				if err != nil || out != in || seen[in] {
					t.Errorf("item %s: got %q, %v; delivered before: %v", in, out, err, seen[in])
				}
				seen[in] = true
			})
			stop()
			kills := <-killed
			if len(seen) != n {
				t.Errorf("%d of %d delivered", len(seen), n)
			}
			stats := pool.Stats()
			t.Logf("seed %d: %d kills, stats %+v", seed, kills, stats)
			if stats.Crashes < 10 {
				t.Errorf("%d kills, %d deaths seen: the test did not test much", kills, stats.Crashes)
			}
		})
	}
}

// killAtRandom kills a worker now and then until ctx is over, and returns how many it killed.
func killAtRandom(ctx context.Context, pool *procpool.Pool, rnd *rand.Rand) (kills int) {
	for {
		select {
		case <-ctx.Done():
			return kills
		case <-time.After(time.Duration(rnd.IntN(30_000)) * time.Microsecond):
		}
		stats := pool.Stats()
		victims := stats.SparePIDs
		for _, w := range stats.PerWorker {
			victims = append(victims, w.PID, w.PID, w.PID)
		}
		if len(victims) == 0 {
			continue
		}
		if syscall.Kill(victims[rnd.IntN(len(victims))], syscall.SIGKILL) == nil {
			kills++
		}
	}
}

var result uint64 // of work, so that it is really computed; in a worker only

// work computes for a fraction of a millisecond and returns its input.
func work(_ context.Context, in string) (string, error) {
	n := uint64(size(in))
	for range 200_000 {
		n = n*6364136223846793005 + 1442695040888963407
	}
	result = n
	return in, nil
}
