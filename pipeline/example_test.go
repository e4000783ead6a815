package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tandem/pipeline"
)

// upper is a task: a named function with codecs for its input and its output.
var upper = pipeline.Task[string, string]{
	Name: "upper", Version: 1,
	In: pipeline.Text(), Out: pipeline.Text(),
	Do: func(_ context.Context, in string, _ *pipeline.Ref) (string, error) {
		if in == "" {
			return "", errors.New("nothing to raise")
		}
		return strings.ToUpper(in), nil
	},
}

func tasks() *pipeline.TaskSet {
	set, err := pipeline.NewTaskSet(upper)
	if err != nil {
		panic(err)
	}
	return set
}

// How do I tell goroutines to drain?
func ExampleEvent() {
	var drain pipeline.Event
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		if err := drain.Wait(context.Background()); err == nil {
			fmt.Println("draining")
		}
	}()
	drain.Set()
	<-finished
	fmt.Println(drain.IsSet())
	// Output:
	// draining
	// true
}

// How do I keep a fast producer from running ahead of a slow consumer?
func ExampleQueue() {
	ctx := context.Background()
	q, err := pipeline.NewQueue(pipeline.QueueConfig[string]{MaxItems: 2})
	if err != nil {
		panic(err)
	}
	go func() {
		defer q.Close() // the sender closes
		for _, page := range []string{"a", "b", "c", "d"} {
			if err := q.Put(ctx, page); err != nil { // waits while two are in the queue
				return
			}
		}
	}()
	for {
		page, err := q.Get(ctx)
		if errors.Is(err, pipeline.ErrClosed) {
			break
		}
		fmt.Print(page, " ")
		q.Done()
	}
	fmt.Println(q.Join(ctx))
	// Output: a b c d <nil>
}

// How do I serve the most urgent item first?
func ExampleQueue_priority() {
	q, err := pipeline.NewQueue(pipeline.QueueConfig[int]{
		Order: pipeline.Priority,
		Less:  func(a, b int) bool { return a < b },
	})
	if err != nil {
		panic(err)
	}
	for _, depth := range []int{3, 1, 2} {
		q.TryPut(depth)
	}
	q.Close()
	for depth, ok := q.TryGet(); ok; depth, ok = q.TryGet() {
		fmt.Print(depth, " ")
	}
	// Output: 1 2 3
}

// How do I run calls, on whatever the executor stands for?
func ExampleExecutor() {
	ctx := context.Background()
	for _, ex := range []pipeline.Executor{pipeline.NewSerial(tasks()), pipeline.NewGoroutines(tasks(), 2)} {
		future := ex.Submit(ctx, pipeline.Call{Task: "upper", Payload: []byte("tandem")})
		b, err := future.Wait(ctx)
		fmt.Println(string(b), err, ex.Close(ctx))
	}
	// Output:
	// TANDEM <nil> <nil>
	// TANDEM <nil> <nil>
}

// How do I wait for one call, or give it up?
func ExampleFuture() {
	ctx := context.Background()
	ex := pipeline.NewGoroutines(tasks(), 1)
	future := ex.Submit(ctx, pipeline.Call{Task: "upper", Payload: []byte("")})
	<-future.Done()
	_, err := future.Wait(ctx)
	fmt.Println(err)
	fmt.Println("cancelled:", future.Cancel()) // too late
	fmt.Println(ex.Close(ctx))
	// Output:
	// task "upper": nothing to raise
	// cancelled: false
	// <nil>
}

// How do I run a task over many inputs and keep their order?
func ExampleMap() {
	ctx := context.Background()
	ex := pipeline.NewGoroutines(tasks(), 2)
	for out, err := range pipeline.Map(ctx, ex, upper, slices.Values([]string{"one", "", "three"})) {
		fmt.Println(out, err)
	}
	fmt.Println(ex.Close(ctx))
	// Output:
	// ONE <nil>
	//  task "upper": nothing to raise
	// THREE <nil>
	// <nil>
}

// How do I get each result as soon as it is there?
func ExampleAsCompleted() {
	ctx := context.Background()
	ex := pipeline.NewGoroutines(tasks(), 2)
	for c := range pipeline.AsCompleted(ctx, ex, upper, slices.Values([]string{"one", "two", "three"})) {
		fmt.Println(c.In, c.Out, c.Err)
	}
	fmt.Println(ex.Close(ctx))
	// Unordered output:
	// one ONE <nil>
	// two TWO <nil>
	// three THREE <nil>
	// <nil>
}
