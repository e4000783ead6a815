package transport

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// maxNames bounds the names whose addresses are remembered.
const maxNames = 4096

// names resolves host names and remembers good answers for a while. The guard looks at every address at every dial, so a
// remembered answer is no more trusted than a new one.
type names struct {
	resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	ttl     time.Duration

	mu    sync.Mutex // guards known
	known map[string]answer
}

type answer struct {
	addrs []netip.Addr
	until time.Time
}

func (n *names) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if literal, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{literal}, nil
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if isLocalhost(host) { // never asked for outside (RFC 6761 section 6.3)
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, nil
	}
	if addrs, ok := n.remembered(host); ok {
		return addrs, nil
	}
	addrs, err := n.resolve(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("resolve %q: %w", host, err)
	}
	if len(addrs) == 0 {
		return nil, fmt.Errorf("resolve %q: %w", host, errNoAddress)
	}
	for i := range addrs {
		addrs[i] = addrs[i].Unmap() // the resolver may give IPv4 addresses in their IPv6 form
	}
	n.remember(host, addrs)
	return addrs, nil
}

func (n *names) remembered(host string) ([]netip.Addr, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	a, ok := n.known[host]
	return a.addrs, ok && time.Now().Before(a.until)
}

func (n *names) remember(host string, addrs []netip.Addr) {
	if n.ttl <= 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.known) >= maxNames {
		clear(n.known)
	}
	n.known[host] = answer{addrs, time.Now().Add(n.ttl)}
}
