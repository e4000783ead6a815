package crawler

import (
	"errors"
	"sync"

	"tandem/crawler/weburl"
	"tandem/internal/transport"
)

// unreached counts, for URLs that wait for another try, the tries that reached
// no server: a server that was away has not been asked, and these do not use up
// the tries that it gets. The zero value is ready. Safe for concurrent use.
type unreached struct {
	mu    sync.Mutex // guards tries
	tries map[weburl.Key]int
}

// count takes one more try of a URL, which ended with err, into account, and
// returns how many of its kind there were: that reached nobody, or that did.
// attempt counts all of them.
func (u *unreached) count(url weburl.URL, err error, attempt int) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !isAway(err) {
		if len(u.tries) == 0 {
			return attempt
		}
		return attempt - u.tries[url.Key()]
	}
	if u.tries == nil {
		u.tries = make(map[weburl.Key]int)
	}
	u.tries[url.Key()]++
	return u.tries[url.Key()]
}

// forget drops a URL that is not tried again.
func (u *unreached) forget(url weburl.URL) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.tries) > 0 {
		delete(u.tries, url.Key())
	}
}

// isAway reports whether err says that there was no server to ask.
func isAway(err error) bool {
	var te *transport.Error
	return errors.As(err, &te) && (te.Class == transport.ClassRefused || te.Class == transport.ClassUnreachable || te.ProxyGone())
}
