package fast

import (
	"net"
	"strconv"
)

// zone is the number of an IPv6 zone (RFC 4007), 0 without one.
func zone(name string) uint32 {
	if name == "" {
		return 0
	}
	if i, err := net.InterfaceByName(name); err == nil {
		return uint32(i.Index)
	}
	n, _ := strconv.ParseUint(name, 10, 32)
	return uint32(n)
}
