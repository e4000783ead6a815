// Lesson 19: locking twice.
//
// # Question
//
// A method of a purse locks its mutex, and then calls another method of the same purse, which locks it, too. Both run in
// one goroutine, one inside the other. What happens?
//
//	a) it goes on: this goroutine holds the mutex already
//	b) it waits for ever, for itself
//	c) it panics: a mutex is locked twice
//
// # Answer
//
// b. A Mutex does not know who has locked it. It is locked, so Lock waits, and the only one who would unlock it is the
// one who waits. Go leaves re-entrant locks out on purpose. A goroutine has no name that a lock could ask for; and whoever
// gets the lock may rely on what it promises: here, that the sum is 100. In the middle of a transfer it is 90, and a
// re-entrant lock would let the reader in just there. Instead: exported methods lock, and call methods named
// somethingLocked, which do the work and say that the caller holds the lock.
//
//	a) is true of Python's RLock and of synchronized in Java. Neither Mutex nor RWMutex is re-entrant in Go.
//	c) would be kinder. Unlock of a mutex that is not locked does end the program, but Lock of a locked one just waits.
//
// # Common mistake
//
// "RLock twice is fine, readers do not exclude each other." If a writer asks between the two, the second RLock waits for
// the writer, and the writer for the first RLock. And TryLock is no way to ask "do I hold it?": it says false as well
// when another goroutine does.
//
// # Python
//
//	import threading
//	class Purse:
//	    def __init__(self, lock):
//	        self.lock, self.a, self.b = lock, 50, 50
//	    def sum(self):
//	        if not self.lock.acquire(timeout=0.05):
//	            return "locked out, by myself"
//	        try: return self.a + self.b
//	        finally: self.lock.release()
//	    def pay(self):
//	        with self.lock:
//	            self.a -= 10
//	            print(type(self.lock).__name__, "- in the middle:", self.sum())
//	            self.b += 10
//	Purse(threading.Lock()).pay(), Purse(threading.RLock()).pay()
//
// # In production
//
//	processor/parts.go: sealLocked
//	crawler/budget.go: spentLocked
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
		newPurse().payAndAsk()
		return
	}
	os.Exit(lesson.Run(source, run))
}

// run has a child process lock twice, asks the mutex in three states, and shows the way out.
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
	fmt.Printf("Lock in Lock:            exit code %d, %q\n", code, said)

	holder, other := owners()
	fmt.Printf("TryLock by its holder:   %v\n", holder)
	fmt.Printf("Unlock by another one:   then TryLock is %v\n", other)
	p := newPurse()
	middle := p.pay()
	fmt.Printf("sum inside a transfer:   %d, without a second Lock\n", middle)
	fmt.Printf("sum for everybody else:  %d\n", p.Sum())
	if code != 2 || said != "fatal error: all goroutines are asleep - deadlock!" || holder || !other ||
		middle != 90 || p.Sum() != 100 {
		return errors.New("something else happened")
	}
	return nil
}

// owners shows that a mutex has no owner: TryLock refuses the goroutine that holds it, and another one may unlock it.
func owners() (holder, other bool) {
	var mu sync.Mutex
	mu.Lock()
	holder = mu.TryLock()
	var done sync.WaitGroup
	done.Go(mu.Unlock)
	done.Wait()
	return holder, mu.TryLock()
}

// purse has two pockets, which hold 100 together whenever nobody holds mu.
type purse struct {
	mu   sync.Mutex // guards the fields below
	a, b int
}

func newPurse() *purse { return &purse{a: 50, b: 50} }

// Sum returns what both pockets hold.
func (p *purse) Sum() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sumLocked()
}

// sumLocked is Sum for those who have locked already. The caller holds mu.
func (p *purse) sumLocked() int { return p.a + p.b }

// payAndAsk moves 10 and calls Sum in the middle. It does not return.
func (p *purse) payAndAsk() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.a -= 10
	p.Sum() // locks mu
	p.b += 10
}

// pay does the same with sumLocked, and returns what that said in the middle.
func (p *purse) pay() (middle int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.a -= 10
	middle = p.sumLocked()
	p.b += 10
	return middle
}
