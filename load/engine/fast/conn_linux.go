package fast

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"tandem/load/engine"
	"tandem/load/engine/framing"
)

// state of a connection.
type state uint8

const (
	closed     state = iota
	waiting          // it has requests and waits until it may be dialled
	connecting       // it has requests and is being dialled
	open
)

// flight is a request that was taken and has no answer yet.
type flight struct {
	send    engine.Send
	target  int32
	head    bool // the request is HEAD
	repeats bool // the method is idempotent
	retried bool
	written bool
}

// conn is one connection. Its memory stays where it is, in loop.conns.
type conn struct {
	fd      int32
	number  uint32
	gen     uint32 // of the socket, so that an event of the last one is known
	state   state
	served  bool // the socket has brought an answer
	free    bool // it stands in loop.free
	again   bool // it stands in loop.again
	hungry  bool // it stands in loop.hungry
	resting bool // it stands in loop.resting

	try    int32         // addresses tried for this socket
	tried  int32         // of the address that is being tried
	fails  int           // times in a row that no connection was had
	out    []byte        // what has not been written yet of the requests in flight
	broken syscall.Errno // why nothing more can be written

	flights []flight // in the order of their requests
	first   time.Duration
	bytes   int64 // of the current answer
	frame   framing.Framer

	dialled time.Duration // when the dial began, behind the lookup
	dns     time.Duration // what the lookup took
	connect time.Duration // what the dial took; told by the first answer
	until   time.Duration // a closed loop rests until then after a refusal
}

// pop takes the oldest flight off.
func (c *conn) pop() flight {
	f := c.flights[0]
	if len(c.flights) == 1 {
		c.flights = c.flights[:0]
	} else {
		copy(c.flights, c.flights[1:])
		c.flights = c.flights[:len(c.flights)-1]
	}
	return f
}

// shut closes the socket.
func (c *conn) shut() {
	if c.fd >= 0 {
		unix.Close(int(c.fd))
	}
	c.fd, c.state, c.served, c.out = -1, closed, false, nil
	c.gen++
	c.frame.Reset(false)
	c.first, c.bytes, c.broken = 0, 0, 0
}
