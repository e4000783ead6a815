//go:build unix

package transport

import "syscall"

// peeker looks at a socket without waiting and without taking anything from it.
type peeker struct {
	raw  syscall.RawConn
	look func(fd uintptr) bool // made once, so that looking does not allocate
	wait bool                  // the last look found nothing waiting
	one  [1]byte
}

func (p *peeker) open(sc syscall.Conn) {
	raw, err := sc.SyscallConn()
	if err != nil {
		return
	}
	p.raw = raw
	p.look = func(fd uintptr) bool {
		n, _, err := syscall.Recvfrom(int(fd), p.one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		p.wait = n <= 0 && (err == syscall.EAGAIN || err == syscall.EWOULDBLOCK)
		return true
	}
}

// quiet reports whether the socket is open and has nothing to read. A socket that cannot be looked at is not quiet.
func (p *peeker) quiet() bool {
	p.wait = false
	return p.raw != nil && p.raw.Read(p.look) == nil && p.wait
}
