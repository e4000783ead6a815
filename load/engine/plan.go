package engine

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// When an open loop gives sends up.
const (
	MaxLate = 10 * time.Second // those that could not go out within this time
	CatchUp = time.Second      // and those that had not gone out so long after the schedule's end
)

// Schedule is the arrival schedule of an open loop: a pure function of time. load/schedule has some.
type Schedule interface {
	// At is when send i (the first is 0) is planned.
	At(i int64) time.Duration
	// Due is how many sends are planned up to and with elapsed.
	Due(elapsed time.Duration) int64
	// Walk returns what answers At as the schedule does, faster for one caller that asks in order.
	Walk() Walk
}

// Walk is a schedule's own place of one caller.
type Walk interface {
	At(i int64) time.Duration
}

// Plan is which sends a phase holds and when. Set the fields, then Begin it; Begin happens before any use. It is safe for
// concurrent use from then on.
type Plan struct {
	Schedule Schedule      // nil: closed loop
	Length   time.Duration // of the phase; 0: no limit
	Total    int64         // sends that the phase holds; math.MaxInt64: no limit

	start    time.Time
	next     atomic.Int64 // of closed loops with a Total
	late     atomic.Int64 // sends given up because they were too late
	taking   sync.Mutex   // guards taken and walk
	taken    int64        // sends of an open loop that Take has given out
	walk     Walk
	over     atomic.Bool
	stopped  chan struct{}
	stopOnce sync.Once
	stopTime time.Duration
}

// Send is one send that was taken.
type Send struct {
	Index   int64
	Planned time.Duration // since the start; in a closed loop, Taken
	Taken   time.Duration // when the engine took it in hand
	Waited  bool          // the taker was free before Planned
}

// Begin starts the clock.
func (p *Plan) Begin() {
	p.stopped = make(chan struct{})
	if p.Schedule != nil {
		p.walk = p.Schedule.Walk()
	}
	p.start = time.Now()
}

// Start is when the phase began.
func (p *Plan) Start() time.Time { return p.start }

// Now is the time since the start.
func (p *Plan) Now() time.Duration { return time.Since(p.start) }

// Open tells an open loop from a closed one.
func (p *Plan) Open() bool { return p.Schedule != nil }

// Stop ends the plan now: nothing more is taken.
func (p *Plan) Stop() {
	p.stopOnce.Do(func() {
		p.over.Store(true)
		p.stopTime = p.Now() // after it: what was due earlier may have been taken
		close(p.stopped)
	})
}

// Stopped is closed by Stop.
func (p *Plan) Stopped() <-chan struct{} { return p.stopped }

// IsStopped reports whether Stop was called, and when.
func (p *Plan) IsStopped() (at time.Duration, stopped bool) {
	if !p.over.Load() {
		return 0, false
	}
	<-p.stopped // stopTime is set before
	return p.stopTime, true
}

// Planned is how many sends an open loop's schedule held up to its end or stop.
func (p *Plan) Planned() int64 {
	if at, stopped := p.IsStopped(); stopped {
		return min(p.Total, p.Schedule.Due(at))
	}
	return p.Total
}

// Late is how many sends were given up so far because MaxLate had passed. Those that are left when the phase ends are not in it.
func (p *Plan) Late() int64 { return p.late.Load() }

// GiveUp counts a send that was taken and is not sent because MaxLate has passed since.
func (p *Plan) GiveUp() { p.late.Add(1) }

// tooLate reports whether the phase is over for what has not been sent by now.
func (p *Plan) tooLate(now time.Duration) bool {
	if p.Schedule == nil {
		return p.Length > 0 && now >= p.Length
	}
	return p.Length > 0 && now > p.Length+CatchUp
}

// Never is a time that does not come.
const Never = time.Duration(math.MaxInt64)
