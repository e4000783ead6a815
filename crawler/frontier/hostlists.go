package frontier

// ring is the hosts that may be asked now, in the order of their turns.
type ring struct{ head, tail *host }

func (r *ring) pushBack(h *host) {
	h.prev, h.next = r.tail, nil
	if r.tail == nil {
		r.head = h
	} else {
		r.tail.next = h
	}
	r.tail = h
}

func (r *ring) remove(h *host) {
	if h.prev == nil {
		r.head = h.next
	} else {
		h.prev.next = h.next
	}
	if h.next == nil {
		r.tail = h.prev
	} else {
		h.next.prev = h.prev
	}
	h.prev, h.next = nil, nil
}

// hostHeap is the hosts that wait for a clock, the soonest first. It implements heap.Interface.
type hostHeap []*host

func (q hostHeap) Len() int           { return len(q) }
func (q hostHeap) Less(i, j int) bool { return q[i].readyAt.Before(q[j].readyAt) }

func (q hostHeap) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].heapIndex, q[j].heapIndex = i, j
}

func (q *hostHeap) Push(x any) {
	h := x.(*host)
	h.heapIndex = len(*q)
	*q = append(*q, h)
}

func (q *hostHeap) Pop() any {
	old := *q
	h := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return h
}
