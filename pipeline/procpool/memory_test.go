package procpool_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"tandem/pipeline/procpool"
)

const memory = 256 << 20

func needHardLimit(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's shadow memory does not fit under RLIMIT_DATA; run without -race")
	}
	if runtime.GOOS != "linux" {
		t.Skip("no enforceable memory limit on this system")
	}
}

// A memory bomb costs its own call, and the reason is told apart from a crash.
func TestMemoryBomb(t *testing.T) {
	t.Parallel()
	needHardLimit(t)
	pool := openRough(t, procpool.Config{Workers: 2, Memory: memory})
	bad := call(t, pool, bomb, "")
	neighbour := call(t, pool, echo, "neighbour")
	_, err := bad.Wait(t.Context())
	got := wantMemory(t, err)
	if got.PeakRSS < memory/4 || got.PeakRSS > memory+64<<20 {
		t.Errorf("peak memory %d, limit %d", got.PeakRSS, memory)
	}
	if got, err := echo.Result(t.Context(), neighbour); got != "neighbour" || err != nil {
		t.Errorf("neighbour: got %q, %v", got, err)
	}
	if s := pool.Stats(); s.MaxWorkerRSS < memory/4 {
		t.Errorf("stats %+v", s)
	}
	wantEcho(t, pool)
	t.Logf("%v\n%.300s", err, got.Stderr)
}

// Memory that the kernel's limit does not count is seen from outside.
func TestSharedMemoryBomb(t *testing.T) {
	t.Parallel()
	needHardLimit(t)
	pool := openRough(t, procpool.Config{Workers: 2, Memory: memory})
	bad := call(t, pool, shares, "1024")
	neighbour := call(t, pool, echo, "neighbour")
	_, err := bad.Wait(t.Context())
	if got := wantMemory(t, err); got.PeakRSS < memory || !strings.Contains(got.Detail, "limit 268435456") {
		t.Errorf("got %v", got)
	}
	if got, err := echo.Result(t.Context(), neighbour); got != "neighbour" || err != nil {
		t.Errorf("neighbour: got %q, %v", got, err)
	}
	wantEcho(t, pool)
}

// A worker that holds too much memory between calls is replaced without a crash.
func TestMemoryRecycling(t *testing.T) {
	t.Parallel()
	needHardLimit(t)
	pool := openRough(t, procpool.Config{Workers: 1, Memory: memory * 2})
	pids := make(map[string]bool)
	for range 200 {
		got, err := hoards.Result(t.Context(), call(t, pool, hoards, "20"))
		var ce *procpool.CrashError
		if errors.As(err, &ce) {
			t.Fatalf("crashed instead of being recycled: %v", err)
		} else if err != nil {
			t.Fatal(err)
		}
		if pids[got] = true; len(pids) > 2 {
			break
		}
	}
	if s := pool.Stats(); s.Crashes != 0 || len(pids) < 2 {
		t.Errorf("%d workers, stats %+v; want a second worker and no crash", len(pids), s)
	}
}

// wantMemory checks the reason only: with cgo, a thread that cannot start aborts the process.
func wantMemory(t *testing.T, err error) *procpool.CrashError {
	t.Helper()
	var ce *procpool.CrashError
	if !errors.As(err, &ce) || ce.Reason != procpool.Memory || ce.Attempts != 2 {
		t.Fatalf("got %v, want the reason memory after 2 attempts", err)
	}
	return ce
}
