package procpool_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

var (
	getenv    = rough("getenv", func(_ context.Context, in string) (string, error) { return os.Getenv(in), nil })
	heeds     = rough("heeds", func(ctx context.Context, in string) (string, error) { return in, ctx.Err() })
	truncates = rough("truncates", func(context.Context, string) (string, error) {
		return "", syscall.Ftruncate(5, 0)
	})
	// escapes leaves behind a process of another group that holds the ends of the pipes, and exits.
	escapes = rough("escapes", func(context.Context, string) (string, error) {
		cmd := exec.Command("sleep", "10")
		cmd.ExtraFiles = []*os.File{os.NewFile(3, "requests"), os.NewFile(4, "results")}
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := cmd.Start(); err != nil {
			return "", err
		}
		os.Exit(3)
		return "", nil
	})
)

// beRogue is a worker that gives its first call back and goes on with an answer to no call, in one write; where the file
// is there already, it is an honest one.
func beRogue(path string) int {
	if _, err := os.Stat(path); err == nil {
		return procpool.Main(context.Background(), roughTasks())
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return 1
	}
	requests, results := os.NewFile(3, "requests"), os.NewFile(4, "results")
	ready, err := json.Marshal(map[string]any{"protocol": 1, "tasks": roughTasks().Specs()})
	if err != nil {
		return 1
	}
	if _, err := skipFrame(requests); err != nil {
		return 1
	}
	if _, err := results.Write(rawFrame(2, 0, ready)); err != nil {
		return 1
	}
	id, err := skipFrame(requests)
	if err != nil {
		return 1
	}
	if _, err := results.Write(append(rawFrame(9, id, nil), rawFrame(6, id+1000, nil)...)); err != nil {
		return 1
	}
	select {}
}

func rawFrame(kind byte, id uint64, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(9+len(body)))
	b = binary.BigEndian.AppendUint64(append(b, kind), id)
	return append(b, body...)
}

func skipFrame(r io.Reader) (id uint64, err error) {
	head := make([]byte, 13)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, err
	}
	_, err = io.CopyN(io.Discard, r, int64(binary.BigEndian.Uint32(head))-9)
	return binary.BigEndian.Uint64(head[5:]), err
}

// A call that a worker gave back is not lost when the next frame is garbled.
func TestCallGivenBackBeforeGarbage(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, Env: []string{rogueEnv + "=" + filepath.Join(t.TempDir(), "once")}})
	if got, err := echo.Result(t.Context(), call(t, pool, echo, "x")); got != "x" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// stop stops every thread of a process.
func stop(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-tick.C {
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		running := 0
		for _, path := range threads {
			if b, err := os.ReadFile(path); err == nil && !bytes.Contains(b, []byte(") T ")) {
				running++
			}
		}
		if running == 0 {
			return
		}
	}
	t.Fatalf("process %d goes on", pid)
}

// A worker that was stopped between two calls is noticed, and its call goes to another one without a strike.
func TestStoppedWorker(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, ItemTimeout: 100 * time.Millisecond})
	stopped := workerPID(t, pool)
	stop(t, stopped)
	if other := workerPID(t, pool); other == stopped {
		t.Errorf("worker %d answered, which was stopped", other)
	}
}

func TestAbortOfCallInStoppedWorker(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, GracePeriod: 50 * time.Millisecond})
	stop(t, workerPID(t, pool))
	f := call(t, pool, echo, "x")
	waitInFlight(t, pool)
	f.Abort()
	if _, err := f.Wait(t.Context()); err != pipeline.ErrCancelled {
		t.Errorf("got %v, want ErrCancelled", err)
	}
	wantEcho(t, pool)
}

// waitInFlight waits until a worker has a call.
func waitInFlight(t *testing.T, pool *procpool.Pool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-tick.C {
		if s := pool.Stats(); len(s.PerWorker) > 0 && s.PerWorker[0].InFlight > 0 {
			return
		}
	}
	t.Fatal("no call in flight")
}

// However short the grace, an aborted call that goes on ends.
func TestAbortWithoutGrace(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, GracePeriod: time.Nanosecond})
	for i := range 200 {
		f := call(t, pool, loops, "")
		for range i % 10 { // at another moment of its way each time
			pool.Stats()
		}
		f.Abort()
		if _, err := f.Wait(t.Context()); err != pipeline.ErrCancelled {
			t.Fatalf("got %v, want ErrCancelled", err)
		}
	}
}

// A worker that is replaced and does not end is ended, and its successor starts.
func TestRecycledWorkerThatGoesOn(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, MaxItemsPerWorker: 1, Spares: -1, GracePeriod: 50 * time.Millisecond,
		Command: []string{"sh", "-c", `"$0"; exec sleep 600`, os.Args[0]}})
	for range 3 {
		if got, err := echo.Result(t.Context(), call(t, pool, echo, "x")); got != "x" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if s := pool.Stats(); s.Crashes != 0 || s.Restarts < 2 {
		t.Errorf("stats %+v, want restarts and no crash", s)
	}
}

// A spare worker that dies is reaped, although nobody needs it.
func TestDeadSpareIsReaped(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1})
	workerPID(t, pool)
	waitSpare(t, pool)
	dead := pool.Stats().SparePIDs[0]
	if err := syscall.Kill(dead, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); syscall.Kill(dead, 0) == nil; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("process %d is still there, or a zombie", dead)
		}
	}
	waitSpare(t, pool)
	wantEcho(t, pool)
}

