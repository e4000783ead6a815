package transport

import (
	"iter"
	"strings"
	"time"
)

// The values of Response.Truncated, named as WARC-Truncated names them.
const (
	TruncatedLength     = "length"     // MaxBody reached
	TruncatedTime       = "time"       // the exchange ran out of time after the head had arrived
	TruncatedDisconnect = "disconnect" // the connection ended before the body did
)

// Response is an answer. It belongs to the caller, whose goroutine alone may use it. Its slices are valid until Release. With
// Config.Settle it holds its connection until Settle or Release.
type Response struct {
	Status    int
	Head      []byte // status line to empty line as received, line ends included
	Raw       []byte // Head and the body as received, chunk framing and trailers included; nil unless Config.Record
	HeadLen   int    // length of Head
	Body      []byte // payload: de-chunked, still content-encoded; nil if Config.Discard, and for some until Unframe
	BodyLen   int64  // length of the payload, also if it was discarded
	BytesIn   int64  // bytes read from the connection (inside TLS), interim responses included
	Truncated string // "" for a whole body, else one of the Truncated constants
	RemoteIP  string // the address that was dialled
	Request   []byte // head of the request as sent
	Started   time.Time
	Timing    Timing
	Reused    bool // an idle connection was used
	Attempts  int  // 2 if a dead kept-alive connection made a second attempt necessary; with redirects, one more for each such connection
	// Unasked counts the times that a Session has seen bytes that nobody asked for, and closed the connection: behind this answer, which
	// may then be the answer to an earlier request, or before the request was sent, which then went out on a new connection.
	Unasked   int
	Redirects int // redirects that a Session has followed to come here

	owned bool // the caller's, and no pool's

	client    *Client
	settling  *conn // the connection, as long as it is neither trusted nor closed
	reusable  bool  // it may be used again once it has settled
	once      bool  // the connection was made for this exchange alone
	single    bool  // the connection has brought this answer and is to bring no other
	received  time.Time
	untrusted error // why the response is not trusted

	lease   *lease        // what a large body takes of Config.LargeBytes
	framed  bool          // the payload is still in the chunk framing
	framing *framingBytes // what Unframe has taken out
	buf     []byte        // Head, then the body
	payload []byte        // the de-chunked payload beside the framing in buf
	reqBuf  []byte
}

// Timing says where the time of an exchange went. DNS, Connect and TLS are 0 on a reused connection.
type Timing struct {
	DNS       time.Duration
	Connect   time.Duration
	TLS       time.Duration
	FirstByte time.Duration // from the request written to the first byte of the answer
	Body      time.Duration // from the first byte to the last
	Total     time.Duration // from Do to the last byte
}

// Get returns the first value of the header field name, in any letter case, or "".
func (r *Response) Get(name string) string {
	for field := range fields(r.Head) {
		if equalFold(field.name, name) {
			return unfold(field.value)
		}
	}
	return ""
}

// Values returns all values of the header field name in the order received.
func (r *Response) Values(name string) []string {
	var values []string
	for field := range fields(r.Head) {
		if equalFold(field.name, name) {
			values = append(values, unfold(field.value))
		}
	}
	return values
}

// Fields yields the header fields as received, in their order, repeated names included.
func (r *Response) Fields() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for field := range fields(r.Head) {
			if !yield(string(field.name), unfold(field.value)) {
				return
			}
		}
	}
}

// Release gives the response's buffers back for the next exchange, its part of Config.LargeBytes for the next large body, and closes
// its connection if it has not settled. Callers must release every response: without that, a large body holds up others until r is
// garbage, and an unsettled connection stays open. Nothing of r may be used afterwards.
func (r *Response) Release() {
	c := r.client
	if c == nil {
		return
	}
	if r.settling != nil {
		c.pool.abandon(r.settling)
	}
	if r.lease != nil {
		c.large.keep(r.buf)
		r.lease.end()
	}
	buf, payload, reqBuf := keepSmall(r.buf), keepSmall(r.payload), keepSmall(r.reqBuf)
	owned := r.owned
	*r = Response{buf: buf, payload: payload, reqBuf: reqBuf}
	if !owned {
		c.responses.Put(r)
	}
}

// renew empties r, which is its caller's, for another exchange of c.
func (r *Response) renew(c *Client) {
	if r.lease != nil {
		r.owned = true
		r.Release()
	}
	buf, payload := keepSmall(r.buf), keepSmall(r.payload)
	*r = Response{client: c, owned: true, buf: buf, payload: payload}
}

// again empties r for the next exchange of a chain, and keeps what counts over all of it.
func (r *Response) again(redirects int) {
	old := *r
	r.renew(old.client)
	r.Started, r.Attempts, r.Unasked, r.BytesIn, r.Redirects = old.Started, old.Attempts-1, old.Unasked, old.BytesIn, redirects
	r.Timing = Timing{DNS: old.Timing.DNS, Connect: old.Timing.Connect, TLS: old.Timing.TLS}
}

// keepSmall empties b for its next use, or drops it if it grew beyond what is worth keeping.
func keepSmall(b []byte) []byte {
	if cap(b) > smallBody {
		return nil
	}
	return b[:0]
}

func equalFold(b []byte, s string) bool {
	return len(b) == len(s) && strings.EqualFold(string(b), s)
}
