package crawler

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"tandem/internal/transport"
)

const (
	classHostUnreachable = "host_unreachable"

	// A host is taken for dead after so many failures in a row over at least
	// so long: long enough for a restart, short enough that a list of a
	// thousand of its URLs does not wait for a thousand timeouts.
	deadAfter = 9
	// Where a server has taken the request and not answered it, it may be the page: some sites have many that never answer.
	deadReached = 40
	deadSpan    = 30 * time.Second
	// deadFor is how long it is left alone then.
	deadFor = 10 * time.Minute
)

// health remembers the hosts that do not answer. Safe for concurrent use. Hosts
// that answer cost nothing.
type health struct {
	mu    sync.Mutex // guards hosts
	hosts map[string]*ailing
}

// ailing is a host whose last tries all failed.
type ailing struct {
	failures int
	reached  bool      // one of them had reached a server
	since    time.Time // of the first of them
	until    time.Time // left alone until then; zero if not yet
	last     error
}

// note tells how a try of a host ended. An answer of any kind is health; the
// guard's refusal, a lack of descriptors here and the like say nothing about it.
func (h *health) note(host string, err error, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		delete(h.hosts, host)
		return
	}
	var te *transport.Error
	if !errors.As(err, &te) || !te.Temporary || te.Class == transport.ClassUnasked || te.Starved() || te.ProxyGone() {
		return
	}
	a := h.hosts[host]
	if a == nil || now.Sub(a.since) > deadFor {
		a = &ailing{since: now}
		if h.hosts == nil {
			h.hosts = make(map[string]*ailing)
		}
		h.hosts[host] = a
	}
	a.failures++
	a.last = err
	a.reached = a.reached || te.Phase == transport.PhaseHead || te.Phase == transport.PhaseBody
	enough := deadAfter
	if a.reached {
		enough = deadReached
	}
	if a.failures >= enough && now.Sub(a.since) >= deadSpan {
		a.until = now.Add(deadFor)
	}
}

// check returns an error for a host that is left alone.
func (h *health) check(host string, now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := h.hosts[host]; a != nil && now.Before(a.until) {
		return fmt.Errorf("host %q has not answered for %d tries, the last one: %w", host, a.failures, a.last)
	}
	return nil
}
