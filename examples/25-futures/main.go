// Lesson 25: futures.
//
// # Question
//
// Four calls A, B, C and D are submitted to two workers; each returns a future at once. A takes far longer than the
// others together. One loop waits for the futures in the order of submission, another takes them as completed. What do the
// two loops print?
//
//	a) both B C D A: a result arrives when it is ready
//	b) both A B C D: an executor keeps the order
//	c) in order: A B C D, all of them after A is done; as completed: B C D A
//
// # Answer
//
// c. A future is a place for a result that is still to come, and waiting for it is up to you. Who waits for A first sees
// nothing of B, C and D until A is there, though they are finished; their results are kept meanwhile. As completed hands
// out whatever is ready. Both take the same time in all; what differs is when the first result can be used.
//
//	a) forgets that the loop stands at A's Wait and can look at nothing else.
//	b) is what Map does on purpose (lesson 10): order costs waiting, and memory for what is finished early.
//
// # Common mistake
//
// To submit and to wait in the same step: submit A, wait, submit B, wait. That is serial, with an executor around it. The
// other one is to drop the future: the error of a call is in it and nowhere else, so nobody ever hears of it. And Cancel
// takes back only what has not started; to stop what runs, use Abort, or cancel the context that it was submitted with.
//
// # Python
//
//	from concurrent.futures import ThreadPoolExecutor, as_completed
//	import threading
//	gate = threading.Event()
//	def work(name):
//	    if name == "A":
//	        gate.wait()
//	    return name
//	with ThreadPoolExecutor(2) as pool:
//	    futures = [pool.submit(work, name) for name in "ABCD"]
//	    for n, future in enumerate(as_completed(futures)):  # B, C, D in some order
//	        print("as completed:", future.result())
//	        if n == 2:
//	            gate.set()  # A may end now
//	    print("in order:", *[future.result() for future in futures])
//
// # In production
//
//	processor/compute.go: pipeline.AsCompleted(work, e
//	pipeline/future.go: func (f *Future) Cancel() bool
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

// play is an executor with a task that returns its input: a letter. A is slow: it waits until the gate is set.
type play struct {
	ex     pipeline.Executor
	letter pipeline.Task[string, string]
	begun  pipeline.Event // A runs
	gate   pipeline.Event // A may end
}

// newPlay starts an executor with so many workers.
func newPlay(workers int) (*play, error) {
	p := new(play)
	p.letter = pipeline.Task[string, string]{Name: "letter", In: pipeline.Text(), Out: pipeline.Text(),
		Do: func(ctx context.Context, in string, _ *pipeline.Ref) (string, error) {
			if in != "A" {
				return in, nil
			}
			p.begun.Set()
			return in, p.gate.Wait(ctx)
		}}
	set, err := pipeline.NewTaskSet(p.letter)
	if err != nil {
		return nil, err
	}
	p.ex = pipeline.NewGoroutines(set, workers)
	return p, nil
}

// end lets A end, and waits for all calls.
func (p *play) end(ctx context.Context) error {
	p.gate.Set()
	return p.ex.Close(ctx)
}

// submit hands over a call for each letter and does not wait for any.
func (p *play) submit(ctx context.Context, letters ...string) (futures []*pipeline.Future) {
	for _, in := range letters {
		futures = append(futures, p.ex.Submit(ctx, pipeline.Call{Task: "letter", Payload: []byte(in)}))
	}
	return futures
}

// run plays three scenes, each on an executor of its own.
func run() error {
	ctx := context.Background()
	for _, scene := range []struct {
		workers int
		play    func(context.Context, *play) error
	}{{2, asCompleted}, {2, inOrder}, {1, cancel}} {
		p, err := newPlay(scene.workers)
		if err != nil {
			return err
		}
		if err := errors.Join(scene.play(ctx, p), p.end(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// asCompleted takes each result as soon as it is there. A may end when the others have been taken.
func asCompleted(ctx context.Context, p *play) error {
	var got []string
	for c := range pipeline.AsCompleted(ctx, p.ex, p.letter, slices.Values([]string{"A", "B", "C", "D"})) {
		if got = append(got, c.Out); len(got) == 3 {
			p.gate.Set()
		}
	}
	fmt.Println("as completed:", got)
	return want(got, "B", "C", "D", "A")
}

// inOrder waits for the futures in the order of submission. At first it gives up waiting for A, which A does not notice.
func inOrder(ctx context.Context, p *play) error {
	futures := p.submit(ctx, "A", "B", "C", "D")
	<-futures[3].Done()
	short, stop := context.WithTimeout(ctx, 20*time.Millisecond)
	defer stop()
	_, gaveUp := futures[0].Wait(short)
	p.gate.Set()
	var got []string
	for _, f := range futures {
		b, err := f.Wait(ctx)
		if err != nil {
			return err
		}
		got = append(got, string(b))
	}
	fmt.Println("in order:    ", got)
	fmt.Println("\nD is done; a wait of 20 ms for A ends with:", gaveUp)
	if !errors.Is(gaveUp, context.DeadlineExceeded) {
		return fmt.Errorf("wait for A: got %v, want a deadline", gaveUp)
	}
	return want(got, "A", "B", "C", "D")
}

// cancel cancels a call that waits and one that runs; there is one worker.
func cancel(ctx context.Context, p *play) error {
	futures := p.submit(ctx, "A", "B")
	if err := p.begun.Wait(ctx); err != nil {
		return err
	}
	running, waiting := futures[0].Cancel(), futures[1].Cancel()
	p.gate.Set()
	a, errA := futures[0].Wait(ctx)
	_, errB := futures[1].Wait(ctx)
	fmt.Printf("cancel B, which waits for a worker: %v; it ends with: %v\n", waiting, errB)
	fmt.Printf("cancel A, which runs: %v; it ends with: %s\n", running, a)
	if running || !waiting || errA != nil || !errors.Is(errB, pipeline.ErrCancelled) {
		return fmt.Errorf("cancel: A %v, %v; B %v, %v", running, errA, waiting, errB)
	}
	return nil
}

// want returns an error when the letters are others.
func want(got []string, want ...string) error {
	if !slices.Equal(got, want) {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	return nil
}
