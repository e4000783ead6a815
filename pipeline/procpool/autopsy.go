package procpool

import (
	"os"
	"regexp"
	"strings"
	"syscall"
)

// autopsy says why the worker died with the job in hand.
func (w *worker) autopsy(j *job, state *os.ProcessState) *CrashError {
	e := &CrashError{Task: j.call.Task, Reason: Crash, ExitCode: -1, Attempts: j.strikes,
		PeakRSS: w.peak(state), Stderr: w.printed.text()}
	if state != nil {
		e.ExitCode = state.ExitCode()
		if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			e.Signal = ws.Signal().String()
		}
	}
	switch {
	case w.killed != nil:
		e.Reason, e.Detail = w.killed.reason, w.killed.detail
	case outOfMemory.MatchString(e.Stderr):
		e.Reason = Memory
	case e.Signal == syscall.SIGKILL.String() && w.nearLimit(e.PeakRSS):
		e.Reason, e.Detail = Memory, "killed when close to its memory limit"
	}
	return e
}

// nearLimit reports whether so much memory is close to the limit of workers.
func (w *worker) nearLimit(rss int64) bool {
	limit := w.pool.cfg.Memory
	return limit > 0 && rss >= softLimit(limit)
}

// outOfMemory are the runtime's last words when the hard limit stopped it: the latter two because it needs memory for the
// stack of a thread.
var outOfMemory = regexp.MustCompile(`(?m)^(fatal error|runtime|runtime/cgo): .*` +
	`(out of memory|cannot allocate|pthread_create failed: Resource temporarily unavailable|failed to create new OS thread)`)

// peak returns the most memory that a dead worker held, in bytes, as far as known. The kernel's figure also counts what
// the process that started it had held by then; below that, only samples are known.
func (w *worker) peak(state *os.ProcessState) int64 {
	known := max(w.sampled, w.mark.w.rss.Load())
	if state == nil {
		return known
	}
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		if total := int64(usage.Maxrss) * maxrssUnit; total > w.inherited {
			return max(total, known)
		}
	}
	return known
}

// lastWord returns the first line of the end of what the worker printed, to stand in an error.
func (w *worker) lastWord() string {
	line, _, _ := strings.Cut(strings.TrimSpace(w.printed.text()), "\n")
	if line == "" {
		return ""
	}
	return ": " + line[:min(len(line), 200)]
}
