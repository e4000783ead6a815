package processor

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

// TestExplain tells an item's own failures from those that end the run.
func TestExplain(t *testing.T) {
	t.Parallel()
	deadline := &pipeline.TaskError{Task: "text", Msg: "too slow", Cause: context.DeadlineExceeded}
	for _, c := range []struct {
		name   string
		err    error
		reason string // "" for none
		fatal  bool
	}{
		{"crash", &procpool.CrashError{Reason: procpool.Crash, Signal: "segmentation fault", Attempts: 2}, "crash", false},
		{"memory", &procpool.CrashError{Reason: procpool.Memory, Signal: "killed", Attempts: 2, Stderr: "out of memory"}, "memory", false},
		{"deadline", &procpool.CrashError{Reason: procpool.Deadline, Signal: "killed", Attempts: 2}, "deadline", false},
		{"panic", &pipeline.PanicError{Task: "text", Value: "index out of range", Stack: "…"}, "crash", false},
		{"task deadline", deadline, "deadline", false},
		{"task error", &pipeline.TaskError{Task: "text", Msg: "no"}, "decode", false},
		{"large result", fmt.Errorf("result: %w", procpool.ErrTooLarge), "too_large", false},
		{"cancelled", context.Canceled, "", false},
		{"pool gave up", &procpool.FailedError{Causes: []error{errors.New("exec")}}, "", true},
		{"closed", pipeline.ErrClosed, "", true},
		{"unknown", errors.New("disk on fire"), "", true},
	} {
		f, err := explain(c.err)
		if (err != nil) != c.fatal || (f != nil) != (c.reason != "") || f != nil && f.Reason != c.reason {
			t.Errorf("%s: %+v, %v", c.name, f, err)
		}
	}
	f, _ := explain(&procpool.CrashError{Reason: procpool.Memory, Signal: "killed", Attempts: 2, Stderr: "fatal error"})
	if f.Signal != "killed" || f.Attempts != 2 || len(f.Detail) == 0 {
		t.Errorf("details are lost: %+v", f)
	}
}
