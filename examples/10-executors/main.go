// Lesson 10: executors.
//
// # Question
//
// The squares of 0 … 9 are computed by one and the same code, through three executors: serial, on goroutines (Go's
// thread pool), and in worker processes (a process pool). Two of them work on several items at once. What differs
// between the three results?
//
//	a) the order: goroutines and processes deliver whatever is finished first
//	b) nothing: ten squares, in the order of the inputs
//	c) the values: a process computes in its own memory, so its results must be fetched by hand
//
// # Answer
//
// b. An executor takes calls and returns futures, and Map waits for the futures in the order in which it made them. How
// the work is done is the executor's business, so it can be changed in one line. So can the end: Close takes no more
// calls, waits for those it took, and ends the goroutines or the processes. With defer this lifecycle is
// automatic: Close runs however the function ends.
//
//	a) describes AsCompleted (lesson 25). Map holds finished results back until it is their turn.
//	c) is true of a variable changed in a process (lesson 08). A result is returned: the task's codecs turn the
//	   input into bytes for the pipe, and the result into bytes for the way back.
//
// # Common mistake
//
// To forget the end. An executor that is not closed keeps its goroutines and processes; one whose program ends without
// waiting loses the calls that were under way. In Python, write with, in Go, defer Close, in the line after the making.
//
// # Python
//
//	from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
//	def square(n):
//	    return n * n
//	class Serial(Executor):
//	    def submit(self, fn, *args):
//	        future = Future()
//	        future.set_result(fn(*args))
//	        return future
//	if __name__ == "__main__":
//	    for kind in (Serial, ThreadPoolExecutor, ProcessPoolExecutor):
//	        with kind() as executor:  # the end of the block waits, then ends threads and processes
//	            future = executor.submit(square, 10)
//	            print(*executor.map(square, range(10)), "by", kind.__name__)
//	        print("after the block, the future is done:", future.done())
//
// # In production
//
//	processor/engine.go: pipeline.NewGoroutines(set, workers)
//	processor/engine.go: procpool.New(ctx, procpool.Config{
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"slices"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

//go:embed main.go
var source string

func main() {
	if procpool.IsWorker() {
		os.Exit(procpool.Main(context.Background(), tasks()))
	}
	os.Exit(lesson.Run(source, run))
}

// answer is what square returns.
type answer struct {
	Square int
	PID    int // of the process that computed it
}

// square is the task: a name, a function, and codecs, so that inputs and results can travel.
func square() pipeline.Task[int, answer] {
	return pipeline.Task[int, answer]{Name: "square", Version: 1, In: pipeline.JSON[int](), Out: pipeline.JSON[answer](),
		Do: func(_ context.Context, n int, _ *pipeline.Ref) (answer, error) {
			return answer{n * n, os.Getpid()}, nil
		}}
}

// tasks is what the program and its workers both know.
func tasks() *pipeline.TaskSet {
	set, err := pipeline.NewTaskSet(square())
	if err != nil {
		panic(err) // one task, with a name
	}
	return set
}

func run() error {
	ctx := context.Background()
	for _, e := range []struct {
		name  string
		start func() (pipeline.Executor, error)
	}{
		{"serial", func() (pipeline.Executor, error) { return pipeline.NewSerial(tasks()), nil }},
		{"goroutines", func() (pipeline.Executor, error) { return pipeline.NewGoroutines(tasks(), 2), nil }},
		{"processes", func() (pipeline.Executor, error) {
			return procpool.New(ctx, procpool.Config{Tasks: tasks(), Workers: 2})
		}},
	} {
		ex, err := e.start()
		if err != nil {
			return err
		}
		late, err := use(ctx, e.name, ex)
		if err != nil {
			return fmt.Errorf("use executor %q: %w", e.name, err)
		}
		if err := ended(ctx, ex, late); err != nil {
			return fmt.Errorf("close executor %q: %w", e.name, err)
		}
	}
	return nil
}

// use is the one code for all executors, and what a with block is in Python: when it returns, the executor is closed. It
// also submits a call that it does not wait for, and returns its future.
func use(ctx context.Context, name string, ex pipeline.Executor) (late *pipeline.Future, err error) {
	defer func() { err = errors.Join(err, ex.Close(ctx)) }()
	numbers := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	where := "in this process"
	var got []int
	for a, err := range pipeline.Map(ctx, ex, square(), slices.Values(numbers)) {
		if err != nil {
			return nil, err
		}
		if a.PID != os.Getpid() {
			where = "in another process"
		}
		got = append(got, a.Square)
	}
	fmt.Printf("%-10s  %v  %s\n", name, got, where)
	if want := []int{0, 1, 4, 9, 16, 25, 36, 49, 64, 81}; !slices.Equal(got, want) {
		return nil, fmt.Errorf("got %v, want %v", got, want)
	}
	call, err := square().Call(10)
	if err != nil {
		return nil, err
	}
	return ex.Submit(ctx, call), nil
}

// ended looks at an executor after Close: the call that nobody waited for has ended, and no other is taken.
func ended(ctx context.Context, ex pipeline.Executor, late *pipeline.Future) error {
	select {
	case <-late.Done():
	default:
		return errors.New("a call is under way")
	}
	a, err := square().Result(ctx, late)
	if err != nil || a.Square != 100 {
		return fmt.Errorf("the late call returned %d, %v", a.Square, err)
	}
	call, err := square().Call(11)
	if err != nil {
		return err
	}
	_, err = ex.Submit(ctx, call).Wait(ctx)
	if !errors.Is(err, pipeline.ErrClosed) {
		return fmt.Errorf("a call after the end ended with %v", err)
	}
	fmt.Printf("%10s  after Close: the square of 10, which nobody waited for, is there: %d; one more call is refused: %v\n",
		"", a.Square, err)
	return nil
}
