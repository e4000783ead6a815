package frontier

import (
	"container/heap"
	"sort"
	"time"
)

// job is a pending URL in memory. All else about it is in the store.
type job struct {
	id        uint32
	depth     int32
	attempt   uint16
	requisite bool
}

// host holds the pending jobs of one host and its clocks. An idle one is this struct and its map entry, nothing more.
type host struct {
	name     string
	front    fifo    // requisites: they follow their page
	levels   []level // the rest, lowest depth first
	delayed  delays  // retries, soonest first
	inflight int
	out      int   // handed out and not finished yet: in flight, and those released
	pages    int64 // finished as pages in this run

	clock
	gap    time.Duration // at least between two hand-outs, one at a time
	last   time.Time     // of the last hand-out
	paused time.Time     // not before
	addr   *address      // nil until it is known

	where      position
	alarm      alarm // while waiting
	backOff    bool  // while waiting: for a retry or a pause, not for the limiter
	prev, next *host // while ready or parked
}

// position is where the scheduler keeps a host.
type position uint8

const (
	idle    position = iota // no jobs
	ready                   // in the ring
	waiting                 // in the heap, for a clock
	busy                    // has jobs, but enough in flight
	parked                  // could be asked, but its address may not: in the address's ring
)

type level struct {
	depth int32
	ids   fifo
}

func (h *host) push(j job) {
	if j.requisite {
		h.front.push(j.id)
		return
	}
	i := sort.Search(len(h.levels), func(i int) bool { return h.levels[i].depth >= j.depth })
	if i == len(h.levels) || h.levels[i].depth != j.depth {
		h.levels = append(h.levels, level{})
		copy(h.levels[i+1:], h.levels[i:])
		h.levels[i] = level{depth: j.depth}
	}
	h.levels[i].ids.push(j.id)
}

// pop takes the job whose turn it is. The host has one that is due.
func (h *host) pop(now time.Time) job {
	if h.front.len() > 0 {
		return job{id: h.front.pop(), attempt: 1, requisite: true}
	}
	if len(h.delayed) > 0 && !h.delayed[0].at.After(now) {
		return heap.Pop(&h.delayed).(delay).job
	}
	j := job{id: h.levels[0].ids.pop(), depth: h.levels[0].depth, attempt: 1}
	if h.levels[0].ids.len() == 0 {
		h.levels = h.levels[1:]
		if len(h.levels) == 0 {
			h.levels = nil
		}
	}
	return j
}

func (h *host) empty() bool { return h.front.len() == 0 && len(h.levels) == 0 && len(h.delayed) == 0 }

// ready is the first moment from now on at which the host's clocks allow a hand-out, and whether it is a retry's or a pause's clock
// that says so, not the limiter's. The host is not empty.
func (h *host) ready(now time.Time) (at time.Time, backOff bool) {
	at = now
	if h.front.len() == 0 && len(h.levels) == 0 && h.delayed[0].at.After(at) {
		at, backOff = h.delayed[0].at, true
	}
	if h.paused.After(at) {
		at, backOff = h.paused, true
	}
	if next := h.last.Add(h.gap); h.gap > 0 && next.After(at) {
		at, backOff = next, false
	}
	if next := h.clock.free(at); next.After(at) {
		return next, false
	}
	return at, backOff
}

// crowded reports whether as many of the host's items are in flight as may be.
func (h *host) crowded(concurrency int) bool {
	return h.inflight >= concurrency || h.gap > 0 && h.inflight > 0
}

// take records a hand-out in the host's clocks.
func (h *host) take(now time.Time) {
	h.inflight++
	h.out++
	h.last = now
	h.clock.take(now)
}

// setRate changes the host's rate; a hand-out that was less than an interval ago counts.
func (h *host) setRate(r float64) { h.clock.set(r, h.last) }

// fifo is a queue of ids that gives its memory back when it is empty.
type fifo struct {
	ids  []uint32
	head int
}

func (q *fifo) len() int       { return len(q.ids) - q.head }
func (q *fifo) push(id uint32) { q.ids = append(q.ids, id) }

func (q *fifo) pop() uint32 {
	id := q.ids[q.head]
	q.head++
	switch {
	case q.head == len(q.ids):
		*q = fifo{}
	case q.head >= 1024 && q.head*2 >= len(q.ids):
		q.ids = append([]uint32(nil), q.ids[q.head:]...)
		q.head = 0
	}
	return id
}

// delay is a job that must not be handed out before at.
type delay struct {
	at time.Time
	job
}

// delays is a heap, soonest first.
type delays []delay

func (d delays) Len() int           { return len(d) }
func (d delays) Less(i, j int) bool { return d[i].at.Before(d[j].at) }
func (d delays) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *delays) Push(x any)        { *d = append(*d, x.(delay)) }
func (d *delays) Pop() any {
	old := *d
	x := old[len(old)-1]
	*d = old[:len(old)-1]
	return x
}