func TestEnvironmentWins(t *testing.T) {
	t.Setenv("PROCPOOL_TEST_VARIABLE", "of the parent")
	pool := openRough(t, procpool.Config{Workers: 1, Env: []string{"PROCPOOL_TEST_VARIABLE=own", "GOMAXPROCS=7"}})
	for name, want := range map[string]string{"PROCPOOL_TEST_VARIABLE": "own", "GOMAXPROCS": "7"} {
		if got, err := getenv.Result(t.Context(), call(t, pool, getenv, name)); got != want || err != nil {
			t.Errorf("%s: got %q, %v; want %s", name, got, err, want)
		}
	}
}

// Periods that mean for ever do not overflow into the past.
func TestForever(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, ItemTimeout: math.MaxInt64, GracePeriod: math.MaxInt64})
	ctx, cancel := context.WithTimeout(t.Context(), math.MaxInt64)
	defer cancel()
	c, err := heeds.Call("x")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := heeds.Result(t.Context(), pool.Submit(ctx, c)); got != "x" || err != nil {
		t.Errorf("far deadline: got %q, %v", got, err)
	}
	gate, err := net.Listen("unix", t.TempDir()+"/gate")
	if err != nil {
		t.Fatal(err)
	}
	defer gate.Close()
	f := call(t, pool, dials, gate.Addr().String())
	conn, err := gate.Accept()
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if got, err := dials.Result(t.Context(), f); got != "released" || err != nil {
		t.Errorf("long time: got %q, %v", got, err)
	}
	if s := pool.Stats(); s.Crashes != 0 {
		t.Errorf("stats %+v, want no crash", s)
	}
}

// A task cannot take the mark away under the pool.
func TestTruncatedMark(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, ItemTimeout: 50 * time.Millisecond})
	if _, err := call(t, pool, truncates, "").Wait(t.Context()); err == nil {
		t.Error("a task cut the mark short")
	}
	wantEcho(t, pool)
}

// A process that escaped with the ends of the pipes keeps nobody waiting.
func TestEscapedProcess(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, ItemTimeout: 50 * time.Millisecond, GracePeriod: 50 * time.Millisecond})
	_, err := call(t, pool, escapes, "").Wait(t.Context())
	var ce *procpool.CrashError
	if !errors.As(err, &ce) || ce.Attempts != 2 {
		t.Errorf("got %v, want a CrashError after 2 attempts", err)
	}
	wantEcho(t, pool)
}

// A result too large for the worker's memory costs its own call.
func TestResultBeyondMemory(t *testing.T) {
	t.Parallel()
	needHardLimit(t)
	pool := openRough(t, procpool.Config{Workers: 1, Memory: memory})
	_, err := call(t, pool, blob, strconv.Itoa(63<<20)).Wait(t.Context())
	if err != nil { // there is no telling on which side of the limit it ends
		wantMemory(t, err)
	}
	if s := pool.Stats(); s.Crashes > 2 {
		t.Errorf("stats %+v, want no more than two crashes", s)
	}
	wantEcho(t, pool)
}

// Workers that do not start fail no pool whose other workers answer.
func TestOneSeatThatDoesNotStart(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "broken")
	pool := openRough(t, procpool.Config{Workers: 2, Spares: -1,
		Command: []string{"sh", "-c", `test ! -e "$1" || exit 9; exec "$0"`, os.Args[0], broken}})
	if err := os.WriteFile(broken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pool.Stats().PerWorker[0].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Second); time.Now().Before(deadline); {
		if got, err := works.Result(t.Context(), call(t, pool, works, "1")); got != "1" || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
	}
}

// A worker that does not even read what the pool greets it with fails the start in time.
func TestLongHello(t *testing.T) {
	t.Parallel()
	var many []pipeline.Runnable
	for i := range 10_000 {
		many = append(many, rough(fmt.Sprintf("one of many tasks, number %d", i), nil))
	}
	tasks, err := pipeline.NewTaskSet(many...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = procpool.New(t.Context(), procpool.Config{Tasks: tasks, Workers: 1, Command: []string{"sleep", "600"},
		StartTimeout: 50 * time.Millisecond})
	if err == nil {
		t.Error("started")
	}
}

func TestCloseOfIdlePoolNeedsNoTime(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 10 {
		pool := open(t, procpool.Config{Workers: 1, Tasks: roughTasks(), Env: []string{roughEnv + "=1"}})
		if err := pool.Close(ctx); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
}

// Workers that are killed before they are ready count as dead ones, not as a program that does not start.
func TestKilledAtStart(t *testing.T) {
	t.Parallel()
	count := filepath.Join(t.TempDir(), "count")
	pool := openRough(t, procpool.Config{Workers: 1, Spares: -1,
		Command: []string{"sh", "-c", `echo >>"$1"; n=$(wc -l <"$1"); test "$n" -lt 2 -o "$n" -gt 10 || kill -9 $$; exec "$0"`,
			os.Args[0], count}})
	if err := syscall.Kill(workerPID(t, pool), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	wantEcho(t, pool)
	if s := pool.Stats(); s.Crashes != 10 {
		t.Errorf("stats %+v, want 10 crashes", s)
	}
}
