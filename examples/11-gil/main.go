// Lesson 11: the GIL.
//
// # Question
//
// CPython has a global interpreter lock, the GIL: of all threads of a process, one at a time runs Python code. Two
// threads compute in pure Python on two free cores. Afterwards each of them adds 1 to the same x. What is true?
//
//	a) the computing takes half the time, since threads run on several cores; x needs a lock
//	b) it takes as long as one after the other; x needs no lock, since the GIL lets nobody in between
//	c) it takes as long as one after the other, and x needs a lock nevertheless
//
// # Answer
//
// c. The GIL keeps the interpreter's own data whole, not yours. It may change hands in the middle of a line, and x += 1
// is three steps: read, add, write. GOMAXPROCS=1 does the same to Go: one goroutine at a time runs Go code, and an
// addition is lost all the same. But Go does so only when told to; otherwise goroutines use every core.
//
//	a) is how Go, Java and the free-threaded builds of CPython (since 3.13) work, not a build with the GIL. There,
//	   threads help where the GIL is let go: while they wait, and inside much of the C code (zlib, NumPy).
//	b) takes "one at a time" for "one after the other". Lesson 04 loses an update in just this way.
//
// # Common mistake
//
// "I ran x += 1 in threads a million times, and nothing was lost." Since 3.10 the interpreter changes threads only at
// calls and in loops, so a bare x += 1 hardly ever loses; x += f() does. No version of Python promises either.
//
// # Python
//
//	import sys, threading, time
//	x, both, gil = 0, threading.Barrier(2), getattr(sys, "_is_gil_enabled", lambda: True)()
//	def work(n=1_500_000):
//	    while n: n -= 1
//	def add():
//	    global x
//	    x += 1 + 0 * both.wait()  # reads x, waits until the other one has read it too, adds, writes
//	def threads(job):
//	    ts = [threading.Thread(target=job) for _ in range(2)]
//	    [t.start() for t in ts], [t.join() for t in ts]
//	print("CPython", sys.version.split()[0], "with the GIL" if gil else "without the GIL")
//	for how, run in ("one after the other", lambda: (work(), work())), ("two threads", lambda: threads(work)):
//	    wall, cpu, _ = time.perf_counter(), time.process_time(), run()
//	    print(f"  {how:20} elapsed {time.perf_counter() - wall:.3f} s, CPU time {time.process_time() - cpu:.3f} s")
//	threads(add), print("  x += 1 twice, with a change of threads in between: x =", x)
//
// # In production
//
//	pipeline/doc.go: Go has no global interpreter lock
//	pipeline/goroutines.go: runtime.GOMAXPROCS(0)
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

func run() error {
	cores := runtime.NumCPU()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	fmt.Println(runtime.Version(), "without a GIL, two goroutines")
	shadow := computing(1)
	if cores > 1 {
		computing(cores)
	} else {
		fmt.Println("  This machine has one core: here nothing can take half the time, in Go neither.")
	}
	runtime.GOMAXPROCS(1)
	x := adding()
	fmt.Printf("  GOMAXPROCS=1, x = x + 1 twice, with a change of goroutines in between: x = %d\n\n", x)
	if x != 1 || !shadow.oneCore() {
		return fmt.Errorf("GOMAXPROCS=1: x = %d and %v, want 1 and one core's time", x, shadow)
	}
	return python()
}

// used is what some work took.
type used struct{ elapsed, cpu time.Duration }

// oneCore reports whether the work had one core at most; a fifth is granted to what the system does beside it.
func (u used) oneCore() bool { return u.cpu < u.elapsed*6/5+10*time.Millisecond }

// computing has two goroutines compute, with so many threads for Go code.
func computing(procs int) used {
	runtime.GOMAXPROCS(procs)
	began, before := time.Now(), cpuTime()
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			sum := 0
			for i := range 60_000_000 {
				sum += i ^ sum
			}
			runtime.KeepAlive(sum)
		})
	}
	both.Wait()
	u := used{time.Since(began), cpuTime() - before}
	fmt.Printf("  GOMAXPROCS=%-9d elapsed %.3f s, CPU time %.3f s\n", procs, u.elapsed.Seconds(), u.cpu.Seconds())
	return u
}

// cpuTime is what this process has had of all cores so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it takes no argument that could be wrong
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// adding adds 1 to x twice. Each goroutine waits between reading and writing until the other has read, too.
func adding() (x int) {
	var bothRead, done sync.WaitGroup
	bothRead.Add(2)
	for range 2 {
		done.Go(func() {
			seen := x
			bothRead.Done()
			bothRead.Wait() // here the other goroutine gets its turn
			x = seen + 1
		})
	}
	done.Wait()
	return x
}

var timesOfThreads = regexp.MustCompile(`two threads +elapsed ([0-9.]+) s, CPU time ([0-9.]+) s`)

// python runs the Python of this lesson's header, where there is a Python.
func python() error {
	path, err := exec.LookPath("python3")
	if err != nil {
		fmt.Println("python3 is not on this machine: CPython's part is left out")
		return nil
	}
	l, err := lesson.Parse(source)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	b, err := exec.CommandContext(ctx, path, "-c", l.Python).Output()
	if err != nil {
		return fmt.Errorf("run %q: %w", path, err)
	}
	out := string(b)
	fmt.Print(out)
	times := timesOfThreads.FindStringSubmatch(out)
	if times == nil || !strings.HasSuffix(out, "x = 1\n") {
		return errors.New("CPython: no times, or x is not 1")
	}
	var elapsed, cpu float64
	fmt.Sscan(times[1]+" "+times[2], &elapsed, &cpu) // two numbers, says the pattern
	u := used{time.Duration(elapsed * 1e9), time.Duration(cpu * 1e9)}
	if strings.Contains(out, "with the GIL") && !u.oneCore() {
		return fmt.Errorf("CPython: two threads with the GIL had more than one core: %v", u)
	}
	return nil
}
