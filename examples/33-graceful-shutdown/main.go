// Lesson 33: graceful shutdown.
//
// # Question
//
// A service has taken three items off its queue and works on them. The system sends it SIGTERM, as it does before it
// shuts down or starts a new version. The service does nothing about signals. What becomes of the three items?
//
//	a) they are finished: a program ends when its goroutines have ended
//	b) they are put back: the deferred functions still run
//	c) they are lost: the process ends at once
//
// # Answer
//
// c. Without a handler, SIGTERM ends the process where it stands. A service that loses nothing stops in two phases. The
// first signal means drain: take no more, and finish what is in hand. The second one means abort: the context ends, and
// the work in hand is given up in an orderly way, here by giving it back. Two different things are told, so there are two
// means: an Event for drain, a context for abort.
//
//	a) not even without a signal: a program in Go ends when main returns, whatever its goroutines do.
//	b) deferred functions run when a function returns or panics. Here no function returns. The same goes for os.Exit.
//
// # Common mistake
//
// One context for both: the first signal cancels it, and with it all that was almost finished. Or a drain without a
// second phase: one item that hangs, and the program can only be killed; the system does that soon, and then everything
// is lost. And to clean up where the signal arrives: there, set the Event, and the workers stop by themselves.
//
// # Python
//
//	import os, queue, signal, threading
//	items, finished = queue.Queue(), []
//	drain, in_hand = threading.Event(), threading.Event()
//	signal.signal(signal.SIGTERM, lambda *_: drain.set())
//	def work():
//	    while not drain.is_set():  # takes no more
//	        item = items.get()
//	        in_hand.set()
//	        drain.wait()  # in the middle of the work, the signal comes
//	        finished.append(item)
//	[items.put(n) for n in range(100)]
//	(worker := threading.Thread(target=work)).start()
//	in_hand.wait(), os.kill(os.getpid(), signal.SIGTERM)
//	worker.join()
//	print("finished", finished, "- still in the queue:", items.qsize())
//
// # In production
//
//	internal/cli/signals.go: drain.Set
//	crawler/run.go: watchDrain
//	processor/compute.go: DrainGrace
package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
)

//go:embed main.go
var source string

const (
	role    = "TANDEM_LESSON_SERVICE" // in the environment of the service: whether it minds signals
	workers = 3
)

func main() {
	if minds, ok := os.LookupEnv(role); ok {
		os.Exit(serve(minds == "true"))
	}
	os.Exit(lesson.Run(source, run))
}

// run shuts the service down in three ways and counts what becomes of its items.
func run() error {
	fmt.Printf("%-18s  taken  finished  given back  lost  end of the process\n", "")
	for _, c := range []struct {
		name    string
		minds   bool
		signals int
		want    string
	}{
		{"no handler", false, 1, "3 0 0 3 signal: terminated"},
		{"drain", true, 1, "3 3 0 0 exit status 0"},
		{"drain, then abort", true, 2, "3 0 3 0 exit status 130"},
	} {
		count, end, err := shutDown(c.minds, c.signals)
		if err != nil {
			return fmt.Errorf("shut down service %q: %w", c.name, err)
		}
		lost := count["taken"] - count["finished"] - count["returned"]
		fmt.Printf("%-18s  %5d  %8d  %10d  %4d  %s\n", c.name, count["taken"], count["finished"], count["returned"], lost, end)
		if got := fmt.Sprint(count["taken"], count["finished"], count["returned"], lost, " ", end); got != c.want {
			return fmt.Errorf("shut down service %q: %q, want %q", c.name, got, c.want)
		}
	}
	return nil
}

// shutDown starts the service as a process of its own, sends it signals when all its workers have an item in hand, and
// counts what it said.
func shutDown(minds bool, signals int) (count map[string]int, end string, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	service := exec.CommandContext(ctx, self)
	service.Env = append(os.Environ(), fmt.Sprintf("%s=%t", role, minds))
	work, inErr := service.StdinPipe() // the work in hand lasts until this is closed
	said, outErr := service.StdoutPipe()
	if err := errors.Join(inErr, outErr, service.Start()); err != nil {
		return nil, "", err
	}
	count = make(map[string]int) // of what it says
	for lines := bufio.NewScanner(said); lines.Scan() && err == nil; {
		text := lines.Text()
		count[text]++
		switch {
		case text == "taken" && count[text] == workers, text == "draining" && signals == 2:
			err = service.Process.Signal(syscall.SIGTERM)
		case text == "draining", text == "returned" && count[text] == workers:
			err = work.Close()
		}
	}
	work.Close()
	_ = service.Wait() // how it ended is in its state
	return count, service.ProcessState.String(), err
}

// serve is the service: it works until it is told to stop, says what it does, and returns its exit code.
func serve(minds bool) int {
	signals := make(chan os.Signal, 2) // without Notify nothing ever comes
	if minds {
		signal.Notify(signals, syscall.SIGTERM)
	}
	ctx, abort := context.WithCancel(context.Background())
	defer abort()
	var drain pipeline.Event
	worked := make(chan struct{}) // closed when the work in hand is done: shutDown says when
	go func() {                   // ends before the service does: shutDown closes the pipe on every way
		defer close(worked)
		_, _ = io.Copy(io.Discard, os.Stdin)
	}()
	var working sync.WaitGroup
	for range workers {
		working.Go(func() { work(ctx, &drain, worked) })
	}
	ended := make(chan struct{})
	go func() { // ends with the workers
		defer close(ended)
		working.Wait()
	}()

	<-signals // the first: drain
	drain.Set()
	fmt.Println("draining")
	select {
	case <-ended:
		return 0
	case <-signals: // the second: abort
		abort()
		<-ended
		<-worked
		return 130
	}
}

// work takes one item after the other until the drain, and gives back what it has in hand when ctx ends.
func work(ctx context.Context, drain *pipeline.Event, worked <-chan struct{}) {
	for !drain.IsSet() {
		fmt.Println("taken")
		select {
		case <-worked:
			fmt.Println("finished")
		case <-ctx.Done():
			fmt.Println("returned")
		}
	}
}
