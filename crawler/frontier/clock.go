package frontier

import (
	"container/heap"
	"math"
	"time"

	"golang.org/x/time/rate"
)

// clock spaces the hand-outs of a host or of an address.
type clock struct {
	rate    float64       // a second; 0 = no limit
	limiter *rate.Limiter // made when the first job is handed out under a rate
}

// free is the first moment from at on that the rate allows.
func (c *clock) free(at time.Time) time.Time {
	if c.limiter == nil {
		return at
	}
	tokens := c.limiter.TokensAt(at)
	if tokens >= 1 {
		return at
	}
	wait := (1 - tokens) / float64(c.limiter.Limit())
	return at.Add(time.Duration(math.Ceil(min(wait, maxWait) * 1e9)))
}

// maxWait bounds what a tiny rate can do to the arithmetic, in seconds.
const maxWait = 1e9

// take records a hand-out.
func (c *clock) take(now time.Time) {
	if c.rate == 0 {
		return
	}
	if c.limiter == nil {
		c.limiter = rate.NewLimiter(rate.Limit(c.rate), burst(c.rate))
	}
	c.limiter.AllowN(now, 1)
}

// set changes the rate; last is the last hand-out, zero if there was none.
func (c *clock) set(r float64, last time.Time) {
	c.rate, c.limiter = r, nil
	if r > 0 && !last.IsZero() {
		c.limiter = rate.NewLimiter(rate.Limit(r), burst(r))
		c.limiter.AllowN(last, 1)
	}
}

// burst is 1, which spaces hand-outs evenly; above 100/s a timer cannot, and up to 10 ms worth go out together.
func burst(r float64) int { return int(max(1, min(r/100, 1e6))) }

// alarm is a moment that a host or an address waits for.
type alarm struct {
	at    time.Time
	index int // in alarms

	host *host // the one of these that is not nil
	addr *address
}

// alarms is those that wait, the soonest first. It implements heap.Interface.
type alarms []*alarm

func (q alarms) Len() int           { return len(q) }
func (q alarms) Less(i, j int) bool { return q[i].at.Before(q[j].at) }

func (q alarms) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *alarms) Push(x any) {
	a := x.(*alarm)
	a.index = len(*q)
	*q = append(*q, a)
}

func (q *alarms) Pop() any {
	old := *q
	a := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return a
}

func (q *alarms) set(a *alarm, at time.Time) {
	a.at = at
	heap.Push(q, a)
}

func (q *alarms) remove(a *alarm) { heap.Remove(q, a.index) }
