package pipeline

import "container/heap"

// buffer is what a Queue keeps its items in.
type buffer[T any] interface {
	push(T)
	pop() T // of a buffer that is not empty
	len() int
}

func newBuffer[T any](cfg QueueConfig[T]) buffer[T] {
	switch cfg.Order {
	case LIFO:
		return &stack[T]{}
	case Priority:
		return &ranked[T]{less: cfg.Less}
	default:
		return &ring[T]{}
	}
}

// ring is a growing circular buffer: first in, first out.
type ring[T any] struct {
	items []T // length is a power of two, or 0
	head  int
	n     int
}

func (r *ring[T]) len() int { return r.n }

func (r *ring[T]) push(item T) {
	if r.n == len(r.items) {
		r.resize(max(8, 2*r.n))
	}
	r.items[(r.head+r.n)&(len(r.items)-1)] = item
	r.n++
}

func (r *ring[T]) pop() T {
	var none T
	item := r.items[r.head]
	r.items[r.head] = none // let it be collected
	r.head = (r.head + 1) & (len(r.items) - 1)
	if r.n--; len(r.items) > 1024 && r.n < len(r.items)/8 {
		r.resize(len(r.items) / 2)
	}
	return item
}

func (r *ring[T]) resize(size int) {
	items := make([]T, size)
	for i := range r.n {
		items[i] = r.items[(r.head+i)&(len(r.items)-1)]
	}
	r.items, r.head = items, 0
}

// stack is last in, first out.
type stack[T any] struct{ items []T }

func (s *stack[T]) len() int    { return len(s.items) }
func (s *stack[T]) push(item T) { s.items = append(s.items, item) }

func (s *stack[T]) pop() T {
	var none T
	last := len(s.items) - 1
	item := s.items[last]
	s.items[last] = none
	s.items = s.items[:last]
	return item
}

// ranked is a heap; equal items leave in the order they came.
type ranked[T any] struct {
	less func(a, b T) bool
	heap rankedHeap[T]
	next uint64
}

type rankedItem[T any] struct {
	value T
	seq   uint64
}

func (r *ranked[T]) len() int { return len(r.heap.items) }

func (r *ranked[T]) push(item T) {
	r.heap.less = r.less
	heap.Push(&r.heap, rankedItem[T]{item, r.next})
	r.next++
}

func (r *ranked[T]) pop() T { return heap.Pop(&r.heap).(rankedItem[T]).value }

type rankedHeap[T any] struct {
	less  func(a, b T) bool
	items []rankedItem[T]
}

func (h *rankedHeap[T]) Len() int      { return len(h.items) }
func (h *rankedHeap[T]) Swap(i, j int) { h.items[i], h.items[j] = h.items[j], h.items[i] }
func (h *rankedHeap[T]) Push(x any)    { h.items = append(h.items, x.(rankedItem[T])) }

func (h *rankedHeap[T]) Less(i, j int) bool {
	a, b := h.items[i], h.items[j]
	if h.less(a.value, b.value) {
		return true
	}
	return !h.less(b.value, a.value) && a.seq < b.seq
}

func (h *rankedHeap[T]) Pop() any {
	last := len(h.items) - 1
	item := h.items[last]
	h.items[last] = rankedItem[T]{}
	h.items = h.items[:last]
	return item
}
