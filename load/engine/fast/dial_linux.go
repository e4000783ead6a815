package fast

import (
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"tandem/internal/transport"
)

// dial begins to connect c, which has requests.
func (l *loop) dial(c *conn) {
	addrs, took, err := l.lookup()
	c.dns = max(c.dns, took)
	if err != nil {
		l.lost(c, transport.PhaseDNS, err)
		return
	}
	if c.try == 0 {
		c.dialled = l.now
	}
	addr := l.address(c, addrs)
	fd, err := connect(addr, l.grouped)
	if err == nil {
		err = l.poll.add(int(fd), c.data(), unix.EPOLLIN|unix.EPOLLOUT|unix.EPOLLRDHUP)
		if err != nil {
			unix.Close(int(fd))
		}
	}
	if err != nil {
		l.refused(c, addrs, fmt.Errorf("connect %q: %w", addr, err))
		return
	}
	c.fd, c.state = fd, connecting
	l.dials++
}

// lookup returns the addresses. Nobody who wants to see the results waits for it.
func (l *loop) lookup() (addrs []netip.AddrPort, took time.Duration, err error) {
	if addrs = l.places.known(); addrs != nil {
		return addrs, 0, nil
	}
	l.shard.Unlock()
	addrs, took, err = l.places.find(l.ctx, l.job.Timeout)
	l.shard.Lock()
	l.look()
	return addrs, took, err
}

// address is the one to try now: the one that worked last, then the others.
func (l *loop) address(c *conn, addrs []netip.AddrPort) netip.AddrPort {
	if c.try == 0 {
		c.tried = l.places.preferred.Load()
	} else {
		c.tried = (c.tried + 1) % int32(len(addrs))
	}
	return addrs[c.tried]
}

// refused tries the next address, or gives the requests up.
func (l *loop) refused(c *conn, addrs []netip.AddrPort, err error) {
	if int(c.try)+1 < len(addrs) {
		c.try++
		l.dial(c)
		return
	}
	l.lost(c, transport.PhaseConnect, err)
}

// data is what epoll tells of c's socket.
func (c *conn) data() uint64 { return uint64(c.gen)<<32 | uint64(c.number) }

// arrived goes on when the socket is connected, or is not going to be.
// spoke says that bytes, or an end, are there already.
func (l *loop) arrived(c *conn, spoke bool) {
	l.dials--
	if err := connected(c.fd); err != nil {
		addrs := l.places.known()
		failed := fmt.Errorf("connect %q: %w", addrs[c.tried], err)
		c.shut()
		c.state = waiting
		l.refused(c, addrs, failed)
		return
	}
	if c.try > 0 {
		l.places.preferred.Store(c.tried)
	}
	l.look()
	c.state, c.connect, c.fails = open, max(l.now-c.dialled, 1), 0
	if spoke && holds(c.fd) { // an answer to nothing that was asked
		l.shard.Unasked()
		l.lost(c, transport.PhaseHead, errUnasked)
		return
	}
	l.write(c, 0)
}
