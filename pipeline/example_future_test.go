package pipeline_test

import (
	"context"
	"errors"
	"fmt"

	"tandem/pipeline"
)

// untilCancelled returns a task that runs until its context is over, and a channel that tells when one runs.
func untilCancelled() (task pipeline.Task[string, string], running chan struct{}) {
	running = make(chan struct{}, 1)
	return pipeline.Task[string, string]{
		Name: "wait", In: pipeline.Text(), Out: pipeline.Text(),
		Do: func(ctx context.Context, _ string, _ *pipeline.Ref) (string, error) {
			running <- struct{}{}
			<-ctx.Done()
			return "", ctx.Err()
		},
	}, running
}

// How do I wait for one call?
func ExampleFuture() {
	ctx := context.Background()
	ex := pipeline.NewGoroutines(tasks(), 1)
	future := ex.Submit(ctx, pipeline.Call{Task: "upper", Payload: []byte("tandem")})
	<-future.Done() // for a select; Wait alone would do
	b, err := future.Wait(ctx)
	fmt.Println(string(b), err)
	fmt.Println(ex.Close(ctx))
	// Output:
	// TANDEM <nil>
	// <nil>
}

// How do I take back a call that has not started?
func ExampleFuture_Cancel() {
	ctx, cancel := context.WithCancel(context.Background())
	task, running := untilCancelled()
	set, err := pipeline.NewTaskSet(task, upper)
	if err != nil {
		panic(err)
	}
	ex := pipeline.NewGoroutines(set, 1)
	first := ex.Submit(ctx, pipeline.Call{Task: "wait"})
	<-running
	second := ex.Submit(ctx, pipeline.Call{Task: "upper", Payload: []byte("waits in line")})

	fmt.Println("first:", first.Cancel()) // too late
	fmt.Println("second:", second.Cancel())
	_, err = second.Wait(ctx)
	fmt.Println(errors.Is(err, pipeline.ErrCancelled))
	cancel() // the context of Submit stops the first
	fmt.Println(ex.Close(context.Background()))
	// Output:
	// first: false
	// second: true
	// true
	// <nil>
}

// How do I stop one call that runs, and no other?
func ExampleFuture_Abort() {
	ctx := context.Background()
	task, running := untilCancelled()
	set, err := pipeline.NewTaskSet(task, upper)
	if err != nil {
		panic(err)
	}
	ex := pipeline.NewGoroutines(set, 1)
	future := ex.Submit(ctx, pipeline.Call{Task: "wait"})
	<-running
	next := ex.Submit(ctx, pipeline.Call{Task: "upper", Payload: []byte("next")})
	future.Abort()
	_, err = future.Wait(ctx)
	fmt.Println(err, errors.Is(err, context.Canceled))
	b, err := next.Wait(ctx)
	fmt.Println(string(b), err)
	fmt.Println(ex.Close(ctx))
	// Output:
	// task "wait": context canceled true
	// NEXT <nil>
	// <nil>
}
