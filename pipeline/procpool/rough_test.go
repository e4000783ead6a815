package procpool_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

// The rough tasks do to their process what hostile inputs do.
var (
	echo  = rough("echo", func(_ context.Context, in string) (string, error) { return in, nil })
	pid   = rough("pid", func(context.Context, string) (string, error) { return strconv.Itoa(os.Getpid()), nil })
	blob  = rough("blob", func(_ context.Context, in string) (string, error) { return strings.Repeat("x", size(in)), nil })
	exits = rough("exits", func(_ context.Context, in string) (string, error) { os.Exit(size(in)); return "", nil })
	cries = rough("cries", func(_ context.Context, in string) (string, error) {
		fmt.Fprintln(os.Stderr, in)
		os.Exit(3)
		return "", nil
	})
	garble = rough("garble", func(_ context.Context, in string) (string, error) {
		_, err := syscall.Write(4, []byte(in))
		if err != nil {
			return "", err
		}
		select {}
	})
	closes = rough("closes", func(context.Context, string) (string, error) {
		return "", syscall.Close(4)
	})
	minds = rough("minds", func(ctx context.Context, _ string) (string, error) { <-ctx.Done(); return "", ctx.Err() })
	loops = rough("loops", func(context.Context, string) (string, error) {
		for {
		}
	})
	hoards = rough("hoards", hoard)
	bomb   = rough("bomb", explode)
	works  = rough("works", work)
	tries  = rough("tries", try)
	shares = rough("shares", share)
	spawns = rough("spawns", spawn)
	blocks = rough("blocks", block)
	dials  = rough("dials", dial)
)

func roughTasks() *pipeline.TaskSet {
	set, err := pipeline.NewTaskSet(echo, pid, blob, exits, cries, garble, closes, minds, loops, hoards, bomb, works, tries, getenv, heeds, truncates, escapes, shares, spawns, blocks, dials)
	if err != nil {
		panic(err)
	}
	return set
}

func rough(name string, do func(context.Context, string) (string, error)) pipeline.Task[string, string] {
	return pipeline.Task[string, string]{Name: name, Version: 1, In: pipeline.Text(), Out: pipeline.Text(),
		Do: func(ctx context.Context, in string, _ *pipeline.Ref) (string, error) { return do(ctx, in) }}
}

func size(in string) int {
	n, err := strconv.Atoi(in)
	if err != nil {
		panic(err)
	}
	return n
}

var hoarded [][]byte // in a worker only

// hoard keeps so many megabytes for good.
func hoard(_ context.Context, in string) (string, error) {
	for range size(in) {
		hoarded = append(hoarded, touched(1<<20))
	}
	return strconv.Itoa(os.Getpid()), nil
}

// explode allocates until something stops it; 8 GiB is plenty.
func explode(context.Context, string) (string, error) {
	var all [][]byte
	for range 8 << 10 {
		all = append(all, touched(1<<20))
	}
	return strconv.Itoa(len(all)), nil
}

// share takes so many megabytes that count as shared, uses them and waits.
func share(_ context.Context, in string) (string, error) {
	b, err := syscall.Mmap(-1, 0, size(in)<<20, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED|syscall.MAP_ANON)
	if err != nil {
		return "", err
	}
	for i := 0; i < len(b); i += 4096 {
		b[i] = 1
	}
	select {}
}

func touched(n int) []byte {
	b := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		b[i] = 1
	}
	return b
}

// spawn starts a program that outlives its task, writes its number to the file that is its input, and loops.
func spawn(_ context.Context, path string) (string, error) {
	cmd := exec.Command("sleep", "600")
	if err := cmd.Start(); err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	fmt.Fprintln(f, cmd.Process.Pid)
	f.Close()
	select {}
}

// block tells the named pipe that is its input that it runs, then waits for the pipe's other end to close.
func block(_ context.Context, path string) (string, error) {
	f, err := os.Open(path) // waits for a writer
	if err != nil {
		return "", err
	}
	defer f.Close()
	_, err = io.Copy(io.Discard, f)
	return "released", err
}

// dial connects to the socket that is its input, so that a test knows that it runs, and waits for the other end to close.
func dial(_ context.Context, path string) (string, error) {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	_, err = io.Copy(io.Discard, conn)
	return "released", err
}

// newFIFO makes a named pipe for block. Opening it for writing waits until block runs; closing it lets block end.
func newFIFO(t *testing.T) string {
	path := t.TempDir() + "/fifo"
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// openRough returns a pool of the rough tasks that is closed, without an error, at the end of the test.
func openRough(t *testing.T, cfg procpool.Config) *procpool.Pool {
	t.Helper()
	cfg.Tasks, cfg.Env = roughTasks(), append(cfg.Env, roughEnv+"=1")
	pool := open(t, cfg)
	t.Cleanup(func() {
		if err := pool.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return pool
}

func call(t *testing.T, pool *procpool.Pool, task pipeline.Task[string, string], in string) *pipeline.Future {
	t.Helper()
	c, err := task.Call(in)
	if err != nil {
		t.Fatal(err)
	}
	return pool.Submit(t.Context(), c)
}

func wantEcho(t *testing.T, pool *procpool.Pool) {
	t.Helper()
	for i := range 20 {
		in := strconv.Itoa(i)
		if got, err := echo.Result(t.Context(), call(t, pool, echo, in)); got != in || err != nil {
			t.Fatalf("afterwards: got %q, %v; want %q", got, err, in)
		}
	}
}
