package schedule

import "time"

// Cursor gives the times of a schedule to one goroutine, fastest when the sends are asked for in order, also with gaps. It answers as
// Schedule.At does, whatever was asked before: what it remembers is only how it got there. It must not be used by two goroutines at
// once.
type Cursor struct {
	schedule Schedule
	tree     *walk // nil unless the schedule is Poisson's
}

// walk is the way from the root of the tree to a leaf.
type walk struct {
	tree  *poisson
	first int64 // of times
	n     int64 // valid times
	times [fewLeft]time.Duration
	path  [levels + 1]cell
	depth int // of the last cell in path
}

// Cursor returns a cursor over s.
func (s Schedule) Cursor() Cursor {
	c := Cursor{schedule: s}
	if p, ok := s.shape.(*poisson); ok {
		c.tree = &walk{tree: p}
		c.tree.path[0] = p.root
	}
	return c
}

// At is Schedule.At.
func (c *Cursor) At(i int64) time.Duration {
	if c.tree == nil || i >= c.schedule.total {
		return c.schedule.At(i)
	}
	i = max(i, 0)
	w := c.tree
	if k := i - w.first; uint64(k) < uint64(w.n) {
		return w.times[k]
	}
	return w.seek(i)
}

// seek goes to the leaf that holds send i, by way of the smallest cell on the path that holds it, too.
func (w *walk) seek(i int64) time.Duration {
	if i >= w.tree.root.n {
		return Never
	}
	for !w.path[w.depth].holds(i) {
		w.depth--
	}
	c := w.path[w.depth]
	for !c.leaf() {
		left, right := w.tree.halves(c)
		if c = right; i < right.first {
			c = left
		}
		w.depth++
		w.path[w.depth] = c
	}
	n := w.tree.times(c, &w.times)
	w.first, w.n = c.first, int64(n)
	return w.times[min(int(i-c.first), n-1)]
}
