package fast

import (
	"context"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"tandem/internal/transport"
	"tandem/load/engine"
	"tandem/load/engine/framing"
	"tandem/load/recorder"
)

const (
	readBuffer = 64 << 10
	dueTurn    = 1024        // sends of an open loop before events get their turn
	readTurns  = 16          // reads from one connection before the others get their turn
	maxDials   = 256         // connections that a loop dials at once
	idleWait   = time.Second // a wait without anything to wait for
	sweepMost  = 50 * time.Millisecond
	sweepLeast = time.Millisecond
	restStep   = time.Millisecond // how exactly rests end
)

// loop is one thread's part of the engine.
type loop struct {
	poll  *poller
	conns []conn
	buf   []byte
	depth int // requests in flight on a connection

	*shared
	ctx    context.Context
	cut    string // the class of what the end of ctx cuts, once it has
	cursor *engine.Cursor
	shard  *recorder.Shard
	now    time.Duration // since the phase's start, as of the last look at the clock
	came   time.Duration // when what was read last had arrived
	wall   int64         // what the wall clock showed at the phase's start, by the last look at both, in nanoseconds

	grouped bool // an open loop that sends what is due soon together
	stamped stamped
	sample  recorder.Sample
	memo    framing.Memo
	render  renderer
	several []byte // requests that go out together

	flying  int           // flights
	dials   int           // connections being dialled
	queue   []*conn       // that wait to be dialled
	free    ring          // connections that can take a request, in an open loop: the longest free one first
	freed   time.Duration // when free was last empty
	resting []*conn       // that wait after a refusal, in a closed loop
	hungry  []*conn       // that can take a request of a closed loop
	again   []*conn       // whose sockets may hold more than was read
	spare   []*conn       // memory for one of the three, while the other is gone through
	swept   time.Duration
	sweeps  time.Duration // time between two sweeps
}

func newLoop(depth int) (*loop, error) {
	p, err := newPoller()
	if err != nil {
		return nil, err
	}
	return &loop{poll: p, buf: make([]byte, readBuffer), depth: depth}, nil
}

// resize gives l so many connections. Between two phases nothing points to them.
func (l *loop) resize(share int) {
	for i := share; i < len(l.conns); i++ {
		l.conns[i].shut()
	}
	had := min(len(l.conns), share)
	if share <= len(l.conns) {
		l.conns = slices.Clip(l.conns[:share])
		return
	}
	l.conns = append(make([]conn, 0, share), l.conns...)[:share]
	flights := make([]flight, (share-had)*l.depth)
	for i := had; i < share; i++ {
		c := &l.conns[i]
		c.fd, c.number = -1, uint32(i)
		c.frame.Memo = &l.memo
		k := (i - had) * l.depth
		c.flights = flights[k : k : k+l.depth]
	}
}

func (l *loop) close() {
	for i := range l.conns {
		l.conns[i].shut()
	}
	l.poll.close()
}

// begin prepares l for a phase as number index of so many loops.
func (l *loop) begin(s *shared, index, of int) {
	l.shared, l.cut = s, ""
	l.cursor, l.shard = s.job.Plan.Cursor(index, of), s.job.Recorder.Shard(index)
	l.render.begin(s)
	l.sweeps = min(max(s.job.Timeout/64, sweepLeast), sweepMost)
	l.swept, l.freed = 0, 0
	l.queue, l.resting, l.again, l.hungry = l.queue[:0], l.resting[:0], l.again[:0], l.hungry[:0]
	l.free.reset(len(l.conns))
	l.grouped = s.job.Plan.Open() && s.cfg.Group > 0
	for i := range l.conns {
		c := &l.conns[i]
		c.free, c.again, c.hungry, c.resting, c.fails, c.until = false, false, false, false, 0, 0
	}
}

// run performs the loop's part of the phase.
func (l *loop) run(ctx context.Context) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer exactTimers()()
	l.ctx = ctx
	l.shard.Lock()
	l.start()
	l.shard.Unlock()
	for !l.done() {
		events, err := l.wait()
		if err != nil {
			return err
		}
		l.shard.Lock()
		l.look()
		for i := range events {
			l.event(&events[i])
		}
		l.tend()
		l.shard.Unlock()
	}
	return nil
}

