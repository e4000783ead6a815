package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"tandem/pipeline"
)

// mustQueue is for configurations that are known to be valid.
func mustQueue[T any](cfg pipeline.QueueConfig[T]) *pipeline.Queue[T] {
	q, err := pipeline.NewQueue(cfg)
	if err != nil {
		panic(err)
	}
	return q
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
			break // and nothing is left
		}
		fmt.Print(page, " ")
	}
	// Output: a b c d
}

// Which item comes out next?
func ExampleOrder() {
	for _, cfg := range []pipeline.QueueConfig[int]{
		{Order: pipeline.FIFO},
		{Order: pipeline.LIFO},
		{Order: pipeline.Priority, Less: func(a, b int) bool { return a < b }},
	} {
		q := mustQueue(cfg)
		for _, depth := range []int{2, 3, 1} {
			q.TryPut(depth)
		}
		fmt.Print(cfg.Order, ":")
		for depth, ok := q.TryGet(); ok; depth, ok = q.TryGet() {
			fmt.Print(" ", depth)
		}
		fmt.Println()
	}
	// Output:
	// fifo: 2 3 1
	// lifo: 1 3 2
	// priority: 1 2 3
}

// How do I bound a queue by the memory of what is in it?
func ExampleQueueConfig_bytes() {
	q := mustQueue(pipeline.QueueConfig[string]{
		MaxBytes: 10,
		Size:     func(page string) int64 { return int64(len(page)) },
	})
	fmt.Println(q.TryPut("seven b"))
	fmt.Println(q.TryPut("four")) // there is room for three
	fmt.Println(q.Len(), "item,", q.Bytes(), "bytes")

	q.TryGet()
	fmt.Println(q.TryPut("larger than the bound")) // alone, it is let in: it would wait for ever
	// Output:
	// true
	// false
	// 1 item, 7 bytes
	// true
}

// What is wrong with my configuration?
func ExampleQueueConfig_Validate() {
	fmt.Println(pipeline.QueueConfig[int]{Order: pipeline.Priority, MaxItems: -1}.Validate())
	// Output:
	// queue: order priority with Less set: false
	// queue: negative bound: MaxItems -1, MaxBytes 0
}

// How do I wait until everything that was put has been dealt with, when handling an item puts others?
func ExampleQueue_Join() {
	ctx := context.Background()
	links := map[string][]string{"/": {"/a", "/b"}, "/a": {"/a/1", "/a/2"}}
	q := mustQueue(pipeline.QueueConfig[string]{}) // without a bound: those who take from it put into it
	var mu sync.Mutex
	visited := 0

	var workers sync.WaitGroup
	for range 3 {
		workers.Go(func() {
			for {
				page, err := q.Get(ctx)
				if err != nil {
					return
				}
				for _, link := range links[page] {
					q.TryPut(link)
				}
				mu.Lock()
				visited++
				mu.Unlock()
				q.Done() // after its links are in: the queue is never idle in between
			}
		})
	}
	q.TryPut("/")
	if err := q.Join(ctx); err != nil {
		fmt.Println(err)
	}
	q.Close() // the workers wait for more
	workers.Wait()
	fmt.Println(visited)
	// Output: 5
}

// What becomes of the items in a queue that is closed?
func ExampleQueue_Close() {
	ctx := context.Background()
	q := mustQueue(pipeline.QueueConfig[string]{})
	q.TryPut("a")
	q.TryPut("b")
	q.Close()
	fmt.Println(q.Put(ctx, "c"))
	for range 3 {
		page, err := q.Get(ctx)
		fmt.Println(page, err)
	}
	// Output:
	// closed
	// a <nil>
	// b <nil>
	//  closed
}
