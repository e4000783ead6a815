//go:build unix

package load

import (
	"runtime"
	"syscall"
	"time"
)

// usage returns the CPU time of this process so far and its largest resident size in bytes.
func usage() (cpu time.Duration, maxRSS int64) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, 0
	}
	maxRSS = int64(u.Maxrss)
	if runtime.GOOS != "darwin" && runtime.GOOS != "ios" {
		maxRSS <<= 10 // kilobytes elsewhere
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), maxRSS
}
