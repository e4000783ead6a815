// Lesson 30: timeout and select.
//
// # Question
//
// A function starts a goroutine that asks a slow server and sends the answer into a channel without a buffer. Then the
// function selects: the answer, or 10 ms gone by. The time is over first, and the function returns an error. What becomes
// of the goroutine?
//
//	a) it gets its answer later, and then waits for ever to send it
//	b) the timeout stops it
//	c) nobody holds the channel any more, so it is taken away with the channel
//
// # Answer
//
// a. A select chooses what the function waits for; it stops nothing. The goroutine goes on, and a send without a buffer
// waits for a receiver that has left. With a buffer of one it can put the answer down and end. When the call takes a
// context as well, it ends with the timeout and not with the answer, and nobody works for nothing.
//
//	b) nothing in Go stops a goroutine from outside. It must be told, by a channel or a context, and listen.
//	c) the goroutine itself still holds the channel, and the garbage collector takes no goroutine away, not even one
//	   that nothing can ever wake.
//
// # Common mistake
//
// make(chan T) in a function with a timeout. Every late answer leaves a goroutine behind, and late answers come in heaps,
// on the day when the server is slow. Give the channel room for every send that can happen, and the context to the call.
//
// # Python
//
//	import threading
//	from concurrent.futures import ThreadPoolExecutor, TimeoutError
//	begun, slow = threading.Event(), threading.Event()
//	def ask():
//	    begun.set(), slow.wait()
//	    return 42
//	with ThreadPoolExecutor() as pool:
//	    answer = pool.submit(ask)
//	    begun.wait()
//	    try:
//	        answer.result(timeout=0.01)
//	    except TimeoutError:
//	        print("too late; cancelled:", answer.cancel(), "- still there:", answer.running())
//	    slow.set()  # a Future is a buffer of one: the thread can end
//	print("the answer nobody waited for:", answer.result())
//
// # In production
//
//	pipeline/queue.go: ready: make(chan error, 1)
//	pipeline/procpool/launch.go: context.WithTimeoutCause
package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

const (
	calls   = 10
	timeout = 10 * time.Millisecond
)

// run calls the slow server in three ways and counts the goroutines that are left.
func run() error {
	fmt.Printf("%d calls that get %v each; the answers are there only later\n\n", calls, timeout)
	fmt.Printf("%22s  timed out  goroutines after that  after the answers\n", "")
	for _, row := range []struct {
		name       string
		buffer     int   // of the channel
		minds      bool  // the call ends when its context does
		soon, late int64 // goroutines that are left after the timeouts, and after the answers
	}{
		{"channel without buffer", 0, false, calls, calls},
		{"buffer of one", 1, false, calls, 0},
		{"buffer and context", 1, true, 0, 0},
	} {
		c := client{server: make(chan struct{}), buffer: row.buffer, minds: row.minds}
		timedOut := 0
		for range calls {
			if _, err := c.ask(context.Background()); err != nil {
				timedOut++
			}
		}
		soon := c.left(row.soon == 0)
		close(c.server) // the answers are there
		late := c.left(row.late == 0)
		fmt.Printf("%-22s  %9d  %21d  %17d\n", row.name, timedOut, soon, late)
		c.release()
		if timedOut != calls || soon != row.soon || late != row.late {
			return fmt.Errorf("%s: %d timed out, %d and %d goroutines are left; want %d, %d, %d",
				row.name, timedOut, soon, late, calls, row.soon, row.late)
		}
	}
	return nil
}

// client asks a server that answers only when its channel is closed.
type client struct {
	server  chan struct{}
	buffer  int
	minds   bool
	answers []chan int
	asking  sync.WaitGroup // one per goroutine of ask
	running atomic.Int64   // how many of them have not ended
}

// ask asks the server and waits for the answer, but not for ever.
func (c *client) ask(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer := make(chan int, c.buffer)
	c.answers = append(c.answers, answer)
	c.running.Add(1)
	c.asking.Go(func() {
		defer c.running.Add(-1)
		if n, err := c.call(ctx); err == nil {
			answer <- n // waits for a receiver, or puts it down where there is room
		}
	})
	select {
	case n := <-answer:
		return n, nil
	case <-ctx.Done(): // or <-time.After(timeout), where there is no context to pass on
		return 0, ctx.Err()
	}
}

// call waits for the server or, if it minds, for the end of ctx.
func (c *client) call(ctx context.Context) (int, error) {
	if !c.minds {
		ctx = context.WithoutCancel(ctx)
	}
	select {
	case <-c.server:
		return 42, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// left returns how many goroutines are left. Those that can end get the time to do so.
func (c *client) left(canEnd bool) int64 {
	if canEnd {
		c.asking.Wait()
	}
	return c.running.Load()
}

// release takes the answers that nobody took, so that this program leaves nothing behind.
func (c *client) release() {
	for _, answer := range c.answers {
		if c.buffer == 0 {
			<-answer
		}
	}
	c.asking.Wait()
}
