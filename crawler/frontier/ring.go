package frontier

// ring is hosts in the order of their turns: those that may be asked now, or those parked at an address.
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
