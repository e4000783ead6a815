// Lesson 02: waiting or working.
//
// # Question
//
// Eight jobs are done one after the other, then by eight goroutines at once. Three kinds of jobs: ask a server that takes
// 20 ms for every answer; compute something; read a file that was written a moment ago. The program uses four cores
// at most. Which kind gets about eight times as fast?
//
//	a) all three: eight goroutines do eight jobs at once
//	b) the server and the files: both are input and output, and that is waiting
//	c) the server only
//	d) computing: that is where the work is
//
// # Answer
//
// c. Waiting costs no core, so eight waits fit into the time of one, on one core too. That is I/O-bound work: many
// goroutines help, far more than there are cores. Computing is CPU-bound: it gets at most as many times faster as there
// are free cores. The column "core busy" tells which is which: near 0 % is waiting, near 100 % is computing.
//
//	a) Goroutines are not cores. Eight that compute on four cores take turns.
//	b) The system keeps what was just written in memory, in the page cache. To read it is to copy memory: work for a
//	   core (in the kernel, which GOMAXPROCS does not limit), and no disk takes part. What has to come from the disk is
//	   waiting; how much of that overlaps is up to the disk. To measure it, read more than fits into the memory.
//	d) It gains as many times as there are cores, at most; on one core nothing.
//
// # Common mistake
//
// To time a program that reads files a second time and to call the result the speed of the disk. And to choose the number
// of goroutines by the number of cores for work that waits, or by hundreds for work that computes.
//
// # Python
//
//	import time
//	from concurrent.futures import ThreadPoolExecutor
//	def wait(n):
//	    time.sleep(0.02)  # as a server that takes 20 ms
//	def compute(n):
//	    sum(i * i for i in range(150_000))
//	for job in wait, compute:
//	    began = time.perf_counter()
//	    [job(n) for n in range(8)]
//	    serial = time.perf_counter() - began
//	    with ThreadPoolExecutor(8) as pool:
//	        began = time.perf_counter()
//	        list(pool.map(job, range(8)))
//	        print(f"{job.__name__}: {serial / (time.perf_counter() - began):.1f} times as fast")
//
// # In production
//
//	crawler/config.go: Concurrency int
//	processor/engine.go: runtime.GOMAXPROCS(0)
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/examples/internal/lesson"
	"tandem/internal/usage"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

const (
	jobs    = 8
	latency = 20 * time.Millisecond // of the server
	most    = 4                     // cores for Go code: fewer than jobs, so that one sees what cores do not speed up
)

func run() error {
	cores := min(runtime.GOMAXPROCS(0), most)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(latency) }))
	defer server.Close()
	dir, err := os.MkdirTemp("", "lesson02-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, make([]byte, 16<<20), 0o600); err != nil {
		return err
	}
	fmt.Printf("%-16s %11s %10s %12s %7s\n", "eight jobs", "in a row", "core busy", "at once", "faster")
	var idle, gain float64 // of the last kind
	for _, kind := range []struct {
		name string
		job  func() error
	}{
		{"compute", compute},
		{"read a file", func() error { return read(file) }},
		{"ask a server", func() error { return ask(server.URL) }},
	} {
		serial, busy, err := measure(1, kind.job)
		if err != nil {
			return err
		}
		many, _, err := measure(jobs, kind.job)
		if err != nil {
			return err
		}
		idle, gain = 1-busy, serial.Seconds()/many.Seconds()
		fmt.Printf("%-16s %8.1f ms %8.0f %% %9.1f ms %6.1fx\n", kind.name, ms(serial), 100*busy, ms(many), gain)
	}
	fmt.Printf("\nCores for Go code: %d. For computing that is the limit, give or take what else the machine does; not for waiting.\n", cores)
	if idle < 0.5 || gain < 2 {
		return fmt.Errorf("eight waits: core idle for %.2f of the time, at once %.1f times as fast; want 0.5 and 2 at least",
			idle, gain)
	}
	return nil
}

// measure runs the jobs, that many at once, twice, and returns for the better time how long they took and which share of
// it a core was busy.
func measure(atOnce int, job func() error) (best time.Duration, busy float64, err error) {
	for range 2 {
		var group errgroup.Group
		group.SetLimit(atOnce)
		before, _ := usage.Self()
		began := time.Now()
		for range jobs {
			group.Go(job)
		}
		if err := group.Wait(); err != nil {
			return 0, 0, err
		}
		took := time.Since(began)
		after, _ := usage.Self()
		if best == 0 || took < best {
			best, busy = took, (after-before).Seconds()/took.Seconds()
		}
	}
	return best, busy, nil
}

// ask waits for the server's answer.
func ask(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	return drain(resp.Body)
}

// read reads a file whole.
func read(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return drain(f)
}

// drain reads to the end.
func drain(r io.ReadCloser) error {
	_, err := io.Copy(io.Discard, r)
	return errors.Join(err, r.Close())
}

// compute keeps a core busy and waits for nothing.
func compute() error {
	x := uint64(1)
	for range 3_000_000 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	runtime.KeepAlive(x)
	return nil
}

// ms returns a duration in milliseconds.
func ms(d time.Duration) float64 { return d.Seconds() * 1000 }
