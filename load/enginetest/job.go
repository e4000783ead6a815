package enginetest

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
	"tandem/load/recorder"
	"tandem/load/schedule"
	"tandem/load/target"
)

// task is a job to be, and the engine for it.
type task struct {
	urls        []string
	lines       string // a targets file, in place of urls
	method      string
	body        string
	headers     []string
	checks      []string
	when        *schedule.Schedule // nil: closed loop
	length      time.Duration
	total       int64 // 0: no limit
	connections int
	timeout     time.Duration
	pipeline    int
	resolve     Options // only its Resolve
	begun       func(*engine.Job, context.CancelCauseFunc)
}

// outcome is what became of a job.
type outcome struct {
	*recorder.Totals
	planned, dropped int64
	took             time.Duration
	job              *engine.Job
}

// arrivals makes a schedule an engine's.
type arrivals struct{ schedule.Schedule }

func (a arrivals) Walk() engine.Walk {
	c := a.Cursor()
	return &c
}

// source opens what k requests.
func (k *task) source(t testing.TB) *target.Set {
	t.Helper()
	cfg := target.DefaultConfig()
	cfg.URLs, cfg.Body, cfg.Headers = k.urls, k.body, k.headers
	if k.method != "" {
		cfg.Method = k.method
	}
	if k.lines != "" {
		cfg.URLs, cfg.Targets, cfg.Stdin = nil, "-", strings.NewReader(k.lines)
	}
	for _, text := range k.checks {
		check, err := target.ParseCheck(text)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Checks = append(cfg.Checks, check)
	}
	set, err := cfg.Open()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// runner is an engine with the source of its jobs.
type runner struct {
	engine.Engine
	set *target.Set
	k   *task
}

// engine makes the engine for k.
func (s Subject) engine(t testing.TB, k *task) *runner {
	t.Helper()
	if k.timeout == 0 {
		k.timeout = 10 * time.Second
	}
	if k.connections == 0 {
		k.connections = 4
	}
	set := k.source(t)
	origin, err := transport.ParseTarget(set.Hosts()[0])
	if err != nil {
		t.Fatal(err)
	}
	e := s.New(t, Options{Origin: origin, Timeout: k.timeout, Pipeline: k.pipeline, Bodies: set.NeedsBody(), Resolve: k.resolve.Resolve})
	return &runner{Engine: e, set: set, k: k}
}

// perform makes an engine, runs one job and closes it.
func (s Subject) perform(t testing.TB, k *task) outcome {
	t.Helper()
	e := s.engine(t, k)
	o := e.perform(t)
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	return o
}

// patience is how long any job may take, its length left out.
const patience = 60 * time.Second

// perform runs k's job and adds up what came of it.
func (e *runner) perform(t testing.TB) outcome {
	t.Helper()
	k := e.k
	plan := &engine.Plan{Length: k.length, Total: math.MaxInt64}
	if k.when != nil {
		plan.Schedule, plan.Total = arrivals{*k.when}, k.when.Total()
		if plan.Length == 0 {
			plan.Length = k.when.Length()
		}
	}
	if k.total > 0 {
		plan.Total = min(plan.Total, k.total)
	}
	job := engine.NewJob(plan)
	job.Source, job.Connections, job.Timeout = e.set, k.connections, k.timeout
	job.Recorder = recorder.New(recorder.Config{
		Shards: e.Shards(k.connections), Closed: k.when == nil, Targets: e.set.Len(), Checks: len(e.set.CheckNames()),
	})
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	plan.Begin()
	if k.begun != nil {
		k.begun(job, cancel)
	}
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx, job) }()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(k.length + patience):
		t.Fatalf("the job does not end: %+v", job.Recorder.Counts())
	}
	return settle(t, job)
}

// settle adds a job up that is over.
func settle(t testing.TB, job *engine.Job) outcome {
	t.Helper()
	o := outcome{job: job, took: job.Plan.Now()}
	job.Recorder.Finish(o.took)
	o.Totals = job.Recorder.Totals()
	c := &o.Counts
	o.planned = c.Completed + c.Failed
	if job.Plan.Open() {
		o.planned = job.Plan.Planned()
	}
	o.dropped = o.planned - c.Completed - c.Failed
	if o.dropped < 0 {
		t.Errorf("planned %d, but %d completed and %d failed", o.planned, c.Completed, c.Failed)
	}
	if n := sum(o.Status); n != c.Completed {
		t.Errorf("statuses sum to %d, %d completed", n, c.Completed)
	}
	if n := sum(o.Errors); n != c.Failed {
		t.Errorf("errors sum to %d, %d failed: %v", n, c.Failed, o.Errors)
	}
	if n := o.Service.Count(); n != c.Completed+c.Failed {
		t.Errorf("%d service times of %d requests", n, c.Completed+c.Failed)
	}
	for name, times := range map[string]*recorder.Times{
		"response": o.Response, "service": o.Service, "lateness": o.Lateness, "own lateness": o.Own, "dns": o.DNS, "connect": o.Connect,
		"tls": o.TLS, "first byte": o.First, "body": o.Body,
	} {
		if times.Count() > 0 && (times.Min() < 0 || times.Max() > o.took+time.Second) {
			t.Errorf("%s from %v to %v in a job of %v", name, times.Min(), times.Max(), o.took)
		}
	}
	return o
}

func sum(counts map[string]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}
