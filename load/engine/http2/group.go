package http2

import (
	"time"

	"tandem/load/engine"
	"tandem/load/recorder"
)

// group is some connections that share a part of the plan and a shard of the recorder. Its lock, the shard's, guards all of it; a
// slot takes it once for each batch of answers.
type group struct {
	*recorder.Shard
	run    *run
	slots  []*slot
	cursor *engine.Cursor
	pacer  *pacer // of an open loop

	homes       int                // slots of home h serve the origins that are h modulo this
	pending     []queue[*exchange] // by home: taken by a slot of another, or to be sent again
	ready       []ready            // by home
	outstanding int                // taken and not ended
	most        int                // of them, with several homes
	over        bool               // nothing more can be taken
	cut         *broken            // what is in flight ends; nil: it does not
	spare       []*exchange
}

func newGroup(r *run, number, of int) *group {
	g := &group{Shard: r.job.Recorder.Shard(number), run: r, cursor: r.job.Plan.Cursor(number, of)}
	if r.open {
		g.pacer = &pacer{alarm: newAlarm()}
	}
	return g
}

// settle is called once the slots are there.
func (g *group) settle() {
	g.homes = max(min(len(g.slots), len(g.run.origins)), 1)
	g.pending = make([]queue[*exchange], g.homes)
	g.ready = make([]ready, g.homes)
	g.most = len(g.slots) * g.run.engine.cfg.Streams
	for i, s := range g.slots {
		s.home = i % g.homes
	}
}

// tracks reports whether slots with room have to be found by others.
func (g *group) tracks() bool { return g.pacer != nil || g.homes > 1 }

// fetch takes something to send for a slot of home, or returns nil.
func (g *group) fetch(home int, now time.Duration) *exchange {
	for g.homes > 1 && g.outstanding < g.most {
		e := g.next(now)
		if e == nil {
			break
		}
		g.hand(e)
	}
	if q := &g.pending[home]; !q.empty() {
		return q.pop()
	}
	if g.homes > 1 {
		return nil
	}
	return g.next(now)
}

// hand leaves e to its home.
func (g *group) hand(e *exchange) {
	home := e.origin % g.homes
	g.pending[home].push(e)
	if s := g.ready[home].take(); s != nil {
		s.rouse()
	}
}

// next takes from the plan.
func (g *group) next(now time.Duration) *exchange {
	if g.over {
		return nil
	}
	send, _, ok := g.cursor.Next(now)
	if !ok {
		if g.cursor.Over() {
			g.finish()
		}
		return nil
	}
	e := g.fresh()
	e.index = send.Index
	e.sample = recorder.Sample{Target: g.run.source.Pick(send.Index), Planned: send.Planned, Sent: send.Taken, Waited: send.Waited}
	e.origin = g.run.origin(e.sample.Target)
	g.outstanding++
	return e
}

func (g *group) fresh() *exchange {
	n := len(g.spare)
	if n == 0 {
		return new(exchange)
	}
	e := g.spare[n-1]
	g.spare = g.spare[:n-1]
	return e
}

// record adds e's sample.
func (g *group) record(e *exchange) {
	g.Add(&e.sample)
	g.release(e)
}

// release forgets e.
func (g *group) release(e *exchange) {
	g.outstanding--
	e.clear()
	g.spare = append(g.spare, e)
}

// finish ends the taking. Those who wait leave when nothing is left for them.
func (g *group) finish() {
	if g.over {
		return
	}
	g.over = true
	for _, s := range g.slots {
		s.rouse()
	}
	if g.pacer != nil {
		g.pacer.wake()
	}
}

// abort ends what is in flight.
func (g *group) abort(class string) {
	g.cut = &broken{code: codeNone, class: class, err: errCut}
	g.finish()
	for _, s := range g.slots {
		s.interrupt()
	}
}

// dispatch gives what is due at now to slots that are ready. It returns when to look again; blocked is true if that is when a slot
// has become ready.
func (g *group) dispatch(now time.Duration) (at time.Duration, blocked bool) {
	for !g.over {
		if g.homes == 1 && g.ready[0].empty() || g.homes > 1 && g.outstanding >= g.most {
			at = g.cursor.Peek()
			return at, at <= now
		}
		e := g.next(now)
		if e == nil {
			return g.cursor.Peek(), false
		}
		e.sample.Waited = !g.ready[e.origin%g.homes].empty()
		g.hand(e)
	}
	return engine.Never, false
}
