package engine

import "tandem/internal/transport"

// Source says what each send asks for. It is immutable, a pure function of the send's number, and safe for concurrent use.
type Source interface {
	// Len is the number of targets.
	Len() int
	// Name of a target, as "GET http://host/path".
	Name(target int) string
	// Pick is the target of send i.
	Pick(i int64) (target int)
	// Static is the request of a target, the same for every send, or nil if it is made anew each time. It is not changed.
	Static(target int) *transport.Request
	// Fill makes the request of send i to target. It reuses the memory of req, whose earlier content it replaces.
	Fill(i int64, target int, req *transport.Request)
	// NeedsHead and NeedsBody tell whether Verify looks at them.
	NeedsHead() bool
	NeedsBody() bool
	// Verify returns the number of the first check that an answer fails, or -1. head is as received, from the status line on.
	Verify(target, status int, head, body []byte) (failed int)
}
