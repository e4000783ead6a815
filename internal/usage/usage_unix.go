//go:build unix

package usage

import (
	"syscall"
	"time"
)

// Self returns the processor time (user and system) that this process has used
// so far, without its children, and its peak resident size in bytes.
func Self() (cpu time.Duration, peakRSS int64) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), peak(&u)
}

// OpenFiles returns how many files this process may have open (the soft
// RLIMIT_NOFILE, which Go raises to the hard one at start).
func OpenFiles() uint64 {
	var lim syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim) != nil {
		return 256
	}
	return uint64(lim.Cur)
}
