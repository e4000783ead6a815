package procpool

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

// death is what a dead worker tells of its end.
type death struct {
	reason Reason
	detail string
	signal syscall.Signal // 0 if it exited
	code   int            // -1 if a signal ended it
	peak   int64          // bytes
	stderr string
	stray  bool // by a signal that the pool did not send and nothing explains: anybody may have
}

// autopsy says why the worker died.
func (w *worker) autopsy(state *os.ProcessState) death {
	d := death{reason: Crash, code: -1, peak: w.peak(state), stderr: w.printed.text()}
	if state != nil {
		d.code, d.signal = state.ExitCode(), endSignal(state)
	}
	switch {
	case w.killed != nil:
		d.reason, d.detail = w.killed.reason, w.killed.detail
	case outOfMemory.MatchString(d.stderr), w.pool.cfg.Memory > 0 && collectorFault.MatchString(d.stderr):
		d.reason = Memory
	case w.pool.cfg.Memory > 0 && starved.MatchString(d.stderr):
		d.reason, d.detail = Memory, "the runtime's own allocation failed at the memory limit"
	case d.signal == syscall.SIGKILL && w.nearLimit(d.peak):
		d.reason, d.detail = Memory, "killed when close to its memory limit"
	case d.signal == syscall.SIGKILL && w.pool.kernelKilled():
		d.reason, d.detail = Memory, "killed while the kernel was out of memory"
	default:
		if d.stray = isStray(d.signal); d.stray {
			d.detail = "nobody knows who sent it"
		}
	}
	return d
}

// kernelKilled reports whether the kernel has killed a process of this machine for want of memory since the pool asked
// last: one such kill explains one death. The caller holds mu.
func (p *Pool) kernelKilled() bool {
	before := p.kernelKills
	p.kernelKills = kernelKills()
	return p.kernelKills > before
}

// straySignals are what people, supervisors and the kernel send; a fault of the process itself shows as another one.
var straySignals = []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP}

func isStray(s syscall.Signal) bool { return slices.Contains(straySignals, s) }

// endSignal returns the signal that ended a process, 0 if none did.
func endSignal(state *os.ProcessState) syscall.Signal {
	if state == nil {
		return 0
	}
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return ws.Signal()
	}
	return 0
}

// crash is the end of a job that is given up.
func (d death) crash(j *job) *CrashError {
	e := &CrashError{Task: j.call.Task, Reason: d.reason, ExitCode: d.code, Attempts: j.strikes + j.kills,
		PeakRSS: d.peak, Stderr: d.stderr, Detail: d.detail}
	if d.signal != 0 {
		e.Signal = d.signal.String()
	}
	return e
}

// A job is given up after so many deaths with it in hand. One signal that may have come from anywhere proves nothing
// about the job: two hundred random kills in twenty thousand jobs hit the same one twice now and then.
const (
	maxStrikes = 2
	maxKills   = 4
)

// strike counts the death against the job in hand and reports whether the job is to be given up.
func (j *job) strike(d death) bool {
	if d.stray {
		j.kills++
	} else {
		j.strikes++
	}
	return j.strikes >= maxStrikes || j.strikes+j.kills >= maxKills
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

// starved is how the runtime falls when the hard limit stops it in the middle of its own work.
var starved = regexp.MustCompile(`(?s)^fatal error: unexpected signal during runtime execution.*` +
	`runtime\.(\(\*spanQueue\)|\(\*mheap\)|\(\*mcentral\)|gcDrain|gcBgMark|mallocgc|persistentalloc|sysMap|sysAlloc)`)

// collectorFault is how the runtime of Go 1.26 ends when its garbage collector gets no memory for itself: it uses the nil
// that it got, on no goroutine.
var collectorFault = regexp.MustCompile(`(?m)^SIGSEGV: segmentation violation\nPC=\S+ m=\d+ sigcode=1 addr=0x0\n+goroutine 0 .*\n` +
	`runtime\.\(\*spanQueue\)`)

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
