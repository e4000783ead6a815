package recorder

import (
	"strconv"
	"time"
)

// Live is a look at a phase while it runs.
type Live struct {
	Counts         Counts
	Status, Errors map[string]int64 // whole answers by status, failures by class
	Through        time.Duration    // the seconds that are closed end here

	// Response, Service and Lateness are the times of the last point of the series; nil before there is one. Whole are those of all
	// closed seconds. In a closed loop a response is a service, and there is no lateness. All are the collector's, until the next
	// Roll.
	Response, Service, Lateness                *Times
	WholeResponse, WholeService, WholeLateness *Times
}

// Live returns what was measured so far. It belongs to the goroutine of Roll, and holds each shard up for some microseconds.
func (c *Collector) Live() Live {
	l := Live{Status: make(map[string]int64), Errors: make(map[string]int64), Through: c.series.start,
		WholeResponse: &c.whole.response, WholeService: &c.whole.service, WholeLateness: &c.whole.lateness}
	if !c.series.lastEmpty() {
		l.Response, l.Service = c.series.recent()
		l.Lateness = &c.series.last.lateness
	}
	if c.cfg.Closed {
		l.WholeResponse, l.Lateness, l.WholeLateness = l.WholeService, nil, nil
	}
	for _, h := range c.shards {
		n := h.live(&l)
		l.Counts.merge(&n)
	}
	return l
}

// live adds what h counts by status and error, and returns its other counts.
func (h *Shard) live(l *Live) Counts {
	h.Lock()
	defer h.Unlock()
	for code, n := range h.status {
		if n > 0 {
			l.Status[strconv.Itoa(code)] += n
		}
	}
	for class, n := range h.errors {
		l.Errors[class] += n
	}
	return h.sum()
}
