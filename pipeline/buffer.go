package pipeline

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
	s.items = shrink(s.items[:last])
	return item
}

// shrink returns the items in less memory when most of it is not used.
func shrink[T any](items []T) []T {
	if cap(items) <= 1024 || len(items) >= cap(items)/8 {
		return items
	}
	return append(make([]T, 0, cap(items)/2), items...)
}

// ranked is a binary heap; equal items leave in the order they came. It does what container/heap does without making an
// interface of every item.
type ranked[T any] struct {
	less  func(a, b T) bool
	items []rankedItem[T] // no item is before its parent, the one at (i-1)/2
	next  uint64
}

type rankedItem[T any] struct {
	value T
	seq   uint64
}

func (r *ranked[T]) len() int { return len(r.items) }

func (r *ranked[T]) push(item T) {
	r.items = append(r.items, rankedItem[T]{item, r.next})
	r.next++
	for i := len(r.items) - 1; i > 0; {
		parent := (i - 1) / 2
		if !r.before(i, parent) {
			return
		}
		r.swap(i, parent)
		i = parent
	}
}

func (r *ranked[T]) pop() T {
	last := len(r.items) - 1
	r.swap(0, last)
	item := r.items[last].value
	r.items[last] = rankedItem[T]{}
	r.items = shrink(r.items[:last])
	for i := 0; ; {
		first := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if r.before(child, first) {
				first = child
			}
		}
		if first == i {
			return item
		}
		r.swap(i, first)
		i = first
	}
}

func (r *ranked[T]) swap(i, j int) { r.items[i], r.items[j] = r.items[j], r.items[i] }

func (r *ranked[T]) before(i, j int) bool {
	a, b := r.items[i], r.items[j]
	if r.less(a.value, b.value) {
		return true
	}
	return !r.less(b.value, a.value) && a.seq < b.seq
}
