package compare

import "time"

// Run is what a comparison needs of one load result. It is read-only once it is made and may be shared.
type Run struct {
	// Name is where the result came from, as the user knows it.
	Name string `json:"name"`
	// State, Engine, Loop, URLs, Method, Connections and Rate (per second) are those of load.json.
	State       string   `json:"state"`
	Engine      string   `json:"engine"`
	Loop        string   `json:"loop"`
	URLs        []string `json:"urls"`
	Method      string   `json:"method"`
	Connections int      `json:"connections"`
	Rate        float64  `json:"rate,omitempty"`
	// Schedule is the shape of an open loop, Targets how many there are, Pipeline and Streams what a connection carries at once.
	Schedule string `json:"schedule,omitempty"`
	Targets  int    `json:"targets,omitempty"`
	Pipeline int    `json:"pipeline,omitempty"`
	Streams  int    `json:"streams,omitempty"`
	// Started and Duration (seconds) are those of load.json.
	Started  time.Time `json:"started"`
	Duration float64   `json:"duration_s"`
	// Completed, Failed and Dropped are the requests that ended in these ways.
	Completed int64 `json:"completed"`
	Failed    int64 `json:"failed"`
	Dropped   int64 `json:"dropped"`
	// CPU is the client's CPU time in seconds; Verdict and Reasons are what it says about itself.
	CPU     float64  `json:"cpu_s"`
	Verdict string   `json:"client"`
	Reasons []string `json:"reasons,omitempty"`
	// Slices are the stretches of the run in their order.
	Slices []Slice `json:"-"`
}

// Slice is one stretch of a run, usually a second.
type Slice struct {
	Length                     float64 // seconds
	Completed, Failed, Dropped int64   // requests
	Response, Service          Times
}

// Times is a distribution in microseconds: the histogram's buckets that are not empty, in order.
type Times []Bucket

// Bucket counts the times from Low to High, in microseconds. High is not in it.
type Bucket struct {
	Low, High float64
	Count     int64
}

// total counts all of t.
func (t Times) total() int64 {
	n := int64(0)
	for _, b := range t {
		n += b.Count
	}
	return n
}

// mean is the mean of t in microseconds, every bucket taken at its middle; 0 without any.
func (t Times) mean() float64 {
	sum, n := 0.0, int64(0)
	for _, b := range t {
		sum += float64(b.Count) * (b.Low + b.High) / 2
		n += b.Count
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// merge adds two distributions. Buckets with the same low end are the same.
func merge(a, b Times) Times {
	out := make(Times, 0, max(len(a), len(b)))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].Low < b[0].Low:
			out, a = append(out, a[0]), a[1:]
		case a[0].Low > b[0].Low:
			out, b = append(out, b[0]), b[1:]
		default:
			both := a[0]
			both.Count += b[0].Count
			out, a, b = append(out, both), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// join makes one slice of two neighbours.
func join(a, b Slice) Slice {
	return Slice{
		Length: a.Length + b.Length, Completed: a.Completed + b.Completed, Failed: a.Failed + b.Failed, Dropped: a.Dropped + b.Dropped,
		Response: merge(a.Response, b.Response), Service: merge(a.Service, b.Service),
	}
}

// maxSlices bounds the work: the slices of a longer run are joined with their neighbours, which costs a bootstrap over blocks nothing.
const maxSlices = 256

// coarse joins neighbours until there are at most maxSlices.
func coarse(slices []Slice) []Slice {
	group := (len(slices) + maxSlices - 1) / maxSlices
	if group <= 1 {
		return slices
	}
	out := make([]Slice, 0, maxSlices)
	for len(slices) > 0 {
		n := min(group, len(slices))
		one := slices[0]
		for _, s := range slices[1:n] {
			one = join(one, s)
		}
		out, slices = append(out, one), slices[n:]
	}
	return out
}

// whole joins each slice of less than half the longest one's length with the one before it: the end of a run is no second of its own.
func whole(slices []Slice) []Slice {
	longest := 0.0
	for i := range slices {
		longest = max(longest, slices[i].Length)
	}
	out := make([]Slice, 0, len(slices))
	for _, s := range slices {
		if n := len(out); n > 0 && s.Length < longest/2 {
			out[n-1] = join(out[n-1], s)
			continue
		}
		out = append(out, s)
	}
	return out
}
