package recorder

import (
	"sync"
	"time"
)

// Shard takes the samples of one loop, or of some workers. Add needs the lock: a loop holds it for a whole batch of events, and
// never while it waits for something.
type Shard struct {
	sync.Mutex // guards what follows

	second    int64     // number of the second that current is about
	current   *interval // what ended in it
	following *interval // what ended later
	past      Counts    // of the seconds before

	status  [1000]int64
	errors  map[string]int64
	checks  []int64 // failures by check
	urls    []*url  // by target; the last is of all targets beyond MaxURLs
	own     Times   // lateness of the sends that a sender was free and waiting for: the client's doing
	dns     Times
	connect Times
	tls     Times
	last    time.Duration // end of the last answer
	until   time.Duration
	inTime  int64 // completed by until
}

func newShard(cfg *Config) *Shard {
	return &Shard{
		until:   cfg.Until,
		current: newInterval(cfg.Closed), following: newInterval(cfg.Closed),
		errors: make(map[string]int64), checks: make([]int64, cfg.Checks), urls: make([]*url, cfg.urls()),
		own: newTimes(coarse), dns: newTimes(coarse), connect: newTimes(coarse), tls: newTimes(coarse),
	}
}

// Add counts s. The caller holds the lock.
func (h *Shard) Add(s *Sample) {
	if int64(s.End/time.Second) <= h.second {
		h.current.add(s)
	} else {
		h.following.add(s)
	}
	h.last = max(h.last, s.End)
	if s.Failure == "" {
		h.status[s.Status]++
		if s.End <= h.until {
			h.inTime++
		}
	} else {
		h.errors[s.Failure]++
		if s.Check > 0 {
			h.checks[s.Check-1]++
		}
	}
	if s.Waited {
		h.own.Add(s.Sent - s.Planned)
	}
	if s.Connect > 0 {
		h.connected(s)
	}
	if n := len(h.urls); n > 0 {
		h.url(min(s.Target, n-1)).add(s)
	}
}

// Unasked counts an answer that nobody had asked for, on a connection that waited. The caller holds the lock.
func (h *Shard) Unasked() { h.current.counts.Unasked++ }

func (h *Shard) connected(s *Sample) {
	h.connect.Add(s.Connect)
	if s.DNS > 0 {
		h.dns.Add(s.DNS)
	}
	if s.TLS > 0 {
		h.tls.Add(s.TLS)
	}
}

func (h *Shard) url(n int) *url {
	u := h.urls[n]
	if u == nil {
		u = newURL()
		h.urls[n] = u
	}
	return u
}

// counts returns what has ended so far.
func (h *Shard) counts() Counts {
	h.Lock()
	defer h.Unlock()
	return h.sum()
}

// sum is counts for who holds the lock.
func (h *Shard) sum() Counts {
	c := h.past
	c.merge(&h.current.counts)
	c.merge(&h.following.counts)
	return c
}

// roll goes on to the next second, with empty for what ends after it, and returns what ended in the last.
func (h *Shard) roll(empty *interval) (full *interval) {
	h.Lock()
	defer h.Unlock()
	full = h.current
	h.past.merge(&full.counts)
	h.current, h.following = h.following, empty
	h.second++
	return full
}
