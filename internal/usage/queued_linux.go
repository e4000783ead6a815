package usage

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Queued is how long the threads that this process has now were ready to run and waited for a core, the second figure of
// /proc/PID/task/TID/schedstat. 0 where the kernel does not tell.
func Queued() time.Duration {
	files, _ := filepath.Glob("/proc/self/task/*/schedstat")
	sum := time.Duration(0)
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil { // the thread has ended
			continue
		}
		if f := bytes.Fields(b); len(f) >= 2 {
			ns, _ := strconv.ParseInt(string(f[1]), 10, 64)
			sum += time.Duration(ns)
		}
	}
	return sum
}
