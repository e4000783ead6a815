// Lesson 21: wait until it is so.
//
// # Question
//
// Two customers want bread, and there is none. Each holds the lock and runs: if bread == 0 { changed.Wait() }; bread--. The
// baker puts one loaf there and calls Broadcast. What is bread in the end?
//
//	a) -1
//	b) 0: the lock lets in one at a time, and the second one waits again
//	c) 0: Wait returns only to the one who gets the loaf
//
// # Answer
//
// a. Broadcast wakes both. One after the other gets the lock back, and Wait returns; the second comes to bread-- as well,
// since if has looked once, long ago. Woken does not mean that it is so. Look again each time: for bread == 0 { Wait }.
// The same loop mends the lost wake-up: a signal that comes when nobody waits is gone, but who looks before waiting sees
// that there is bread. And it allows Broadcast, which wakes too many; Signal wakes one, maybe the one who wants something
// else.
//
//	b) is what for does. The lock only makes them come one after the other.
//	c) is wrong: a condition knows nothing of bread. It wakes those in its line, and what they find is their affair.
//
// # Common mistake
//
// To change the value without the lock and signal then: between another's look and its Wait, the signal falls through.
// And Wait with no value at all, as a starting signal: who comes too late waits for ever. That is what Event is for.
//
// # Python
//
//	import threading
//	changed, waiting, shop = threading.Condition(), threading.Semaphore(0), {}
//	def buy(loop):
//	    with changed:
//	        waiting.release()
//	        changed.wait_for(lambda: shop["bread"] > 0) if loop else changed.wait()
//	        shop["bread"] -= 1
//	for loop in (False, True):
//	    shop["bread"], ts = 0, [threading.Thread(target=buy, args=(loop,)) for _ in range(2)]
//	    [t.start() for t in ts], [waiting.acquire() for t in ts]
//	    for _ in range(1 + loop):  # with the loop the second one waits on, for a second loaf
//	        with changed:
//	            shop["bread"] += 1
//	            changed.notify_all()
//	    [t.join() for t in ts], print("wait_for:" if loop else "wait:", shop["bread"])
//
// # In production
//
//	pipeline/procpool/worker.go: w.wake.Wait()
//	pipeline/procpool/server.go: signalled when queue or over changes
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

// run lets customers buy with if and with for, woken by Signal and by Broadcast, and waits for what has been signalled
// before.
func run() error {
	for _, c := range []struct {
		title      string
		wanted     []string
		baked      string
		loop, all  bool
		sold, left int
	}{
		{"bread wanted twice, one loaf comes:\n  if, Broadcast: ", []string{"bread", "bread"}, "bread", false, true, 2, -1},
		{"  for, Broadcast:", []string{"bread", "bread"}, "bread", true, true, 1, 0},
		{"bread and cake wanted, a cake comes:\n  for, Signal:   ", []string{"bread", "cake"}, "cake", true, false, 0, 1},
		{"  for, Broadcast:", []string{"bread", "cake"}, "cake", true, true, 1, 0},
	} {
		sold, left := trade(c.wanted, c.baked, c.loop, c.all)
		fmt.Printf("%s %d sold, %d left\n", c.title, sold, left)
		if sold != c.sold || left != c.left {
			return fmt.Errorf("%d sold and %d left, want %d and %d", sold, left, c.sold, c.left)
		}
	}
	blind, looking := signalled(false), signalled(true)
	fmt.Printf("Signal comes first, then the wait:\n  Wait alone:      %v\n", blind)
	fmt.Printf("  look, then Wait: went on at once, error %v\n", looking)
	if !errors.Is(blind, context.DeadlineExceeded) || looking != nil {
		return errors.New("something else happened")
	}
	return nil
}

// trade has customers wait in the order of what they want, then puts one thing there and wakes one of them or all. It
// returns what was sold until nobody could go on, and how many of the thing are left.
func trade(wanted []string, baked string, loop, all bool) (sold, left int) {
	ctx, goHome := context.WithCancel(context.Background())
	defer goHome()
	var mu sync.Mutex                     // guards goods and sold
	changed := pipeline.NewCondition(&mu) // sync.Cond whose Wait takes a context
	goods := map[string]int{}
	inLine := make(chan bool, len(wanted))
	buy := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		for goods[what] == 0 {
			inLine <- true // holding mu: nobody gets it before Wait has put us in line
			if changed.Wait(ctx) != nil {
				return // gone home
			}
			if !loop {
				break // what if does
			}
		}
		goods[what]--
		sold++
	}
	var customers sync.WaitGroup
	for _, what := range wanted {
		customers.Go(func() { buy(what) })
		<-inLine
	}
	mu.Lock()
	goods[baked]++
	if all {
		changed.Broadcast()
	} else {
		changed.Signal()
	}
	mu.Unlock()
	if loop {
		<-inLine // one has been woken for nothing, and waits again
	}
	goHome()
	customers.Wait()
	return sold, goods[baked]
}

// signalled waits for a signal that has come already; look says whether it looks first.
func signalled(look bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	var mu sync.Mutex // guards bread
	changed := pipeline.NewCondition(&mu)
	bread := 1
	changed.Signal() // nobody waits
	mu.Lock()
	defer mu.Unlock()
	if look {
		return changed.WaitFor(ctx, func() bool { return bread > 0 })
	}
	return changed.Wait(ctx)
}
