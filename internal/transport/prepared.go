package transport

// together is the size in bytes up to which a body is written in one piece with its head.
const together = 16 << 10

// Prepared is a request as bytes, for a Session that sends it many times. It is not changed afterwards: several sessions of the
// client that made it may use it at the same time.
type Prepared struct {
	req    *Request
	key    poolKey
	via    *Proxy // it is handed to
	bytes  []byte // the head, and the body if that is small
	head   int    // length of the head
	rest   []byte // the body, else
	closes bool   // no other request follows on its connection
	again  bool   // sending it twice does no harm
}

// Prepare renders req, which must not change afterwards. The error is an *Error of class ClassBadRequest.
func (c *Client) Prepare(req *Request) (*Prepared, error) {
	p := new(Prepared)
	if err := c.prepare(p, req); err != nil {
		return nil, err
	}
	return p, nil
}

// Request is what was prepared.
func (p *Prepared) Request() *Request { return p.req }

// Head is the request's head as it is sent. It must not be changed.
func (p *Prepared) Head() []byte { return p.bytes[:p.head:p.head] }

// prepare renders req into p, whose buffer is used again.
func (c *Client) prepare(p *Prepared, req *Request) error {
	if err := req.Validate(); err != nil {
		return &Error{Phase: PhaseRequest, Class: ClassBadRequest, HostPort: req.Target.HostPort, Err: err}
	}
	via := c.forwarder(req)
	h := c.newHeader()
	b := req.appendTo(p.bytes[:0], h, heading{userAgent: c.cfg.UserAgent, once: c.cfg.NoKeepAlive, via: via})
	c.requests.Put(h)
	*p = Prepared{
		req: req, via: via, bytes: b, head: len(b),
		key:    poolKey{req.Target.Scheme, req.Target.HostPort, req.Named || c.cfg.Guard.Names(req.Target.HostPort)},
		closes: c.cfg.NoKeepAlive || req.closes(),
		again:  req.idempotent() && !c.cfg.NoRetry,
	}
	if len(req.Body) <= together {
		p.bytes = append(p.bytes, req.Body...)
	} else {
		p.rest = req.Body
	}
	return nil
}
