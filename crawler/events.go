package crawler

import "time"

// Listener is told what happens during a crawl. Any callback may be nil. They
// are called from the workers, several at once, and must not block.
type Listener struct {
	// PageStored fires after a response is in the archive and marked done.
	PageStored func(Stored)
	// Failed fires when a URL is given up: after its last try.
	Failed func(url, class string, err error)
	// Retried fires when a URL is put back for another try.
	Retried func(url, class string, after time.Duration)
	// Skipped fires when a URL that was queued is not fetched: robots,
	// private_address.
	Skipped func(url, reason string)
}

// Stored describes one archived response.
type Stored struct {
	URL       string
	Status    int
	Mime      string
	Bytes     int64 // received, head and body
	Depth     int
	Requisite bool // sitemaps, too
	Sitemap   bool // read for the URLs that it lists
	Truncated string
	Revisit   bool // an earlier payload, confirmed
	Links     int  // new URLs it added to the frontier
}

// page reports whether it counts as a page: 2xx, or a 304 that was asked for,
// and no requisite.
func (s *Stored) page() bool { return !s.Requisite && (isSuccess(s.Status) || s.Revisit) }

func (l *Listener) stored(s Stored) {
	if l.PageStored != nil {
		l.PageStored(s)
	}
}

func (l *Listener) failed(url, class string, err error) {
	if l.Failed != nil {
		l.Failed(url, class, err)
	}
}

func (l *Listener) retried(url, class string, after time.Duration) {
	if l.Retried != nil {
		l.Retried(url, class, after)
	}
}

func (l *Listener) skipped(url, reason string) {
	if l.Skipped != nil {
		l.Skipped(url, reason)
	}
}
