package http2

import (
	"time"

	"tandem/load/engine"
)

// pacer hands the sends of an open loop to slots when they are due. The group's lock guards it.
type pacer struct {
	alarm   alarm
	blocked bool // something is due and no slot has room
}

// alarm is a timer that one goroutine waits for and others may set.
type alarm interface {
	set(in time.Duration) // engine.Never: not
	wait()
	close()
}

// pace runs until nothing more can be taken.
func (g *group) pace() {
	p := g.pacer
	for {
		g.Lock()
		now := g.run.clock()
		at, blocked := g.dispatch(now)
		p.blocked = blocked
		if g.over {
			g.Unlock()
			return
		}
		switch {
		case blocked, at == engine.Never:
			p.alarm.set(engine.Never)
		default:
			p.alarm.set(at - g.run.clock())
		}
		g.Unlock()
		p.alarm.wait()
	}
}

// wake makes the pacer look now.
func (p *pacer) wake() { p.alarm.set(0) }

// timer is the alarm of every system. On an idle Linux it is up to 1 ms late.
type timer struct{ t *time.Timer }

func newTimer() timer { return timer{time.NewTimer(engine.Never)} }

func (t timer) set(in time.Duration) { t.t.Reset(in) }
func (t timer) wait()                { <-t.t.C }
func (t timer) close()               { t.t.Stop() }
