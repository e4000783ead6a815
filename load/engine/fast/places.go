package fast

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// failureHolds is how long nobody looks again after a lookup has failed: as long as a refused connection rests at most.
const failureHolds = 100 * time.Millisecond

// places is where the origin is. An engine looks it up once, when it dials first. Safe for concurrent use.
type places struct {
	look      func(ctx context.Context) ([]netip.AddrPort, error)
	addrs     atomic.Pointer[[]netip.AddrPort]
	preferred atomic.Int32 // the address that worked last

	mu      sync.Mutex // guards what follows; held during a lookup
	failure error      // of the last one
	failed  time.Time
}

// known returns the addresses, nil before they are known.
func (p *places) known() []netip.AddrPort {
	if addrs := p.addrs.Load(); addrs != nil {
		return *addrs
	}
	return nil
}

// find looks the addresses up, or waits for another loop that does, and returns how long it took.
func (p *places) find(ctx context.Context, timeout time.Duration) (addrs []netip.AddrPort, took time.Duration, err error) {
	start := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if addrs := p.known(); addrs != nil {
		return addrs, time.Since(start), nil
	}
	if p.failure != nil && time.Since(p.failed) < failureHolds {
		return nil, time.Since(start), p.failure
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	addrs, err = p.look(limited)
	if err == nil {
		p.addrs.Store(&addrs)
	}
	if p.failure, p.failed = err, time.Now(); ctx.Err() != nil {
		p.failure = nil // that was about ctx
	}
	return addrs, time.Since(start), err
}
