// Lesson 13: staying responsive.
//
// # Question
//
// A loop answers its user every 10 ms. Between two answers it has to do a job of about 100 ms: one time it asks a slow
// server, another time it computes. What must leave the loop, so that it goes on answering during the job?
//
//	a) neither: the runtime switches to the loop in time
//	b) computing only: waiting for the server costs no core
//	c) both, and computing needs a second core besides
//	d) both, each to a goroutine of its own; one core is enough
//
// # Answer
//
// d. A loop answers nothing while it is inside a call, whatever the call does. The job goes to a goroutine; the loop
// waits for questions and for the result in one select, and takes whichever comes first.
//
//	a) The runtime switches between goroutines, and the loop is one of them: it is in the middle of its call.
//	b) A core would be free, but the loop is not: it is the one who waits for the server.
//	c) Go takes a goroutine that computes off the core after about 10 ms if another is ready. On one core the answers
//	   come up to 10 ms late, and they come. A second core makes them punctual.
//
// # Common mistake
//
// One slow call in a loop that serves many: a request without a timeout, a large file, a long calculation. In an event
// loop of one thread, such as Python's asyncio, it stops everybody; there a calculation has to leave the loop even when a second core is free.
//
// # Python
//
//	import threading, time
//	def wait():
//	    time.sleep(0.1)
//	def compute():
//	    sum(i * i for i in range(1_000_000))
//	for job in wait, compute:
//	    done, answers = threading.Event(), 0
//	    def work():
//	        job()
//	        done.set()
//	    thread = threading.Thread(target=work)
//	    thread.start()
//	    while not done.wait(0.01):  # the loop: every 10 ms it is free to answer
//	        answers += 1
//	    print(f"{job.__name__}: {answers} answers meanwhile")
//
// # In production
//
//	internal/report/poll.go: ticker.C
//	load/phase.go: case <-tick.C
package main

import (
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"sync"
	"time"

	"tandem/examples/internal/lanes"
	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

const (
	every   = 10 * time.Millisecond  // the user asks
	latency = 100 * time.Millisecond // of the server
)

func run() error {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(latency) }))
	defer server.Close()
	fetch := func() error { return get(server.URL) }
	var background sync.WaitGroup
	inLoop := func(job func()) { job() }
	inGoroutine := background.Go
	chart := lanes.New()
	fmt.Printf("%-23s %16s %16s\n", "", "answers during it", "longest silence")
	for _, c := range []struct {
		name   string
		job    func() error
		start  func(func())
		silent bool // during the job
	}{
		{"wait, in the loop", fetch, inLoop, true},
		{"wait, in a goroutine", fetch, inGoroutine, false},
		{"compute, in the loop", compute, inLoop, true},
		{"compute, in a goroutine", compute, inGoroutine, false},
	} {
		answers, silence, err := loop(c.job, c.start, chart, c.name)
		background.Wait()
		if err != nil {
			return err
		}
		fmt.Printf("%-23s %16d %16v\n", c.name, answers, silence.Round(time.Millisecond))
		if (answers == 0) != c.silent {
			return fmt.Errorf("%s: %d answers during the job, want none: %v", c.name, answers, c.silent)
		}
	}
	fmt.Println()
	return chart.Draw(os.Stdout, 80)
}

// span is how long a job took.
type span struct {
	from, to time.Duration
	err      error
}

// loop answers a user, starts a job after the third answer and ends three answers after the job. It returns how many
// answers came during the job, and the longest time without one.
func loop(job func() error, start func(func()), chart *lanes.Chart, lane string) (int, time.Duration, error) {
	began := time.Now()
	questions := time.NewTicker(every)
	defer questions.Stop()
	result := make(chan span, 1)
	var answers []time.Duration
	var done span
	for after := 0; after < 3; {
		select {
		case <-questions.C:
			answers = append(answers, time.Since(began))
			if done.to > 0 {
				after++
			}
			if len(answers) == 3 {
				start(func() {
					from := time.Since(began)
					err := job()
					result <- span{from, time.Since(began), err}
				})
			}
		case done = <-result:
		}
	}
	chart.Add(lane, '.', done.from, done.to)
	during, silence, last := 0, time.Duration(0), answers[0]
	for _, at := range answers {
		chart.Add(lane, '|', at, at)
		silence, last = max(silence, at-last), at
		if at > done.from && at < done.to {
			during++
		}
	}
	return during, silence, done.err
}

// get waits for the server's answer.
func get(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// compute keeps a core busy and waits for nothing.
func compute() error {
	x := uint64(1)
	for range 55_000_000 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	runtime.KeepAlive(x)
	return nil
}
