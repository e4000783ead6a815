package pipeline_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tandem/pipeline"
)

// How do I wait until something that a lock guards has become so?
func ExampleCondition() {
	ctx := context.Background()
	var mu sync.Mutex
	changed := pipeline.NewCondition(&mu)
	balance := 0 // guarded by mu

	go func() {
		for range 3 {
			mu.Lock()
			balance += 50
			changed.Broadcast()
			mu.Unlock()
		}
	}()

	mu.Lock()
	defer mu.Unlock()
	if err := changed.WaitFor(ctx, func() bool { return balance >= 120 }); err != nil {
		fmt.Println(err)
		return
	}
	balance -= 120 // the lock is held: nobody was faster
	fmt.Println("paid")
	// Output: paid
}

// How do I give up waiting, which sync.Cond cannot?
func ExampleCondition_Wait() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	var mu sync.Mutex
	changed := pipeline.NewCondition(&mu)

	mu.Lock()
	err := changed.Wait(ctx) // nobody will signal
	fmt.Println(err)
	fmt.Println("another could lock:", mu.TryLock())
	mu.Unlock()
	// Output:
	// context deadline exceeded
	// another could lock: false
}

// How do I wake one that waits, where one is enough?
func ExampleCondition_Signal() {
	ctx := context.Background()
	var mu sync.Mutex
	free := 0 // guarded by mu
	freed := pipeline.NewCondition(&mu)
	var customers sync.WaitGroup
	for range 3 {
		customers.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			if err := freed.WaitFor(ctx, func() bool { return free > 0 }); err == nil {
				free-- // each takes one, so each that becomes free needs to wake one
			}
		})
	}
	for range 3 {
		mu.Lock()
		free++
		mu.Unlock()
		freed.Signal()
	}
	customers.Wait()
	fmt.Println("free:", free)
	// Output: free: 0
}
