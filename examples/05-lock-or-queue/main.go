// Lesson 05: a lock or a queue.
//
// # Question
//
// Four goroutines count the words of four texts into one table. One program guards the table with a lock. Another has no
// lock: the four put every word into a queue, and the one goroutine that owns the table takes them out and counts.
// What is true?
//
//	a) both count right; the queue costs more for every word, and pays when what goes through it is bigger
//	b) both count right, and the queue is faster, because nobody waits for a lock
//	c) the queue needs a lock for the table all the same: several goroutines use it
//	d) the queue loses words when two goroutines put one at the same instant
//
// # Answer
//
// a. With a lock the data stay where they are, and those who use them take turns. With a queue the data have one owner,
// and what is to be done travels to it. For a step as small as one addition the travel costs more than the step. Put the
// count of a whole text into the queue, and the travel no longer matters.
//
//	           What it is                  When to use it                            Go, Python
//	Lock       one at a time               several change data in place, in steps    sync.Mutex, threading.Lock
//	                                       that are short
//	Event      a flag to wait for          many must hear that something is so; it   pipeline.Event, threading.Event
//	                                       protects no data
//	Condition  a lock, and a wait for a    one can go on only when the data under a  pipeline.Condition, threading.Condition
//	           change of what it guards    lock are as needed: not full, not empty
//	Queue      hands things over; bounded  work or results go from one to another,   pipeline.Queue or a channel,
//	           it holds up the fast side   and belong to one at a time               queue.Queue
//
//	b) A queue has a lock inside and is locked twice for every word, at Put and at Get, and its owner has to be woken.
//	c) Only the owner touches the table. That is the idea: what has one owner needs no lock.
//	d) The queue's own lock lets one Put in after the other.
//
// # Common mistake
//
// To choose by speed first. Choose by who owns the data: one place that is read and changed by many, a lock; a stream of
// things that are handed on, a queue. And then make the pieces big enough.
//
// # Python
//
//	import collections, queue, threading
//	texts, lock, words = ["to be or not to be"] * 4, threading.Lock(), queue.Queue(maxsize=8)
//	locked, owned = collections.Counter(), collections.Counter()
//	def use_lock(text):
//	    for word in text.split():
//	        with lock:
//	            locked[word] += 1
//	def use_queue(text):
//	    [words.put(word) for word in text.split()]
//	threads = [threading.Thread(target=f, args=(t,)) for f in (use_lock, use_queue) for t in texts]
//	[t.start() for t in threads]
//	for _ in range(24):  # this thread is the owner
//	    owned[words.get()] += 1
//	[t.join() for t in threads]
//	print(locked == owned, dict(owned))
//
// # In production
//
//	crawler/tally.go: sync.Mutex
//	processor/lister.go: pipeline.Queue[job]
package main

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

const (
	texts   = 4
	repeats = 5000
	line    = "to be or not to be"
)

// table says how often each word occurs.
type table map[string]int

func run() error {
	text := strings.Fields(strings.Repeat(line+" ", repeats))
	want := table{"to": 2 * texts * repeats, "be": 2 * texts * repeats, "or": texts * repeats, "not": texts * repeats}
	var cost []time.Duration // of one word
	for _, way := range []struct {
		name  string
		count func([]string) (table, error)
	}{
		{"a lock, for every word", withLock},
		{"a queue of words", withQueueOfWords},
		{"a queue of counts", withQueueOfCounts},
	} {
		best := time.Duration(math.MaxInt64)
		for range 5 { // the best of five: other programs disturb it least
			began := time.Now()
			got, err := way.count(text)
			if err != nil {
				return err
			}
			best = min(best, time.Since(began)/time.Duration(texts*len(text)))
			if !maps.Equal(got, want) {
				return fmt.Errorf("%s: counted %v, want %v", way.name, got, want)
			}
		}
		fmt.Printf("%-23s be %d  not %d  or %d  to %d  %4d ns for a word\n",
			way.name, want["be"], want["not"], want["or"], want["to"], best.Nanoseconds())
		cost = append(cost, best)
	}
	if cost[1] <= cost[0] {
		return fmt.Errorf("a word costs %v with the queue and %v with the lock, want more", cost[1], cost[0])
	}
	return nil
}

// withLock counts every text in a goroutine of its own, into one table under a lock.
func withLock(text []string) (table, error) {
	var mu sync.Mutex // guards counts
	counts := table{}
	var readers sync.WaitGroup
	for range texts {
		readers.Go(func() {
			for _, word := range text {
				mu.Lock()
				counts[word]++
				mu.Unlock()
			}
		})
	}
	readers.Wait()
	return counts, nil
}

// withQueueOfWords sends every word to the owner of the table.
func withQueueOfWords(text []string) (table, error) {
	return own(func(ctx context.Context, q *pipeline.Queue[string]) error {
		for _, word := range text {
			if err := q.Put(ctx, word); err != nil {
				return err
			}
		}
		return nil
	}, func(counts table, word string) { counts[word]++ })
}

// withQueueOfCounts counts each text by itself and sends the owner what came out.
func withQueueOfCounts(text []string) (table, error) {
	return own(func(ctx context.Context, q *pipeline.Queue[table]) error {
		mine := table{}
		for _, word := range text {
			mine[word]++
		}
		return q.Put(ctx, mine)
	}, func(counts, some table) {
		for word, n := range some {
			counts[word] += n
		}
	})
}

// own runs a reader for every text. What they put into the queue is added to the table by its owner: one goroutine.
func own[T any](read func(context.Context, *pipeline.Queue[T]) error, add func(table, T)) (table, error) {
	ctx := context.Background()
	q, err := pipeline.NewQueue(pipeline.QueueConfig[T]{MaxItems: 1024})
	if err != nil {
		return nil, err
	}
	counts := table{}
	var owner sync.WaitGroup
	owner.Go(func() {
		for {
			item, err := q.Get(ctx)
			if err != nil { // ErrClosed: all texts are read
				return
			}
			add(counts, item)
		}
	})
	var readers errgroup.Group
	for range texts {
		readers.Go(func() error { return read(ctx, q) })
	}
	err = readers.Wait()
	q.Close()
	owner.Wait()
	return counts, err
}
