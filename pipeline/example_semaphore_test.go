package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"tandem/pipeline"
)

// How do I bound the memory that goroutines use, when some need more than others?
func ExampleSemaphore() {
	ctx := context.Background()
	memory := pipeline.NewSemaphore(64 << 20) // bytes
	var inUse, tooMuch atomic.Int64
	var wg sync.WaitGroup
	for _, image := range []int64{40 << 20, 1 << 20, 30 << 20, 1 << 20, 64 << 20} {
		wg.Go(func() {
			if err := memory.Acquire(ctx, image); err != nil { // waits until that much is free
				fmt.Println(err)
				return
			}
			defer memory.Release(image)
			if inUse.Add(image) > 64<<20 {
				tooMuch.Add(1)
			}
			inUse.Add(-image)
		})
	}
	wg.Wait()
	fmt.Println("over the bound:", tooMuch.Load())

	err := memory.Acquire(ctx, 65<<20) // would wait for ever
	fmt.Println(err)
	fmt.Println(errors.Is(err, pipeline.ErrTooLarge))
	// Output:
	// over the bound: 0
	// acquire 68157440 of a semaphore of 67108864: larger than the whole
	// true
}

// How do I take a slot only if one is free, and never wait?
func ExampleSemaphore_TryAcquire() {
	slots := pipeline.NewSemaphore(2)
	for range 3 {
		fmt.Println(slots.TryAcquire(1))
	}
	slots.Release(1)
	fmt.Println(slots.TryAcquire(1))
	// Output:
	// true
	// true
	// false
	// true
}
