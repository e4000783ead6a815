package fast

import (
	"errors"
	"fmt"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxEvents is how many events one wait brings at most.
const maxEvents = 512

// wakeup is the data of the event that wake makes; connections have their number and generation there.
const wakeup = ^uint64(0)

// event is struct epoll_event as the kernel wants it, with the data in one piece.
type event = unix.EpollEvent

// poller is an epoll instance and a way to wake its waiter.
type poller struct {
	epfd   int
	evfd   int
	events [maxEvents]event
	noWait bool // the kernel lacks epoll_pwait2 (before 5.11)
}

func newPoller() (*poller, error) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create epoll instance: %w", err)
	}
	evfd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(epfd)
		return nil, fmt.Errorf("create eventfd: %w", err)
	}
	p := &poller{epfd: epfd, evfd: evfd}
	if err := p.add(evfd, wakeup, unix.EPOLLIN); err != nil {
		p.close()
		return nil, fmt.Errorf("register eventfd: %w", err)
	}
	return p, nil
}

func (p *poller) close() {
	unix.Close(p.evfd)
	unix.Close(p.epfd)
}

// add registers fd for edges of mask.
func (p *poller) add(fd int, data uint64, mask uint32) error {
	ev := event{Events: mask | unix.EPOLLET&0xffffffff, Fd: int32(uint32(data)), Pad: int32(uint32(data >> 32))}
	return unix.EpollCtl(p.epfd, unix.EPOLL_CTL_ADD, fd, &ev)
}

// data is what add was given.
func data(ev *event) uint64 { return uint64(uint32(ev.Fd)) | uint64(uint32(ev.Pad))<<32 }

// wake makes the waiter return. It may be called by anybody.
func (p *poller) wake() {
	one := uint64(1)
	_, _ = unix.Write(p.evfd, (*[8]byte)(unsafe.Pointer(&one))[:])
}

// woken takes the wake-ups off.
func (p *poller) woken() {
	var b [8]byte
	_, _ = unix.Read(p.evfd, b[:])
}

// poll returns the events that are there, without waiting.
func (p *poller) poll() []event {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(p.epfd), uintptr(unsafe.Pointer(&p.events[0])), maxEvents, 0, 0, 0)
	if errno != 0 {
		return nil
	}
	return p.events[:n]
}

// shortWait is how long a wait is at most of which the scheduler does not hear. It keeps the thread's processor, for which
// the rest of the process has another; see hold. The runtime's monitor, which looks every 20 µs for processors to take away from threads that
// wait, costs more than the waits themselves when there are ten thousand of them a second.
const shortWait = time.Millisecond

// wait returns the events that are there, or come within d. No event is no error.
func (p *poller) wait(d time.Duration) ([]event, error) {
	if d <= 0 {
		return p.poll(), nil
	}
	if p.noWait {
		return p.waitMillis(d)
	}
	ts := unix.NsecToTimespec(int64(min(d, shortWait)))
	n, _, errno := syscall.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.epfd), uintptr(unsafe.Pointer(&p.events[0])), maxEvents, uintptr(unsafe.Pointer(&ts)), 0, 0)
	if errno == 0 && n == 0 && d > shortWait {
		ts = unix.NsecToTimespec(int64(d - shortWait))
		n, _, errno = syscall.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.epfd), uintptr(unsafe.Pointer(&p.events[0])), maxEvents, uintptr(unsafe.Pointer(&ts)), 0, 0)
	}
	switch {
	case errno == 0:
		return p.events[:n], nil
	case errno == syscall.EINTR:
		return nil, nil
	case errno == syscall.ENOSYS, errno == syscall.EPERM: // some sandboxes
		p.noWait = true
		return p.waitMillis(d)
	}
	return nil, fmt.Errorf("wait for events: %w", errno)
}

// waitMillis is wait where there are whole milliseconds only; it never waits too long.
func (p *poller) waitMillis(d time.Duration) ([]event, error) {
	n, err := unix.EpollWait(p.epfd, p.events[:], int(d/time.Millisecond))
	if err != nil && !errors.Is(err, unix.EINTR) {
		return nil, fmt.Errorf("wait for events: %w", err)
	}
	return p.events[:max(n, 0)], nil
}
