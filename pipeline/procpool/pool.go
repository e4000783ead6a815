package procpool

import (
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"

	"tandem/pipeline"
)

// Pool is an Executor whose workers are processes. All methods are safe for concurrent use.
type Pool struct {
	cfg       Config
	tasks     map[string]int // name → number in hello's list
	launcher  *launcher
	seats     sync.WaitGroup     // one per seat, one per spare worker
	spares    chan *worker       // not buffered: who keeps a spare waits here with it
	startTook time.Duration      // by the first workers; set before anything else runs
	answered  pipeline.Event     // a call has been answered
	drained   pipeline.Event     // closing and nothing outstanding
	stopped   pipeline.Event     // no worker is to be started any more; set with mu held
	unstart   context.CancelFunc // ends the start of a worker

	mu          sync.Mutex // guards the fields below, and those of seats, workers and jobs that say so
	backlog     backlog
	waiting     list.List // of *submission: Submits that wait for room, oldest first
	outstanding int       // jobs taken and not ended
	nextID      uint64
	workers     map[*worker]struct{} // alive, in a seat
	ready       []*worker            // spare
	chairs      []*seat
	watches     map[<-chan struct{}]*watch
	closing     bool    // takes no more calls
	failed      error   // why the pool gave up
	streak      int     // workers died in a row without a success in between
	causes      []error // the latest deaths
	counts      counts
	kernelKills int64 // of processes for want of memory, on this machine, when last asked
}

// job is a call on its way through the pool. Its fields are guarded by Pool.mu.
type job struct {
	promise *pipeline.Promise
	call    pipeline.Call
	task    int
	started bool
	id      uint64      // of its latest try
	worker  *worker     // that it is in flight to, nil if none
	strikes int         // deaths with it in hand that nobody else explains
	kills   int         // deaths with it in hand by a signal that may have come from anywhere
	abort   error       // set when the call is to end with this error
	insist  *time.Timer // kills its worker if it goes on after that; nil unless it is in flight and aborted
	watched bool
}

// submission is a Submit that waits for room.
type submission struct {
	job   *job
	ready chan error
}

