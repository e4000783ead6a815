package crawler

import (
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"tandem/crawler/frontier"
	"tandem/internal/transport"
)

// A host that shows that it has too much to do is asked less often than the job allows: one request at a time, with a gap between them
// that doubles with each sign of it and halves with each good answer.
const (
	gapFactor    = 16                     // the longest gap in intervals of the job's host-rate, within the two below
	longestGap   = time.Minute            // whatever the rate
	longGap      = 4 * time.Second        // the longest gap of a job without a host-rate
	firstGap     = 250 * time.Millisecond // of a job without a host-rate
	noGap        = 50 * time.Millisecond  // a gap that has become shorter is none
	learnAnswers = 4                      // answers after which the usual time to the first byte is known
	lookBack     = 3                      // answers in a row that must be late: one page that takes its time says nothing about a host

	// An answer is late when it takes four times as long as usual, and half a second longer; all is well again at twice the usual.
	grownFactor, wellFactor = 4, 2
	grownBy, wellBy         = 500 * time.Millisecond, 100 * time.Millisecond

	maxPaces = 1 << 16 // hosts that are remembered
)

// pace is how one host answers.
type pace struct {
	answers int
	usual   time.Duration // to the first byte, when the host has little to do: falls at once, rises by a fiftieth an answer
	last    [lookBack]time.Duration
	gap     time.Duration // between requests; 0 is none
	away    int           // answers in a row that asked to come back much later
}

// overload is a sign of it: 429 or 503.
func (p *pace) overload(interval time.Duration) {
	longest := min(max(gapFactor*interval, longGap), longestGap)
	p.gap = min(max(2*p.gap, 2*interval, firstGap), longest)
}

// late is another: that all of the last answers came late, the quickest of them after so long. It asks for no longer gap than that: a
// host that works half of the time keeps up with what it is asked.
func (p *pace) late(quickest, interval time.Duration) {
	before := p.gap
	p.overload(interval)
	p.gap = max(before, min(p.gap, quickest))
}

// answer takes the time to the first byte of an answer, or that after which none had come. What is usual also rises while there is a gap:
// a host that is slower for good, whatever it is asked, is let go after some two hundred answers.
func (p *pace) answer(took, interval time.Duration) {
	if p.answers == 0 {
		p.usual = took
	}
	p.last[p.answers%lookBack] = took
	p.answers++
	switch {
	case took < p.usual:
		p.usual = took
	default:
		p.usual += min(p.usual/50+time.Microsecond, took-p.usual)
	}
	switch quickest := slices.Min(p.last[:]); {
	case p.answers > learnAnswers && quickest > grownFactor*p.usual && quickest > p.usual+grownBy:
		p.late(quickest, interval)
	case quickest <= wellFactor*p.usual+wellBy:
		p.ease(p.gap/2, interval)
	default:
		p.ease(p.gap/4, interval)
	}
}

// ease makes the gap shorter.
func (p *pace) ease(by, interval time.Duration) {
	if p.gap -= by; p.gap < max(noGap, interval) {
		p.gap = 0
	}
}

// pacer slows down requests to hosts that have too much to do. Safe for concurrent use.
type pacer struct {
	interval time.Duration // between two requests by the job's host-rate; 0 without one
	set      func(host string, gap time.Duration)

	mu    sync.Mutex // guards hosts
	hosts map[string]*pace
}

func newPacer(interval time.Duration, set func(host string, gap time.Duration)) *pacer {
	return &pacer{interval: interval, set: set, hosts: make(map[string]*pace)}
}

// note tells how a try of a host ended and how long it took, and sets its gap if that changes. It reports whether the host begins to be slowed by this.
func (p *pacer) note(host string, resp *transport.Response, err error, took time.Duration) (slowed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.hosts[host]
	if h == nil {
		p.makeRoom()
		h = &pace{}
		p.hosts[host] = h
	}
	before := h.gap
	switch {
	case resp == nil && !timedOut(err):
		return false
	case resp == nil:
		h.answer(took, p.interval)
	case resp.Status == http.StatusTooManyRequests, resp.Status == http.StatusServiceUnavailable:
		h.overload(p.interval)
	default:
		h.away = 0
		h.answer(resp.Timing.FirstByte, p.interval)
	}
	if h.gap != before {
		p.set(host, h.gap)
	}
	return before == 0 && h.gap > 0
}

// sendAway is how long a host is left alone that asks to come back after more than longRetryAfter. One URL that says so need not speak
// for its host: it waits ten seconds. If the next one says so as well, it is the host.
func (p *pacer) sendAway(host string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.hosts[host]
	if h == nil { // note has made room
		return maxRetryAfter
	}
	h.away++
	pauses := [...]time.Duration{10 * time.Second, time.Minute, maxRetryAfter}
	return pauses[min(h.away, len(pauses))-1]
}

func timedOut(err error) bool {
	te, ok := errors.AsType[*transport.Error](err)
	return ok && te.Timeout()
}

// makeRoom forgets hosts that are not slowed, whichever the map names first.
func (p *pacer) makeRoom() {
	if len(p.hosts) < maxPaces {
		return
	}
	for host, h := range p.hosts {
		if h.gap == 0 {
			delete(p.hosts, host)
		}
		if len(p.hosts) < maxPaces*3/4 {
			return
		}
	}
}

// slow tells the pacer how an exchange ended, before the host may be asked for the next item.
func (r *run) slow(item frontier.Item, resp *transport.Response, err error, took time.Duration) {
	if !r.pacer.note(item.URL.Authority(), resp, err, took) {
		return
	}
	r.tally.add(func(c *counters) { c.Slowed++ })
	r.cfg.Logger.Info("host has too much to do and is asked less often", "host", item.URL.Authority())
}
