package fast

import (
	"errors"
	"io"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"tandem/internal/transport"
	"tandem/load/engine/framing"
)

const ends = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR

// discardMost is how much of a body is thrown away with one system call.
const discardMost = 1 << 20

// event deals with what epoll tells.
func (l *loop) event(ev *event) {
	id := data(ev)
	if id == wakeup {
		l.poll.woken()
		return
	}
	c := &l.conns[uint32(id)]
	if c.gen != uint32(id>>32) {
		return // of an earlier socket
	}
	if c.state == connecting {
		if l.arrived(c, ev.Events&unix.EPOLLIN != 0); c.gen != uint32(id>>32) {
			return
		}
	} else if ev.Events&unix.EPOLLOUT != 0 && len(c.out) > 0 && ev.Events&ends == 0 {
		c.out = l.push(c, c.out)
	}
	if ev.Events&(unix.EPOLLIN|ends) != 0 && c.gen == uint32(id>>32) {
		l.read(c, ev.Events&ends != 0)
	}
}

// read takes what c's socket holds. ended says that it holds the end, too.
func (l *loop) read(c *conn, ended bool) {
	gen := c.gen
	for turn := 0; ; turn++ {
		if turn == readTurns {
			if !c.again {
				c.again = true
				l.again = append(l.again, c)
			}
			return
		}
		n, size, errno := l.receive(c)
		switch {
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN:
			l.refill(c)
			return
		case errno != 0:
			l.broke(c, errno)
			return
		case n == 0:
			l.ended(c)
			return
		case c.gen != gen:
			return
		case n < size && !ended: // nothing more, until the next edge
			l.refill(c)
			return
		}
	}
}

// receive reads once and deals with what it brought. size is how much it asked for.
func (l *loop) receive(c *conn) (n, size int, errno syscall.Errno) {
	if skip := c.frame.Skip(); skip >= readBuffer && len(c.flights) > 0 {
		size = int(min(skip, discardMost))
		if n, errno = discard(c.fd, size); errno == 0 && n > 0 {
			l.look()
			l.came = l.now
			c.bytes += int64(n)
			if c.frame.Skipped(int64(n)) {
				l.answered(c, false)
			}
		}
		return n, size, errno
	}
	if l.grouped {
		return l.receiveStamped(c)
	}
	n, errno = receive(c.fd, l.buf)
	if errno == 0 && n > 0 {
		l.look()
		l.came = l.now
		l.bytes(c, l.buf[:n])
	}
	return n, readBuffer, errno
}

// receiveStamped is receive with the kernel's time of arrival.
func (l *loop) receiveStamped(c *conn) (n, size int, errno syscall.Errno) {
	n, arrived, errno := l.stamped.receive(c.fd, l.buf)
	if errno == 0 && n > 0 {
		l.look()
		l.came = l.now
		if arrived > 0 && len(c.flights) > 0 { // never before the request, even if the wall clock jumps
			l.came = min(max(time.Duration(arrived-l.wall), c.flights[0].send.Taken), l.now)
		}
		l.bytes(c, l.buf[:n])
	}
	return n, readBuffer, errno
}

// readAgain goes on with connections whose turn was over.
func (l *loop) readAgain() {
	list := l.again
	l.again = l.spare[:0]
	for _, c := range list {
		c.again = false
		if c.state == open {
			l.read(c, true)
		}
	}
	l.spare = list
}

// refill has c take further requests: in a closed loop when all answers of the turn are read, so that the server is not woken by the
// first request of many.
func (l *loop) refill(c *conn) {
	switch {
	case len(c.flights) >= l.depth:
	case l.job.Plan.Open():
		l.vacant(c)
	case !c.hungry:
		c.hungry = true
		l.hungry = append(l.hungry, c)
	}
}

// feedHungry gives the connections of a closed loop that answers have freed their next requests.
func (l *loop) feedHungry() {
	list := l.hungry
	l.hungry = l.spare[:0]
	for _, c := range list {
		c.hungry = false
		l.look() // each is timed when it goes out
		l.feed(c)
	}
	l.spare = list
}

// bytes deals with what came on c.
func (l *loop) bytes(c *conn, b []byte) {
	for len(b) > 0 {
		if len(c.flights) == 0 { // nobody had asked
			l.shard.Unasked()
			l.reconnect(c)
			return
		}
		if c.bytes == 0 {
			c.first = l.came
		}
		n, done, err := c.frame.Feed(b)
		if err != nil {
			c.bytes += int64(len(b))
			l.lost(c, transport.PhaseHead, err)
			return
		}
		c.bytes += int64(n)
		b = b[n:]
		if done && !l.answered(c, len(b) > 0 && len(c.flights) == 1) {
			return
		}
	}
}

// answered records that the oldest request of c has its whole answer. surplus says that more came, which nobody had asked for. It
// reports whether the connection is still good.
func (l *loop) answered(c *conn, surplus bool) bool {
	f := c.pop()
	l.flying--
	l.record(c, &f, surplus)
	c.served = true
	if surplus || c.frame.Close() {
		l.reconnect(c)
		return false
	}
	c.bytes, c.dns, c.connect = 0, 0, 0
	c.frame.Reset(len(c.flights) > 0 && c.flights[0].head)
	return true
}

// ended deals with the end of the stream.
func (l *loop) ended(c *conn) {
	if len(c.flights) == 0 { // servers close idle connections when they like
		l.reconnect(c)
		return
	}
	switch err := c.frame.End(); {
	case err == nil:
		l.answered(c, false)
	case errors.Is(err, framing.ErrNothing) && c.broken != 0:
		l.lost(c, transport.PhaseWrite, c.broken)
	case errors.Is(err, framing.ErrNothing):
		l.lost(c, transport.PhaseHead, io.EOF)
	default:
		l.broke(c, io.ErrUnexpectedEOF)
	}
}

// broke deals with a connection that ends in the middle, or breaks.
func (l *loop) broke(c *conn, err error) {
	switch {
	case len(c.flights) == 0:
		l.reconnect(c)
	case c.frame.Status() > 0:
		l.lost(c, transport.PhaseBody, errCut)
	default:
		l.lost(c, transport.PhaseHead, err)
	}
}

// reconnect closes c, which has done nothing wrong to its requests. Those that it still has go out on a new connection.
func (l *loop) reconnect(c *conn) {
	c.shut()
	for i := range c.flights {
		c.flights[i].retried, c.flights[i].written = true, false
	}
	if len(c.flights) > 0 {
		l.redial(c)
		return
	}
	l.vacant(c)
}
