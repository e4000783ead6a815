package procpool_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

// parentMain is a program whose pool is busy when it is killed.
func parentMain(ctx context.Context) int {
	pool, err := procpool.New(ctx, procpool.Config{Tasks: roughTasks(), Workers: 2, Env: []string{roughEnv + "=1"}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for _, w := range pool.Stats().PerWorker {
		fmt.Println(w.PID)
	}
	busy := pool.Submit(ctx, pipeline.Call{Task: "loops"})
	fmt.Println("busy")
	_, err = busy.Wait(ctx)
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// When the pool's process is killed its workers die: the idle one and the one in an endless loop.
func TestWorkersDieWithTheirPool(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), parentEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []int
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "busy"; {
		pid, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if len(pids) != 2 {
		t.Fatalf("the program told of workers %v, want 2", pids)
	}
	for _, pid := range pids {
		waitGone(t, pid)
	}
}

// waitGone waits until the process is dead, reaped by whoever is to or not.
func waitGone(t *testing.T, pid int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-tick.C {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil && syscall.Kill(pid, 0) != nil {
			return
		}
		if i := strings.LastIndex(string(b), ") "); i >= 0 && b[i+2] == 'Z' {
			return
		}
	}
	t.Errorf("process %d still lives", pid)
}

// What a task started dies with its worker.
func TestGrandchildrenDie(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, ItemTimeout: 200 * time.Millisecond})
	path := filepath.Join(t.TempDir(), "pids")
	_, err := call(t, pool, spawns, path).Wait(t.Context())
	wantCrash(t, err, procpool.CrashError{Reason: procpool.Deadline, Signal: "killed", ExitCode: -1})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error("a deadline that killed is not context.DeadlineExceeded")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pids := strings.Fields(string(b))
	if len(pids) != 2 {
		t.Errorf("programs started: %v, want one for each attempt", pids)
	}
	for _, s := range pids {
		waitGone(t, size(s))
	}
}

func wantCrash(t *testing.T, err error, want procpool.CrashError) *procpool.CrashError {
	t.Helper()
	var got *procpool.CrashError
	if !errors.As(err, &got) {
		t.Fatalf("got %v, want a CrashError", err)
	}
	if got.Reason != want.Reason || got.Signal != want.Signal || got.ExitCode != want.ExitCode || got.Attempts != 2 {
		t.Errorf("got %+v, want %+v after 2 attempts", got, want)
	}
	return got
}

func TestCrashErrorTellsWhy(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1})
	_, err := call(t, pool, cries, "last words").Wait(t.Context())
	got := wantCrash(t, err, procpool.CrashError{Reason: procpool.Crash, ExitCode: 3})
	if got.Stderr != "last words\n" {
		t.Errorf("stderr %q", got.Stderr)
	}
	if s := pool.Stats(); s.Quarantined != 1 || s.Crashes != 2 {
		t.Errorf("stats %+v, want 1 quarantined after 2 crashes", s)
	}
	wantEcho(t, pool)
}

// A task that minds its context ends by itself at the deadline: no strike, no kill.
func TestSoftDeadline(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, ItemTimeout: 50 * time.Millisecond})
	_, err := call(t, pool, minds, "").Wait(t.Context())
	var te *pipeline.TaskError
	if !errors.As(err, &te) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want a TaskError that is context.DeadlineExceeded", err)
	}
	if s := pool.Stats(); s.Crashes != 0 || s.Restarts != 0 {
		t.Errorf("stats %+v, want no crash", s)
	}
}

// Workers outlive the thread of whoever opened the pool, although the kernel would kill them with the thread that
// started them.
func TestWorkersOutliveTheOpenersThread(t *testing.T) {
	t.Parallel()
	opened := make(chan *procpool.Pool)
	go func() {
		runtime.LockOSThread() // not unlocked: the thread ends with the goroutine
		opened <- openRough(t, procpool.Config{Workers: 2})
	}()
	pool := <-opened
	for range 50 { // while threads come and go
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.LockOSThread()
		}()
		<-done
	}
	wantEcho(t, pool)
	if s := pool.Stats(); s.Crashes != 0 || s.Restarts != 0 {
		t.Errorf("stats %+v, want no crash", s)
	}
}

// A call that ignores its cancelled context costs its worker, not a strike, and nobody waits for it.
func TestCancelledCallThatGoesOn(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, GracePeriod: 50 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	path := newFIFO(t)
	f := pool.Submit(ctx, pipeline.Call{Task: "blocks", Payload: []byte(path)})
	w, err := os.OpenFile(path, os.O_WRONLY, 0) // waits until it runs
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	cancel()
	if _, err := f.Wait(t.Context()); err != context.Canceled {
		t.Errorf("got %v, want context.Canceled", err)
	}
	wantEcho(t, pool)
	if s := pool.Stats(); s.Crashes != 0 || s.Restarts != 1 {
		t.Errorf("stats %+v, want one restart and no crash", s)
	}
}

// One call of several with the same context is aborted; it goes on, and its worker is killed. Its chunk-mates are
// delivered.
func TestAbortedCallThatGoesOn(t *testing.T) {
	t.Parallel()
	pool := openRough(t, procpool.Config{Workers: 1, GracePeriod: 50 * time.Millisecond})
	path := newFIFO(t)
	f := call(t, pool, blocks, path)
	mate := call(t, pool, echo, "mate")
	w, err := os.OpenFile(path, os.O_WRONLY, 0) // waits until it runs
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	f.Abort()
	if _, err := f.Wait(t.Context()); err != pipeline.ErrCancelled {
		t.Errorf("got %v, want ErrCancelled", err)
	}
	if got, err := echo.Result(t.Context(), mate); got != "mate" || err != nil {
		t.Errorf("the call behind it: got %q, %v", got, err)
	}
	if s := pool.Stats(); s.Crashes != 0 || s.Restarts != 1 {
		t.Errorf("stats %+v, want one restart and no crash", s)
	}
}

// Workers that die without one success in between fail the pool; every call ends with the causes.
func TestRestartBudget(t *testing.T) {
	t.Parallel()
	pool := open(t, procpool.Config{Workers: 2, RestartBudget: 5, Tasks: roughTasks(), Env: []string{roughEnv + "=1"}})
	var futures []*pipeline.Future
	for range 20 {
		futures = append(futures, call(t, pool, exits, "9"))
	}
	failed := 0
	for _, f := range futures {
		_, err := f.Wait(t.Context())
		var fe *procpool.FailedError
		switch {
		case errors.As(err, &fe):
			failed++
			if !strings.Contains(err.Error(), "exit status 9") {
				t.Errorf("got %v, want the causes", err)
			}
		case err == nil:
			t.Error("a call that exits succeeded")
		}
	}
	if failed < 14 {
		t.Errorf("%d of 20 calls ended with the pool's failure", failed)
	}
	var fe *procpool.FailedError
	if _, err := call(t, pool, echo, "x").Wait(t.Context()); !errors.As(err, &fe) {
		t.Errorf("submit to a failed pool: got %v", err)
	}
	if err := pool.Close(t.Context()); !errors.As(err, &fe) {
		t.Errorf("Close: got %v, want the FailedError", err)
	}
}
