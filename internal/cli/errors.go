package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"tandem/configs"
	"tandem/internal/report"
)

// Exit codes of every command.
const (
	ExitOK          = 0   // done
	ExitFailed      = 1   // the run failed
	ExitUsage       = 2   // the command line or the job file is wrong
	ExitThreshold   = 3   // done, but a threshold failed
	ExitInterrupted = 130 // stopped by the user
)

// ErrInterrupted is the cause of a context that ends because of a second signal, and the error of a run that the user
// stopped.
var ErrInterrupted = errors.New("stopped by the user")

// Error is an error with its exit code and, if there is one, the way out.
type Error struct {
	Code int
	Err  error
	Hint string
}

// Error returns the text of Err.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Usage says that the command line or the job file is wrong; hint may be empty. It returns nil for nil.
func Usage(err error, hint string) error { return with(ExitUsage, err, hint) }

// Usagef is Usage with a formatted text and no hint.
func Usagef(format string, args ...any) error { return Usage(fmt.Errorf(format, args...), "") }

// Fail says that the run failed; hint may be empty. It returns nil for nil, and an error that already has an exit code
// keeps it.
func Fail(err error, hint string) error { return with(ExitFailed, err, hint) }

// Failf is Fail with a formatted text and no hint.
func Failf(format string, args ...any) error { return Fail(fmt.Errorf(format, args...), "") }

// Interrupted says that the user stopped the run; hint tells how to go on.
func Interrupted(hint string) error { return with(ExitInterrupted, ErrInterrupted, hint) }

// ThresholdError says that the run is done and that these thresholds failed. It returns nil for none.
func ThresholdError(failed []report.Result) error {
	errs := make([]error, len(failed))
	for i, r := range failed {
		errs[i] = fmt.Errorf("threshold %s failed: the value is %s", r.Expr, strconv.FormatFloat(r.Value, 'g', 6, 64))
	}
	return with(ExitThreshold, errors.Join(errs...), "")
}

func with(code int, err error, hint string) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return &Error{Code: e.Code, Err: err, Hint: firstOf(hint, e.Hint)}
	}
	return &Error{Code: code, Err: err, Hint: hint}
}

func firstOf(a, b string) string {
	if strings.TrimSpace(a) != "" {
		return a
	}
	return b
}

// ExitCode maps an error to the exit code of the process.
func ExitCode(err error) int {
	if err == nil {
		return ExitOK
	}
	e, coded := errors.AsType[*Error](err)
	switch {
	case coded && e.Code != ExitFailed:
		return e.Code
	case errors.Is(err, ErrInterrupted), errors.Is(err, context.Canceled):
		return ExitInterrupted
	case coded:
		return e.Code
	}
	if _, ok := errors.AsType[configs.Error](err); ok {
		return ExitUsage
	}
	return ExitFailed
}