// New starts the workers and returns when all are ready. A worker that does not start, or has other tasks or versions,
// fails it with an error that says so; nothing is left then. ctx bounds the start only.
func New(ctx context.Context, cfg Config) (*Pool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if IsWorker() {
		return nil, fmt.Errorf("start worker pool: this process was started as a worker and has not called Serve")
	}
	cfg = cfg.withDefaults()
	p := &Pool{
		cfg: cfg, tasks: make(map[string]int), launcher: newLauncher(),
		spares:  make(chan *worker),
		workers: make(map[*worker]struct{}), watches: make(map[<-chan struct{}]*watch), kernelKills: kernelKills(),
	}
	for i, t := range cfg.Tasks.Specs() {
		p.tasks[t.Name] = i
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p.unstart = cancel
	if err := p.startAll(ctx, life); err != nil {
		cancel()
		p.launcher.close()
		return nil, err
	}
	return p, nil
}

// startAll starts one worker per seat, all at once, or none. Their successors start with life.
func (p *Pool) startAll(ctx, life context.Context) error {
	type started struct {
		w   *worker
		err error
	}
	began := time.Now()
	results := make(chan started)
	for range p.cfg.Workers {
		go func() {
			w, err := p.start(ctx)
			results <- started{w, err}
		}()
	}
	var first []*worker
	var failure error
	for range p.cfg.Workers {
		r := <-results
		if r.err != nil {
			failure = r.err
			continue
		}
		first = append(first, r.w)
	}
	if failure != nil {
		for _, w := range first {
			w.discard()
		}
		return failure
	}
	p.startTook = time.Since(began)
	for range first {
		p.chairs = append(p.chairs, &seat{pool: p})
	}
	for i, s := range p.chairs { // not guarded: these do not change any more
		s.seatWorker(first[i])
		p.seats.Add(1)
		go s.run(life, first[i]) // waited for by Close
	}
	for range max(0, p.cfg.Spares) {
		p.seats.Add(1)
		go p.keepSpare(life) // waited for by Close
	}
	return nil
}

// Window implements pipeline.Windower: it is Config.Backlog.
func (p *Pool) Window() int { return p.cfg.Backlog }

// Submit implements pipeline.Executor. It blocks while Config.Backlog calls or BacklogBytes of input wait. A call that
// was sent to a worker counts as started. When ctx is over later, the call's context is; if the call does not end within
// GracePeriod, its worker is killed and the Future ends with the context's error.
func (p *Pool) Submit(ctx context.Context, c pipeline.Call) *pipeline.Future {
	j := &job{promise: pipeline.NewPromise(ctx), call: c}
	j.promise.OnAbort(func() { p.abortCall(j) })
	if err := p.enter(ctx, j); err != nil {
		j.promise.Finish(nil, err)
	}
	return j.promise.Future()
}

// enter puts the job into the backlog, waiting for room.
func (p *Pool) enter(ctx context.Context, j *job) error {
	if err := p.cfg.Tasks.Check(j.call); err != nil {
		return err
	}
	if n := len(j.call.Payload); n > p.cfg.MaxCall {
		return fmt.Errorf("submit task %q: input of %d bytes, limit %d: %w", j.call.Task, n, p.cfg.MaxCall, ErrTooLarge)
	}
	if r := j.call.Ref; r != nil && len(r.Path) > frameSlack/2 {
		return fmt.Errorf("submit task %q: path of %d bytes: %w", j.call.Task, len(r.Path), ErrTooLarge)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	j.task = p.tasks[j.call.Task]
	p.mu.Lock()
	if err := p.refusal(); err != nil {
		p.mu.Unlock()
		return err
	}
	if p.waiting.Len() == 0 && p.fits(j) {
		p.accept(j)
		p.mu.Unlock()
		return nil
	}
	s := &submission{j, make(chan error, 1)}
	elem := p.waiting.PushBack(s)
	p.mu.Unlock()
	select {
	case err := <-s.ready:
		return err
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case err := <-s.ready:
		return err
	default:
	}
	p.waiting.Remove(elem)
	p.admit()
	return ctx.Err()
}

// refusal says why no more calls are taken. The caller holds mu.
func (p *Pool) refusal() error {
	switch {
	case p.failed != nil:
		return p.failed
	case p.closing:
		return pipeline.ErrClosed
	}
	return nil
}

func (p *Pool) fits(j *job) bool {
	n := p.backlog.len()
	return n < p.cfg.Backlog && (n == 0 || p.backlog.bytes+j.size() <= p.cfg.BacklogBytes)
}

// accept takes a job into the backlog. The caller holds mu.
func (p *Pool) accept(j *job) {
	p.outstanding++
	p.backlog.pushBack(j)
	p.rouse()
}

// admit takes waiting Submits in, oldest first, while there is room. The caller holds mu.
func (p *Pool) admit() {
	for e := p.waiting.Front(); e != nil; e = p.waiting.Front() {
		s := e.Value.(*submission)
		if !p.fits(s.job) {
			return
		}
		p.waiting.Remove(e)
		p.accept(s.job)
		s.ready <- nil
	}
}

// rouse wakes the idlest worker that waits for jobs, if there is one. The caller holds mu.
func (p *Pool) rouse() {
	var idlest *worker
	for w := range p.workers {
		if w.waiting && w.runsLow() && (idlest == nil || len(w.inflight) < len(idlest.inflight)) {
			idlest = w
		}
	}
	if idlest != nil {
		idlest.rouse()
	}
}

// passOn wakes another worker where the one that was woken takes no jobs any more. The caller holds mu.
func (p *Pool) passOn() {
	if p.backlog.len() > 0 {
		p.rouse()
	}
}

// outcome is how a job ends.
type outcome struct {
	job   *job
	value []byte
	err   error
}

// finish ends jobs. The caller does not hold mu.
func (p *Pool) finish(outcomes []outcome) {
	if len(outcomes) == 0 {
		return
	}
	for _, o := range outcomes {
		o.job.promise.Finish(o.value, o.err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outstanding -= len(outcomes)
	p.checkDrained()
}

// checkDrained sets drained when it is time. The caller holds mu.
func (p *Pool) checkDrained() {
	if p.closing && p.outstanding == 0 {
		p.drained.Set()
	}
}
