package procpool

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrTooLarge is wrapped by the error of a call whose input or result is beyond Config.MaxCall or Config.MaxResult.
var ErrTooLarge = errors.New("too large")

// Reason says why a worker died with a call in hand.
type Reason string

// The reasons of a CrashError.
const (
	Crash    Reason = "crash"    // it exited, was killed by a signal, or broke the protocol
	Memory   Reason = "memory"   // it hit the memory limit, or was killed when close to it
	Deadline Reason = "deadline" // it went on after Config.ItemTimeout and was killed
)

// CrashError ends a call during which a worker died twice: the second time alone in a fresh worker. After a signal that
// may have come from anywhere, and that nothing explains, the call gets up to four attempts. It tells of the last death.
type CrashError struct {
	Task     string
	Reason   Reason
	Signal   string // that ended the worker, such as "killed"; empty if it exited
	ExitCode int    // of the worker; -1 if a signal ended it
	Attempts int    // how often the call was tried
	PeakRSS  int64  // bytes of memory that the worker held at most, as far as known
	Stderr   string // the end of what the worker printed, 16 KiB at most
	Detail   string // more about the death, where there is more; may be empty
}

// Error says what happened, without the stderr text.
func (e *CrashError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "task %q: worker died with this item in hand: %s", e.Task, e.Reason)
	switch {
	case e.Signal != "":
		fmt.Fprintf(&b, ", signal %s", e.Signal)
	default:
		fmt.Fprintf(&b, ", exit status %d", e.ExitCode)
	}
	if e.Detail != "" {
		fmt.Fprintf(&b, ", %s", e.Detail)
	}
	fmt.Fprintf(&b, ", %d attempts", e.Attempts)
	if e.PeakRSS > 0 {
		fmt.Fprintf(&b, ", peak memory %.1f MiB", float64(e.PeakRSS)/(1<<20))
	}
	return b.String()
}

// Is makes errors.Is(err, context.DeadlineExceeded) true for the reason Deadline, as it is for a task that minds its
// context and returns its error.
func (e *CrashError) Is(target error) bool {
	return target == context.DeadlineExceeded && e.Reason == Deadline
}

// FailedError ends every call of a pool that gave up: its workers died, or did not start, too often without one success
// in between.
type FailedError struct {
	Causes []error // the latest ones, oldest first
}

// Error lists the causes.
func (e *FailedError) Error() string {
	return fmt.Sprintf("worker pool gave up: %v", errors.Join(e.Causes...))
}

// Unwrap returns the causes.
func (e *FailedError) Unwrap() []error { return e.Causes }
