package transport

import (
	"context"
	"fmt"
	"net/netip"
)

// RefusedError says which address the guard refused and why. It wraps ErrPrivateAddress.
type RefusedError struct {
	HostPort string       // for which it would have been dialled
	Addr     netip.Addr   // invalid if there was none
	Inner    netip.Addr   // what Addr comes down to: itself, or the IPv4 address that it carries
	Range    netip.Prefix // that Inner lies in
}

// Error names the address, the range and the way out.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%v: %q is %v, %s (allow it with --allow-net)", ErrPrivateAddress, e.HostPort, e.Addr, e.why())
}

func (e *RefusedError) why() string {
	switch {
	case !e.Addr.IsValid():
		return "no address"
	case e.Inner == e.Addr.WithZone("").Unmap():
		return "in " + e.Range.String()
	}
	return fmt.Sprintf("which carries %v, in %v", e.Inner, e.Range)
}

// Unwrap returns ErrPrivateAddress.
func (e *RefusedError) Unwrap() error { return ErrPrivateAddress }

// AllowNet is the smallest network that --allow-net would have to name for this address.
func (e *RefusedError) AllowNet() netip.Prefix {
	if !e.Inner.IsValid() {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(e.Inner, e.Inner.BitLen())
}

// Vetted is one address that a host:port stands for, and what the guard says of it.
type Vetted struct {
	Addr   netip.AddrPort
	Mapped bool  // it is the listener that Config.Map names
	Err    error // a *RefusedError, or nil if it may be dialled
}

// Vet says which addresses an exchange with hostport could dial, and which of them the guard refuses, without dialling any: it
// is the dialler's own resolution and check. One refused address refuses the whole host:port. The error says that
// there are no addresses.
func (c *Client) Vet(ctx context.Context, hostport string) ([]Vetted, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	key := poolKey{hostport: hostport, named: c.cfg.Guard.Names(hostport)}
	vetted, err := c.vet(ctx, key)
	if err != nil {
		return nil, fail(ctx, PhaseDNS, hostport, err)
	}
	return vetted, nil
}

// vet resolves key and judges what comes of it.
func (c *Client) vet(ctx context.Context, key poolKey) ([]Vetted, error) {
	addrs, mapped, err := c.addresses(ctx, key)
	if err != nil {
		return nil, err
	}
	vetted := make([]Vetted, 0, len(addrs))
	for _, addr := range addrs {
		err := c.cfg.Guard.check(key.hostport, key.named, mapped, addr)
		vetted = append(vetted, Vetted{Addr: addr, Mapped: mapped.IsValid(), Err: err})
	}
	return vetted, nil
}
