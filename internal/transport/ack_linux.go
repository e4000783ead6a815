package transport

import "syscall"

// delayedAck is how long the kernel may hold an acknowledgement back when it
// is asked not to.
const delayedAck = 0

// acknowledge sends the acknowledgement that the kernel is holding back until
// there is something to send. A server whose kernel waits for it before it
// sends another small segment (Nagle's algorithm, RFC 896) would otherwise keep
// a surplus answer until the next request carries the acknowledgement, and it
// would arrive as the answer to that request, after the connection had seemed
// quiet. TCP_QUICKACK holds until the kernel thinks otherwise, so it is set
// after each answer.
func (p *peeker) acknowledge() {
	if p.raw != nil {
		_ = p.raw.Control(ackNow) // a socket that cannot is one that ended
	}
}

func ackNow(fd uintptr) {
	_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) // see acknowledge
}
