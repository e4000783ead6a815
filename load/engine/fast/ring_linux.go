package fast

// ring is a queue of connections of fixed size.
type ring struct {
	slots []*conn
	head  int
	n     int
}

func (r *ring) reset(size int) {
	if len(r.slots) != size {
		r.slots = make([]*conn, size)
	}
	r.head, r.n = 0, 0
}

func (r *ring) empty() bool { return r.n == 0 }

// push adds c, which is not in it.
func (r *ring) push(c *conn) {
	i := r.head + r.n
	if i >= len(r.slots) {
		i -= len(r.slots)
	}
	r.slots[i] = c
	r.n++
}

// pop takes the first one.
func (r *ring) pop() *conn {
	c := r.slots[r.head]
	if r.head++; r.head == len(r.slots) {
		r.head = 0
	}
	r.n--
	return c
}
