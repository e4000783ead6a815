package main

import "time"

// job is one kind of work, as every executor gets it.
type job struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Is     string `json:"is"` // what the work is, in words
	Items  []item `json:"-"`
	Width  int    `json:"width"`  // goroutines, threads or processes
	Passes int    `json:"passes"` // over the items that Go makes in one run, because one is short; figures are per pass
}

// plan is how much of what is measured.
type plan struct {
	Rounds  int
	Exact   bool // the rounds were asked for: do not leave any out to save time
	Delay   time.Duration
	Jobs    []job
	Scenes  []scene
	Takes   int // of every scene
	Contain ordeal
}

// budget is how long the rounds may take together, unless their number was asked for.
const (
	budget    = 42 * time.Second
	minRounds = 3
)

// maxWidth bounds the workers of CPU-bound work, so that the items suffice for all.
const maxWidth = 16

// newPlan returns the plan for a machine with that many cores. Two workers is the least that can be compared.
func newPlan(quick bool, cores int) plan {
	width := min(max(cores, 2), maxWidth)
	p := plan{Rounds: 5, Takes: 3, Delay: 10 * time.Millisecond}
	requests, waiters, ranges, numbers, trees := 64, 16, 48, 6400, 10
	if quick {
		p.Rounds, p.Takes, p.Delay = 2, 1, 5*time.Millisecond
		requests, waiters, ranges, numbers, trees = 24, 4, 16, 1600, 3
	}
	p.Jobs = []job{
		{Kind: kindIO, Name: "I/O-bound", Width: waiters, Passes: 1, Items: items(kindIO, requests, 0),
			Is: "requests to a server on loopback, which answers after " + plain(p.Delay)},
		{Kind: kindCPU, Name: "CPU-bound", Width: width, Passes: 6, Items: items(kindCPU, ranges, numbers),
			Is: "ranges of numbers, searched for primes by trial division: a loop in the language itself"},
		{Kind: kindAlloc, Name: "Allocation-heavy", Width: width, Passes: 4, Items: items(kindAlloc, ranges, trees),
			Is: "batches of trees, built of small objects, added up and dropped"},
	}
	p.Scenes = scenes(quick, width)
	p.Contain = newOrdeal(quick, width)
	return p
}

// items returns n inputs of the same size.
func items(kind string, n, size int) []item {
	all := make([]item, n)
	for i := range all {
		all[i] = item{Kind: kind, N: uint32(i), Size: size}
	}
	return all
}

// aim sets whom the I/O-bound items ask.
func (p *plan) aim(url string) {
	for _, j := range p.Jobs {
		aim(j.Items, url)
	}
	for _, s := range p.Scenes {
		aim(s.Go, url)
		aim(s.Python, url)
	}
}

// aim sets whom those items ask that ask at all.
func aim(items []item, url string) {
	for i := range items {
		if items[i].Kind == kindIO {
			items[i].URL = url
		}
	}
}

// fit returns how many of the wanted rounds fit into the budget when the first one took so long; three at least.
func (p *plan) fit(first time.Duration) int {
	if p.Exact || first <= 0 {
		return p.Rounds
	}
	return min(p.Rounds, max(minRounds, int(budget/first)))
}
