// Lesson 12: what one crash costs.
//
// # Question
//
// Ten items are computed, by goroutines and by worker processes. Item 3 brings down whatever it runs in: by a crash (it
// calls exit), as a memory bomb (it needs more than there is), or in an endless loop. What does the run lose?
//
//	a) item 3, with both: the goroutine or the process that had it dies, the others go on
//	b) with goroutines everything, with processes item 3
//	c) with goroutines everything, with processes item 3 and the items that waited in the same process
//
// # Answer
//
// b. Goroutines live in one process and die with it, and so do the results that have not left its memory. A worker
// process dies alone. The pool sees which item it had in hand, tries that one again in a fresh worker, and then gives it
// up with a CrashError that names the cause; items that only waited behind it run elsewhere. That is what processes buy
// in Go: not speed, containment.
//
//	a) is true of a panic on its own, which an executor recovers. No recover stops os.Exit, a fault in C code, or
//	   "fatal error: out of memory", and nothing in Go can stop a goroutine from outside.
//	c) is what a simple pool does. This one marks the item in hand in memory shared with the pool, so it knows.
//
// # Common mistake
//
// To trust a time limit alone. A context that is over stops only code that looks at it; a loop that does not look goes
// on, and the goroutine keeps its core and its memory. Python's ProcessPoolExecutor contains less than one hopes, too:
// after one death all its futures fail with BrokenProcessPool, the finished ones excepted.
//
// # Python
//
//	import multiprocessing, os
//	def compute(item, pipe):
//	    if item == 3:
//	        os._exit(9)
//	    pipe.send(item * item)
//	if __name__ == "__main__":
//	    for item in range(10):  # one process per item: dear, but it contains
//	        here, there = multiprocessing.Pipe()
//	        worker = multiprocessing.Process(target=compute, args=(item, there))
//	        worker.start(), there.close()
//	        try:
//	            print(item, "squared is", here.recv())
//	        except EOFError:  # the other end is closed: its process is dead
//	            worker.join(), print(item, "is lost, exit code", worker.exitcode)
//	        worker.join()
//
// # In production
//
//	processor/engine.go: errors.As(err, &crash)
//	pipeline/procpool/errors.go: type CrashError struct
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

//go:embed main.go
var source string

const (
	memory  = 256 << 20              // bytes that a process may hold here
	patient = 300 * time.Millisecond // how long one item may take
)

func main() {
	if procpool.IsWorker() {
		os.Exit(procpool.Main(context.Background(), tasks()))
	}
	if len(os.Args) == 3 && os.Args[1] == "goroutines" {
		os.Exit(onGoroutines(os.Args[2]))
	}
	os.Exit(lesson.Run(source, run))
}

// compute is the task. Its input says what to do: nothing bad, mostly.
func compute() pipeline.Task[string, string] {
	return pipeline.Task[string, string]{Name: "compute", Version: 1, In: pipeline.Text(), Out: pipeline.Text(),
		Do: func(_ context.Context, in string, _ *pipeline.Ref) (string, error) {
			switch in {
			case "exits":
				os.Exit(9)
			case "needs 2 GiB":
				return string(make([]byte, 8*memory)), nil // as an image does whose header lies
			case "loops":
				for {
				}
			}
			return in, nil
		}}
}

// tasks is what the program and its workers both know.
func tasks() *pipeline.TaskSet {
	set, err := pipeline.NewTaskSet(compute())
	if err != nil {
		panic(err) // one task, with a name
	}
	return set
}

// items are ten, and item 3 is bad.
func items(bad string) []string {
	list := slices.Repeat([]string{"fine"}, 10)
	list[3] = bad
	return list
}

func run() (err error) {
	ctx := context.Background()
	pool, err := procpool.New(ctx, procpool.Config{Tasks: tasks(), Workers: 2, Memory: memory, ItemTimeout: patient})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close(ctx)) }()
	fmt.Printf("item 3 of ten is bad; a process may hold %d MiB, one item may take %v\n", memory>>20, patient)
	for _, c := range []struct {
		bad  string
		want procpool.Reason
	}{{"exits", procpool.Crash}, {"needs 2 GiB", procpool.Memory}, {"loops", procpool.Deadline}} {
		fmt.Printf("item 3 %s\n", c.bad)
		delivered, end, err := goroutines(c.bad)
		if err != nil {
			return err
		}
		fmt.Printf("  on goroutines   %2d of 10 delivered; the program: %s\n", delivered, end)
		rest, crash, err := processes(ctx, pool, c.bad)
		if err != nil {
			return err
		}
		fmt.Printf("  in processes    %2d of 10 delivered; item 3: %s, tried %d times\n", rest, crash.Reason, crash.Attempts)
		if delivered != 0 || rest != 9 || crash.Reason != c.want {
			return fmt.Errorf("item 3 %s: %d and %d delivered, %w", c.bad, delivered, rest, crash)
		}
	}
	return nil
}

// processes computes the items in the pool. It returns how many were delivered, and what became of the bad one.
func processes(ctx context.Context, pool pipeline.Executor, bad string) (int, *procpool.CrashError, error) {
	delivered, crash := 0, new(procpool.CrashError)
	for _, err := range pipeline.Map(ctx, pool, compute(), slices.Values(items(bad))) {
		switch {
		case err == nil:
			delivered++
		case !errors.As(err, &crash):
			return 0, nil, err
		}
	}
	return delivered, crash, nil
}

// goroutines starts this program once more, to compute the items on goroutines, and tells how that ended.
func goroutines(bad string) (delivered int, end string, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, "", err
	}
	limit := 20 * time.Second
	if bad == "loops" { // nobody would ever end it
		limit = patient
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	out, err := exec.CommandContext(ctx, self, "goroutines", bad).Output()
	exit := new(exec.ExitError)
	if !errors.As(err, &exit) {
		return 0, "", fmt.Errorf("run goroutines: want a crash, got %v", err)
	}
	end = exit.String()
	if line, _, found := strings.Cut(string(exit.Stderr), "\n"); found {
		end += ", " + line
	}
	if ctx.Err() != nil {
		end += fmt.Sprintf(", by us after %v", limit)
	}
	return strings.Count(string(out), "fine"), end, nil
}

// onGoroutines is what that program does: it computes the items, and prints the results when it has them all.
func onGoroutines(bad string) int {
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: memory, Max: memory}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	ctx := context.Background()
	ex := pipeline.NewGoroutines(tasks(), 2)
	defer ex.Close(ctx)
	var results []string
	for r := range pipeline.Map(ctx, ex, compute(), slices.Values(items(bad))) {
		results = append(results, r)
	}
	fmt.Println(results)
	return 0
}
