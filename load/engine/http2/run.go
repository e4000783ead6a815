package http2

import (
	"context"
	"sync/atomic"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
)

// maxBlocks is how many requests are kept rendered. Those of further targets are rendered each time.
const maxBlocks = 1 << 16

// forever is the timeout of requests without one.
const forever = 1000 * time.Hour

// run is one call of Engine.Run.
type run struct {
	engine    *Engine
	job       *engine.Job
	source    engine.Source
	timeout   time.Duration
	open      bool
	needsHead bool
	needsBody bool
	origins   []origin // where the targets are
	originOf  []int32  // by target; nil with one origin
	blocks    []atomic.Pointer[block]
	groups    []*group
}

func newRun(e *Engine, job *engine.Job) *run {
	r := &run{
		engine: e, job: job, source: job.Source, timeout: job.Timeout, open: job.Plan.Open(),
		needsHead: job.Source.NeedsHead(), needsBody: job.Source.NeedsBody(),
		blocks: make([]atomic.Pointer[block], min(job.Source.Len(), maxBlocks)),
	}
	if r.timeout <= 0 {
		r.timeout = forever
	}
	known := r.findOrigins()
	n := e.Shards(job.Connections)
	for i := range n {
		r.groups = append(r.groups, newGroup(r, i, n))
	}
	for i := range job.Connections {
		g := r.groups[i%n]
		g.slots = append(g.slots, r.newSlot(g, i, known))
	}
	for _, g := range r.groups {
		g.settle()
	}
	return r
}

// origin is a server.
type origin struct {
	transport.Target
	named bool // the user named it
}

func originKey(t *transport.Target) string { return t.Scheme + "://" + t.HostPort }

// findOrigins asks for each target once. It returns their numbers.
func (r *run) findOrigins() map[string]int {
	known := make(map[string]int)
	var req transport.Request
	for target := range r.source.Len() {
		t, named := r.target(target, &req)
		key := originKey(&t)
		n, there := known[key]
		if !there {
			n = len(r.origins)
			known[key] = n
			r.origins = append(r.origins, origin{t, named})
		}
		if n > 0 && r.originOf == nil {
			r.originOf = make([]int32, r.source.Len())
		}
		if r.originOf != nil {
			r.originOf[target] = int32(n)
		}
	}
	return known
}

func (r *run) target(target int, req *transport.Request) (t transport.Target, named bool) {
	if static := r.source.Static(target); static != nil {
		return static.Target, static.Named
	}
	r.source.Fill(0, target, req)
	return req.Target, req.Named
}

func (r *run) origin(target int) int {
	if r.originOf == nil {
		return 0
	}
	return int(r.originOf[target])
}

// static is the rendered form of a target's request, or nil if it is made anew each time.
func (r *run) static(target int) *block {
	if target < len(r.blocks) {
		if b := r.blocks[target].Load(); b != nil {
			return b
		}
	}
	req := r.source.Static(target)
	if req == nil {
		return nil
	}
	b := new(block)
	b.render(req, r.engine.cfg.UserAgent)
	if target < len(r.blocks) {
		r.blocks[target].Store(b)
	}
	return b
}

// render gives e its block.
func (r *run) render(e *exchange) {
	if e.block = r.static(e.sample.Target); e.block != nil {
		return
	}
	if e.req == nil {
		e.req = new(transport.Request)
	}
	r.source.Fill(e.index, e.sample.Target, e.req)
	e.own.render(e.req, r.engine.cfg.UserAgent)
	e.block = &e.own
	if o := &r.origins[e.origin]; e.own.bad == nil && (o.HostPort != e.req.Target.HostPort || o.Scheme != e.req.Target.Scheme) {
		e.own.bad = errMoved
	}
}

// watch passes the end of the plan and of ctx on to those who wait.
func (r *run) watch(ctx context.Context, done <-chan struct{}) {
	select {
	case <-done:
		return
	case <-ctx.Done():
	case <-r.job.Plan.Stopped():
		for _, g := range r.groups {
			g.Lock()
			g.finish()
			g.Unlock()
		}
		select {
		case <-done:
			return
		case <-ctx.Done():
		}
	}
	for _, g := range r.groups {
		g.Lock()
		g.abort(engine.CutClass(ctx))
		g.Unlock()
	}
}

// collect gives the connections back to the engine.
func (r *run) collect() {
	for _, g := range r.groups {
		if g.pacer != nil {
			g.pacer.alarm.close()
		}
		for _, s := range g.slots {
			r.engine.conns[s.number] = s.conn
		}
	}
}

// clock is the time since the start.
func (r *run) clock() time.Duration { return r.job.Plan.Now() }
