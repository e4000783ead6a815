package fast

import (
	"net/netip"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls of a request never block, so that the scheduler need not hear of them.

// send writes to a socket.
func send(fd int32, b []byte) (n int, errno syscall.Errno) {
	r, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT, 0, 0)
	return int(r), errno
}

// receive reads from a socket; 0 without an error is the end.
func receive(fd int32, b []byte) (n int, errno syscall.Errno) {
	r, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	return int(r), errno
}

// stamped is what a read with the kernel's time of arrival needs. The kernel writes through its pointers.
type stamped struct {
	iov     unix.Iovec
	msg     unix.Msghdr
	control [64]byte
}

// receive reads from a socket, and returns when the last byte of what it read had arrived at this machine, by the wall clock in
// nanoseconds; 0 if the kernel does not tell.
func (s *stamped) receive(fd int32, b []byte) (n int, arrived int64, errno syscall.Errno) {
	s.iov.Base = unsafe.SliceData(b)
	s.iov.SetLen(len(b))
	s.msg = unix.Msghdr{Iov: &s.iov, Iovlen: 1, Control: &s.control[0]}
	s.msg.SetControllen(len(s.control))
	r, _, errno := syscall.RawSyscall(syscall.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&s.msg)), unix.MSG_DONTWAIT)
	if errno != 0 {
		return 0, 0, errno
	}
	if h := (*unix.Cmsghdr)(unsafe.Pointer(&s.control[0])); s.msg.Controllen >= unix.SizeofCmsghdr && h.Level == unix.SOL_SOCKET && h.Type == unix.SCM_TIMESTAMPNS {
		ts := (*unix.Timespec)(unsafe.Pointer(&s.control[unix.CmsgLen(0)]))
		arrived = ts.Nano()
	}
	return int(r), arrived, 0
}

// nap sleeps for d. The scheduler does not hear of it.
func nap(d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	_, _, _ = syscall.RawSyscall(syscall.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&ts)), 0, 0)
}

// holds reports whether a socket has bytes to read.
func holds(fd int32) bool {
	var b [1]byte
	n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), 1, unix.MSG_PEEK|unix.MSG_DONTWAIT, 0, 0)
	return errno == 0 && n > 0
}

// discard takes up to n bytes off a socket without copying them (tcp(7), MSG_TRUNC).
func discard(fd int32, n int) (int, syscall.Errno) {
	r, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(fd), 0, uintptr(n), unix.MSG_TRUNC|unix.MSG_DONTWAIT, 0, 0)
	return int(r), errno
}

// connect opens a socket and begins to connect it. stamps has the kernel note when bytes arrive.
func connect(addr netip.AddrPort, stamps bool) (fd int32, err error) {
	family := unix.AF_INET6
	if addr.Addr().Is4() {
		family = unix.AF_INET
	}
	s, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	_ = unix.SetsockoptInt(s, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if stamps {
		_ = unix.SetsockoptInt(s, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	}
	var sa unix.Sockaddr
	if family == unix.AF_INET {
		sa = &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}
	} else {
		sa = &unix.SockaddrInet6{Port: int(addr.Port()), Addr: addr.Addr().As16(), ZoneId: zone(addr.Addr().Zone())}
	}
	if err := unix.Connect(s, sa); err != nil && err != unix.EINPROGRESS {
		unix.Close(s)
		return -1, err
	}
	return int32(s), nil
}

// connected tells what came of connect.
func connected(fd int32) error {
	e, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return err
	}
	if e != 0 {
		return syscall.Errno(e)
	}
	return nil
}
