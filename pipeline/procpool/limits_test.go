package procpool_test

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

func TestTooLarge(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, MaxCall: 1000, MaxResult: 1 << 20})
	neighbour := call(t, pool, echo, "before")
	big := call(t, pool, blob, strconv.Itoa(100<<20))
	if _, err := big.Wait(t.Context()); !errors.Is(err, procpool.ErrTooLarge) || !strings.Contains(err.Error(), "104857600") {
		t.Errorf("result of 100 MB: got %v, want ErrTooLarge with its size", err)
	}
	if _, err := call(t, pool, echo, strings.Repeat("x", 1001)).Wait(t.Context()); !errors.Is(err, procpool.ErrTooLarge) {
		t.Errorf("input of 1001 bytes: got %v, want ErrTooLarge", err)
	}
	if got, err := echo.Result(t.Context(), neighbour); got != "before" || err != nil {
		t.Errorf("neighbour: got %q, %v", got, err)
	}
	if s := pool.Stats(); s.Crashes != 0 {
		t.Errorf("stats %+v, want no crash", s)
	}
	wantEcho(t, pool)
}

// What breaks the protocol costs the call that did it.
func TestGarbledFrames(t *testing.T) {
	t.Parallel()
	for name, garbage := range map[string]string{
		"text":        "hello, this is not a frame at all",
		"huge length": "\xff\xff\xff\xff\x06\x00\x00\x00\x00\x00\x00\x00\x01",
		"other call":  "\x00\x00\x00\x09\x06\x00\x00\x00\x00\x00\x0f\x42\x40",
		"bad payload": "\x00\x00\x00\x09\x07\x00\x00\x00\x00\x00\x00\x00\x01",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := openRough(t, procpool.Config{Workers: 1})
			bad := call(t, pool, garble, garbage)
			neighbour := call(t, pool, echo, "behind")
			if got, err := echo.Result(t.Context(), neighbour); got != "behind" || err != nil {
				t.Errorf("neighbour: got %q, %v", got, err)
			}
			_, err := bad.Wait(t.Context())
			got := wantCrash(t, err, procpool.CrashError{Reason: procpool.Crash, Signal: "killed", ExitCode: -1})
			if !strings.Contains(got.Detail, "garbled frame") {
				t.Errorf("detail %q", got.Detail)
			}
			wantEcho(t, pool)
		})
	}
}

// A worker that closes its results is replaced; its call is tried twice like one that crashes.
func TestClosedResults(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1})
	_, err := call(t, pool, closes, "").Wait(t.Context())
	var ce *procpool.CrashError
	if !errors.As(err, &ce) || ce.Attempts != 2 || ce.Reason != procpool.Crash {
		t.Errorf("got %v, want a crash after 2 attempts", err)
	}
	wantEcho(t, pool)
}

func TestRecycling(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, MaxItemsPerWorker: 10})
	pids := make(map[string]int)
	for range 100 {
		got, err := pid.Result(t.Context(), call(t, pool, pid, ""))
		if err != nil {
			t.Fatal(err)
		}
		pids[got]++
	}
	for p, n := range pids {
		if n > 10 {
			t.Errorf("worker %s ran %d calls, limit 10", p, n)
		}
	}
	if s := pool.Stats(); s.Crashes != 0 || s.Restarts < 9 {
		t.Errorf("stats %+v, want at least 9 restarts and no crash", s)
	}
}

// Calls behind a slow one go to an idle worker.
func TestSlowCallHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 2})
	for range 2000 { // until both workers have many in flight
		call(t, pool, echo, "warm up")
	}
	path := newFIFO(t)
	slow := call(t, pool, blocks, path)
	var behind []*pipeline.Future
	for range 300 {
		behind = append(behind, call(t, pool, echo, "behind"))
	}
	for _, f := range behind {
		if _, err := f.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	if _, err := slow.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 2})
	wantEcho(t, pool)
	s := pool.Stats()
	if s.Workers != 2 || len(s.PerWorker) != 2 || s.Done != 20 || s.Outstanding != 0 || len(s.Limits) == 0 {
		t.Errorf("stats %+v", s)
	}
	if s.MaxWorkerRSS == 0 {
		t.Error("no memory figure")
	}
	if err := pool.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := pool.Stats(); s.CPU <= 0 || s.Workers != 0 {
		t.Errorf("after Close: %+v, want the CPU of all workers", s)
	}
}
