//go:build unix && !linux

package usage

import (
	"runtime"
	"syscall"
)

// peak is ru_maxrss, which darwin counts in bytes and the others in kilobytes.
func peak(u *syscall.Rusage) int64 {
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(u.Maxrss)
	}
	return int64(u.Maxrss) << 10
}
