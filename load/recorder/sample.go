package recorder

import "time"

// Sample is what one planned request brought. Times are since the start of the phase.
type Sample struct {
	Target  int           // which of the run's targets
	Planned time.Duration // when it was to be sent; in a closed loop, Sent
	Sent    time.Duration // when it was taken in hand
	First   time.Duration // when the first byte of the answer was there; 0 if none came
	End     time.Duration // when the last was, or when it failed

	DNS, Connect, TLS time.Duration // of a connection that was made for it

	Status  int    // of a whole answer, else 0
	Failure string // the class of what went wrong, "" for a whole answer that passed its checks
	Check   int    // the check that failed + 1; 0: none
	Bytes   int64  // received

	Waited     bool // the sender was free before the planned time
	Written    bool // the request went out whole, to a connection that had not failed yet
	Retried    bool // it went out twice: a kept-alive connection was dead
	Redirected int  // further requests that redirects made
	Unasked    bool // more came than was asked for, and the connection was closed
}

// Counts are sums over requests that have ended.
type Counts struct {
	Sent, Completed, Failed, Retried, Redirected, Unasked, Bytes int64
}

func (c *Counts) add(s *Sample) {
	if s.Failure == "" {
		c.Completed++
	} else {
		c.Failed++
	}
	if s.Written {
		c.Sent++
	}
	if s.Retried {
		c.Retried++
	}
	if s.Unasked {
		c.Unasked++
	}
	c.Redirected += int64(s.Redirected)
	c.Bytes += s.Bytes
}

func (c *Counts) merge(o *Counts) {
	c.Sent += o.Sent
	c.Completed += o.Completed
	c.Failed += o.Failed
	c.Retried += o.Retried
	c.Redirected += o.Redirected
	c.Unasked += o.Unasked
	c.Bytes += o.Bytes
}
