// Lesson 06: a bounded queue holds the producer up.
//
// # Question
//
// A fast producer puts 100 pages into a queue, a slow consumer takes them out. The queue is bounded: it holds 8 pages.
// The consumer has not taken any yet. What happens when the producer puts the ninth page?
//
//	a) the producer waits in Put until the consumer takes a page
//	b) Put returns an error, because the queue is full
//	c) the oldest page is dropped, to make room
//	d) the queue grows, and the page goes in
//
// # Answer
//
// a. That is back-pressure: the slow side sets the pace of the fast side, and memory stays bounded however long it goes
// on. At the end, a page that is taken is not yet done: the consumer has it in hand. Join waits until every page that was
// put is done; an empty queue says only that every page was taken.
//
//	b) Put returns an error when the queue is closed or its context ends. TryPut is the one that does not wait: it says
//	   false when the queue is full, and the caller decides.
//	c) Nothing is dropped. To drop is another policy, for values of which only the newest counts: a temperature.
//	d) An unbounded queue does so. It hides that the consumer is too slow, until memory is full.
//
// # Common mistake
//
// To call an unbounded queue safe because Put never waits. And to take "the queue is empty" for "everything is done".
//
// # Python
//
//	import queue, threading
//	q, done = queue.Queue(maxsize=8), []
//	def consume():
//	    while True:
//	        page = q.get()
//	        done.append(page)
//	        q.task_done()  # Done, for q.join()
//	threading.Thread(target=consume, daemon=True).start()
//	for page in range(100):
//	    q.put(page)  # waits while 8 are in the queue
//	q.join()
//	print(len(done), "pages done")
//
// # In production
//
//	pipeline/goroutines.go: MaxItems: 2 * workers
//	pipeline/queue.go: func (q *Queue[T]) Join
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

const (
	pages = 100
	bound = 8
)

func run() error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	unbounded, err := pipeline.NewQueue(pipeline.QueueConfig[int]{})
	if err != nil {
		return err
	}
	q, err := pipeline.NewQueue(pipeline.QueueConfig[int]{MaxItems: bound})
	if err != nil {
		return err
	}

	grown, held := fill(unbounded), fill(q)
	fmt.Printf("nobody takes a page:    unbounded, it holds %d pages\n", grown)
	fmt.Printf("                        bounded, it holds %d pages\n", held)

	soon, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	ninth := q.Put(soon, held) // nobody takes: it waits as long as its context lets it
	fmt.Printf("Put of the ninth page:  waits in vain: %v; in the queue: %d\n", ninth, q.Len())

	var producer errgroup.Group
	producer.Go(func() error {
		defer q.Close() // the sender closes
		for page := held; page < pages; page++ {
			if err := q.Put(ctx, page); err != nil { // waits whenever the queue is full
				return err
			}
		}
		return nil
	})
	most, early, late, err := consume(ctx, q)
	if err != nil {
		stop() // so that the producer does not wait for ever
	}
	if err := errors.Join(err, producer.Wait()); err != nil {
		return err
	}
	fmt.Printf("a consumer takes them:  all %d came, in order, never more than %d in the queue\n", pages, most)
	fmt.Printf("the last one is taken:  Join goes on waiting: %v\n", early != nil)
	fmt.Printf("the last one is done:   Join goes on waiting: %v\n", late != nil)
	if grown != pages || held != bound || most != bound || !errors.Is(ninth, context.DeadlineExceeded) {
		return fmt.Errorf("fill queues: %d and %d pages, %d at most, ninth page %v", grown, held, most, ninth)
	}
	if early == nil || late != nil {
		return fmt.Errorf("join queue: %v with the last page taken, %v with it done; want an error, then nil", early, late)
	}
	return nil
}

// fill puts pages until all are in or there is no room, and returns how many the queue holds.
func fill(q *pipeline.Queue[int]) int {
	for page := range pages {
		if !q.TryPut(page) {
			break
		}
	}
	return q.Len()
}

// consume takes every page. It returns the most that were in the queue, and what Join says when the last page is taken
// and when it is done.
func consume(ctx context.Context, q *pipeline.Queue[int]) (most int, early, late, err error) {
	over, cancel := context.WithCancel(ctx)
	cancel() // with a context that is over, Join says how things stand and does not wait
	for want := range pages {
		most = max(most, q.Len())
		page, err := q.Get(ctx)
		if err != nil {
			return most, nil, nil, fmt.Errorf("take page %d: %w", want, err)
		}
		if page != want {
			return most, nil, nil, fmt.Errorf("take page %d: got page %d", want, page)
		}
		if want == pages-1 {
			early = q.Join(over)
		}
		q.Done() // here a page would be worked on first
	}
	return most, early, q.Join(over), nil
}
