package transport

import (
	"errors"
	"syscall"
	"time"
)

// errStale says that a connection was of no use before anything was sent on it: something waited there, or its end.
var errStale = errors.New("connection with unread bytes or a closed end")

// turn is the beginning of an exchange on a plain socket, in as few system calls as can be: one that wants to find nothing, one that
// writes, and one that reads once something is there. All are made within one wait for input that begins before the first: what
// comes in from then on wakes it, so that reading need not be tried in vain. A look costs what that would have cost.
type turn struct {
	raw  syscall.RawConn
	step func(fd uintptr) bool // made once, so that a turn does not allocate
	base time.Time

	stage stage
	out   []byte // what is to be written
	in    []byte // where to read to
	n     int    // bytes read
	err   error
	saw   waiting       // what was there before the request
	sent  time.Duration // when all was written, since base
}

// stage is how far a turn has come.
type stage int

const (
	stageNone  stage = iota // no turn: reads are plain
	stageBegin              // nothing is sent
	stageShort              // a part is sent
	stageSent
)

// takesTurns prepares for turns, if c is a plain socket that can be looked at.
func (c *conn) takesTurns(base time.Time) {
	if c.secure == nil && c.peek.raw != nil {
		c.turn.raw, c.turn.base = c.peek.raw, base
		c.turn.step = c.turn.advance
	}
}

// begin makes the next read a turn that sends out first.
func (t *turn) begin(out []byte) {
	t.stage, t.out, t.saw, t.n, t.err = stageBegin, out, waitingUnknown, 0, nil
}

// advance does what can be done now. It returns false to wait for input.
func (t *turn) advance(fd uintptr) bool {
	if t.stage == stageBegin {
		return !t.send(int(fd))
	}
	t.n, t.err = receive(int(fd), t.in)
	return !again(t.err)
}

// send looks and writes. It returns true if the answer is what comes next.
func (t *turn) send(fd int) bool {
	n, err := receive(fd, t.in)
	switch {
	case n > 0:
		t.saw = waitingBytes
		return false
	case !again(err):
		t.saw, t.err = waitingEnd, err
		return false
	}
	t.saw = waitingNothing
	if n, err = transmit(fd, t.out); err != nil && !again(err) {
		t.err = err
		return false
	}
	if t.out = t.out[max(n, 0):]; len(t.out) > 0 {
		t.stage = stageShort
		return false
	}
	t.stage, t.sent = stageSent, time.Since(t.base)
	return true
}

// take is the read of a turn.
func (c *conn) take(p []byte) (int, error) {
	t := &c.turn
	t.in = p
	err := t.raw.Read(t.step)
	for err != nil && isTimeout(err) && c.early() {
		err = t.raw.Read(t.step)
	}
	stage := t.stage
	t.stage, t.in = stageNone, nil
	switch {
	case err != nil:
		return 0, err
	case t.saw != waitingNothing:
		return 0, errStale
	case stage == stageShort:
		return c.finishTurn(p)
	}
	c.in += int64(t.n)
	return t.n, t.err
}

// finishTurn writes the rest of what did not go out at once, and reads.
func (c *conn) finishTurn(p []byte) (int, error) {
	if err := c.write(c.turn.out); err != nil {
		return 0, err
	}
	c.turn.out, c.turn.sent = nil, time.Since(c.turn.base)
	return c.Read(p)
}
