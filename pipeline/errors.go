package pipeline

import (
	"context"
	"errors"
	"fmt"
)

var (
	// ErrClosed is returned when a Queue or an Executor no longer takes or gives anything because it was closed.
	ErrClosed = errors.New("closed")
	// ErrCancelled ends a Future whose call was cancelled by Future.Cancel or Future.Abort: before it started, or because
	// it did not heed its context.
	ErrCancelled = errors.New("cancelled")
	// ErrUnknownTask ends a Future whose call names a task that the executor's TaskSet does not have.
	ErrUnknownTask = errors.New("unknown task")
)

// TaskError is an ordinary error that a task returned. It carries text only, so that it is the same whether the task ran
// in this process or in another one.
//
// When the task's context was over and its error says so, TaskError unwraps to context.Canceled or
// context.DeadlineExceeded; it unwraps to nothing else.
type TaskError struct {
	Task string // name of the task
	Msg  string // text of the error that the task returned

	Cause error // nil, context.Canceled or context.DeadlineExceeded
}

// NewTaskError describes err as returned by the named task. It returns an err that is a *TaskError already as it is.
func NewTaskError(task string, err error) *TaskError {
	var te *TaskError
	if errors.As(err, &te) && te.Task == task {
		return te
	}
	te = &TaskError{Task: task, Msg: err.Error()}
	for _, cause := range []error{context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, cause) {
			te.Cause = cause
			break
		}
	}
	return te
}

// Error returns the task's name and its error.
func (e *TaskError) Error() string { return fmt.Sprintf("task %q: %s", e.Task, e.Msg) }

// Unwrap returns Cause.
func (e *TaskError) Unwrap() error { return e.Cause }

// PanicError says that a task panicked. The panic was recovered at the task's boundary: the executor goes on, and the
// call is not tried again.
type PanicError struct {
	Task  string // name of the task
	Value string // the panic's value as fmt.Sprint prints it
	Stack string // stack of the goroutine that panicked
}

// Error returns the task's name and the panic's value, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("task %q: panic: %s", e.Task, e.Value) }
