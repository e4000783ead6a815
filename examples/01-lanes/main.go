// Lesson 01: concurrency and parallelism.
//
// # Question
//
// Four customers have four items each, and every item costs the cashier the same work. One cashier can serve them in
// turn, or switch to the next customer after every item; or two cashiers share the customers. With which of these does
// the last customer leave sooner than with one cashier who serves in turn?
//
//	a) switching, and two cashiers: both deal with several customers at once
//	b) two cashiers only, and only where two cores really work at the same instant
//	c) two cashiers, because with two of them there is only half the work
//
// # Answer
//
// b. Switching is concurrency: one cashier deals with four customers at once, with one pair of hands. Two pairs of hands
// are parallelism: two items are done at the same instant. Only that shortens the whole. Several goroutines on one core
// are one cashier who switches: concurrent, not parallel.
//
//	a) Dealing with several things at once is not doing several at once. Switching ends nothing sooner, and here most
//	   customers leave later. It pays when a customer has to wait for something else: lesson 02.
//	c) The work stays: 16 items, the same core time in all. It is only spread over more hands.
//
// # Common mistake
//
// To expect that goroutines or threads make a program faster. They make it concurrent. Faster needs cores that are free,
// or waiting that can overlap.
//
// # Python
//
//	import time
//	def customer(name):
//	    for _ in range(4):
//	        sum(range(200_000))  # the work of one item
//	        yield name
//	def in_turn(customers):
//	    return "".join(item for c in customers for item in c)
//	def switching(customers):
//	    return "".join(item for items in zip(*customers) for item in items)
//	for cashier in in_turn, switching:  # two cashiers would be two processes: lesson 11
//	    began = time.perf_counter()
//	    order = cashier([customer(name) for name in "ABCD"])
//	    print(f"{cashier.__name__:9} {order} {time.perf_counter() - began:.3f} s")
//
// # In production
//
//	crawler/run.go: range r.cfg.Concurrency
//	processor/engine.go: runtime.GOMAXPROCS(0)
package main

import (
	"cmp"
	_ "embed"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"tandem/examples/internal/lanes"
	"tandem/examples/internal/lesson"
	"tandem/internal/usage"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

// plan says who serves whom: a string for each cashier, in it a letter for each item, which names its customer.
type plan struct {
	name     string
	cashiers []string
	first    int // when the first customer leaves: after so many items of one cashier
	last     int // when the last one leaves
}

func run() error {
	plans := []plan{
		{"one cashier, in turn", []string{"AAAABBBBCCCCDDDD"}, 4, 16},
		{"one cashier, switching", []string{"ABCDABCDABCDABCD"}, 13, 16},
		{"two cashiers", []string{"AAAACCCC", "BBBBDDDD"}, 4, 8},
	}
	chart := lanes.New(plans[0].name, plans[1].name, lane(plans[2], 0), lane(plans[2], 1))
	fmt.Printf("%-23s %-22s %-22s %s\n", "", "first customer leaves", "last customer leaves", "core time in all")
	for _, p := range plans {
		before, _ := usage.Self()
		left := open(p, chart)
		after, _ := usage.Self()
		slices.SortFunc(left, func(a, b leave) int { return cmp.Compare(a.at, b.at) })
		first, last := left[0], left[len(left)-1]
		fmt.Printf("%-23s %-22v %-22v %v\n", p.name, first, last, (after - before).Round(time.Millisecond))
		if first.items != p.first || last.items != p.last {
			return fmt.Errorf("%s: customers leave after %d to %d items, want %d to %d",
				p.name, first.items, last.items, p.first, p.last)
		}
	}
	fmt.Println()
	if err := chart.Draw(os.Stdout, 64); err != nil {
		return err
	}
	if cores := runtime.GOMAXPROCS(0); cores > 1 {
		fmt.Printf("\n%d cores: the two cashiers are two goroutines, and both work at the same instant,\n"+
			"as long as no other program takes the cores.\n", cores)
	} else {
		fmt.Print("\n1 core: the two cashiers are two goroutines that take turns on it. They are concurrent, not parallel:\n" +
			"each lane is longer, because an item that was begun waits for the core.\n")
	}
	return nil
}

// leave is when a customer leaves.
type leave struct {
	items int           // that the customer's cashier has done by then
	at    time.Duration // since the cashiers began
}

func (l leave) String() string {
	return fmt.Sprintf("after %2d items, %v", l.items, l.at.Round(time.Millisecond))
}

// open lets the cashiers of a plan work at the same time, each in a goroutine, and returns when the customers left.
func open(p plan, chart *lanes.Chart) []leave {
	began := time.Now()
	var mu sync.Mutex // guards left
	var left []leave
	var done sync.WaitGroup
	for n, items := range p.cashiers {
		done.Go(func() {
			for i := range len(items) {
				from := time.Since(began)
				scan()
				to := time.Since(began)
				chart.Add(lane(p, n), items[i], from, to)
				if !strings.Contains(items[i+1:], items[i:i+1]) { // that was the customer's last item
					mu.Lock()
					left = append(left, leave{i + 1, to})
					mu.Unlock()
				}
			}
		})
	}
	done.Wait()
	return left
}

// lane names a cashier in the picture.
func lane(p plan, cashier int) string {
	if len(p.cashiers) == 1 {
		return p.name
	}
	return fmt.Sprintf("%s: %d", p.name, cashier+1)
}

// scan is the work of one item: it computes and waits for nothing.
func scan() {
	x := uint64(1)
	for range 5_000_000 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	runtime.KeepAlive(x)
}
