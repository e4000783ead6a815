package load

import (
	"time"

	"tandem/internal/report"
)

// States of a Result.
const (
	StateComplete    = "complete"
	StateInterrupted = "interrupted"
	StateFailed      = "failed" // nothing was ever answered
)

// Result is what a run measured: the content of load.json.
type Result struct {
	State          string            `json:"state"`
	Engine         string            `json:"engine"`
	Why            string            `json:"engine_reason,omitempty"` // why auto chose it
	Loop           string            `json:"loop"`                    // "open" or "closed"
	Schedule       string            `json:"schedule,omitempty"`      // of an open loop
	Targets        int               `json:"targets"`
	URLs           []string          `json:"urls"` // of the first targets, ten at most
	Method         string            `json:"method"`
	Started        time.Time         `json:"started"`
	Connections    int               `json:"connections"`
	Pipeline       int               `json:"pipeline,omitempty"` // requests in flight on a connection, if more than one
	Streams        int               `json:"streams,omitempty"`  // the same for HTTP/2
	Rate           float64           `json:"rate,omitempty"`     // requests per second asked for, if it is constant
	Duration       float64           `json:"duration_s"`         // from the first planned send to the last answer
	Requests       Requests          `json:"requests"`
	RequestsPerSec float64           `json:"requests_per_s"` // completed ones; those of a closed loop within its duration
	Response       Latency           `json:"response_ms"`    // from the planned send
	Service        Latency           `json:"service_ms"`     // from the real send
	Lateness       Latency           `json:"lateness_ms"`    // of the real send after the planned one
	Phases         Phases            `json:"phases_ms"`
	Status         map[string]int64  `json:"status"`
	Errors         map[string]int64  `json:"errors"`
	Checks         []Check           `json:"checks,omitempty"`
	ByURL          []URL             `json:"by_url,omitempty"`
	BytesIn        int64             `json:"bytes_in"`
	Client         Client            `json:"client"`
	Thresholds     []report.Result   `json:"thresholds"`
	FindMax        *FindMax          `json:"find_max,omitempty"` // of a search for the highest rate
	Series         []Second          `json:"series"`
	Histograms     map[string]string `json:"histograms"` // response and service, HdrHistogram V2 compressed, microseconds
}

// Requests counts. Each planned request ends in one of three ways: planned = completed + failed + dropped.
//
// Sent is the client's word for what the server's own count should be. Failed requests that no connection could be had for (a
// refused connection, an unknown host) are not in it, so sent = completed + failed - those. When a server dies or closes
// connections unasked, requests are on the way that it never reads: the two counts may then differ by up to the number of
// requests in flight.
//
// A request with an idempotent method is sent once more, on a new connection, if the kept-alive one that it went out on had been closed
// without a byte of an answer: servers end idle connections when they like. Sent counts it once and Retried tells how
// many there were; a server that reads a request and closes in place of answering has counted those twice.
type Requests struct {
	Planned    int64 `json:"planned"`   // all that the schedule held up to the stop
	Sent       int64 `json:"sent"`      // written to a connection
	Completed  int64 `json:"completed"` // answered whole, whatever the status, and right by the checks
	Dropped    int64 `json:"dropped"`   // planned and not attempted: all connections were busy
	Failed     int64 `json:"failed"`    // attempted and not answered whole, or not as the checks want it: see Errors
	Retried    int64 `json:"retried"`   // written a second time, to another connection
	Redirected int64 `json:"redirected,omitempty"`
	Unasked    int64 `json:"unasked,omitempty"` // answers after which the server sent more than was asked for; their connections were closed
}

// Phases say where the time of requests went: the first three are those of new connections, the others of answers.
type Phases struct {
	DNS       Latency `json:"dns"`
	Connect   Latency `json:"connect"`
	TLS       Latency `json:"tls"`
	FirstByte Latency `json:"first_byte"` // from the send to the first byte of the answer
	Body      Latency `json:"body"`       // from there to the last byte
}

// Check is how a condition on answers fared.
type Check struct {
	Name   string `json:"name"`
	Failed int64  `json:"failed"`
}

// URL is the result of one target.
type URL struct {
	Name    string           `json:"name"` // method and URL; "(others)" for all beyond the first thousand
	Count   int64            `json:"count"`
	Failed  int64            `json:"failed"`
	Status  map[string]int64 `json:"status"` // by class: 2xx
	Service Latency          `json:"service_ms"`
}

// Second is a point of the series: what ended in one second, or some of them in a long run.
type Second struct {
	T          float64      `json:"t"` // start, in seconds
	Length     float64      `json:"length_s"`
	Planned    int64        `json:"planned"`
	Sent       int64        `json:"sent"`
	Completed  int64        `json:"completed"`
	Failed     int64        `json:"failed"`
	BytesIn    int64        `json:"bytes_in"`
	P50        Milliseconds `json:"response_p50_ms"`
	P90        Milliseconds `json:"response_p90_ms"`
	P99        Milliseconds `json:"response_p99_ms"`
	Max        Milliseconds `json:"response_max_ms"`
	ServiceP50 Milliseconds `json:"service_p50_ms"`
	ServiceP99 Milliseconds `json:"service_p99_ms"`
	Response   string       `json:"response,omitempty"` // histogram, HdrHistogram V2 compressed; absent in a closed loop, where it is Service
	Service    string       `json:"service"`
}

// Passed reports whether every threshold held.
func (r *Result) Passed() bool {
	for _, t := range r.Thresholds {
		if !t.OK {
			return false
		}
	}
	return true
}
