package procpool_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

// How does a program become its own worker? The first three lines of its main function do it; the rest of main is the
// program itself. A test binary does the same in TestMain.
func ExampleIsWorker() {
	tasks := roughTasks()
	if procpool.IsWorker() {
		os.Exit(procpool.Main(context.Background(), tasks))
	}
	fmt.Println("the program itself")
	// Output: the program itself
}

// What becomes of an item that brings its process down?
func ExamplePool() {
	ctx := context.Background()
	pool, err := procpool.New(ctx, procpool.Config{Tasks: roughTasks(), Workers: 2, Env: []string{roughEnv + "=1"}})
	if err != nil {
		panic(err)
	}
	// Task exits ends its process with the status that is its input.
	bad := pool.Submit(ctx, pipeline.Call{Task: "exits", Payload: []byte("7")})
	for out, err := range pipeline.Map(ctx, pool, echo, slices.Values([]string{"its", "neighbours"})) {
		fmt.Println(out, err)
	}
	var crash *procpool.CrashError
	if _, err := bad.Wait(ctx); errors.As(err, &crash) {
		fmt.Println(crash.Reason, crash.ExitCode, crash.Attempts)
	}
	fmt.Println(pool.Close(ctx))
	// Output:
	// its <nil>
	// neighbours <nil>
	// crash 7 2
	// <nil>
}
