package processor

import (
	"syscall"
	"time"
)

// usage returns this process's processor time and its peak resident size in
// bytes.
func usage() (cpu time.Duration, rss int64) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), u.Maxrss * maxRSSUnit
}
