package transport

import (
	"bufio"
	"crypto/tls"
	"net"
	"os"
	"syscall"
	"time"
)

// readBuffer is the size of a connection's read buffer. Larger pieces of a body bypass it.
const readBuffer = 8 << 10

// conn is one connection and what reading from it needs. One exchange at a time uses it.
type conn struct {
	nc        net.Conn  // plain or TLS
	secure    *tls.Conn // nc, if it is TLS
	wire      *wire     // what is under secure
	br        *bufio.Reader
	in        int64 // bytes read from nc
	codec     codec
	maxHeader int
	remote    string // the address dialled
	peek      peeker
	hurried   hurried
	turn      turn
	lazy      *lazy // of a Session's connection, else nil

	host      *host     // its pool entry
	deadline  time.Time // of the exchange that uses it
	idleSince time.Time
	newer     *conn // neighbours in the pool's list of idle connections
	older     *conn
}

// waiting is what a look at a connection finds unread.
type waiting int

const (
	waitingUnknown waiting = iota
	waitingNothing         // the connection is open and quiet
	waitingBytes
	waitingEnd // the other side has closed it, or it is broken
)

func newConn(nc net.Conn, remote string, maxHeader int) *conn {
	c := &conn{nc: nc, remote: remote, maxHeader: maxHeader}
	c.br = bufio.NewReaderSize(c, readBuffer)
	if t, ok := nc.(*tls.Conn); ok {
		c.secure = t
		nc = t.NetConn()
		if w, ok := nc.(*wire); ok {
			c.wire = w
			nc = w.watch(&c.peek)
		}
	}
	if sc, ok := nc.(syscall.Conn); ok {
		c.peek.open(sc)
	}
	return c
}

// Read counts what comes in; bufio calls it.
func (c *conn) Read(p []byte) (int, error) {
	if c.turn.stage != stageNone {
		return c.take(p)
	}
	for {
		n, err := c.nc.Read(p)
		c.in += int64(n)
		if n > 0 || err == nil || !isTimeout(err) || !c.goesOn() && !c.early() {
			return n, err
		}
	}
}

// ready sets the connection's deadline and looks at it. Only if nothing waits, what comes next can answer what is sent next.
func (c *conn) ready(deadline time.Time) waiting {
	c.deadline = deadline
	if c.nc.SetDeadline(deadline) != nil {
		return waitingEnd
	}
	return c.look()
}

// look tells what waits on the connection, without waiting for it: a byte in a buffer, one at the socket, the end of the stream.
// A connection on which bytes wait is of no use afterwards. The read deadline must not have passed.
func (c *conn) look() waiting {
	if c.br.Buffered() > 0 {
		return waitingBytes
	}
	saw := c.peek.look()
	if c.secure == nil || saw == waitingUnknown || c.wire == nil {
		return saw
	}
	// What waits at the socket may be no answer but a session ticket, and a record that was read already may not be decrypted yet.
	var one [1]byte
	c.wire.probing = true
	n, err := c.secure.Read(one[:])
	c.wire.probing = false
	return found(n, err)
}

// found tells what an attempt to read has found.
func found(n int, err error) waiting {
	switch {
	case n > 0:
		return waitingBytes
	case isTimeout(err):
		return waitingNothing
	}
	return waitingEnd
}

// wire is the connection under a TLS connection. While it probes, reading does not wait. Under TLS in TLS, as through an https proxy,
// there are two, and what the lower connection holds decrypted counts, too.
type wire struct {
	net.Conn
	below   *wire
	peek    *peeker
	probing bool
	early   func() bool // conn.early of a Session's connection, else nil
}

// Write writes p. A deadline that passes too early must not reach crypto/tls, which gives a connection up after a write has timed out.
func (w *wire) Write(p []byte) (n int, err error) {
	for {
		m, err := w.Conn.Write(p[n:])
		n += m
		if err == nil || w.early == nil || !isTimeout(err) || !w.early() {
			return n, err
		}
	}
}

// lowest is the wire that is a socket's.
func (w *wire) lowest() *wire {
	for w.below != nil {
		w = w.below
	}
	return w
}

// watch has peek look at the socket, which it returns.
func (w *wire) watch(peek *peeker) net.Conn {
	if t, ok := w.Conn.(*tls.Conn); ok {
		if below, ok := t.NetConn().(*wire); ok {
			w.below = below
			return below.watch(peek)
		}
	}
	w.peek = peek
	return w.Conn
}

func (w *wire) Read(p []byte) (int, error) {
	if w.probing && w.below != nil {
		w.below.probing = true
		n, err := w.Conn.Read(p)
		w.below.probing = false
		return n, err
	}
	if w.probing {
		if saw := w.peek.look(); saw == waitingNothing || saw == waitingUnknown {
			return 0, os.ErrDeadlineExceeded // crypto/tls forgives it as it forgives the passing of a deadline
		}
	}
	return w.Conn.Read(p)
}

// longAgo is a deadline that has passed.
func longAgo() time.Time { return time.Unix(1, 0) }
