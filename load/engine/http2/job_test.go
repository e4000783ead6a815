package http2

import (
	"context"
	"crypto/tls"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
	"tandem/load/recorder"
)

// requests is a Source: send i asks for the i-th of them, in turn.
type requests struct {
	list  []*transport.Request
	fill  func(i int64, req *transport.Request) // not nil: made anew each time
	check func(status int, head, body []byte) int
}

func (r *requests) Len() int               { return len(r.list) }
func (r *requests) Name(target int) string { return r.list[target].Target.HostPort }
func (r *requests) Pick(i int64) int       { return int(i % int64(len(r.list))) }
func (r *requests) NeedsHead() bool        { return r.check != nil }
func (r *requests) NeedsBody() bool        { return r.check != nil }

func (r *requests) Static(target int) *transport.Request {
	if r.fill != nil {
		return nil
	}
	return r.list[target]
}

func (r *requests) Fill(i int64, target int, req *transport.Request) {
	header, body := req.Header[:0], req.Body[:0]
	*req = *r.list[target]
	req.Header, req.Body = append(header, req.Header...), append(body, req.Body...)
	r.fill(i, req)
}

func (r *requests) Verify(_, status int, head, body []byte) int {
	if r.check == nil {
		return -1
	}
	return r.check(status, head, body)
}

func get(t testing.TB, urls ...string) *requests {
	t.Helper()
	r := new(requests)
	for _, u := range urls {
		target, err := transport.ParseTarget(u)
		if err != nil {
			t.Fatal(err)
		}
		r.list = append(r.list, &transport.Request{Target: target})
	}
	return r
}

// constant is a Schedule of so many sends a second.
type constant float64

func (c constant) At(i int64) time.Duration { return time.Duration(float64(i) / float64(c) * 1e9) }
func (c constant) Walk() engine.Walk        { return c }

func (c constant) Due(d time.Duration) int64 {
	n := int64(d.Seconds() * float64(c))
	for ; n > 0 && c.At(n-1) > d; n-- {
	}
	for ; c.At(n) <= d; n++ {
	}
	return n
}

// load is a job to be.
type load struct {
	source      *requests
	rate        float64 // 0: closed loop
	length      time.Duration
	total       int64 // 0: no limit
	connections int
	streams     int
	timeout     time.Duration
	begun       func(*engine.Job)
}

// outcome is what became of it.
type outcome struct {
	*recorder.Totals
	planned, dropped int64
	took             time.Duration
	job              *engine.Job
}

func (l *load) job() *engine.Job {
	p := &engine.Plan{Length: l.length, Total: math.MaxInt64}
	if l.total > 0 {
		p.Total = l.total
	}
	if l.rate > 0 {
		p.Schedule = constant(l.rate)
		p.Total = min(p.Total, constant(l.rate).Due(l.length-1))
	}
	job := engine.NewJob(p)
	job.Source, job.Connections, job.Timeout = l.source, max(l.connections, 1), l.timeout
	if job.Timeout == 0 {
		job.Timeout = 5 * time.Second
	}
	return job
}

func perform(ctx context.Context, t testing.TB, e *Engine, l *load) outcome {
	t.Helper()
	job := l.job()
	job.Recorder = recorder.New(recorder.Config{Shards: e.Shards(job.Connections), Closed: l.rate == 0, Targets: l.source.Len(), Checks: 4})
	job.Plan.Begin()
	if l.begun != nil {
		go l.begun(job)
	}
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx, job) }()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(30 * time.Second):
		panic("Run does not return")
	}
	o := outcome{took: job.Plan.Now(), job: job}
	job.Recorder.Finish(o.took)
	o.Totals = job.Recorder.Totals()
	o.sums(t, job)
	return o
}

// sums checks what always holds: each send has one sample, and all samples their place.
func (o *outcome) sums(t testing.TB, job *engine.Job) {
	t.Helper()
	ended := o.Counts.Completed + o.Counts.Failed
	o.planned = ended
	if job.Plan.Open() {
		o.planned = job.Plan.Planned()
	}
	o.dropped = o.planned - ended
	var statuses, errors int64
	for _, n := range o.Status {
		statuses += n
	}
	for _, n := range o.Errors {
		errors += n
	}
	if o.dropped < 0 || statuses != o.Counts.Completed || errors != o.Counts.Failed || o.Service.Count() != ended || o.Counts.Sent > ended {
		t.Errorf("planned %d, %+v, %v, %v, %d service times", o.planned, o.Counts, o.Status, o.Errors, o.Service.Count())
	}
	if o.Service.Min() < 0 || o.Response.Min() < 0 || o.First.Min() < 0 || o.Body.Min() < 0 || o.Lateness.Min() < 0 {
		t.Errorf("negative times: %v %v %v %v", o.Service.Min(), o.Response.Min(), o.First.Min(), o.Body.Min())
	}
}

// run performs l on an engine of its own.
func (l *load) run(t testing.TB) outcome {
	t.Helper()
	e := l.engine(t)
	defer e.Close()
	return perform(context.Background(), t, e, l)
}

func (l *load) engine(t testing.TB) *Engine {
	t.Helper()
	return New(Config{Dial: dial, Streams: l.streams, UserAgent: "test"})
}

// dial connects without further ado. TLS certificates are not looked at.
func dial(ctx context.Context, target transport.Target, _ bool, timing *transport.Timing) (net.Conn, error) {
	begun := time.Now()
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp", target.HostPort)
	timing.Connect = time.Since(begun)
	switch {
	case err != nil && strings.Contains(err.Error(), "refused"):
		return nil, &transport.Error{Phase: transport.PhaseConnect, Class: transport.ClassRefused, Temporary: true, HostPort: target.HostPort, Err: err}
	case err != nil:
		return nil, err
	case target.Scheme != "https":
		return nc, nil
	}
	begun = time.Now()
	secure := tls.Client(nc, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err := secure.HandshakeContext(ctx); err != nil {
		nc.Close()
		return nil, err
	}
	timing.TLS = time.Since(begun)
	return secure, nil
}