// wait waits for events, or until something is to be done.
func (l *loop) wait() ([]event, error) {
	d := l.patience()
	if !l.grouped {
		return l.poll.wait(d)
	}
	var events []event
	var err error
	if d > 0 && d < l.cfg.Group && !l.free.empty() && l.cursor.Peek() != engine.Never {
		nap(l.cfg.Group) // answers that come meanwhile are timed by the kernel
		events = l.poll.poll()
	} else {
		events, err = l.poll.wait(d)
	}
	l.wall = time.Now().UnixNano() - int64(l.job.Plan.Now())
	return events, err
}

// exactTimers has the kernel end this thread's waits on time, and returns what undoes it.
func exactTimers() (undo func()) {
	slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil || unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) != nil {
		return func() {}
	}
	return func() { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack), 0, 0, 0) }
}

// look reads the clock.
func (l *loop) look() { l.now = l.job.Plan.Now() }

// start gives the connections their first requests.
func (l *loop) start() {
	l.look()
	l.idleEnds()
	for i := range l.conns {
		l.vacant(&l.conns[i])
	}
	l.due()
}

// idleEnds closes connections that ended since the last phase, before they are given requests that would have to be sent twice.
func (l *loop) idleEnds() {
	for events := l.poll.poll(); len(events) > 0; events = l.poll.poll() {
		for i := range events {
			id := data(&events[i])
			if id == wakeup {
				l.poll.woken()
			} else if c := &l.conns[uint32(id)]; c.gen == uint32(id>>32) && events[i].Events&(unix.EPOLLIN|ends) != 0 {
				if holds(c.fd) {
					l.shard.Unasked()
				}
				c.shut()
			}
		}
	}
}

// done reports whether nothing is in flight and nothing will be.
func (l *loop) done() bool { return l.flying == 0 && l.cursor.Over() }

// patience is how long the loop may wait for an event.
func (l *loop) patience() time.Duration {
	if len(l.again)+len(l.hungry) > 0 {
		return 0
	}
	l.look()
	wait := idleWait
	if l.flying > 0 {
		wait = min(wait, l.swept+l.sweeps-l.now)
	}
	if len(l.resting) > 0 {
		wait = min(wait, restStep)
	}
	if at := l.cursor.Peek(); at != engine.Never && !l.free.empty() {
		wait = min(wait, at-l.now)
	}
	return max(wait, 0)
}

// tend does what time brings, after the events.
func (l *loop) tend() {
	if len(l.again) > 0 {
		l.readAgain()
	}
	if l.cut == "" && l.ctx.Err() != nil {
		l.cutAll()
		return
	}
	if len(l.hungry) > 0 {
		l.feedHungry()
	}
	if l.now-l.swept >= l.sweeps {
		l.sweep()
	}
	if len(l.resting) > 0 {
		l.wakeRested()
	}
	if l.job.Plan.Open() {
		l.due()
	}
	for l.dials < maxDials && len(l.queue) > 0 {
		c := l.queue[0]
		l.queue = l.queue[1:]
		if c.state == waiting {
			l.dial(c)
		}
	}
}

// sweep fails what has had no answer in time.
func (l *loop) sweep() {
	l.swept = l.now
	for i := range l.conns {
		c := &l.conns[i]
		if len(c.flights) > 0 && l.now-c.flights[0].send.Taken >= l.job.Timeout {
			l.late(c)
		}
	}
}

// late ends c's oldest request, which took too long.
func (l *loop) late(c *conn) {
	phase := transport.PhaseHead
	switch {
	case c.state != open:
		phase = transport.PhaseConnect
	case c.frame.Status() > 0:
		phase = transport.PhaseBody
	}
	l.lost(c, phase, errTimeout)
}

// cutAll ends everything, because ctx did.
func (l *loop) cutAll() {
	l.cut = engine.CutClass(l.ctx)
	l.job.Plan.Stop()
	for i := range l.conns {
		c := &l.conns[i]
		for len(c.flights) > 0 {
			f := c.pop()
			l.drop(c, &f, l.cut)
		}
		if c.state == connecting {
			l.dials--
		}
		c.shut()
	}
	l.queue = l.queue[:0]
	_, _, _ = l.cursor.Next(l.now) // it is over, and says so from now on
}

// wakeRested has connections try again that were refused.
func (l *loop) wakeRested() {
	list := l.resting
	l.resting = l.spare[:0] // feed adds those that rest on, or are refused again
	for _, c := range list {
		c.resting = false
		l.feed(c)
	}
	l.spare = list
}
