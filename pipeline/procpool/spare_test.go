package procpool_test

import (
	"errors"
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"

	"tandem/pipeline/procpool"
)

// workerPID has the pool's one worker tell its process number.
func workerPID(t *testing.T, pool *procpool.Pool) int {
	t.Helper()
	got, err := pid.Result(t.Context(), call(t, pool, pid, ""))
	if err != nil {
		t.Fatal(err)
	}
	return size(got)
}

// waitSpare waits until the pool has a spare worker.
func waitSpare(t *testing.T, pool *procpool.Pool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); pool.Stats().Spares == 0; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("no spare worker")
		}
	}
}

// A dead worker's place is taken by the spare one, which was there before the death.
func TestSpareTakesThePlace(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1})
	first := workerPID(t, pool)
	waitSpare(t, pool)
	spare := pool.Stats().SparePIDs
	if len(spare) != 1 || spare[0] == first {
		t.Fatalf("spare workers %v beside %d, want another one", spare, first)
	}
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitGone(t, first)
	if next := workerPID(t, pool); next != spare[0] {
		t.Errorf("worker %d took the place of %d, want the spare %d", next, first, spare[0])
	}
}

// A spare that died unseen is as good as none.
func TestDeadSpare(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1})
	first := workerPID(t, pool)
	waitSpare(t, pool)
	for _, victim := range append(pool.Stats().SparePIDs, first) {
		if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	wantEcho(t, pool)
}

func TestNoSpare(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, Spares: -1})
	before := workerPID(t, pool)
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if after := workerPID(t, pool); after == before {
		t.Errorf("worker %d is still there", after)
	}
	if s := pool.Stats(); s.Spares != 0 {
		t.Errorf("stats %+v, want no spare", s)
	}
}

// Signals that may have come from anywhere count less than what a call does itself, and do not count for ever.
func TestStraySignals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kills, attempts int }{{3, 0}, {4, 4}} {
		t.Run(strconv.Itoa(c.kills), func(t *testing.T) {
			t.Parallel()
			pool := openRough(t, procpool.Config{Workers: 1})
			gate, err := net.Listen("unix", t.TempDir()+"/gate")
			if err != nil {
				t.Fatal(err)
			}
			defer gate.Close()
			f := call(t, pool, dials, gate.Addr().String())
			for range c.kills {
				conn, err := gate.Accept() // waits until it runs
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if err := syscall.Kill(pool.Stats().PerWorker[0].PID, syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
			}
			if c.attempts == 0 {
				conn, err := gate.Accept()
				if err != nil {
					t.Fatal(err)
				}
				conn.Close()
				if got, err := dials.Result(t.Context(), f); got != "released" || err != nil {
					t.Errorf("after %d kills: got %q, %v", c.kills, got, err)
				}
				return
			}
			_, err = f.Wait(t.Context())
			var ce *procpool.CrashError
			if !errors.As(err, &ce) || ce.Attempts != c.attempts || ce.Signal != "terminated" || ce.Reason != procpool.Crash {
				t.Errorf("after %d kills: got %v, want a CrashError after %d attempts", c.kills, err, c.attempts)
			}
		})
	}
}
