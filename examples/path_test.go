package examples_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// concepts is what the lessons are to teach; docs/lessons.md names a lesson for each.
const concepts = `concurrency, what it is
parallelism, what it is
one cashier who switches, several cashiers
lanes over time
I/O-bound work
CPU-bound work
disk work
staying responsive while waiting
choosing by measuring
when neither is worth it: the break-even
start and join threads
daemon and background work, and what happens to it at exit
shared memory
the lost update
the race detector, ` + "`-race`" + `
unsafe map, Go's fatal concurrent map write
unsafe slice
Lock
re-entrancy
two locks in opposite order
Semaphore
Event: signals, protects no data
Condition
Lock, Event, Condition, Queue: when to use what
the same job with a lock and with a queue
FIFO queue
LIFO queue
priority queue
bounded queue
back-pressure
Join of a queue
start and join processes
separate memory of processes
what passing data costs
races between processes on one file
threads or processes, pros and cons
thread-pool executor
process-pool executor
` + "`map`" + ` of squares of 0…9
submit and futures
as completed
automatic lifecycle
Monte Carlo simulation through both executors
the GIL: what it limits
the GIL: what it does not protect
GOMAXPROCS=1 as the GIL's shadow
free-threaded builds of CPython
event loop: one thread, cooperative I/O
Hello, sleep, World
many waits at once on one thread
a task that blocks the loop
generator
stage
fan-out and fan-in
timeout and select
cancellation by context
rate limit per host
graceful shutdown
a work set that feeds itself and knows when it is finished
order restored after parallel work
crash
memory bomb
endless loop
poison and quarantine
downloading many images concurrently
word statistics of many files over processes
coordinated omission: closed and open loop, response and service time
speed and cost of every executor, measured`

var (
	pathLine  = regexp.MustCompile(`(?m)^(\d+)\. \[(.+)\]\(\.\./examples/(.+)/main\.go\): .+$`)
	tableLine = regexp.MustCompile(`(?m)^\| (.+) \| ((?:\d\d|matrix)(?:, (?:\d\d|matrix))*) \|$`)
)

func guide(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../docs/lessons.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The path leads through every lesson once, in the order of their numbers, with the titles that they have.
func TestPath(t *testing.T) {
	t.Parallel()
	var onPath []string
	for i, m := range pathLine.FindAllStringSubmatch(guide(t), -1) {
		number, title, folder := m[1], m[2], m[3]
		onPath = append(onPath, folder)
		if l := parse(t, folder); number != fmt.Sprint(i+1) || l.Number != i+1 || l.Title != title {
			t.Errorf("the path has %s as %s. %q; it is lesson %d, %q", folder, number, title, l.Number, l.Title)
		}
	}
	if all := folders(t); !slices.Equal(onPath, all) {
		t.Errorf("the path leads through %v, the lessons are %v", onPath, all)
	}
}

// Every concept has a lesson, the table has no other rows, and every lesson teaches one of them.
func TestEveryConceptHasItsLesson(t *testing.T) {
	t.Parallel()
	var have []string
	taught := map[string]bool{"matrix": true}
	for _, m := range tableLine.FindAllStringSubmatch(guide(t), -1) {
		have = append(have, m[1])
		for name := range strings.SplitSeq(m[2], ", ") {
			taught[name] = true
		}
	}
	if want := strings.Split(concepts, "\n"); !slices.Equal(have, want) {
		t.Errorf("table of concepts:\n%s\nwant:\n%s", strings.Join(have, "\n"), concepts)
	}
	for _, folder := range folders(t) {
		if !taught[folder[:2]] {
			t.Errorf("%s is in no row of the table", folder)
		}
		delete(taught, folder[:2])
	}
	delete(taught, "matrix")
	if len(taught) > 0 {
		t.Errorf("the table names lessons that do not exist: %v", taught)
	}
}
