package frontier

import (
	"container/heap"
	"math"
	"sort"
	"time"

	"golang.org/x/time/rate"

	"tandem/crawler/weburl"
)

// job is a pending URL in memory. All else about it is in the store.
type job struct {
	key       weburl.Key
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

	rate    float64       // a second; 0 = no limit
	limiter *rate.Limiter // made when the first job is handed out under a rate
	last    time.Time     // of the last hand-out
	paused  time.Time     // not before

	where      position
	readyAt    time.Time // while waiting
	backOff    bool      // while waiting: for a retry or a pause, not for the limiter
	heapIndex  int       // while waiting
	prev, next *host     // while ready
}

// position is where the scheduler keeps a host.
type position uint8

const (
	idle    position = iota // no jobs
	ready                   // in the ring
	waiting                 // in the heap, for a clock
	busy                    // has jobs, but enough in flight
)

type level struct {
	depth int32
	jobs  fifo
}

func (h *host) push(j job) {
	if j.requisite {
		h.front.push(j)
		return
	}
	i := sort.Search(len(h.levels), func(i int) bool { return h.levels[i].depth >= j.depth })
	if i == len(h.levels) || h.levels[i].depth != j.depth {
		h.levels = append(h.levels, level{})
		copy(h.levels[i+1:], h.levels[i:])
		h.levels[i] = level{depth: j.depth}
	}
	h.levels[i].jobs.push(j)
}

// pop takes the job whose turn it is. The host has one that is due.
func (h *host) pop(now time.Time) job {
	if len(h.delayed) > 0 && !h.delayed[0].at.After(now) {
		return heap.Pop(&h.delayed).(delay).job
	}
	if h.front.len() > 0 {
		return h.front.pop()
	}
	j := h.levels[0].jobs.pop()
	if h.levels[0].jobs.len() == 0 {
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
	if h.limiter == nil {
		return at, backOff
	}
	if tokens := h.limiter.TokensAt(at); tokens < 1 {
		wait := (1 - tokens) / float64(h.limiter.Limit())
		return at.Add(time.Duration(math.Ceil(min(wait, maxWait) * 1e9))), false
	}
	return at, backOff
}

// maxWait bounds what a tiny rate can do to the arithmetic, in seconds.
const maxWait = 1e9

// take records a hand-out in the host's clocks.
func (h *host) take(now time.Time) {
	h.inflight++
	h.last = now
	if h.rate == 0 {
		return
	}
	if h.limiter == nil {
		h.limiter = rate.NewLimiter(rate.Limit(h.rate), burst(h.rate))
	}
	h.limiter.AllowN(now, 1)
}

// setRate changes the host's rate; a hand-out that was less than an interval ago counts.
func (h *host) setRate(r float64, now time.Time) {
	h.rate = r
	switch {
	case r == 0:
		h.limiter = nil
	case h.limiter != nil:
		h.limiter.SetLimitAt(now, rate.Limit(r))
		h.limiter.SetBurstAt(now, burst(r))
	case !h.last.IsZero():
		h.limiter = rate.NewLimiter(rate.Limit(r), burst(r))
		h.limiter.AllowN(h.last, 1)
	}
}

// burst is 1, which spaces hand-outs evenly; above 100/s a timer cannot, and up to 10 ms worth go out together.
func burst(r float64) int { return int(max(1, min(r/100, 1e6))) }

// fifo is a queue that gives its memory back when it is empty.
type fifo struct {
	jobs []job
	head int
}

func (q *fifo) len() int   { return len(q.jobs) - q.head }
func (q *fifo) push(j job) { q.jobs = append(q.jobs, j) }

func (q *fifo) pop() job {
	j := q.jobs[q.head]
	q.head++
	switch {
	case q.head == len(q.jobs):
		*q = fifo{}
	case q.head >= 1024 && q.head*2 >= len(q.jobs):
		q.jobs = append([]job(nil), q.jobs[q.head:]...)
		q.head = 0
	}
	return j
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
