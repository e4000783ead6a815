package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"tandem/internal/units"
)

// Error says which input cannot be compared, why, and the way out.
type Error struct {
	Name string // the input
	Err  error
	Hint string // may be empty
}

// Error names the input and the reason.
func (e *Error) Error() string { return fmt.Sprintf("compare %q: %v", e.Name, e.Err) }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

const (
	maxFile   = 128 << 20 // bytes of a load.json
	maxSeries = 100_000   // slices in it
	maxLength = 86_400    // seconds of one
	maxCount  = 1 << 50   // requests
)

const nameOne = `name a load.json, or a directory that "fetch load -o" wrote`

// Open reads the load result at path: a load.json, a directory with one, or a run directory with one in load/. Errors are of type
// *Error.
func Open(path string) (*Run, error) {
	file := find(path)
	f, err := os.Open(file)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, &Error{Name: path, Err: errors.New("there is no such load result"), Hint: nameOne}
		}
		return nil, &Error{Name: path, Err: err, Hint: nameOne}
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return nil, &Error{Name: path, Err: err, Hint: nameOne}
	} else if info.IsDir() {
		return nil, &Error{Name: path, Err: errors.New("the directory holds no load.json"), Hint: nameOne}
	}
	return Parse(path, f)
}

// find is the load.json that path means.
func find(path string) string {
	for _, file := range []string{filepath.Join(path, "load", "load.json"), filepath.Join(path, "load.json")} {
		if info, err := os.Stat(file); err == nil && !info.IsDir() {
			return file
		}
	}
	return path
}

// document is the part of load.json that is compared.
type document struct {
	State       string    `json:"state"`
	Engine      string    `json:"engine"`
	Loop        string    `json:"loop"`
	URLs        []string  `json:"urls"`
	Method      string    `json:"method"`
	Started     time.Time `json:"started"`
	Connections int       `json:"connections"`
	Rate        float64   `json:"rate"`
	Duration    float64   `json:"duration_s"`
	Requests    *counts   `json:"requests"`
	Client      struct {
		CPU     float64  `json:"cpu_s"`
		Verdict string   `json:"verdict"`
		Reasons []string `json:"reasons"`
	} `json:"client"`
	Schedule string   `json:"schedule"`
	Targets  int      `json:"targets"`
	Pipeline int      `json:"pipeline"`
	Streams  int      `json:"streams"`
	Series   []second `json:"series"`
}

type counts struct {
	Planned   int64 `json:"planned"`
	Completed int64 `json:"completed"`
	Failed    int64 `json:"failed"`
	Dropped   int64 `json:"dropped"`
}

type second struct {
	Length float64 `json:"length_s"`
	counts
	Response string `json:"response"` // absent where it is the service, in a closed loop
	Service  string `json:"service"`
}

// Parse reads a load.json of at most 128 MiB from r; name is what errors call it. Errors are of type *Error.
func Parse(name string, r io.Reader) (*Run, error) { return parse(name, r, maxFile) }

func parse(name string, r io.Reader, most int64) (*Run, error) {
	limited := &io.LimitedReader{R: r, N: most + 1}
	var d document
	dec := json.NewDecoder(limited)
	err := dec.Decode(&d)
	switch {
	case limited.N <= 0:
		return nil, &Error{Name: name, Err: fmt.Errorf("the file has more than %s", units.FormatSize(most)), Hint: nameOne}
	case err != nil:
		return nil, &Error{Name: name, Err: fmt.Errorf("it is no load result: %w", err), Hint: nameOne}
	case d.Requests == nil || d.Loop == "":
		return nil, &Error{Name: name, Err: errors.New(`it is no load result: "requests" and "loop" are missing`), Hint: nameOne}
	case d.Requests.Completed == 0 || d.State == "failed":
		return nil, &Error{Name: name, Err: errors.New("no request was answered in this run"), Hint: "run the load again when the server answers"}
	case len(d.Series) == 0:
		return nil, &Error{Name: name, Err: errors.New(`it has no "series"`), Hint: "an older fetch load wrote it: run the load again"}
	case len(d.Series) > maxSeries:
		return nil, &Error{Name: name, Err: fmt.Errorf("its series has %d slices: want at most %d", len(d.Series), maxSeries), Hint: nameOne}
	}
	run, err := d.run(name)
	if err != nil {
		return nil, &Error{Name: name, Err: err, Hint: "the file is damaged or was changed: run the load again"}
	}
	return run, nil
}

