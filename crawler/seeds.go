package crawler

import (
	"fmt"
	"net/http"

	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
	"tandem/internal/transport"
)

// judgeSeed notes a seed whose answer is no page, unless it leads on to one.
func (r *run) judgeSeed(item frontier.Item, resp *transport.Response) {
	location := resp.Get("Location")
	switch {
	case isSuccess(resp.Status) || resp.Status == http.StatusNotModified:
	case resp.Status >= 300 && resp.Status < 400 && location != "":
		to, err := item.URL.Resolve(location)
		if err == nil && item.Redirects > 0 && r.cameFrom(item, to) {
			r.noteSeed(item, fmt.Errorf("redirects back to %s, which is asked once a run; if it wants cookies first, --cookie-file gives them", to))
		} else if err == nil && !r.linker.scope.Contains(to) {
			r.noteSeed(item, fmt.Errorf("redirects to %s, outside --scope %s: name that as the seed, or widen the scope", to, r.cfg.Scope))
		}
	default:
		r.noteSeed(item, fmt.Errorf("answered %d %s", resp.Status, http.StatusText(resp.Status)))
	}
}

// cameFrom reports whether an item was found on page.
func (r *run) cameFrom(item frontier.Item, page weburl.URL) bool {
	via, err := r.frontier.Via(item)
	return err == nil && via == page.String()
}

// noteSeed remembers what went wrong with a seed, for the message of a run
// that stored nothing.
func (r *run) noteSeed(item frontier.Item, cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.seedErrs) < 5 {
		r.seedErrs = append(r.seedErrs, fmt.Errorf("seed %s: %w", item.URL, cause))
	}
	if r.cfg.List == nil {
		r.cfg.Logger.Warn("seed failed", "url", item.URL.String(), "err", cause)
	}
}
