package processor

import (
	"bytes"
	"container/heap"
	"slices"
	"sync"
)

// sample keeps the jobs with the smallest keys: a fair sample of all, the same
// in whatever order they are listed. Safe for concurrent use.
type sample struct {
	size int

	mu   sync.Mutex
	jobs byKey // a heap, the largest key on top; mu guards it and seen
	seen map[Key]bool
}

func newSample(size int) *sample { return &sample{size: size, seen: make(map[Key]bool)} }

// offer shows a job to the sample.
func (s *sample) offer(j job) {
	if s.size == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	full := len(s.jobs) == s.size
	if s.seen[j.Key] || full && bytes.Compare(j.Key[:], s.jobs[0].Key[:]) >= 0 {
		return
	}
	if full {
		delete(s.seen, heap.Pop(&s.jobs).(job).Key)
	}
	heap.Push(&s.jobs, j)
	s.seen[j.Key] = true
}

// list returns the sample, in the order of keys.
func (s *sample) list() []job {
	s.mu.Lock()
	defer s.mu.Unlock()
	jobs := slices.Clone(s.jobs)
	slices.SortFunc(jobs, func(a, b job) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	return jobs
}

// byKey is a heap of jobs.
type byKey []job

func (h byKey) Len() int           { return len(h) }
func (h byKey) Less(i, j int) bool { return bytes.Compare(h[i].Key[:], h[j].Key[:]) > 0 }
func (h byKey) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *byKey) Push(x any)        { *h = append(*h, x.(job)) }
func (h *byKey) Pop() any {
	last := len(*h) - 1
	j := (*h)[last]
	*h = (*h)[:last]
	return j
}
