package engine

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"tandem/internal/transport"
	"tandem/load/recorder"
)

// Engine sends what plans hold.
type Engine interface {
	// Name is that of the --engine flag.
	Name() string
	// Shards is how many shards of a recorder a job needs.
	Shards(connections int) int
	// Run performs a job and returns when nothing of it is in flight any more: the plan is over or was stopped and all answers are
	// there or have failed. When ctx ends, what is in flight is cut and recorded with the class that CutClass gives. Calls follow
	// each other, they do not overlap.
	Run(ctx context.Context, job *Job) error
	// Close closes the connections. Run must have returned.
	Close() error
}

// Job is one phase of load. It belongs to the caller, who made it for one call of Run.
type Job struct {
	Plan        *Plan
	Source      Source
	Connections int
	Timeout     time.Duration // of one request, from the moment that it is taken in hand
	Recorder    *recorder.Collector

	answered atomic.Bool
	failure  atomic.Pointer[error] // the first one
	giveUp   chan error            // why nothing can ever be answered; holds one
}

// NewJob returns a job whose other fields the caller sets.
func NewJob(plan *Plan) *Job { return &Job{Plan: plan, giveUp: make(chan error, 1)} }

// ClassCheck is the class of whole answers that failed a check.
const ClassCheck = "check"

// ErrGrace is the cause with which a context ends requests that were in flight at a drain and took too long.
var ErrGrace = errors.New("interrupted")

// CutClass is the class of requests that the end of ctx has cut, "" if ctx goes on.
func CutClass(ctx context.Context) string {
	switch {
	case ctx.Err() == nil:
		return ""
	case errors.Is(context.Cause(ctx), ErrGrace):
		return ErrGrace.Error()
	}
	return transport.ClassCancelled
}

// MaxKept is the most that an engine keeps of a body that checks look at, in bytes. A longer one has failed, as
// transport.TruncatedLength.
const MaxKept = 32 << 20

// Rest is how long a connection of a closed loop rests after the server was not there for the last so many attempts, 1 or more: 1 ms,
// then twice as long each time, up to 100 ms. A server that refuses is not hammered.
func Rest(failures int) time.Duration {
	return min(time.Millisecond<<min(failures-1, 10), 100*time.Millisecond)
}

// Answer notes that a request was answered whole.
func (j *Job) Answer() {
	if !j.answered.Load() {
		j.answered.Store(true)
	}
}

// Answered reports whether any was.
func (j *Job) Answered() bool { return j.answered.Load() }

// Fail notes why a request was not answered. permanent says that no other can be either: without an answer so far, this is told to GiveUp.
func (j *Job) Fail(err error, permanent bool) {
	if j.failure.Load() == nil {
		j.failure.CompareAndSwap(nil, &err)
	}
	if permanent && !j.Answered() {
		j.Abandon(err)
	}
}

// Failure is the first one, or nil.
func (j *Job) Failure() error {
	if err := j.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// Abandon reports that no request can be answered, because of err.
func (j *Job) Abandon(err error) {
	select {
	case j.giveUp <- err:
	default:
	}
}

// GiveUp tells that nothing can ever be answered, and why.
func (j *Job) GiveUp() <-chan error { return j.giveUp }
