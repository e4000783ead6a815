package procpool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"tandem/pipeline"
)

// workerEnv marks the environment of a process that a pool started.
const workerEnv = "TANDEM_PROCPOOL_WORKER"

// The descriptors of a worker.
const (
	requestFD = 3
	resultFD  = 4
	markFD    = 5
)

// ErrNotWorker is returned by Serve in a process that no pool started.
var ErrNotWorker = errors.New("not started by a worker pool")

// errOrphan is returned by Serve when the pool went away during a call.
var errOrphan = errors.New("the worker pool is gone")

// IsWorker reports whether a pool started this process, and Serve has not been called yet.
func IsWorker() bool { return os.Getenv(workerEnv) != "" }

// Main is Serve for the main function of a program: it prints the error, if any, on stderr and returns the exit code.
func Main(ctx context.Context, tasks *pipeline.TaskSet) int {
	if err := Serve(ctx, tasks); err != nil {
		fmt.Fprintf(os.Stderr, "worker: %v\n", err)
		return 1
	}
	return 0
}

// Serve runs calls of the tasks for the pool that started this process, until the pool closes the requests (nil) or ctx
// is over (its error). It applies the pool's limits to the whole process first.
//
// The program is to end when Serve returns. If the pool dies while a call runs, Serve kills this process's group, or
// returns at once with an error where it does not lead one; the call's goroutine is left behind.
func Serve(ctx context.Context, tasks *pipeline.TaskSet) error {
	if !IsWorker() {
		return fmt.Errorf("serve: %w", ErrNotWorker)
	}
	if err := os.Unsetenv(workerEnv); err != nil { // what a task starts is no worker
		return fmt.Errorf("serve: %w", err)
	}
	for fd := requestFD; fd <= markFD; fd++ {
		syscall.CloseOnExec(fd)
	}
	if err := syscall.SetNonblock(requestFD, true); err != nil { // so that closing it ends a read
		return fmt.Errorf("serve: requests: %w", err)
	}
	requests, results := os.NewFile(requestFD, "requests"), os.NewFile(resultFD, "results")
	h, err := greet(requests, results, tasks)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	m, err := mapMark(markFD)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	if err := syscall.Close(markFD); err != nil { // a task that cut the file short would break the pool
		return fmt.Errorf("serve: mark: %w", err)
	}
	return newServer(ctx, h, tasks, m, results).serve(ctx, requests)
}

// greet reads the pool's hello, applies its limits and answers. The pool writes on only after the answer, so its reader
// never takes more than the one frame.
func greet(requests io.Reader, results io.Writer, tasks *pipeline.TaskSet) (hello, error) {
	var h hello
	f, err := newFrameReader(requests, maxHandshake).next()
	if err != nil {
		return h, fmt.Errorf("read hello: %w", err)
	}
	if f.kind != frameHello {
		return h, fmt.Errorf("read hello: %w: type %d", errFrame, f.kind)
	}
	if err := json.Unmarshal(f.body, &h); err != nil {
		return h, fmt.Errorf("read hello: %w", err)
	}
	r := ready{Protocol: protocolVersion, Tasks: tasks.Specs()}
	refusal := h.check(protocolVersion, r.Tasks)
	if refusal == nil {
		r.Limits, refusal = limitSelf(h.Memory)
	}
	if refusal == nil {
		var shut []string
		shut, refusal = sandboxSelf(h.Sandbox)
		r.Limits = append(r.Limits, shut...)
	}
	if refusal != nil {
		r.Error = refusal.Error()
	}
	b, err := jsonFrame(frameReady, r)
	if err != nil {
		return h, fmt.Errorf("write ready: %w", err)
	}
	if _, err := results.Write(b); err != nil {
		return h, fmt.Errorf("write ready: %w", err)
	}
	return h, refusal
}

// newServer returns the worker's side of a conversation that has begun.
func newServer(ctx context.Context, h hello, tasks *pipeline.TaskSet, m *mark, results io.Writer) *server {
	s := &server{hello: h, tasks: tasks, mark: m, out: &batchWriter{w: results}, parent: ctx,
		finished: make(chan struct{})}
	s.wake.L = &s.mu
	if h.Memory > 0 {
		s.soft = recycleLimit(h.Memory)
	}
	return s
}

// serve runs calls until there are no more requests or ctx is over.
func (s *server) serve(ctx context.Context, requests io.ReadCloser) error {
	read := make(chan error, 1)
	go func() { read <- s.read(requests) }() // received below
	go s.run()                               // waited for below, unless the pool is gone
	var err error
	select {
	case err = <-read:
	case <-ctx.Done():
		requests.Close() // ends the read
		<-read
		s.stop()
		<-s.finished
		return errors.Join(ctx.Err(), s.out.flush())
	case <-s.finished: // results cannot be written: the pool is gone
		requests.Close()
		<-read
		return fmt.Errorf("serve: %w", errOrphan)
	}
	if busy := s.stop(); busy {
		if syscall.Getpgrp() == os.Getpid() {
			_ = syscall.Kill(0, syscall.SIGKILL) // with whatever tasks started
		}
		return fmt.Errorf("serve: %w", errOrphan)
	}
	<-s.finished
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return s.out.flush()
}

// A worker looks at the memory it holds after a call that took longer than slowCall, and every memoryCheck anyway: the
// look costs about as much as a small call. It also writes the result of a slow call at once: the timer of a batch may
// have to wait for the next call to end.
const (
	slowCall    = time.Millisecond
	memoryCheck = 50 * time.Millisecond
)

// look reports whether the last call was slow, and whether the worker holds more memory between calls than recycleLimit.
func (s *server) look() (slow, bloated bool) {
	now := time.Now()
	slow = now.Sub(s.ended) >= slowCall
	s.ended = now
	if !slow && now.Sub(s.looked) < memoryCheck {
		return false, false
	}
	s.looked = now
	return slow, s.bloated()
}

// bloated measures the memory that the worker holds.
func (s *server) bloated() bool {
	rss := residentMemory()
	s.mark.w.rss.Store(rss)
	if s.soft == 0 || rss <= s.soft {
		return false
	}
	debug.FreeOSMemory() // garbage is no reason to leave
	rss = residentMemory()
	s.mark.w.rss.Store(rss)
	return rss > s.soft
}
