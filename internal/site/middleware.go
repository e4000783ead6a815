package site

import (
	"net/http"
	"sync/atomic"
	"time"
)

// Latency answers every request of h after waiting d. A client that goes away ends the wait.
func Latency(h http.Handler, d time.Duration) http.Handler {
	if d <= 0 {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			h.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}

// ErrorRate answers the share p (0 to 1) of the requests with 503 instead of asking h. Which requests, counted
// in the order of their arrival, depends on the seed alone.
func ErrorRate(h http.Handler, p float64, seed uint64) http.Handler {
	if p <= 0 {
		return h
	}
	limit := uint64(min(p, 1) * (1 << 32))
	var count atomic.Uint64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rng := newRNG(seed, count.Add(1))
		if rng.next()>>32 < limit {
			http.Error(w, "503 made by the error rate of this site", http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	})
}
