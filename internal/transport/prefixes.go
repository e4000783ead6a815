package transport

import "net/netip"

// refusedNets lists what is not the public internet: the special-purpose registries of RFC 6890, and the metadata services that
// clouds answer on. Wrappers of IPv4 addresses (::ffff:0:0/96, NAT64, 6to4) are unwrapped by the guard instead.
func refusedNets() []netip.Prefix {
	texts := [...]string{
		"0.0.0.0/8",        // "this network"; 0.0.0.0 reaches the own host
		"10.0.0.0/8",       // private (RFC 1918)
		"100.64.0.0/10",    // carrier-grade NAT (RFC 6598); a metadata service answers at 100.100.100.200
		"127.0.0.0/8",      // loopback
		"168.63.129.16/32", // a cloud's host agent
		"169.254.0.0/16",   // link-local (RFC 3927), metadata services
		"172.16.0.0/12",    // private
		"192.0.0.0/24",     // protocol assignments; a metadata service answers at 192.0.0.192
		"192.0.2.0/24",     // documentation
		"192.88.99.0/24",   // former 6to4 relays (RFC 7526)
		"192.168.0.0/16",   // private
		"198.18.0.0/15",    // benchmarking (RFC 2544)
		"198.51.100.0/24",  // documentation
		"203.0.113.0/24",   // documentation
		"224.0.0.0/4",      // multicast
		"240.0.0.0/4",      // reserved, broadcast
		"::/96",            // unspecified, loopback, IPv4-compatible
		"::ffff:0:0:0/96",  // IPv4-translated (RFC 2765)
		"64:ff9b:1::/48",   // local NAT64 (RFC 8215)
		"100::/64",         // discard
		"100:0:0:1::/64",   // dummy prefix (RFC 9780)
		"2001::/23",        // protocol assignments, Teredo, ORCHID
		"2001:db8::/32",    // documentation
		"3fff::/20",        // documentation (RFC 9637)
		"5f00::/16",        // segment routing
		"fc00::/7",         // unique local; metadata services answer at fd00:ec2::254
		"fe80::/10",        // link-local
		"fec0::/10",        // former site-local
		"ff00::/8",         // multicast
	}
	nets := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		nets[i] = netip.MustParsePrefix(text)
	}
	return nets
}
