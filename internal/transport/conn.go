package transport

import (
	"bufio"
	"crypto/tls"
	"net"
	"syscall"
	"time"
)

// readBuffer is the size of a connection's read buffer. Larger pieces of a body bypass it.
const readBuffer = 8 << 10

// conn is one connection and what reading from it needs. One exchange at a time uses it.
type conn struct {
	nc        net.Conn // plain or TLS
	br        *bufio.Reader
	in        int64 // bytes read from nc
	codec     codec
	maxHeader int
	remote    string // the address dialled
	peek      peeker

	host      *host // its pool entry
	idleSince time.Time
	newer     *conn // neighbours in the pool's list of idle connections
	older     *conn
}

func newConn(nc net.Conn, remote string, maxHeader int) *conn {
	c := &conn{nc: nc, remote: remote, maxHeader: maxHeader}
	c.br = bufio.NewReaderSize(c, readBuffer)
	wire := nc
	if t, ok := nc.(*tls.Conn); ok {
		wire = t.NetConn()
	}
	if sc, ok := wire.(syscall.Conn); ok {
		c.peek.open(sc)
	}
	return c
}

// Read counts what comes in; bufio calls it.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.nc.Read(p)
	c.in += int64(n)
	return n, err
}

// quiet sets the connection's deadline and reports whether nothing at all waits on it: no byte in a buffer, none at the socket,
// no end of stream. Only then does what comes next answer what is sent next.
func (c *conn) quiet(deadline time.Time) bool {
	if c.nc.SetDeadline(deadline) != nil || c.br.Buffered() > 0 || !c.peek.quiet() {
		return false
	}
	t, ok := c.nc.(*tls.Conn)
	if !ok {
		return true
	}
	// A record may wait, read from the socket but not decrypted: ask for it without waiting.
	var one [1]byte
	if t.SetReadDeadline(longAgo()) != nil {
		return false
	}
	n, err := t.Read(one[:])
	return n == 0 && isTimeout(err) && t.SetReadDeadline(deadline) == nil
}

// longAgo is a deadline that has passed.
func longAgo() time.Time { return time.Unix(1, 0) }
