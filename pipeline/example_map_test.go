package pipeline_test

import (
	"context"
	"fmt"
	"slices"

	"tandem/pipeline"
)

// How do I run a task over many inputs and keep their order?
func ExampleMap() {
	ctx := context.Background()
	ex := pipeline.NewGoroutines(tasks(), 2)
	for out, err := range pipeline.Map(ctx, ex, upper, slices.Values([]string{"one", "", "three"})) {
		if err != nil {
			fmt.Println("this one failed:", err) // and the others do not
			continue
		}
		fmt.Println(out)
	}
	fmt.Println(ex.Close(ctx))
	// Output:
	// ONE
	// this one failed: task "upper": nothing to raise
	// THREE
	// <nil>
}

// How do I stop at the first error?
func ExampleMap_break() {
	ctx := context.Background()
	ex := pipeline.NewGoroutines(tasks(), 2)
	for out, err := range pipeline.Map(ctx, ex, upper, slices.Values([]string{"one", "", "three"})) {
		if err != nil {
			fmt.Println(err)
			break // what is under way is cancelled
		}
		fmt.Println(out)
	}
	fmt.Println(ex.Close(ctx))
	// Output:
	// ONE
	// task "upper": nothing to raise
	// <nil>
}

// How do I get each result as soon as it is there?
func ExampleAsCompleted() {
	ctx := context.Background()
	ex := pipeline.NewGoroutines(tasks(), 2)
	var c pipeline.Completed[string, string] // in no particular order, so each comes with its input
	for c = range pipeline.AsCompleted(ctx, ex, upper, slices.Values([]string{"one", "two", "three"})) {
		fmt.Println(c.In, c.Out, c.Err)
	}
	fmt.Println(ex.Close(ctx))
	// Unordered output:
	// one ONE <nil>
	// two TWO <nil>
	// three THREE <nil>
	// <nil>
}

// narrow is an executor that wants two calls under way, and no more.
type narrow struct{ pipeline.Executor }

func (narrow) Window() int { return 2 }

// How far ahead of its loop does Map pull inputs?
func ExampleWindower() {
	ctx := context.Background()
	var ex pipeline.Executor = narrow{pipeline.NewSerial(tasks())}
	fmt.Println("window:", ex.(pipeline.Windower).Window())
	inputs := func(yield func(string) bool) {
		for _, in := range []string{"a", "b", "c", "d"} {
			fmt.Println("pulled", in)
			if !yield(in) {
				return
			}
		}
	}
	for out := range pipeline.Map(ctx, ex, upper, inputs) {
		fmt.Println("got", out)
	}
	fmt.Println(ex.Close(ctx))
	// Output:
	// window: 2
	// pulled a
	// pulled b
	// got A
	// pulled c
	// got B
	// pulled d
	// got C
	// got D
	// <nil>
}