// run checks the numbers and decodes the histograms.
func (d *document) run(name string) (*Run, error) {
	if err := d.Requests.check(); err != nil {
		return nil, fmt.Errorf("requests: %w", err)
	}
	if !within(d.Duration, maxLength*366) || !within(d.Rate, math.MaxInt32) || !within(d.Client.CPU, math.MaxInt32) {
		return nil, fmt.Errorf("duration_s %v, rate %v, client.cpu_s %v: one is out of range", d.Duration, d.Rate, d.Client.CPU)
	}
	r := &Run{
		Name: name, State: d.State, Engine: d.Engine, Loop: d.Loop, URLs: d.URLs, Method: d.Method, Connections: d.Connections, Rate: d.Rate,
		Started: d.Started, Duration: d.Duration, Completed: d.Requests.Completed, Failed: d.Requests.Failed, Dropped: d.Requests.Dropped,
		Schedule: d.Schedule, Targets: d.Targets, Pipeline: d.Pipeline, Streams: d.Streams, CPU: d.Client.CPU, Verdict: d.Client.Verdict, Reasons: d.Client.Reasons,
	}
	samples := int64(0)
	for i := range d.Series {
		s, err := d.Series[i].slice()
		if err != nil {
			return nil, fmt.Errorf("series[%d]: %w", i, err)
		}
		d.Series[i].Response, d.Series[i].Service = "", ""
		samples += s.Response.total()
		r.Slices = append(r.Slices, s)
	}
	if samples == 0 {
		return nil, errors.New("the histograms of its series are empty")
	}
	if r.Loop == "open" {
		d.drop(r.Slices)
	}
	r.Slices = whole(r.Slices)
	return r, nil
}

func (s *second) slice() (Slice, error) {
	if err := s.check(); err != nil {
		return Slice{}, err
	}
	if s.Length <= 0 || s.Length > maxLength {
		return Slice{}, fmt.Errorf("length_s %v: want more than 0 and at most %d", s.Length, maxLength)
	}
	out := Slice{Length: s.Length, Completed: s.Completed, Failed: s.Failed, Dropped: s.Dropped}
	var err error
	if out.Service, err = decodeTimes(s.Service); err != nil {
		return Slice{}, fmt.Errorf("service: %w", err)
	}
	if out.Response = out.Service; s.Response != "" {
		if out.Response, err = decodeTimes(s.Response); err != nil {
			return Slice{}, fmt.Errorf("response: %w", err)
		}
	}
	return out, nil
}

// drop finds in which slices of an open loop the requests were planned that nobody ever sent. What was planned up to a slice and has not
// ended by then may end later; what never does is the least that is open from there on.
func (d *document) drop(slices []Slice) {
	open := make([]int64, len(slices))
	planned, ended := int64(0), int64(0)
	for i := range slices {
		planned, ended = planned+d.Series[i].Planned, ended+slices[i].Completed+slices[i].Failed
		open[i] = max(planned-ended, 0)
	}
	for i := len(open) - 2; i >= 0; i-- {
		open[i] = min(open[i], open[i+1])
	}
	before := int64(0)
	for i := range slices {
		slices[i].Dropped, before = open[i]-before, open[i]
	}
}

func (c *counts) check() error {
	for _, n := range []int64{c.Planned, c.Completed, c.Failed, c.Dropped} {
		if n < 0 || n > maxCount {
			return fmt.Errorf("a count of %d", n)
		}
	}
	return nil
}

func within(v, limit float64) bool { return v >= 0 && v <= limit }
