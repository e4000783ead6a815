package crawler

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tandem/internal/transport"
)

const (
	maxTries      = 3
	firstBackoff  = time.Second
	awayBackoff   = 4 * time.Second // after two tries that reached no server: with the first, longer than one takes to start again
	maxRetryAfter = 5 * time.Minute
	// longRetryAfter is how long a run waits to ask one URL again. Who is told to come back later than that comes in the next run.
	longRetryAfter = time.Minute
)

// verdict is what follows from one try of one URL.
type verdict struct {
	retry bool          // put it back
	after time.Duration // not before so long
	pause time.Duration // the whole host waits so long, too
	class string        // why, as counted; empty for a plain response
	skip  bool          // not fetched on purpose: counted as skipped
	later bool          // the server asks to come back after more than longRetryAfter: the host waits as pacer.sendAway says
}

// judge decides about a try. Exactly one of resp and err is set; attempt
// counts from 1.
func judge(resp *transport.Response, err error, attempt int, now time.Time) verdict {
	if err != nil {
		return judgeError(err, attempt)
	}
	switch resp.Status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		wait, told := retryAfter(resp.Get("Retry-After"), now)
		if !told && resp.Status == http.StatusTooManyRequests {
			wait = backoff(attempt)
		}
		if wait > longRetryAfter {
			return verdict{later: true, class: "status_" + strconv.Itoa(resp.Status)}
		}
		// Told "at once", this URL still waits: else it would be three tries in a row.
		return verdict{retry: attempt < maxTries, after: max(wait, backoff(attempt)), pause: wait, class: "status_" + strconv.Itoa(resp.Status)}
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return verdict{retry: attempt < maxTries, after: backoff(attempt), class: "status_" + strconv.Itoa(resp.Status)}
	}
	if resp.Truncated != "" && resp.Truncated != "length" {
		return verdict{retry: attempt < maxTries, after: backoff(attempt), class: "cut_" + resp.Truncated}
	}
	return verdict{}
}

func judgeError(err error, attempt int) verdict {
	var te *transport.Error
	if !errors.As(err, &te) {
		return verdict{class: "other"}
	}
	if te.Class == "private_address" {
		return verdict{class: te.Class, skip: true}
	}
	// A lack of descriptors is this process's own trouble, and passes: no try is counted against the URL.
	v := verdict{class: te.Class, retry: te.Temporary && attempt < maxTries || te.Starved(), after: min(backoff(attempt), awayBackoff)}
	if isAway(err) {
		v.after = untilBack(attempt)
		v.pause = v.after // the other URLs need not find that out
	}
	return v
}

// starved reports whether err says that no descriptor was left here.
func starved(err error) bool {
	var te *transport.Error
	return errors.As(err, &te) && te.Starved()
}

// backoff doubles from firstBackoff: 1 s, 2 s, 4 s.
func backoff(attempt int) time.Duration {
	return firstBackoff << min(max(attempt-1, 0), 6)
}

// untilBack is backoff for tries that reached no server: 1 s, then 4 s.
func untilBack(attempt int) time.Duration {
	if attempt <= 1 {
		return firstBackoff
	}
	return awayBackoff
}

// retryAfter reads the header in both its forms (RFC 9110, section 10.2.3),
// capped at maxRetryAfter.
func retryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0, false
	}
	if n, err := strconv.ParseUint(value, 10, 63); err == nil {
		if n > uint64(maxRetryAfter/time.Second) {
			return maxRetryAfter, true
		}
		return time.Duration(n) * time.Second, true
	} else if errors.Is(err, strconv.ErrRange) {
		return maxRetryAfter, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), maxRetryAfter), true
}

// isSuccess reports a 2xx.
func isSuccess(status int) bool { return status >= 200 && status < 300 }
