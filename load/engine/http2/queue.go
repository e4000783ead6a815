package http2

// queue is first in, first out. The zero value is empty.
type queue[T any] struct {
	items []T
	head  int
}

func (q *queue[T]) empty() bool { return q.head == len(q.items) }

func (q *queue[T]) push(v T) { q.items = append(q.items, v) }

func (q *queue[T]) pop() T {
	var none T
	v := q.items[q.head]
	q.items[q.head] = none
	q.head++
	if q.head > len(q.items)/2 {
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	return v
}

// unpop puts v back in front.
func (q *queue[T]) unpop(v T) {
	if q.head == 0 {
		q.items = append(q.items, v)
		copy(q.items[1:], q.items)
		q.items[0] = v
		return
	}
	q.head--
	q.items[q.head] = v
}

// ready lists slots that wait and have room, in turn.
type ready struct{ slots queue[*slot] }

// empty reports whether there is none.
func (r *ready) empty() bool {
	for !r.slots.empty() && r.slots.items[r.slots.head].vacant == 0 { // it is not waiting any more
		r.slots.pop().listed = false
	}
	return r.slots.empty()
}

func (r *ready) add(s *slot) {
	if !s.listed {
		s.listed = true
		r.slots.push(s)
	}
}

// take takes one place of the first slot; nil if there is none.
func (r *ready) take() *slot {
	if r.empty() {
		return nil
	}
	s := r.slots.pop()
	s.listed = false
	if s.vacant--; s.vacant > 0 {
		r.add(s)
	}
	return s
}
