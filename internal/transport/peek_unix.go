//go:build unix

package transport

import "syscall"

// peeker looks at a socket without waiting and without taking anything from it.
type peeker struct {
	raw  syscall.RawConn
	recv func(fd uintptr) bool // made once, so that looking does not allocate
	saw  waiting               // what the last look found
	one  [1]byte
}

func (p *peeker) open(sc syscall.Conn) {
	raw, err := sc.SyscallConn()
	if err != nil {
		return
	}
	p.raw = raw
	p.recv = func(fd uintptr) bool {
		n, _, err := syscall.Recvfrom(int(fd), p.one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		switch {
		case n > 0:
			p.saw = waitingBytes
		case err == syscall.EAGAIN || err == syscall.EWOULDBLOCK:
			p.saw = waitingNothing
		default:
			p.saw = waitingEnd
		}
		return true
	}
}

// look tells what waits at the socket; waitingUnknown if it cannot be looked at.
func (p *peeker) look() waiting {
	p.saw = waitingUnknown
	if p.raw == nil || p.raw.Read(p.recv) != nil {
		return waitingUnknown
	}
	return p.saw
}
