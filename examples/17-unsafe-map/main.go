// Lesson 17: a map and a slice that two write to.
//
// # Question
//
// Two goroutines write to one map, without a lock. Each has a deferred recover, to be safe. Now and then the runtime
// notices that two write at once. What happens then?
//
//	a) the later write panics, recover catches it, and the program goes on
//	b) nothing: a map keeps two writers apart by itself, as long as their keys differ
//	c) the whole program ends, in spite of recover
//
// # Answer
//
// c. The runtime has found a map that may be broken already, so it stops the process: "fatal error: concurrent map
// writes", exit code 2. That is not a panic, and no recover sees it. The child process here uses a key of 32 MB: the map
// is being written to for as long as that is compared, so that the two meet on every run. With a short key it takes luck.
// A slice gives no sign at all: two appends to one array put their elements into the same place, and one is lost.
//
//	a) is true of panics: index out of range, nil map, division by zero. This is not one.
//	b) is wrong: all keys share one table, and any write may have to rebuild it.
//
// # Common mistake
//
// "The runtime checks for it, so my tests would have shown it." It looks at one flag when the map is used, and promises
// nothing; go test -race follows every access. And sync.Map does not make everything safe: to read a value, add to it and
// store it are still three steps.
//
// # Python
//
//	import threading
//	words = {"one": 1}  # a dict is not broken by two threads, but it may not grow under a loop:
//	try:
//	    for word in words:
//	        t = threading.Thread(target=words.update, args=({"two": 2},))
//	        t.start(), t.join()
//	except RuntimeError as e:  # and this one can be caught
//	    print("caught:", e)
//	a = b = ["common"]  # two names of one list, not two slices of one array:
//	a.append("from A"), b.append("from B")
//	print(a)  # nothing is lost
//
// # In production
//
//	crawler/counters.go: maps.Clone
//	store/writer.go: slices.Clone
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() {
	if len(os.Args) > 1 && os.Args[1] == "child" {
		writeTogether()
		return
	}
	os.Exit(lesson.Run(source, run))
}

// run starts the child that is to be stopped, then does the same work safely, and then the same with slices.
func run() error {
	code, said, err := child()
	if err != nil {
		return err
	}
	fmt.Printf("map, no lock:     exit code %d, %q\n", code, said)
	locked, syncMap := withLock(), withSyncMap()
	fmt.Printf("map, with a lock: %d entries\n", locked)
	fmt.Printf("sync.Map:         %d entries\n", syncMap)
	shared, own := appendTwice(false), appendTwice(true)
	fmt.Printf("slice, one array: A holds %q\n", shared)
	fmt.Printf("slice, own copy:  A holds %q\n", own)
	if code != 2 || said != "fatal error: concurrent map writes" || locked != 2000 || syncMap != 2000 ||
		shared[1] != "from B" || own[1] != "from A" {
		return errors.New("something else happened")
	}
	return nil
}

// child runs this program again as the child and returns its exit code and the first line that it wrote.
func child() (code int, said string, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, "", fmt.Errorf("find own program: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "child")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		return 0, "", fmt.Errorf("run child %q: %w", self, err)
	}
	said, _, _ = strings.Cut(string(out), "\n")
	return cmd.ProcessState.ExitCode(), said, nil
}

// writeTogether has two goroutines write to one map until the runtime ends the process, or ten seconds are over.
func writeTogether() {
	runtime.GOMAXPROCS(2) // two threads even if told otherwise; on one core the system switches between them
	m := make(map[string]bool)
	a := strings.Repeat("x", 32<<20)
	b := strings.Clone(a) // equal, but another array: to see that, the map must compare all of it
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					fmt.Println("recovered:", v) // never happens
				}
			}()
			for began := time.Now(); time.Since(began) < 10*time.Second; {
				m[a] = true
				m[b] = true
			}
		})
	}
	both.Wait()
}

// fill has two goroutines store 1,000 keys each.
func fill(store func(key int)) {
	var both sync.WaitGroup
	for g := range 2 {
		both.Go(func() {
			for i := range 1000 {
				store(2*i + g)
			}
		})
	}
	both.Wait()
}

// withLock fills a map under a lock and returns how many entries it has then.
func withLock() int {
	m := make(map[int]bool)
	var mu sync.Mutex // guards m
	fill(func(key int) {
		mu.Lock()
		defer mu.Unlock()
		m[key] = true
	})
	return len(m)
}

// withSyncMap does the same with the map that has its locks inside.
func withSyncMap() int {
	var m sync.Map
	fill(func(key int) { m.Store(key, true) })
	n := 0
	for range m.Range {
		n++
	}
	return n
}

// appendTwice appends to one slice twice and returns what the first append made, as it is after the second. One goroutine
// does both; with two, it is a data race besides.
func appendTwice(clone bool) []string {
	common := make([]string, 1, 4) // room for 3 more in the array
	common[0] = "common"
	forB := common
	if clone {
		forB = slices.Clone(common)
	}
	fromA := append(common, "from A")
	_ = append(forB, "from B") // into the same place, if it is the same array
	return fromA
}
