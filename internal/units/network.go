package units

import (
	"fmt"
	"net/netip"
)

// ParseNetwork reads a network such as 10.1.0.0/16; a bare address is a network of one. Bits beyond the mask are cleared.
func ParseNetwork(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	n, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("network %q: want a CIDR such as 10.1.0.0/16 or an address", text)
	}
	return n.Masked(), nil
}
