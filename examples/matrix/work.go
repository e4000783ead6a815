package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"time"

	"tandem/pipeline"
)

// The kinds of work that are measured, and those that go wrong.
const (
	kindIO    = "io"    // a request to a server that lets it wait
	kindCPU   = "cpu"   // a loop over integers in the language itself
	kindAlloc = "alloc" // many small objects, soon dropped
	kindExit  = "exit"  // ends its process
	kindBomb  = "bomb"  // allocates until something stops it
	kindLoop  = "loop"  // never returns
)

// item is the input of one call. Python gets the same.
type item struct {
	Kind string `json:"kind"`
	N    uint32 `json:"n"`             // which one
	Size int    `json:"size"`          // how much
	URL  string `json:"url,omitempty"` // whom to ask
}

// outcome is what one call returns: a value to compare, and who computed it when.
type outcome struct {
	Value uint32 `json:"value"`
	Began int64  `json:"began"` // Unix time in ns: one clock for all processes of a machine
	Ended int64  `json:"ended"`
	PID   int    `json:"pid"`
	Lane  int    `json:"lane"` // number of the goroutine or thread
}

// tasks returns the one task that every executor runs, here and in worker processes.
func tasks() (pipeline.Task[item, outcome], *pipeline.TaskSet, error) {
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	work := pipeline.Task[item, outcome]{Name: "work", Version: 1, In: pipeline.JSON[item](), Out: pipeline.JSON[outcome](),
		Do: func(ctx context.Context, in item, _ *pipeline.Ref) (outcome, error) {
			out := outcome{Began: time.Now().UnixNano(), PID: os.Getpid(), Lane: goroutine()}
			var err error
			out.Value, err = do(ctx, client, in)
			out.Ended = time.Now().UnixNano()
			return out, err
		}}
	set, err := pipeline.NewTaskSet(work)
	return work, set, err
}

// do does the work of one item.
func do(ctx context.Context, client *http.Client, in item) (uint32, error) {
	switch in.Kind {
	case kindIO:
		return ask(ctx, client, fmt.Sprintf("%s?n=%d", in.URL, in.N))
	case kindCPU:
		return primes(uint64(firstNumber)+uint64(in.N)*uint64(in.Size), in.Size), nil
	case kindAlloc:
		return forest(in.N, in.Size), nil
	case kindExit:
		os.Exit(exitStatus)
	case kindBomb:
		return bomb()
	case kindLoop:
		for {
		}
	}
	return 0, fmt.Errorf("do %q: no such kind of work", in.Kind)
}

// ask is the I/O-bound work: nearly all of its time passes in waiting.
func ask(ctx context.Context, client *http.Client, url string) (uint32, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, fmt.Errorf("ask %q: %w", url, err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err // it names the attempt and the URL
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64))
	if err != nil {
		return 0, fmt.Errorf("read answer %q: %w", url, err)
	}
	value, err := strconv.ParseUint(string(bytes.TrimSpace(body)), 10, 32)
	if err != nil || resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("read answer %q: status %d, %q", url, resp.StatusCode, body)
	}
	return uint32(value), nil
}

const (
	firstNumber = 1_000_001 // that primes looks at
	treeDepth   = 11        // of the trees of forest: 4095 nodes
	exitStatus  = 3         // of kindExit
	bombMost    = 1 << 30   // bytes that kindBomb takes when nothing stops it
)

// primes is the CPU-bound work: trial division, a loop over integers that Python runs in its interpreter too. It returns
// the number of primes among the n numbers from first on, and their sum, in one value.
func primes(first uint64, n int) uint32 {
	count, sum := uint64(0), uint64(0)
	for i := first; i < first+uint64(n); i++ {
		if i%2 == 0 {
			continue // all numbers here are beyond 2
		}
		d := uint64(3)
		for d*d <= i && i%d != 0 {
			d += 2
		}
		if d*d > i {
			count++
			sum += i
		}
	}
	return uint32(count<<20 + sum&0xfffff)
}

// node is a small object with two pointers for the garbage collector to follow.
type node struct {
	left, right *node
	value       uint32
}

// forest is the allocation-heavy work: it builds so many trees, one after the other, and adds their values.
func forest(seed uint32, trees int) uint32 {
	sum := uint32(0)
	for i := range trees {
		sum += total(grow(treeDepth, seed+uint32(i)))
	}
	return sum
}

// grow returns a full binary tree of that depth, whose values follow from the seed.
func grow(depth int, seed uint32) *node {
	seed = seed*1664525 + 1013904223
	if depth == 0 {
		return &node{value: seed}
	}
	return &node{grow(depth-1, seed), grow(depth-1, seed^0x9e3779b9), seed}
}

// total adds the values of a tree.
func total(n *node) uint32 {
	if n == nil {
		return 0
	}
	return n.value + total(n.left) + total(n.right)
}

// bomb takes memory and keeps it, up to a bound that no machine minds.
func bomb() (uint32, error) {
	var all [][]byte
	for taken := 0; taken < bombMost; taken += 1 << 20 {
		b := make([]byte, 1<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1 // a page counts when it is touched
		}
		all = append(all, b)
	}
	return 0, fmt.Errorf("took %d MiB and nothing stopped it", len(all))
}

// goroutine returns the number of the goroutine that calls it, as stack traces show it. Programs have no use for it;
// pictures have.
func goroutine() int {
	var buf [64]byte
	fields := bytes.Fields(buf[:runtime.Stack(buf[:], false)]) // goroutine 7 [running]:
	if len(fields) < 2 {
		return 0
	}
	n, _ := strconv.Atoi(string(fields[1])) // 0 where a later Go prints something else
	return n
}
