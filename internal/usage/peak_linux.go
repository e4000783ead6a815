package usage

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// peak reads VmHWM (proc_pid_status(5), in kB), or falls back on ru_maxrss.
func peak(u *syscall.Rusage) int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		if kb, ok := hwm(status); ok {
			return kb << 10
		}
	}
	return int64(u.Maxrss) << 10
}

// hwm finds the VmHWM line of a status file.
func hwm(status []byte) (kb int64, ok bool) {
	_, rest, found := bytes.Cut(status, []byte("\nVmHWM:"))
	if !found {
		return 0, false
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	fields := bytes.Fields(line)
	if len(fields) != 2 || string(fields[1]) != "kB" {
		return 0, false
	}
	kb, err := strconv.ParseInt(string(fields[0]), 10, 64)
	return kb, err == nil
}
