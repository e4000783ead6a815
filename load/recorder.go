package load

import (
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The range and precision of the histograms.
const (
	shortest = time.Microsecond
	longest  = 10 * time.Minute
	digits   = 3
)

// maxRecorders bounds the histograms of a run; workers share them when there are more.
const maxRecorders = 16

// times is a histogram with exact extremes and an exact sum.
type times struct {
	hist     *hdrhistogram.Histogram // microseconds
	min, max time.Duration
	sum      time.Duration
}

func newTimes() times {
	return times{hist: hdrhistogram.New(1, int64(longest/shortest), digits), min: math.MaxInt64}
}

func (t *times) add(d time.Duration) {
	t.min, t.max = min(t.min, d), max(t.max, d)
	t.sum += d
	us := int64((d + shortest/2) / shortest)
	_ = t.hist.RecordValue(min(max(us, 1), int64(longest/shortest))) // never outside the range
}

// merge adds all of o. Histograms of one shape merge exactly.
func (t *times) merge(o *times) {
	t.hist.Merge(o.hist)
	t.min, t.max = min(t.min, o.min), max(t.max, o.max)
	t.sum += o.sum
}

// latency prints t in milliseconds.
func (t *times) latency() Latency {
	n := t.hist.TotalCount()
	if n == 0 {
		return Latency{}
	}
	at := func(percentile float64) Milliseconds {
		d := time.Duration(t.hist.ValueAtPercentile(percentile)) * shortest
		return ms(min(max(d, t.min), t.max))
	}
	return Latency{
		Min: ms(t.min), Mean: ms(t.sum / time.Duration(n)), P50: at(50), P90: at(90), P95: at(95), P99: at(99), P999: at(99.9), Max: ms(t.max),
	}
}

func ms(d time.Duration) Milliseconds {
	return Milliseconds(math.Round(float64(d)/1e3) / 1e3)
}

// tail returns the time that the longest part of all samples, and the longest few of them, reach, and how many these are; 0
// without so many.
func (t *times) tail(part float64, few int64) (d time.Duration, k int64) {
	n := t.hist.TotalCount()
	k = max(int64(math.Ceil(part*float64(n))), few)
	if k > n {
		return 0, 0
	}
	return time.Duration(t.hist.ValueAtPercentile(100*float64(n-k+1)/float64(n))) * shortest, k
}

// sample is what one request brought.
type sample struct {
	planned, sent, end time.Time
	status             int    // 0 without a whole answer
	failure            string // why there was none
	bytes              int64
	waited             bool // the worker was free before the planned time
	written            bool // the request went out whole, to a connection that had not failed yet
	retried            bool // it went out twice: a kept-alive connection was dead
}

// recorder collects samples. It is safe for concurrent use.
type recorder struct {
	mu                          sync.Mutex // guards what follows
	response, service, lateness times
	own                         times // lateness of the sends that a worker was free and waiting for: the client's doing
	status                      [1000]int64
	errors                      map[string]int64
	completed, failed, bytes    int64
	sent, retried               int64
	last                        time.Time // end of the last answer
}

func newRecorder() *recorder {
	return &recorder{response: newTimes(), service: newTimes(), lateness: newTimes(), own: newTimes(), errors: make(map[string]int64)}
}

func (r *recorder) add(s *sample) {
	late := s.sent.Sub(s.planned)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.response.add(s.end.Sub(s.planned))
	r.service.add(s.end.Sub(s.sent))
	r.lateness.add(late)
	r.bytes += s.bytes
	if s.end.After(r.last) {
		r.last = s.end
	}
	if s.failure == "" {
		r.completed++
		r.status[s.status]++
	} else {
		r.failed++
		r.errors[s.failure]++
	}
	if s.waited {
		r.own.add(late)
	}
	if s.written {
		r.sent++
	}
	if s.retried {
		r.retried++
	}
}

// merge adds all of o, which nobody uses any more.
func (r *recorder) merge(o *recorder) {
	r.response.merge(&o.response)
	r.service.merge(&o.service)
	r.lateness.merge(&o.lateness)
	r.own.merge(&o.own)
	for i, n := range o.status {
		r.status[i] += n
	}
	for class, n := range o.errors {
		r.errors[class] += n
	}
	r.completed += o.completed
	r.failed += o.failed
	r.bytes += o.bytes
	if o.last.After(r.last) {
		r.last = o.last
	}
	r.sent += o.sent
	r.retried += o.retried
}

// counts returns what has ended so far.
func (r *recorder) counts() (sent, completed, failed int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sent, r.completed, r.failed
}

func (r *recorder) statuses() map[string]int64 {
	m := make(map[string]int64)
	for code, n := range r.status {
		if n > 0 {
			m[strconv.Itoa(code)] = n
		}
	}
	return m
}
