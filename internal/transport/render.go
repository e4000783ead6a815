package transport

import "github.com/valyala/fasthttp"

// Renderer turns requests into the bytes that go over a connection, for those that have connections of their own. The zero value is
// ready. Not safe for concurrent use.
type Renderer struct {
	// UserAgent is sent with every request that has no User-Agent of its own.
	UserAgent string

	header fasthttp.RequestHeader
}

// Append appends req, head and body, to dst. The request must be valid.
func (r *Renderer) Append(dst []byte, req *Request) []byte {
	dst = req.appendTo(dst, &r.header, heading{userAgent: r.UserAgent})
	return append(dst, req.Body...)
}

// Idempotent reports whether sending the request twice does no harm (RFC 9110 section 9.2.2).
func (r *Request) Idempotent() bool { return r.idempotent() }

// Failure is the Error of an exchange in which err happened in that phase.
func Failure(phase Phase, hostport string, err error) *Error {
	class, temporary := classify(phase, err)
	return &Error{Phase: phase, Class: class, HostPort: hostport, Temporary: temporary, Err: err}
}
