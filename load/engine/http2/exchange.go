package http2

import (
	"time"

	"tandem/internal/transport"
	"tandem/load/recorder"
)

// exchange is one send from the moment it was taken until its sample was added. It belongs to the group's lock while it waits, and to the
// goroutine of a slot from then on.
type exchange struct {
	sample  recorder.Sample
	index   int64
	origin  int
	expiry  time.Duration
	retried bool
	block   *block
	own     block              // of a request that is made anew
	req     *transport.Request // likewise

	stream stream
}

// stream is an exchange on a connection.
type stream struct {
	id       uint32
	mark     int64  // where the request ends in what the connection has queued; 0: not all of it is queued
	rest     []byte // of the request's body, not queued yet
	window   int64  // that the server grants
	received int64  // since we last granted more
	interim  int    // answers of 1xx
	length   int64  // announced; -1: not
	got      int64  // of the answer's body
	final    bool   // the answer's own fields were there
	head     []byte // for checks
	body     []byte // likewise
}

// restart makes the exchange ready for another connection.
func (e *exchange) restart() {
	e.retried, e.sample.Retried = true, true
	e.sample.First, e.sample.Bytes, e.sample.Status, e.sample.Written = 0, 0, 0, false
	e.stream = stream{head: e.stream.head[:0], body: e.stream.body[:0]}
}

// clear makes it ready for another send, keeping its memory unless that is much.
func (e *exchange) clear() {
	if cap(e.stream.body) > largestSpare {
		e.stream.body = nil
	}
	*e = exchange{own: block{fields: e.own.fields[:0]}, req: e.req, stream: stream{head: e.stream.head[:0], body: e.stream.body[:0]}}
}

const largestSpare = 1 << 20
