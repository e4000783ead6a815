package crawler

import (
	"time"

	"tandem/internal/transport"
)

const (
	// silentTime is how long a URL is waited for in vain, over its tries, until
	// it is given up, and dripTime how long one whose body comes too slowly until
	// what has come is kept. Between them lie the timeouts of a server that was
	// away for some seconds and those of one that does it on purpose: a site with
	// many of these would hold a crawl for minutes.
	silentTime = time.Minute
	dripTime   = 10 * time.Second
)

// waitedEnough reports whether a try that ended in a timeout is to be the last,
// although it was not the third. Each try before took one timeout, too.
func waitedEnough(class string, attempt int, timeout time.Duration) bool {
	waited := time.Duration(attempt) * timeout
	switch class {
	case transport.ClassTimeout:
		return waited >= silentTime
	case "cut_" + transport.TruncatedTime:
		return waited >= dripTime
	}
	return false
}
