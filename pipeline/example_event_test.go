package pipeline_test

import (
	"context"
	"fmt"

	"tandem/pipeline"
)

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

// How do I wait for an event and for something else at once?
func ExampleEvent_Done() {
	var drain pipeline.Event
	pages := make(chan string)
	go func() {
		pages <- "one"
		pages <- "two"
		drain.Set()
	}()
	for !drain.IsSet() {
		select {
		case page := <-pages:
			fmt.Println(page)
		case <-drain.Done(): // asked for each time: Clear makes a new one
			fmt.Println("drained")
		}
	}
	// Output:
	// one
	// two
	// drained
}

// How do I pause goroutines, more than once?
func ExampleEvent_Clear() {
	var open pipeline.Event
	open.Set()
	fmt.Println(open.IsSet())
	open.Clear() // whoever waits from now on waits for the next Set
	fmt.Println(open.IsSet())
	// Output:
	// true
	// false
}
