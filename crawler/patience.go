package crawler

import (
	"sync"
	"time"

	"tandem/crawler/frontier"
	"tandem/internal/transport"
)

const (
	// silentTime is how long a URL is waited for in vain, over its tries, until
	// it is given up, and dripTime how long one whose body comes too slowly until
	// what has come is kept. Between them lie the timeouts of a server that was
	// away for some seconds and those of one that does it on purpose: a site with
	// many of these would hold a crawl for minutes.
	silentTime = time.Minute
	dripTime   = 10 * time.Second
)

// waitedEnough reports whether a try that ended in a timeout is to be the last,
// although it was not the third. Each try before took one timeout, too.
// A try that was hurried, with the patience given, is not made a third time.
func waitedEnough(class string, attempt int, timeout, patience time.Duration) bool {
	if patience > 0 {
		return class == transport.ClassTimeout && attempt >= 2 || class == "cut_"+transport.TruncatedTime
	}
	waited := time.Duration(attempt) * timeout
	switch class {
	case transport.ClassTimeout:
		return waited >= silentTime
	case "cut_" + transport.TruncatedTime:
		return waited >= dripTime
	}
	return false
}

// A host whose answers come promptly, but for pages that hang, is waited for less long on the pages that come after these: a site with
// many of them would hold a crawl for minutes, and its own good pages with it.
const (
	fewHang, manyHang  = 2, 4                   // tries that hung; from here on, a third and a sixth of the timeout,
	mostHang           = 8                      // and a tenth
	leastPatience      = 3 * time.Second        // however many
	promptAnswer       = 500 * time.Millisecond // to the first byte
	maxPatienceHosts   = 1 << 16
	relief, maxHanging = 2, 10 // a page that hung and then came takes two hangs back
)

// patience knows how many pages of a host:port hung. Safe for concurrent use.
type patience struct {
	timeout time.Duration

	mu    sync.Mutex // guards hosts
	hosts map[string]hanging
}

type hanging struct {
	prompt bool // it has answered promptly
	tries  int  // that hung
}

func newPatience(timeout time.Duration) *patience {
	return &patience{timeout: timeout, hosts: make(map[string]hanging)}
}

// of returns how long a stall of a host:port is borne; 0 is the whole timeout.
func (p *patience) of(host string) time.Duration {
	p.mu.Lock()
	h := p.hosts[host]
	p.mu.Unlock()
	d := p.timeout
	switch {
	case !h.prompt:
	case h.tries >= mostHang:
		d /= 10
	case h.tries >= manyHang:
		d /= 6
	case h.tries >= fewHang:
		d /= 3
	}
	if d = max(d, leastPatience); d >= p.timeout {
		return 0
	}
	return d
}

// note tells how a try ended.
func (p *patience) note(item frontier.Item, resp *transport.Response, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	host := item.URL.HostPort()
	h := p.hosts[host]
	was := h
	switch {
	case resp == nil && !timedOut(err):
		return
	case resp == nil, resp.Truncated == transport.TruncatedTime:
		h.tries = min(h.tries+1, maxHanging)
	case resp.Truncated == "" && item.Attempt > 1 && isSuccess(resp.Status):
		h.tries = max(h.tries-relief, 0)
	}
	h.prompt = h.prompt || resp != nil && resp.Timing.FirstByte < promptAnswer
	if h == was {
		return
	}
	if len(p.hosts) >= maxPatienceHosts {
		clear(p.hosts) // they will be found out again
	}
	p.hosts[host] = h
}
