package recorder

import (
	"strconv"
	"time"
)

// rollLag is how long after the end of a second it is closed: samples are added a moment after they end.
const rollLag = 50 * time.Millisecond

// Config says what is recorded.
type Config struct {
	Shards  int
	Closed  bool // closed loop: response times are service times
	Targets int  // results by URL are kept if there is more than one
	Checks  int  // number of checks
	// Until is a time since the start: what is completed by then is counted. 0: nothing is.
	Until time.Duration
}

func (c *Config) urls() int {
	switch {
	case c.Targets <= 1:
		return 0
	case c.Targets > MaxURLs:
		return MaxURLs + 1
	}
	return c.Targets
}

// Collector owns the shards of a phase and merges them. Roll, Finish, Totals and Points belong to one goroutine; the others are safe
// for concurrent use.
type Collector struct {
	cfg    Config
	shards []*Shard
	spare  []*interval // one for each shard
	second int64       // the one that is not closed yet
	whole  *interval   // all closed seconds
	series series
}

// New returns a Collector with its shards.
func New(cfg Config) *Collector {
	c := &Collector{cfg: cfg, whole: newInterval(cfg.Closed), series: newSeries(cfg.Closed)}
	for range max(cfg.Shards, 1) {
		c.shards = append(c.shards, newShard(&cfg))
		c.spare = append(c.spare, newInterval(cfg.Closed))
	}
	return c
}

// Shard returns shard n of those that there are, again from the first one when n goes beyond them.
func (c *Collector) Shard(n int) *Shard { return c.shards[n%len(c.shards)] }

// Shards returns how many there are.
func (c *Collector) Shards() int { return len(c.shards) }

// Counts returns what has ended so far.
func (c *Collector) Counts() Counts {
	var sum Counts
	for _, h := range c.shards {
		n := h.counts()
		sum.merge(&n)
	}
	return sum
}

// Roll closes the seconds that were over a moment before now, the time since the start. Call it several times a second.
func (c *Collector) Roll(now time.Duration) {
	for c.second < int64((now-rollLag)/time.Second) {
		c.roll()
	}
}

func (c *Collector) roll() {
	for i, h := range c.shards {
		full := h.roll(c.spare[i])
		c.whole.merge(full)
		c.series.add(full)
		full.reset()
		c.spare[i] = full
	}
	c.second++
	c.series.close(time.Second)
}

// Finish closes what is open, of a phase that took so long. Nothing may be added any more.
func (c *Collector) Finish(took time.Duration) {
	for range 2 { // current and following
		for i, h := range c.shards {
			full := h.roll(c.spare[i])
			c.whole.merge(full)
			c.series.add(full)
			full.reset()
			c.spare[i] = full
		}
	}
	c.series.finish(took)
}

// Points returns the series so far, the oldest first. The slice is the collector's.
func (c *Collector) Points() []Point { return c.series.points }

// Recent returns the times of the last closed second, the response and the service; nil before the first is closed. They are the
// collector's, until the next Roll.
func (c *Collector) Recent() (response, service *Times) {
	if c.series.lastEmpty() {
		return nil, nil
	}
	return c.series.recent()
}

// Totals are the results of a whole phase.
type Totals struct {
	Counts                      Counts
	Response, Service, Lateness *Times // the same Times for the first two in a closed loop; lateness is empty there
	Own                         *Times // lateness of sends that a free sender waited for
	DNS, Connect, TLS           *Times // of new connections
	First, Body                 *Times // of answers
	Status, Errors              map[string]int64
	Checks                      []int64 // failures by check
	URLs                        []URL   // of the targets that were asked, in their order; nil with one target
	InTime                      int64   // completed by Config.Until
	Last                        time.Duration
}

// Totals merges the shards. Call it after Finish.
func (c *Collector) Totals() *Totals {
	w := c.whole
	t := &Totals{
		Counts: w.counts, Response: &w.response, Service: &w.service, Lateness: &w.lateness, First: &w.first, Body: &w.body,
		Status: make(map[string]int64), Errors: make(map[string]int64), Checks: make([]int64, c.cfg.Checks),
	}
	if w.closed {
		none := newTimes(coarse)
		t.Response, t.Lateness = &w.service, &none
	}
	own, dns, connect, tls := newTimes(coarse), newTimes(coarse), newTimes(coarse), newTimes(coarse)
	t.Own, t.DNS, t.Connect, t.TLS = &own, &dns, &connect, &tls
	for _, h := range c.shards {
		h.Lock()
		h.into(t)
		h.Unlock()
	}
	t.URLs = c.urls()
	return t
}

// into adds what h keeps beside its intervals.
func (h *Shard) into(t *Totals) {
	for code, n := range h.status {
		if n > 0 {
			t.Status[strconv.Itoa(code)] += n
		}
	}
	for class, n := range h.errors {
		t.Errors[class] += n
	}
	for i, n := range h.checks {
		t.Checks[i] += n
	}
	t.InTime += h.inTime
	t.Own.Merge(&h.own)
	t.DNS.Merge(&h.dns)
	t.Connect.Merge(&h.connect)
	t.TLS.Merge(&h.tls)
	t.Last = max(t.Last, h.last)
}

func (c *Collector) urls() []URL {
	var list []URL
	for n := range c.cfg.urls() {
		var sum *url
		for _, h := range c.shards {
			switch u := h.urls[n]; {
			case u == nil:
			case sum == nil:
				sum = newURL()
				sum.merge(u)
			default:
				sum.merge(u)
			}
		}
		if sum == nil {
			continue
		}
		target := n
		if n == MaxURLs {
			target = -1
		}
		list = append(list, URL{Target: target, Count: sum.service.Count(), Failed: sum.failed, Classes: sum.classes, Service: &sum.service})
	}
	return list
}
