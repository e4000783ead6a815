package pipeline

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// Task is a named pure function of its input. It is a value: make it where it is used, and give it to a TaskSet on both
// sides of an executor.
type Task[In, Out any] struct {
	Name    string // names the task in calls, errors and keys; not empty
	Version int    // to be raised whenever the same input gives another output
	In      Codec[In]
	Out     Codec[Out]
	// Ref returns the stretch of a file that Do is to read for this input. Optional.
	Ref func(In) *Ref
	// Do computes. It may run several times at once, and again for the same input after a crash. It returns soon after
	// ctx is over; an executor of processes kills it otherwise.
	Do func(ctx context.Context, in In, ref *Ref) (Out, error)
}

// Runnable is a task of whatever input and output: what a TaskSet holds. Task implements it.
type Runnable interface {
	// Spec returns the task's name and version.
	Spec() TaskSpec
	// Run decodes the call's payload, computes and encodes the result. Its errors are *TaskError and *PanicError.
	Run(ctx context.Context, c Call) ([]byte, error)
}

// TaskSpec names a task and its version.
type TaskSpec struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
}

// Spec returns the task's name and version.
func (t Task[In, Out]) Spec() TaskSpec { return TaskSpec{t.Name, t.Version} }

// Run runs the task on an encoded input. A panic is recovered here and returned as a *PanicError; every other error is
// returned as a *TaskError.
func (t Task[In, Out]) Run(ctx context.Context, c Call) (result []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			result, err = nil, &PanicError{Task: t.Name, Value: fmt.Sprint(v), Stack: string(debug.Stack())}
		}
	}()
	in, err := t.In.Decode(c.Payload)
	if err != nil {
		return nil, NewTaskError(t.Name, fmt.Errorf("decode input: %w", err))
	}
	out, err := t.Do(ctx, in, c.Ref)
	if err != nil {
		return nil, NewTaskError(t.Name, err)
	}
	result, err = t.Out.Append(nil, out)
	if err != nil {
		return nil, NewTaskError(t.Name, fmt.Errorf("encode output: %w", err))
	}
	return result, nil
}

// Call encodes an input as a call of this task.
func (t Task[In, Out]) Call(in In) (Call, error) {
	payload, err := t.In.Append(nil, in)
	if err != nil {
		return Call{}, fmt.Errorf("encode input of task %q: %w", t.Name, err)
	}
	c := Call{Task: t.Name, Payload: payload}
	if t.Ref != nil {
		c.Ref = t.Ref(in)
	}
	return c, nil
}

// Result waits for a call of this task and decodes what it returned.
func (t Task[In, Out]) Result(ctx context.Context, f *Future) (Out, error) {
	var none Out
	b, err := f.Wait(ctx)
	if err != nil {
		return none, err
	}
	out, err := t.Out.Decode(b)
	if err != nil {
		return none, fmt.Errorf("decode output of task %q: %w", t.Name, err)
	}
	return out, nil
}

// TaskSet is the tasks that an executor knows, by name. It does not change after NewTaskSet and is safe for concurrent
// use.
type TaskSet struct {
	tasks map[string]Runnable
	specs []TaskSpec
}

// NewTaskSet returns a set of tasks, or an error when one has no name or a name comes twice.
func NewTaskSet(tasks ...Runnable) (*TaskSet, error) {
	s := &TaskSet{tasks: make(map[string]Runnable, len(tasks))}
	var errs []error
	for _, t := range tasks {
		spec := t.Spec()
		switch {
		case spec.Name == "":
			errs = append(errs, errors.New("task set: task without a name"))
		case s.Has(spec.Name):
			errs = append(errs, fmt.Errorf("task set: task %q comes twice", spec.Name))
		}
		s.tasks[spec.Name] = t
		s.specs = append(s.specs, spec)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

// Specs returns names and versions in the order that NewTaskSet got the tasks.
func (s *TaskSet) Specs() []TaskSpec { return append([]TaskSpec(nil), s.specs...) }

// Has reports whether the set has a task of that name.
func (s *TaskSet) Has(name string) bool {
	_, ok := s.tasks[name]
	return ok
}

// Run runs a call in the calling goroutine. Its errors are *TaskError, *PanicError and one that wraps ErrUnknownTask.
func (s *TaskSet) Run(ctx context.Context, c Call) ([]byte, error) {
	t, ok := s.tasks[c.Task]
	if !ok {
		return nil, unknownTask(c.Task)
	}
	return t.Run(ctx, c)
}

// Check returns an error that wraps ErrUnknownTask when the set does not have the call's task.
func (s *TaskSet) Check(c Call) error {
	if !s.Has(c.Task) {
		return unknownTask(c.Task)
	}
	return nil
}

func unknownTask(name string) error { return fmt.Errorf("run task %q: %w", name, ErrUnknownTask) }
