// Lesson 18: two locks in opposite order.
//
// # Question
//
// Every account has a lock, and a transfer holds both. One goroutine pays from A to B: it locks A, then B. Another pays
// from B to A: it locks B, then A. Each has got its first lock when it asks for its second. What happens?
//
//	a) both wait for ever
//	b) one of them has to give its lock back and starts again
//	c) the second Lock returns an error
//
// # Answer
//
// a. Each holds what the other one needs, and neither lets go: a deadlock. Go's runtime notices it only when every
// goroutine of the program waits, as in the child process here; a server that still serves others hangs in silence, and
// so does a program built with -race or with C code in it. Two ways out: a time limit, after which one gives its lock
// back and tries again, and, better, a fixed order: everybody locks the account with the lower number first. Then nobody
// can hold the second and wait for the first.
//
//	b) is what a database does with transactions, since it can undo them. Go cannot undo what a goroutine has done.
//	c) is wrong: Mutex.Lock returns nothing. It waits, for as long as it takes.
//
// # Common mistake
//
// "It has run for a year, so there is no deadlock." It needs both in the same microsecond. Look at the order in which
// locks are taken, write it down beside them, and call no unknown function while you hold one: it may take another.
//
// # Python
//
//	import threading
//	a, b, both = threading.Lock(), threading.Lock(), threading.Barrier(2)
//	def pay(name, first, second, limit):
//	    with first:
//	        both.wait()  # each has its first lock
//	        got = second.acquire(timeout=limit)  # -1 waits for ever
//	        print(name + ":", "both locks" if got else "gave up")
//	        if got:
//	            second.release()
//	ts = [threading.Thread(target=pay, args=args) for args in (("A to B", a, b, -1), ("B to A", b, a, 0.05))]
//	[t.start() for t in ts], [t.join() for t in ts]
//
// # In production
//
//	crawler/frontier/durable.go: taken while holding writing
//	store/writer.go: locked before mu
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() {
	if len(os.Args) > 1 && os.Args[1] == "child" {
		deadlock()
		return
	}
	os.Exit(lesson.Run(source, run))
}

// run shows the deadlock in a child process, then the two ways out.
func run() error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find own program: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	child := exec.CommandContext(ctx, self, "child")
	out, _ := child.CombinedOutput() // it ends with an error; which one is looked at below
	said, _, _ := strings.Cut(string(out), "\n")
	code := child.ProcessState.ExitCode()
	fmt.Printf("opposite order: exit code %d, %q\n", code, said)

	ab, ba := timeLimit(50 * time.Millisecond)
	fmt.Printf("a time limit:   A to B: %s, B to A: %s\n", ab, ba)
	a, b := fixedOrder(1000)
	fmt.Printf("a fixed order:  1000 transfers each way, A has %d, B has %d\n", a, b)
	if code != 2 || said != "fatal error: all goroutines are asleep - deadlock!" || ab != "done" || ba != "gave up" ||
		a != 5000 || b != 5000 {
		return errors.New("something else happened")
	}
	return nil
}

// deadlock has two goroutines take two locks in opposite order. It does not return.
func deadlock() {
	var a, b sync.Mutex
	var both, done sync.WaitGroup
	both.Add(2)
	pay := func(first, second *sync.Mutex) {
		first.Lock()
		defer first.Unlock()
		both.Done()
		both.Wait() // the other one has its first lock, too
		second.Lock()
		defer second.Unlock()
	}
	done.Go(func() { pay(&a, &b) })
	done.Go(func() { pay(&b, &a) })
	done.Wait()
}

// timeLimit does the same with locks that can be given up: channels with room for one token. Only B to A has a limit.
func timeLimit(limit time.Duration) (ab, ba string) {
	a, b := make(chan bool, 1), make(chan bool, 1)
	var both, done sync.WaitGroup
	both.Add(2)
	pay := func(first, second chan bool, limit <-chan time.Time) string {
		first <- true              // lock
		defer func() { <-first }() // unlock
		both.Done()
		both.Wait()
		select {
		case second <- true:
			<-second
			return "done"
		case <-limit:
			return "gave up"
		}
	}
	done.Go(func() { ab = pay(a, b, nil) })
	done.Go(func() { ba = pay(b, a, time.After(limit)) })
	done.Wait()
	return ab, ba
}

// account is money and the lock that guards it.
type account struct {
	number  int
	mu      sync.Mutex // guards balance; of two accounts, the one with the lower number is locked first
	balance int
}

// transfer moves money between two different accounts.
func transfer(from, to *account, amount int) {
	first, second := from, to
	if first.number > second.number {
		first, second = second, first
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	second.mu.Lock()
	defer second.mu.Unlock()
	from.balance -= amount
	to.balance += amount
}

// fixedOrder makes transfers of 1 both ways at once and returns the balances.
func fixedOrder(transfers int) (int, int) {
	a, b := account{number: 1, balance: 5000}, account{number: 2, balance: 5000}
	var done sync.WaitGroup
	for _, way := range [][2]*account{{&a, &b}, {&b, &a}} {
		done.Go(func() {
			for range transfers {
				transfer(way[0], way[1], 1)
			}
		})
	}
	done.Wait()
	return a.balance, b.balance
}
